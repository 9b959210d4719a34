//! The thread that writes. SQLite has one writer at a time; a thread of its own means that nobody
//! waits for it on the async runtime, and that work queues up in order.

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::lost;
use crate::StoreError;

/// Pieces of work that may wait; more wait at the door.
const QUEUE: usize = 64;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// Hands work to the thread. The thread ends when the last of these is dropped.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Work>);

impl Writer {
    pub(super) fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let (sender, mut receiver) = mpsc::channel::<Work>(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                while let Some(work) = receiver.blocking_recv() {
                    work(&mut connection);
                }
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread to write: {error}")))?;
        Ok(Self(sender))
    }

    /// Runs `work` on the thread. It is done to the end even if the caller goes away.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // The caller may be gone; then nobody wants the answer.
            drop(sender.send(work(connection)));
        });
        self.0
            .send(work)
            .await
            .map_err(|_| lost("the writer stopped"))?;
        receiver.await.map_err(lost)?
    }
}
