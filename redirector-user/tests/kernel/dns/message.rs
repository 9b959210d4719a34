//! DNS messages, made by hand so that they can be wrong.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A type in an answer.
pub(crate) const CNAME: u16 = 5;
pub(crate) const HTTPS: u16 = 65;

/// A name on the wire, from its labels: they may hold any bytes.
pub(crate) fn name(text: &str) -> Vec<u8> {
    labels(
        text.split('.')
            .filter(|label| !label.is_empty())
            .map(str::as_bytes),
    )
}

pub(crate) fn labels<'a>(labels: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in labels {
        wire.push(label.len() as u8);
        wire.extend(label);
    }
    wire.push(0);
    wire
}

/// A resource record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The owner as on the wire; `POINTER` for the question's name.
    pub(crate) owner: Vec<u8>,
    pub(crate) kind: u16,
    pub(crate) class: u16,
    pub(crate) ttl: u32,
    pub(crate) data: Vec<u8>,
}

/// A compression pointer to the question's name.
pub(crate) const POINTER: [u8; 2] = [0xc0, 12];

impl Record {
    pub(crate) fn address(owner: &[u8], address: IpAddr) -> Self {
        let (kind, data) = match address {
            IpAddr::V4(v4) => (1, v4.octets().to_vec()),
            IpAddr::V6(v6) => (28, v6.octets().to_vec()),
        };
        Self::other(owner, kind, data)
    }

    pub(crate) fn other(owner: &[u8], kind: u16, data: Vec<u8>) -> Self {
        Self {
            owner: owner.to_vec(),
            kind,
            class: 1,
            ttl: 60,
            data,
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) flags: u16,
    pub(crate) questions: u16,
    pub(crate) question: Vec<u8>,
    /// How many the header promises; as many as there are when none.
    pub(crate) promised: Option<u16>,
    pub(crate) answers: Vec<Record>,
}

impl Message {
    pub(crate) fn answer(question: &str, answers: Vec<Record>) -> Self {
        Self {
            flags: 0x8180,
            questions: 1,
            question: name(question),
            promised: None,
            answers,
        }
    }

    pub(crate) fn wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        let promised = self.promised.unwrap_or(self.answers.len() as u16);
        for field in [0x1234, self.flags, self.questions, promised, 0, 0] {
            wire.extend(field.to_be_bytes());
        }
        wire.extend(&self.question);
        wire.extend([0, 1, 0, 1]);
        for record in &self.answers {
            wire.extend(&record.owner);
            wire.extend(record.kind.to_be_bytes());
            wire.extend(record.class.to_be_bytes());
            wire.extend(record.ttl.to_be_bytes());
            wire.extend((record.data.len() as u16).to_be_bytes());
            wire.extend(&record.data);
        }
        wire
    }
}

/// Puts a message into a UDP packet from port 53, behind the link header that a test run wants.
pub(crate) fn packet(message: &[u8], v6: bool, options: u8) -> Vec<u8> {
    let mut packet = vec![0; 12];
    let length = 8 + message.len() as u16;
    if v6 {
        packet.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        packet.extend(length.to_be_bytes());
        packet.extend([17, 64]);
        packet.extend(Ipv6Addr::LOCALHOST.octets());
        packet.extend(Ipv6Addr::LOCALHOST.octets());
    } else {
        let header = 20 + 4 * u16::from(options);
        packet.extend([0x08, 0, 0x45 + options, 0]);
        packet.extend((header + length).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
        packet.extend(Ipv4Addr::LOCALHOST.octets());
        packet.extend(Ipv4Addr::LOCALHOST.octets());
        packet.extend(vec![1; 4 * usize::from(options)]);
    }
    packet.extend([0, 53, 0x80, 0]);
    packet.extend(length.to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(message);
    packet
}
