//! Reads what the kernel programs tell, on a task of its own: a question whether the agent is there is
//! answered by reading it, so it must be read also when nobody asks for events.
//!
//! The task runs on the runtime that serves connections, and answers only while there is room for
//! another one: when the runtime does not move, or nobody takes what was accepted, the programs find out.
#![allow(unsafe_code, reason = "the runtime's promise about a file descriptor")]

use std::sync::Arc;

use aya::maps::{MapData, RingBuf};
use tidegate_redirect::{Flow, RedirectError};
use tidegate_redirect_abi::EventKind;
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
};

use crate::{Event, listener::Tally, maps::Maps, os};

/// Records that are read before others may run.
const AT_ONCE: usize = 512;

type Ring = AsyncFd<RingBuf<MapData>>;

/// Where what is read goes. What does not fit is dropped and counted.
pub(crate) struct Queues {
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) tally: Arc<Tally>,
}

/// The ring buffer's only reader.
pub(crate) struct Reader {
    events: Ring,
    maps: Arc<Maps>,
    to: Queues,
    flows: mpsc::Sender<Flow>,
    /// Something was read and is not answered yet.
    open: bool,
}

fn register(ring: RingBuf<MapData>) -> Result<Ring, RedirectError> {
    // SAFETY: the ring buffer owns its descriptor and keeps it for as long as it lives, which is as
    // long as the registration: both are in here.
    unsafe { AsyncFd::register_with_interest(ring, Interest::READABLE) }
        .map_err(|error| os("the events' ring buffer")(error.into()))
}

impl Reader {
    /// Must be called within a runtime.
    pub(crate) fn new(
        ring: RingBuf<MapData>,
        maps: Arc<Maps>,
        to: Queues,
        flows: mpsc::Sender<Flow>,
    ) -> Result<Self, RedirectError> {
        Ok(Self {
            events: register(ring)?,
            maps,
            to,
            flows,
            open: false,
        })
    }

    /// Reads until the runtime ends.
    pub(crate) async fn run(mut self) {
        loop {
            let read = self.read_events();
            if self.open && self.flows.capacity() > 0 {
                self.answer();
            }
            if read >= AT_ONCE {
                tokio::task::yield_now().await;
                continue;
            }
            let ready = tokio::select! {
                ready = self.events.readable_mut() => ready,
                // There is room again. Should the receiver be gone, nothing is answered any more.
                Ok(_) = self.flows.reserve(), if self.open => continue,
            };
            match ready {
                // What came between the last look and the clearing is seen by the next look.
                Ok(mut ready) => ready.clear_ready(),
                Err(error) => {
                    tracing::error!(%error, "what the kernel programs tell cannot be read any more");
                    return;
                }
            }
        }
    }

    fn answer(&mut self) {
        self.open = false;
        if let Err(error) = self.maps.answer() {
            tracing::error!(%error, "the kernel programs will take the agent for gone");
        }
    }

    /// Reads what there is. Whatever it is, it may have taken the place of a question.
    fn read_events(&mut self) -> usize {
        let ring = self.events.get_mut();
        let mut read = 0;
        while read < AT_ONCE
            && let Some(item) = ring.next()
        {
            let event = Event::parse(&item);
            drop(item);
            read += 1;
            if let Some(event) = event
                && event.kind != EventKind::Question
                && self.to.events.try_send(event).is_err()
            {
                self.to.tally.event_dropped();
            }
        }
        self.open |= read > 0;
        read
    }
}
