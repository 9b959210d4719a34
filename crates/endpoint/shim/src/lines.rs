//! Lines in a stream of bytes. They are judged whole, but passed on as they come where nobody has to
//! wait for a judgement.

use std::mem;

use memchr::memchr;

/// Longer lines are not looked into, in bytes.
pub(crate) const LONGEST: usize = 16 << 20;
/// What is kept of the memory for lines between two of them.
const KEPT: usize = 256 * 1024;

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It passes as it is.
    Pass,
    /// It does not.
    Drop,
    /// This does, in its place.
    Replace(Vec<u8>),
}

/// Who decides.
pub(crate) trait Judge {
    /// Whether a line must not begin to pass before it was judged.
    fn holds(&self) -> bool;
    /// Whether lines pass now, whatever is found in them: then they pass before they are looked into.
    fn looks_on(&self) -> bool;
    /// What becomes of a line, its end included (the last one may have none).
    fn line(&mut self, line: &[u8]) -> Fate;
    /// Whether a line that is too long to be looked into passes.
    fn long(&mut self) -> bool;
}

/// A stream of lines.
#[derive(Default)]
pub(crate) struct Lines {
    /// The line that has begun.
    begun: Vec<u8>,
    /// How much of it has passed.
    passed: usize,
    /// The line is too long: whether it passes.
    long: Option<bool>,
}

impl Lines {
    /// Takes the next bytes; what passes is put into `out`.
    pub(crate) fn feed(&mut self, bytes: &[u8], judge: &mut impl Judge, out: &mut Vec<u8>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let found = memchr(b'\n', rest);
            let ends = found.is_some();
            let (part, after) = rest.split_at(found.map_or(rest.len(), |at| at + 1));
            rest = after;
            if let Some(passes) = self.long {
                if passes {
                    out.extend_from_slice(part);
                }
                if ends {
                    self.long = None;
                }
            } else if ends && self.begun.is_empty() {
                settle(judge.line(part), part, 0, out);
            } else if self.begun.len() + part.len() > LONGEST {
                self.too_long(part, ends, judge, out);
            } else {
                self.begun.extend_from_slice(part);
                if ends {
                    self.end(judge, out);
                } else if !judge.holds() {
                    out.extend_from_slice(self.begun.get(self.passed..).unwrap_or_default());
                    self.passed = self.begun.len();
                }
            }
        }
    }

    /// Whether all that came has passed.
    pub(crate) fn all_passed(&self) -> bool {
        self.passed == self.begun.len() && self.long != Some(false)
    }

    /// Takes bytes that have passed already.
    pub(crate) fn saw(&mut self, bytes: &[u8], judge: &mut impl Judge, scratch: &mut Vec<u8>) {
        self.feed(bytes, judge, scratch);
        scratch.clear();
        self.passed = self.begun.len();
    }

    /// The stream has ended: the last line needs no end.
    pub(crate) fn finish(&mut self, judge: &mut impl Judge, out: &mut Vec<u8>) {
        if !self.begun.is_empty() {
            self.end(judge, out);
        }
    }

    fn end(&mut self, judge: &mut impl Judge, out: &mut Vec<u8>) {
        let mut line = mem::take(&mut self.begun);
        settle(judge.line(&line), &line, mem::take(&mut self.passed), out);
        line.clear();
        line.shrink_to(KEPT);
        self.begun = line;
    }

    fn too_long(&mut self, part: &[u8], ends: bool, judge: &mut impl Judge, out: &mut Vec<u8>) {
        let begun = mem::take(&mut self.begun);
        let passed = mem::take(&mut self.passed);
        let passes = judge.long();
        if passes {
            out.extend_from_slice(begun.get(passed..).unwrap_or_default());
            out.extend_from_slice(part);
        } else {
            spoil(passed, out);
        }
        if !ends {
            self.long = Some(passes);
        }
    }
}

fn settle(fate: Fate, line: &[u8], passed: usize, out: &mut Vec<u8>) {
    match fate {
        Fate::Pass => out.extend_from_slice(line.get(passed..).unwrap_or_default()),
        Fate::Drop => spoil(passed, out),
        Fate::Replace(other) => {
            spoil(passed, out);
            out.extend_from_slice(&other);
        }
    }
}

/// Part of a line that must not pass has passed, since the decision came in its midst: what follows
/// makes sure that it is no message.
fn spoil(passed: usize, out: &mut Vec<u8>) {
    if passed > 0 {
        out.extend_from_slice(b"!\n");
    }
}

#[cfg(test)]
mod tests;
