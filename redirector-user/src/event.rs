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

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as the kernel writes it.
    fn record(kind: u32, family: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [
            kind,
            family,
            u32::from_ne_bytes([203, 0, 113, 10]),
            0,
            0,
            0,
            443,
            0,
        ] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(7_u64.to_ne_bytes());
        bytes.extend(8_u64.to_ne_bytes());
        bytes.extend(42_u32.to_ne_bytes());
        bytes.extend(1000_u32.to_ne_bytes());
        bytes.extend(*b"curl\0stale bytes");
        bytes
    }

    #[test]
    fn a_record_is_read_field_by_field() {
        let event = Event::parse(&record(1, 2)).unwrap();
        assert_eq!(event.kind, EventKind::Denied);
        assert_eq!(event.destination, "203.0.113.10:443".parse().unwrap());
        assert_eq!(
            event.opener,
            Opener {
                pid: 42,
                uid: 1000,
                comm: "curl".into(),
                cgroup: 8,
                netns: 7,
            }
        );
    }

    #[test]
    fn a_record_that_means_nothing_is_none() {
        assert_eq!(Event::parse(&record(99, 2)), None);
        assert_eq!(Event::parse(&record(1, 99)), None);
        let whole = record(1, 2);
        for length in 0..whole.len() {
            assert_eq!(Event::parse(&whole[..length]), None);
        }
    }
}
