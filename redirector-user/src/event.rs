//! What the kernel programs tell as it happens.
#![allow(unsafe_code, reason = "the runtime's promise about a file descriptor")]

use std::net::SocketAddr;

use aya::maps::{MapData, RingBuf};
use tidegate_redirect::{Opener, RedirectError};
use tidegate_redirect_abi::EventKind;
use tokio::io::{Interest, unix::AsyncFd};

use crate::{listener::person, os};

/// Something the kernel decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Where the process was going.
    pub destination: SocketAddr,
    /// Which process.
    pub opener: Opener,
}

impl Event {
    /// Reads a record; none where it means nothing.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| -> Option<u32> {
            Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
        };
        let long = |at: usize| -> Option<u64> {
            Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
        };
        if bytes.len() < size_of::<tidegate_redirect_abi::Event>() {
            return None;
        }
        let record = tidegate_redirect_abi::Event {
            kind: word(0)?,
            family: word(4)?,
            address: [word(8)?, word(12)?, word(16)?, word(20)?],
            port: word(24)?,
            reserved: word(28)?,
            opener: tidegate_redirect_abi::Opener {
                netns: long(32)?,
                cgroup: long(40)?,
                tgid: word(48)?,
                uid: word(52)?,
                comm: bytes.get(56..72)?.try_into().ok()?,
            },
        };
        Some(Self {
            kind: EventKind::from_number(record.kind)?,
            destination: record.destination()?,
            opener: person(&record.opener),
        })
    }
}

/// The ring buffer's reader.
pub(crate) struct Events(AsyncFd<RingBuf<MapData>>);

impl Events {
    pub(crate) fn new(ring: RingBuf<MapData>) -> Result<Self, RedirectError> {
        // SAFETY: the ring buffer owns its descriptor and keeps it for as long as it lives, which is
        // as long as the registration: both are in here.
        unsafe { AsyncFd::register_with_interest(ring, Interest::READABLE) }
            .map(Self)
            .map_err(|error| os("the events' ring buffer")(error.into()))
    }

    /// The next event; records that mean nothing are skipped.
    pub(crate) async fn next(&mut self) -> Result<Event, RedirectError> {
        loop {
            let ring = self.0.get_mut();
            while let Some(item) = ring.next() {
                let event = Event::parse(&item);
                drop(item);
                if let Some(event) = event {
                    return Ok(event);
                }
            }
            let mut ready = self
                .0
                .readable_mut()
                .await
                .map_err(os("the events' ring buffer"))?;
            ready.clear_ready();
            // What came between the last look and the clearing is seen by the next look.
        }
    }
}
