//! What the kernel programs tell, read out of their records.

use std::net::SocketAddr;

use tidegate_redirect::Opener;
use tidegate_redirect_abi::EventKind;

use crate::listener::person;

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
    fn a_record_that_means_nothing_is_none() {
        assert_eq!(Event::parse(&record(99, 2)), None);
        assert_eq!(Event::parse(&record(1, 99)), None);
        let whole = record(1, 2);
        for length in 0..whole.len() {
            assert_eq!(Event::parse(&whole[..length]), None);
        }
    }
}
