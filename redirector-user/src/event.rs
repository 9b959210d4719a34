//! What the kernel programs tell, read out of their records.

use std::net::SocketAddr;

use tidegate_redirect::{Ended, Executed, Opener, ProcessEvent};
use tidegate_redirect_abi::{EventKind, ProcessKind};

use crate::listener::{person, started};

/// Something the kernel decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Where the process was going.
    pub destination: SocketAddr,
    /// Which process, where that is known.
    pub opener: Option<Opener>,
}

impl Event {
    /// Reads a record; none where it means nothing.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let fields = Fields(bytes);
        let record = tidegate_redirect_abi::Event {
            kind: fields.word(0)?,
            family: fields.word(4)?,
            address: [
                fields.word(8)?,
                fields.word(12)?,
                fields.word(16)?,
                fields.word(20)?,
            ],
            port: fields.word(24)?,
            reserved: fields.word(28)?,
            opener: tidegate_redirect_abi::Opener {
                netns: fields.long(32)?,
                cgroup: fields.long(40)?,
                tgid: fields.word(48)?,
                uid: fields.word(52)?,
                start_ns: fields.long(56)?,
                comm: bytes.get(64..80)?.try_into().ok()?,
            },
        };
        Some(Self {
            kind: EventKind::from_number(record.kind)?,
            destination: record.destination()?,
            opener: (record.opener.tgid != 0).then(|| person(&record.opener)),
        })
    }
}

/// Reads a record of a process; none where it means nothing.
pub(crate) fn process(bytes: &[u8]) -> Option<ProcessEvent> {
    let fields = Fields(bytes);
    let (pid, start) = (fields.word(4)?, started(fields.long(16)?));
    let cgroup = fields.long(24)?;
    Some(match ProcessKind::from_number(fields.word(0)?)? {
        ProcessKind::Executed => ProcessEvent::Executed(Executed {
            pid,
            parent: fields.word(8)?,
            start,
            uid: fields.word(12)?,
            cgroup,
        }),
        ProcessKind::Ended => ProcessEvent::Ended(Ended { pid, start }),
    })
}

/// A record's bytes.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    }

    fn long(&self, at: usize) -> Option<u64> {
        let bytes = self.0.get(at..at + 8)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
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
        bytes.extend(1_239_999_999_u64.to_ne_bytes());
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
            Some(Opener {
                pid: 42,
                uid: 1000,
                // The kernel's clock ticks are a hundredth of a second on this architecture.
                start: Some(123),
                comm: "curl".into(),
                cgroup: 8,
                netns: 7,
            })
        );
    }

    #[test]
    fn a_process_is_read_field_by_field() {
        let mut bytes = Vec::new();
        for word in [1_u32, 42, 7, 1000] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(50_000_000_u64.to_ne_bytes());
        bytes.extend(9_u64.to_ne_bytes());
        let executed = ProcessEvent::Executed(Executed {
            pid: 42,
            parent: 7,
            start: Some(5),
            uid: 1000,
            cgroup: 9,
        });
        assert_eq!(process(&bytes), Some(executed));
        for length in 0..bytes.len() {
            assert_eq!(process(&bytes[..length]), None);
        }
        bytes[0] = 2;
        let ended = Ended {
            pid: 42,
            start: Some(5),
        };
        assert_eq!(process(&bytes), Some(ProcessEvent::Ended(ended)));
        bytes[0] = 3;
        assert_eq!(process(&bytes), None);
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
