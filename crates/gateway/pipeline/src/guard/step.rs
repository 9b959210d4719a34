//! An answer of a sentry's: mostly there at once, sometimes only after it asked someone else.

use std::{fmt, future::Future, pin::Pin};

use super::Stop;

/// What a sentry says, now or later. Most look and know; those that ask another service make the call
/// wait for it.
pub enum Step<'a, T> {
    /// At once.
    Done(Result<T, Stop>),
    /// After waiting.
    Later(Pin<Box<dyn Future<Output = Result<T, Stop>> + Send + 'a>>),
}

impl<'a, T> Step<'a, T> {
    /// Lets it pass.
    pub const fn pass(value: T) -> Self {
        Self::Done(Ok(value))
    }

    /// Lets nothing pass any more.
    pub const fn stop(stop: Stop) -> Self {
        Self::Done(Err(stop))
    }

    /// Will say.
    pub fn later(saying: impl Future<Output = Result<T, Stop>> + Send + 'a) -> Self {
        Self::Later(Box::pin(saying))
    }

    /// Waits for it, where that is needed.
    ///
    /// # Errors
    /// Nothing passes any more.
    pub async fn done(self) -> Result<T, Stop> {
        match self {
            Self::Done(said) => said,
            Self::Later(saying) => saying.await,
        }
    }
}

impl<T> fmt::Debug for Step<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What passes is a person's text: not shown.
        f.write_str(match self {
            Self::Done(Ok(_)) => "Done(pass)",
            Self::Done(Err(_)) => "Done(stop)",
            Self::Later(_) => "Later",
        })
    }
}
