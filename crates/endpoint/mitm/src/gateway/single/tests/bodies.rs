//! Bodies of calls that come by a script.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// What a body does when it is asked.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Piece(&'static str),
    /// It has nothing yet, and will at once.
    Later,
    /// It has nothing until the gate is opened.
    Wait,
    Broken,
}

/// A body that says how long it is, truly or not.
pub(super) struct Script {
    steps: VecDeque<Step>,
    length: u64,
    /// How many pieces were asked for and came.
    pub(super) asked: Arc<Mutex<usize>>,
    pub(super) gate: Arc<Notify>,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Script {
    pub(super) fn new(steps: Vec<Step>, length: u64) -> Self {
        Self {
            steps: steps.into(),
            length,
            asked: Arc::default(),
            gate: Arc::default(),
            waiting: None,
        }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.steps.front() {
            None => Poll::Ready(None),
            Some(Step::Broken) => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            Some(Step::Piece(piece)) => {
                let piece = Bytes::from_static(piece.as_bytes());
                self.steps.pop_front();
                *self.asked.lock().unwrap() += 1;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Some(Step::Later) => {
                self.steps.pop_front();
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Wait) => {
                let gate = self.gate.clone();
                let wait = || Box::pin(async move { gate.notified().await }) as _;
                if self
                    .waiting
                    .get_or_insert_with(wait)
                    .as_mut()
                    .poll(cx)
                    .is_pending()
                {
                    return Poll::Pending;
                }
                self.waiting = None;
                self.steps.pop_front();
                self.poll_frame(cx)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
