//! W3C Trace Context: read from a caller, passed on to the upstream with a span of our own.
//!
//! <https://www.w3.org/TR/trace-context/>, level 1. A header that breaks the rules is treated as
//! absent, as §3.2 and §4.3 ask: a new trace begins.

use std::{fmt, num::NonZeroU64, num::NonZeroU128};

/// Longest `tracestate` passed on, in bytes; §3.3.1.5 asks for at least 512.
const MAX_STATE: usize = 512;
/// Most entries of a `tracestate`, §3.3.1.1.
const MAX_STATE_ENTRIES: usize = 32;
/// Bytes of a `traceparent` of version 00.
const LENGTH: usize = 55;
/// Longest header of a later version worth reading.
const MAX_HEADER: usize = 512;
/// The one flag of version 00: the caller may have recorded the trace.
const SAMPLED: u8 = 1;

/// Identifies a trace; never zero. Prints as 32 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(NonZeroU128);

/// Identifies a span; never zero. Prints as 16 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(NonZeroU64);

impl TraceId {
    /// The 16 bytes, as the request log stores them.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.get().to_be_bytes()
    }

    fn random() -> Self {
        Self(NonZeroU128::new(fastrand::u128(1..)).unwrap_or(NonZeroU128::MIN))
    }
}

impl SpanId {
    /// The 8 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }

    fn random() -> Self {
        Self(NonZeroU64::new(fastrand::u64(1..)).unwrap_or(NonZeroU64::MIN))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which of the traces that begin here are recorded: by their ids, so that the same are everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling(u64);

impl Sampling {
    /// A part of them all: 0 is none, 1 is every one.
    #[must_use]
    pub fn part(of_all: f64) -> Self {
        // A cast of a float saturates, so what is out of range is none or all.
        Self((of_all * (1_u64 << 63) as f64) as u64)
    }

    /// Whether a trace is one of them, judged by 63 of its id's random bits.
    #[must_use]
    pub const fn takes(self, trace: TraceId) -> bool {
        ((trace.0.get() as u64) >> 1) < self.0
    }
}

/// A place in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace: TraceId,
    /// The span: the caller's when parsed, ours after [`Self::child`].
    pub span: SpanId,
    /// Whether the caller may have recorded the trace.
    pub sampled: bool,
    state: Option<Box<str>>,
}

impl TraceContext {
    /// A trace that begins here. Not sampled: nobody asked for a recording.
    #[must_use]
    pub fn new_root() -> Self {
        Self {
            trace: TraceId::random(),
            span: SpanId::random(),
            sampled: false,
            state: None,
        }
    }

    /// A trace that begins here, and is recorded where the sampling takes it.
    #[must_use]
    pub fn sampled_root(sampling: Sampling) -> Self {
        let root = Self::new_root();
        Self {
            sampled: sampling.takes(root.trace),
            ..root
        }
    }

    /// Reads a `traceparent` header. Of a version after 00 the known part is read, and what follows
    /// it is left out (§4.3).
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let bytes = header.as_bytes();
        if bytes.len() < LENGTH || bytes.len() > MAX_HEADER {
            return None;
        }
        let version = hex(&bytes[..2])?;
        let dashes = [2, 35, 52].iter().all(|&at| bytes[at] == b'-');
        let length = match version {
            0 => bytes.len() == LENGTH,
            0xff => false,
            _ => bytes.len() == LENGTH || bytes[LENGTH] == b'-',
        };
        if !dashes || !length {
            return None;
        }
        let flags = hex(&bytes[53..55])?;
        Some(Self {
            trace: TraceId(NonZeroU128::new(hex(&bytes[3..35])?)?),
            span: SpanId(NonZeroU64::new(u64::try_from(hex(&bytes[36..52])?).ok()?)?),
            sampled: flags & u128::from(SAMPLED) != 0,
            state: None,
        })
    }

    /// The same context with the caller's `tracestate`, if that is well-formed and not too long;
    /// else without one (§3.3.1.5 lets a vendor drop it).
    #[must_use]
    pub fn with_state(mut self, tracestate: &str) -> Self {
        let text = tracestate.trim_matches([' ', '\t']);
        self.state = is_state(text).then(|| text.into());
        self
    }

    /// The same trace with a new span id, for a call we make ourselves.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span: SpanId::random(),
            ..self.clone()
        }
    }

    /// The `traceparent` header, always in version 00.
    #[must_use]
    pub fn to_header(&self) -> String {
        let flags = if self.sampled { SAMPLED } else { 0 };
        format!("00-{}-{}-{flags:02x}", self.trace, self.span)
    }

    /// The `tracestate` header to pass on, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// Lower-case hex digits only, as §3.2.2 demands; at most 32 of them.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0_u128, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some((value << 4) | u128::from(digit))
    })
}

/// Whether a text is a `tracestate` (§3.3.1): up to 32 `key=value`, separated by commas.
fn is_state(text: &str) -> bool {
    let value = |value: &str| {
        (1..=256).contains(&value.len())
            && !value.ends_with(' ')
            && value
                .bytes()
                .all(|b| matches!(b, 0x20..=0x7e) && b != b',' && b != b'=')
    };
    let key_char =
        |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    let key = |key: &str| {
        (1..=256).contains(&key.len())
            && matches!(key.as_bytes()[0], b'a'..=b'z' | b'0'..=b'9')
            && key.bytes().all(key_char)
            && key.matches('@').count() <= 1
    };
    let entries = || text.split(',').map(|entry| entry.trim_matches([' ', '\t']));
    let filled = || entries().filter(|entry| !entry.is_empty());
    let pair = |entry: &str| {
        entry
            .split_once('=')
            .is_some_and(|(k, v)| key(k) && value(v))
    };
    text.len() <= MAX_STATE
        && (1..=MAX_STATE_ENTRIES).contains(&filled().count())
        && filled().all(pair)
}

#[cfg(test)]
mod tests;
