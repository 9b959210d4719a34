//! Runs of base64 (of both alphabets) and of hexadecimal digits, decoded byte by byte.
//!
//! A run is decoded from its beginning, as long as what it says is text; at the first byte that is not, it
//! is no text, or ends. So a word of prose is known to be none after two or three letters, and what is
//! found does not depend on where a text was cut. Base64 may begin after each of its marks too, since paths
//! and names are written with them. Lines of the lengths that tools wrap at go on.

mod lane;

use std::ops::Range;

use self::lane::Lane;
use crate::streak::Kind;

/// Shorter runs hold no secret that a rule would know.
pub(super) const SHORTEST: usize = 24;

/// How a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// RFC 4648 sections 4 and 5.
    Base64,
    /// RFC 4648 section 8, in both cases.
    Hex,
}

/// What was decoded of a run since the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) encoding: Encoding,
    pub(super) text: String,
    /// Lines that began: up to where text was decoded before, and where they begin. The first one of a
    /// run begins the run.
    pub(super) lines: Vec<Line>,
    /// Whether this is the first of its run.
    pub(super) begins: bool,
    /// Whether the run has ended.
    pub(super) ends: bool,
}

/// Where a line of a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// In the decoded text.
    pub(super) decoded: u64,
    /// In the text as it was.
    pub(super) original: u64,
}

/// Decodes a text that comes piece by piece.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    lanes: [Lane; 2],
    /// Bytes of the text so far.
    at: u64,
    /// Whether the last byte may be part of a run that goes on.
    within: bool,
    /// Bytes of runs that may still be decoded.
    budget: usize,
    /// Nothing is decoded any more.
    spent: bool,
    /// Because there was too much.
    cut: bool,
}

impl Decoder {
    /// Decodes no more than so many bytes.
    pub(super) fn new(budget: usize) -> Self {
        Self {
            lanes: [Encoding::Base64, Encoding::Hex].map(Lane::new),
            at: 0,
            within: false,
            budget,
            spent: budget == 0,
            cut: false,
        }
    }

    /// A text that is all there: a chunk for each run.
    pub(super) fn whole(&mut self, text: &str, hand: &mut dyn FnMut(Chunk)) {
        self.run(text, true, hand);
        self.finish(hand);
    }

    /// The next piece of the text; `hand` is given what was decoded, as far as it is known to be text.
    pub(super) fn push(&mut self, piece: &str, hand: &mut dyn FnMut(Chunk)) {
        self.run(piece, false, hand);
        for lane in &mut self.lanes {
            lane.flush(hand);
        }
    }

    /// `ends`: nothing comes after the piece.
    fn run(&mut self, piece: &str, ends: bool, hand: &mut dyn FnMut(Chunk)) {
        let bytes = piece.as_bytes();
        let mut at = 0;
        while let (Some(ahead @ [_, ..]), false) = (bytes.get(at..), self.spent) {
            if !self.within {
                // Between runs: those that are short and end here are nothing.
                let Some(next) = next_run(bytes, at) else {
                    break;
                };
                at = next.start;
                if next.end < bytes.len() || ends {
                    // Nor are those that say no text anywhere, which are most.
                    let run = bytes.get(next.clone()).unwrap_or_default();
                    let Some(first) = self.first_text(run) else {
                        at = next.end;
                        continue;
                    };
                    at += first;
                }
                self.within = true;
                continue;
            }
            self.step(self.at + at as u64, ahead, hand);
            at += 1;
            at += self.pass_by(bytes.get(at..).unwrap_or_default());
        }
        self.at += bytes.len() as u64;
    }

    /// Where in a whole run of digits something first begins that is long enough and text as far as that. Nothing
    /// before it can be, so that the lanes go on there.
    fn first_text(&mut self, run: &[u8]) -> Option<usize> {
        let [base64, hex] = &mut self.lanes;
        let (first, other) = (base64.first_text(run), hex.first_text(run));
        let at = first.into_iter().chain(other).min()?;
        let before = at.checked_sub(1).and_then(|at| run.get(at)).copied();
        base64.goes_on_after(before);
        hex.goes_on_after(before);
        Some(at)
    }

    /// How many of the next bytes change nothing but where hexadecimal digits may begin. In base64 that is no text
    /// that is all up to the next mark, but for hexadecimal digits that are enough for a run, or may be.
    fn pass_by(&mut self, bytes: &[u8]) -> usize {
        let [base64, hex] = &mut self.lanes;
        if !base64.waits() || !(hex.waits() || hex.is_ready()) {
            return 0;
        }
        let mut run = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if !byte.is_ascii_alphanumeric() {
                return at;
            }
            if !lane::is_hex(*byte) {
                hex.is_over();
                run = 0;
            } else if hex.is_ready() {
                run += 1;
                if run == SHORTEST {
                    return at + 1 - run;
                }
            }
        }
        bytes.len() - run
    }

    /// The first byte of what is ahead.
    fn step(&mut self, at: u64, ahead: &[u8], hand: &mut dyn FnMut(Chunk)) {
        let mut waits = ahead.first().is_some_and(|byte| is_dense(*byte));
        for lane in &mut self.lanes {
            let cost = lane.step(at, ahead, hand);
            waits |= lane.goes_on();
            match self.budget.checked_sub(cost) {
                Some(left) => self.budget = left,
                None => (self.spent, self.cut) = (true, true),
            }
        }
        self.within = waits;
        if self.spent {
            self.lanes.iter_mut().for_each(|lane| lane.stop(hand));
        }
    }

    /// There is no more.
    pub(super) fn finish(&mut self, hand: &mut dyn FnMut(Chunk)) {
        for lane in &mut self.lanes {
            lane.end(hand);
        }
        self.within = false;
    }

    /// Where the first run begins that is not known to be text or none.
    pub(super) fn undecided(&self) -> Option<u64> {
        self.lanes.iter().filter_map(Lane::undecided).min()
    }

    /// Whether something was not decoded because the budget was used up.
    pub(super) const fn is_spent(&self) -> bool {
        self.cut
    }
}

/// Whether a byte may be part of a run.
fn is_dense(byte: u8) -> bool {
    lane::DIGITS[usize::from(byte)] != lane::NONE
}

/// The next run that is long enough, or reaches the end and may go on. No run has begun before.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    static DIGITS: Kind<{ lane::MARKS.len() }> = Kind::with(lane::MARKS);
    DIGITS.next::<SHORTEST>(bytes, from).or_else(|| {
        let last = digits_before(bytes.get(from..)?);
        (last > 0).then(|| bytes.len() - last..bytes.len())
    })
}

/// How many digits it ends with.
fn digits_before(bytes: &[u8]) -> usize {
    let back = bytes.iter().rev();
    back.take_while(|byte| is_dense(**byte)).count()
}

#[cfg(test)]
mod tests;
