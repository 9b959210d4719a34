//! The answer's body: bytes, pauses between them, and the ways of breaking off.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use super::journal::Watch;
use super::knobs::Knobs;

/// So that hyper has flushed what came before the break, and the peer has seen it.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// Whole bodies are handed over in pieces of this size, so that a peer that leaves
/// half-way through a long answer is noticed.
const PIECE: usize = 64 << 10;

#[derive(Debug)]
enum Step {
    Cut,
    Data(Bytes),
    Hang,
    Pause(Duration),
}

/// A broken answer: hyper closes the connection or resets the stream.
#[derive(Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut off as asked")
    }
}

impl std::error::Error for Cut {}

/// The body of an answer.
#[derive(Debug, Default)]
pub(super) struct Reply {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    watch: Option<Watch>,
    /// Bytes still announced by `content-length`; `None` for a stream.
    left: Option<u64>,
    /// A request body left unread until the answer is over.
    held: Option<Incoming>,
}

impl Reply {
    /// A body of known length that nobody follows (control answers, the fixed path).
    pub(super) fn bare(data: Bytes) -> Self {
        let left = Some(data.len() as u64);
        Self {
            steps: VecDeque::from([Step::Data(data)]),
            left,
            ..Self::default()
        }
    }

    /// A body of known length; cut or hung half-way if asked.
    pub(super) fn whole(data: Bytes, knobs: &Knobs, mut watch: Watch) -> Self {
        let left = Some(data.len() as u64);
        let broken = knobs.cut || knobs.hang;
        let mut rest = if broken {
            data.slice(..data.len() / 2)
        } else {
            data
        };
        let mut steps = VecDeque::new();
        while rest.len() > PIECE {
            steps.push_back(Step::Data(rest.split_to(PIECE)));
        }
        if !rest.is_empty() {
            steps.push_back(Step::Data(rest));
        }
        break_off(&mut steps, knobs);
        if steps.is_empty() {
            watch.finished();
        }
        Self {
            steps,
            watch: Some(watch),
            left,
            ..Self::default()
        }
    }

    /// Keeps a request body unread for as long as the answer lasts.
    pub(super) fn holding(mut self, body: Option<Incoming>) -> Self {
        self.held = body;
        self
    }

    /// A stream of events, one frame each.
    pub(super) fn events(events: Vec<Bytes>, knobs: &Knobs, mut watch: Watch) -> Self {
        let count = if knobs.cut || knobs.hang {
            events.len().div_ceil(2)
        } else {
            events.len()
        };
        let mut steps = VecDeque::with_capacity(count + 2);
        for (index, event) in events.into_iter().take(count).enumerate() {
            if let Some(pause) = knobs.pause.filter(|_| index > 0) {
                steps.push_back(Step::Pause(pause));
            }
            steps.push_back(Step::Data(event));
        }
        break_off(&mut steps, knobs);
        if steps.is_empty() {
            watch.finished();
        }
        Self {
            steps,
            watch: Some(watch),
            ..Self::default()
        }
    }
}

fn break_off(steps: &mut VecDeque<Step>, knobs: &Knobs) {
    if knobs.cut {
        steps.extend([Step::Pause(BEFORE_CUT), Step::Cut]);
    } else if knobs.hang {
        steps.push_back(Step::Hang);
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(context));
                self.sleep = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Cut) => {
                    if let Some(watch) = &mut self.watch {
                        watch.cut();
                    }
                    return Poll::Ready(Some(Err(Cut)));
                }
                Some(Step::Data(data)) => {
                    if let Some(left) = &mut self.left {
                        *left -= data.len() as u64;
                    }
                    if self.steps.is_empty()
                        && let Some(watch) = &mut self.watch
                    {
                        watch.finished();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Step::Hang) => {
                    // Nothing wakes it: only the peer's leaving ends it.
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                Some(Step::Pause(pause)) => self.sleep = Some(Box::pin(sleep(pause))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.sleep.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
