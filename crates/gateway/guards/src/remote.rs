//! Guardrails that ask services of others. They see what our own rules have left of a prompt, and an answer
//! before our own rules do.
//!
//! An answer is kept until its services have seen all of it, or a part of it until they have seen that; or it passes,
//! and ends when one of them objects: as each guardrail says.

mod asking;
mod collect;
mod gradual;
mod hunks;
mod late;
mod sentry;
mod shown;
#[cfg(test)]
mod tests;
mod texts;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use tidegate_engines::{Content, Verdict};
use tidegate_pipeline::guard::{CallView, Guard, Sentry};

use crate::policy::{Concerns, Pick, Problem, Ready};

/// The most of an answer that is kept until a service has seen it, in bytes.
const LONGEST: usize = 4 << 20;

const UNREADABLE: &str = "a text could not be read";
const TOO_LONG: &str = "the answer is too long to be kept";

/// What asks services: it keeps their time limits, their limits of calls at once, and leaves one that
/// fails alone for a while.
pub trait Services: fmt::Debug + Send + Sync {
    /// Whether a service of this name is configured.
    fn knows(&self, name: &str) -> bool;

    /// Asks a service.
    fn ask<'a>(&'a self, name: &'a str, content: &'a Content<'a>) -> Asking<'a>;
}

/// What a service says, or why it says nothing: words for the log.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Verdict, &'static str>> + Send + 'a>>;

/// No services.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoServices;

impl Services for NoServices {
    fn knows(&self, _: &str) -> bool {
        false
    }

    fn ask<'a>(&'a self, _: &'a str, _: &'a Content<'a>) -> Asking<'a> {
        Box::pin(async { Err("no such service is configured") })
    }
}

/// The guardrails in force that ask services.
#[derive(Debug)]
pub struct Remote {
    ready: Vec<Arc<Ready>>,
    services: Arc<dyn Services>,
}

impl Remote {
    /// Makes them ready; those with a fault are left out and said.
    pub(crate) fn new(
        ready: Vec<Arc<Ready>>,
        services: Arc<dyn Services>,
    ) -> (Self, Vec<(String, Problem)>) {
        let (known, unknown): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|ready| match &ready.pick {
                Pick::Engine(name) => services.knows(name),
                _ => false,
            });
        let problems = unknown
            .iter()
            .map(|ready| (ready.name.to_string(), no_service()));
        let problems = problems.collect();
        let remote = Self {
            ready: known,
            services,
        };
        (remote, problems)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }
}

pub(crate) fn no_service() -> Problem {
    let what = "no service of this name is configured: name one of the `[[guardrails.engines]]`";
    Problem::new("detect.engine", what)
}

impl Guard for Remote {
    fn post(&self, call: &CallView<'_>) -> Option<Box<dyn Sentry>> {
        let concerned = self
            .ready
            .iter()
            .filter(|ready| match ready.concerns(call) {
                Concerns::Yes => true,
                Concerns::No => false,
                Concerns::Unknown => ready.is_closed(),
            });
        let concerned: Vec<_> = concerned.cloned().collect();
        if concerned.is_empty() {
            return None;
        }
        let services = Arc::clone(&self.services);
        Some(Box::new(sentry::Asker::new(call, concerned, services)))
    }
}
