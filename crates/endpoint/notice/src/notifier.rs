//! The agent's side: takes notices without ever waiting, one child at a time.

use std::{num::NonZeroU32, time::Duration};

use tokio::{sync::mpsc, time::timeout};

use crate::{ChildError, Notice, earlier::Earlier};

/// How long one notice may take, in the child and with it.
pub const LIMIT: Duration = Duration::from_secs(5);
/// Notices that may wait. More are dropped: they are in the log and in `tidegate-edge status` too.
pub const QUEUE: usize = 16;

/// Brings a notice to a person.
pub trait Deliver: Send + Sync + 'static {
    /// Shows a notice to a user, in place of an earlier one where `replaces` names it. Returns the new
    /// one's id; none where the user has no desktop now.
    fn deliver(
        &self,
        uid: u32,
        notice: &Notice,
        replaces: Option<NonZeroU32>,
    ) -> impl Future<Output = Result<Option<NonZeroU32>, ChildError>> + Send;
}

/// Takes notices for the users of this machine.
#[derive(Debug, Clone)]
pub struct Notifier {
    queue: mpsc::Sender<(u32, Notice)>,
}

impl Notifier {
    /// Begins, on the runtime that this is called on. It ends when the last copy of it goes. Until a
    /// notice comes it does nothing.
    #[must_use]
    pub fn start(deliver: impl Deliver) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(work(deliver, waiting));
        Self { queue }
    }

    /// Shows a notice to a user, on the desktop they are at, in place of an earlier one that says the same.
    /// Never waits; returns whether there was room in the queue.
    pub fn notify(&self, uid: u32, notice: Notice) -> bool {
        self.queue.try_send((uid, notice.bounded())).is_ok()
    }
}

async fn work(deliver: impl Deliver, mut waiting: mpsc::Receiver<(u32, Notice)>) {
    let mut earlier = Earlier::default();
    while let Some((uid, notice)) = waiting.recv().await {
        let replaces = earlier.of(uid, &notice);
        let delivered = timeout(LIMIT, deliver.deliver(uid, &notice, replaces)).await;
        match delivered.unwrap_or(Err(ChildError::Late)) {
            Ok(Some(id)) => earlier.shown(uid, &notice, id),
            Ok(None) => tracing::debug!(uid, app = %notice.app, "no desktop to show a notice on"),
            Err(error) => tracing::info!(uid, app = %notice.app, %error, "a notice was not shown"),
        }
    }
}

#[cfg(test)]
mod tests;
