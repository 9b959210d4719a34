//! A JSON reader that can stop and go on at any byte: picks a few values from near the top of a
//! text of any length. It does not validate; answers are forwarded whatever they are.

use crate::json::find_quote_or_escape;

/// The longest value that is captured.
const LONGEST_CAPTURE: usize = 64 * 1024;
/// Longer names than any that is looked for are cut.
const LONGEST_WORD: usize = 24;
/// Nesting is remembered as one bit per level; what is deeper is passed over.
const DEEPEST: u32 = 63;

/// A value that is captured whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Error,
    Model,
    Tier,
    Type,
    Usage,
}

/// A string value that went by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed<'a> {
    /// The last member name before it.
    pub(super) key: &'a [u8],
    /// How many brackets are open around it.
    pub(super) depth: u32,
    /// Its length in bytes, as written.
    pub(super) length: u64,
    /// Of a `type`: its beginning. Of others: empty.
    pub(super) word: &'a [u8],
}

/// Takes what the tap finds.
pub(super) trait Sink {
    /// A value at the top, or inside the top's `response` or `message` (`nested`). The value may
    /// have white space around it; it is empty if it was too long to keep.
    fn captured(&mut self, wanted: Wanted, nested: bool, value: &[u8]);
    /// A string value anywhere.
    fn string(&mut self, value: Passed<'_>);
}

/// The beginning of a short string.
#[derive(Debug, Default)]
struct Word {
    bytes: [u8; LONGEST_WORD],
    length: usize,
}

impl Word {
    fn push(&mut self, bytes: &[u8]) {
        let free = self.bytes.get_mut(self.length..).unwrap_or_default();
        let taken = free.len().min(bytes.len());
        free[..taken].copy_from_slice(&bytes[..taken]);
        self.length += taken;
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The state between two bytes.
#[derive(Debug, Default)]
pub(super) struct Tap {
    depth: u32,
    objects: u64,
    started: bool,
    complete: bool,
    /// The level whose members are looked at: 1, or 2 in a list of answers (Gemini).
    base: u32,
    in_string: bool,
    after_escape: bool,
    expect_key: bool,
    string_is_key: bool,
    string_length: u64,
    key: Word,
    /// The value of a `type`.
    word: Word,
    is_type: bool,
    /// The value being read is `response` or `message` of the base level.
    nested: bool,
    capture: Option<(Wanted, u32)>,
    buffer: Vec<u8>,
    overflow: bool,
}

impl Tap {
    /// Ready for the next text; keeps its buffer.
    pub(super) fn reset(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        *self = Self {
            buffer,
            ..Self::default()
        };
    }

    /// Whether a whole object or array was read.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    const fn in_object(&self) -> bool {
        self.depth >= 1 && self.depth <= DEEPEST && self.objects & 1 == 1
    }

    /// Reads on. What follows the whole value is not looked at.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        // Where the value being captured starts in this chunk.
        let mut from = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at)
            && !self.complete
        {
            if self.in_string {
                at = self.string(bytes, at, sink);
                continue;
            }
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.string_is_key = self.expect_key;
                    self.string_length = 0;
                    if self.expect_key {
                        self.key.length = 0;
                    } else {
                        self.word.length = 0;
                        self.is_type = self.key.get() == b"type";
                    }
                }
                b':' if self.expect_key => {
                    self.expect_key = false;
                    if self.begin_value() {
                        from = at + 1;
                    }
                }
                b',' => {
                    self.end_value(&bytes[from.min(at)..at], sink);
                    self.expect_key = self.in_object();
                }
                b'{' | b'[' => self.open(byte == b'{'),
                b'}' | b']' => {
                    self.end_value(&bytes[from.min(at)..at], sink);
                    self.close();
                }
                _ => {}
            }
            at += 1;
        }
        if self.capture.is_some() {
            self.keep(&bytes[from..]);
        }
    }

    /// Reads on inside a string; returns where it stopped.
    fn string(&mut self, bytes: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        if self.after_escape {
            self.after_escape = false;
            self.string_length += 1;
            return at + 1;
        }
        let stop = find_quote_or_escape(bytes, at);
        self.string_length += (stop - at) as u64;
        if self.string_is_key {
            self.key.push(&bytes[at..stop]);
        } else if self.is_type {
            self.word.push(&bytes[at..stop]);
        }
        match bytes.get(stop) {
            Some(b'"') => {
                self.in_string = false;
                if !self.string_is_key {
                    sink.string(Passed {
                        key: self.key.get(),
                        depth: self.depth,
                        length: self.string_length,
                        word: self.word.get(),
                    });
                }
                stop + 1
            }
            Some(_) => {
                self.after_escape = true;
                self.string_length += 1;
                stop + 1
            }
            None => stop,
        }
    }

    fn open(&mut self, object: bool) {
        if !self.started {
            self.started = true;
            self.base = if object { 1 } else { 2 };
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth <= DEEPEST {
            self.objects = (self.objects << 1) | u64::from(object);
        }
        self.expect_key = object && self.depth <= DEEPEST;
    }

    fn close(&mut self) {
        if self.depth <= DEEPEST {
            self.objects >>= 1;
        }
        self.depth = self.depth.saturating_sub(1);
        self.complete = self.depth == 0 && self.started;
        self.expect_key = false;
    }

    /// After a colon: whether the value is wanted.
    fn begin_value(&mut self) -> bool {
        if self.depth > self.base + 1 || self.capture.is_some() {
            return false;
        }
        let at_base = self.depth == self.base;
        let wanted = match self.key.get() {
            b"response" | b"message" if at_base => {
                self.nested = true;
                return false;
            }
            _ if !at_base && !self.nested => return false,
            b"error" => Wanted::Error,
            b"model" | b"modelVersion" => Wanted::Model,
            b"service_tier" | b"serviceTier" => Wanted::Tier,
            b"type" => Wanted::Type,
            b"usage" | b"usageMetadata" => Wanted::Usage,
            _ => return false,
        };
        self.capture = Some((wanted, self.depth));
        self.buffer.clear();
        self.overflow = false;
        true
    }

    /// At a comma or closing bracket; `tail` is the captured value's part in this chunk.
    fn end_value(&mut self, tail: &[u8], sink: &mut impl Sink) {
        if let Some((wanted, level)) = self.capture
            && level == self.depth
        {
            self.capture = None;
            let nested = level != self.base;
            if self.buffer.is_empty() && !self.overflow && tail.len() <= LONGEST_CAPTURE {
                sink.captured(wanted, nested, tail);
            } else {
                self.keep(tail);
                sink.captured(
                    wanted,
                    nested,
                    if self.overflow { b"" } else { &self.buffer },
                );
            }
        }
        if self.depth == self.base {
            self.nested = false;
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > LONGEST_CAPTURE {
            self.overflow = true;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }
}
