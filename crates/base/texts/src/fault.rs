//! Why a text cannot be shown to its watch, and the bounds that say so.

use tidegate_wire::{eventstream::Damage, json};

/// Why nothing more can be promised about a body. Never holds text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More texts are open at once than [`Limits::channels`].
    #[error("more than {limit} texts at once")]
    Channels {
        /// The bound.
        limit: usize,
    },
    /// The JSON is nested deeper than the reader goes.
    #[error("nested deeper than {} levels", json::MAX_DEPTH)]
    Depth,
    /// One frame (an event, a message, a body in one piece) is longer than [`Limits::frame`] bytes.
    #[error("a frame is longer than {limit} bytes")]
    Frame {
        /// The bound.
        limit: usize,
    },
    /// Texts that are not decided held back more than [`Limits::held`] bytes.
    #[error("more than {limit} bytes are held back")]
    Held {
        /// The bound.
        limit: usize,
    },
    /// The body is not what its type says.
    #[error("at byte {at}: expected {expected}")]
    Syntax {
        /// Offset in the body or in the frame.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// One frame has more than [`Limits::texts`] texts.
    #[error("more than {limit} texts in one frame")]
    Texts {
        /// The bound.
        limit: usize,
    },
    /// A watch gave an edit that lies outside of what it may still change.
    #[error("a watch changed what it had decided")]
    Watch,
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        let expected = match damage {
            Damage::Checksum => "the checksum of its bytes",
            Damage::Length => "a length that fits",
            Damage::TooLong => "a message that is not too long",
        };
        Self::Syntax { at: 0, expected }
    }
}

impl From<json::Fault> for Fault {
    fn from(fault: json::Fault) -> Self {
        match fault {
            json::Fault::Depth { .. } => Self::Depth,
            json::Fault::Surrogate { at } => Self::Syntax {
                at,
                expected: "a whole surrogate pair",
            },
            json::Fault::Syntax { at, expected } => Self::Syntax { at, expected },
            json::Fault::Utf8 { at } => Self::Syntax {
                at,
                expected: "UTF-8",
            },
        }
    }
}

/// What is kept at most. What is over a bound is a [`Fault`], never passed in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one frame, or of a body in one piece.
    pub frame: usize,
    /// Bytes of whole frames that wait for a text to be decided.
    pub held: usize,
    /// Texts that are open at once.
    pub channels: usize,
    /// Texts of one frame, or of a body in one piece: each costs a watch, however short it is.
    pub texts: usize,
}

impl Default for Limits {
    /// A frame of 32 MiB (images come in one event), 4 MiB held, 1,024 texts at once, 65,536 in
    /// a frame.
    fn default() -> Self {
        Self {
            frame: 32 << 20,
            held: 4 << 20,
            channels: 1_024,
            texts: 65_536,
        }
    }
}

/// What was not done, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Bytes of media that nobody looked at: images, sound, files, as written (base64).
    pub unscanned_bytes: u64,
    /// Edits that were asked for and not made, because the provider signed the text and would refuse
    /// it changed (thinking of earlier turns): whoever wants them must stop the call.
    pub refused_edits: u32,
    /// Edits made in an answer's signed thinking: the client cannot send that thinking back.
    pub signed_edits: u32,
}
