//! What the kernel programs tell, through the ring buffer.

use crate::{Family, Opener};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum EventKind {
    /// A denied process was refused.
    Denied = 1,
    /// The opener's network namespace has no listener of the agent's.
    NoListener = 2,
    /// The agent has not answered for too long.
    Stale = 3,
    /// UDP to a governed destination was refused.
    QuicRefused = 4,
    /// A question whether the agent is there: reading it is the answer. It is handed to nobody.
    Question = 5,
    /// Something went to a governed destination past the agent, and was dropped. Not told more than once
    /// a second, and who it was is not known.
    Bypass = 6,
}

impl EventKind {
    /// The kind with this number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Denied,
            2 => Self::NoListener,
            3 => Self::Stale,
            4 => Self::QuicRefused,
            5 => Self::Question,
            6 => Self::Bypass,
            _ => return None,
        })
    }
}

/// A record of the ring buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Event {
    /// An [`EventKind`].
    pub kind: u32,
    /// A [`Family`].
    pub family: u32,
    /// The destination; IPv4 in the first word.
    pub address: [u32; 4],
    /// The destination's port.
    pub port: u32,
    /// Zero.
    pub reserved: u32,
    /// Who tried; process 0 where that is not known.
    pub opener: Opener,
}

impl Event {
    /// The family, where the number is one.
    #[must_use]
    pub const fn family(&self) -> Option<Family> {
        Family::from_number(self.family)
    }
}
