//! What a surface's adapter finds: pieces of text, whose they are, and where they stand.

use std::{borrow::Cow, fmt, ops::Range};

use smallvec::SmallVec;

/// Most pieces that are kept of one request; the text of more is counted, not kept.
const MOST_PIECES: usize = 4_096;
/// Longer names are no model's.
const LONGEST_MODEL: usize = 256;

/// Whose text a piece is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// What the model answers, or answered earlier.
    Assistant,
    /// The text of a file that was sent along.
    Attachment,
    /// Found in a message whose schema is not known, in the field at this path.
    Field(FieldPath),
    /// What the model shows of its reasoning.
    Reasoning,
    /// Standing instructions.
    System,
    /// Input or output of a tool.
    Tool,
    /// What the person wrote.
    User,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assistant => "assistant",
            Self::Attachment => "attachment",
            Self::Field(path) => return write!(f, "field {path}"),
            Self::Reasoning => "reasoning",
            Self::System => "system",
            Self::Tool => "tool",
            Self::User => "user",
        })
    }
}

/// The numbers of the fields around and of a value, outermost first (Protocol Buffers). The same
/// path means the same thing in every message of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FieldPath(SmallVec<[u32; 6]>);

impl FieldPath {
    pub(super) fn push(&mut self, number: u32) {
        self.0.push(number);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// A number that stands for the path: other paths have others, but for one in 2^64 pairs.
    #[must_use]
    pub fn code(&self) -> u64 {
        self.0.iter().fold(1, |code: u64, &number| {
            code.wrapping_mul(0x0100_0000_01b3) ^ u64::from(number)
        })
    }

    /// The numbers.
    #[must_use]
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Whose it is.
    pub channel: Channel,
    /// The text that is meant, escapes decoded.
    pub text: Cow<'a, str>,
    /// Where it stands in the body, where it stands there as it is: of a JSON string the quotes
    /// included. `None` for what was compressed or encoded, and in streams.
    pub span: Option<Range<usize>>,
    /// Whether it counts in estimates. Ids, and state that goes along, are text that nobody reads.
    pub counted: bool,
}

/// What a request asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// The model, where the request names it.
    pub model: Option<String>,
    /// The text, in the body's order.
    pub text: Vec<Piece<'a>>,
    /// Length of the body.
    pub bytes: usize,
    /// Whether there was more than is kept here.
    pub cut: bool,
    chars: u64,
    text_bytes: u64,
}

impl<'a> Prompt<'a> {
    pub(super) fn new(body: &[u8]) -> Self {
        Self {
            bytes: body.len(),
            ..Self::default()
        }
    }

    /// Characters of text that counts.
    #[must_use]
    pub const fn chars(&self) -> u64 {
        self.chars
    }

    /// The same in bytes of UTF-8.
    #[must_use]
    pub const fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    pub(super) fn push(&mut self, piece: Piece<'a>) {
        if piece.text.is_empty() {
            return;
        }
        if piece.counted {
            self.chars += piece.text.chars().count() as u64;
            self.text_bytes += piece.text.len() as u64;
        }
        if self.text.len() < MOST_PIECES {
            self.text.push(piece);
        } else {
            self.cut = true;
        }
    }

    /// Names the model; the first name stays.
    pub(super) fn name_model(&mut self, name: &str) {
        if self.model.is_none() && is_model_name(name) {
            self.model = Some(name.to_owned());
        }
    }
}

pub(super) fn is_model_name(name: &str) -> bool {
    (1..=LONGEST_MODEL).contains(&name.len())
}
