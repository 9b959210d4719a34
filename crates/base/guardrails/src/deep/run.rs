//! A run of encoded text in a stream: what it says is a stream of its own.

use std::collections::VecDeque;

use super::{
    DeepStream,
    decode::{Chunk, Encoding, Line},
};
use crate::finding::Finding;

/// Where the decoded bytes of a run stood.
#[derive(Debug, Clone)]
pub(super) struct Places {
    encoding: Encoding,
    lines: VecDeque<Line>,
}

impl Places {
    pub(super) fn of(chunk: &Chunk) -> Self {
        let mut places = Self {
            encoding: chunk.encoding,
            lines: VecDeque::new(),
        };
        places.more(chunk);
        places
    }

    fn more(&mut self, chunk: &Chunk) {
        self.lines.extend(&chunk.lines);
    }

    /// Where what begins there begins in the text as it was.
    pub(super) fn start(&self, at: u64) -> u64 {
        self.place(
            self.lines.partition_point(|line| line.decoded <= at),
            at,
            false,
        )
    }

    /// Where what ends there ends.
    pub(super) fn end(&self, at: u64) -> u64 {
        self.place(
            self.lines.partition_point(|line| line.decoded < at),
            at,
            true,
        )
    }

    fn place(&self, lines: usize, at: u64, up: bool) -> u64 {
        let line = lines.checked_sub(1).and_then(|last| self.lines.get(last));
        let Some(line) = line.or(self.lines.front()) else {
            return 0;
        };
        let bytes = at.saturating_sub(line.decoded);
        let digits = match self.encoding {
            Encoding::Base64 if up => (bytes * 4).div_ceil(3),
            Encoding::Base64 => bytes * 4 / 3,
            Encoding::Hex => bytes * 2,
        };
        line.original + digits
    }

    fn forget(&mut self, at: u64) {
        while self.lines.get(1).is_some_and(|next| next.decoded < at) {
            self.lines.pop_front();
        }
    }

    /// The finding where it stood.
    pub(super) fn moved(&self, finding: Finding) -> Finding {
        super::moved(finding, |at| self.start(at), |at| self.end(at))
    }
}

/// A run that has not ended.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) stream: Box<DeepStream>,
    places: Places,
}

impl Run {
    pub(super) fn new(stream: DeepStream, chunk: &Chunk) -> Self {
        let mut run = Self {
            stream: Box::new(stream),
            places: Places::of(chunk),
        };
        run.stream.push(&chunk.text);
        run
    }

    pub(super) fn more(&mut self, chunk: &Chunk) {
        self.places.more(chunk);
        self.stream.push(&chunk.text);
    }

    pub(super) fn findings(&mut self) -> Vec<Finding> {
        let found = self.stream.findings().into_iter();
        let found = found.map(|finding| self.places.moved(finding)).collect();
        self.places.forget(self.stream.oldest());
        found
    }

    pub(super) fn decided(&self) -> u64 {
        self.places.start(self.stream.decided())
    }

    pub(super) fn oldest(&self) -> u64 {
        self.places.start(self.stream.oldest())
    }
}
