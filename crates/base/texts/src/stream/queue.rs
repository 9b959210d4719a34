//! Frames that wait, in their order, and what leaves.

use std::{collections::VecDeque, ops::Range};

use bytes::Bytes;
use tidegate_wire::answer::Forward;

use super::wrap::Frame;
use crate::desk::Desk;

#[derive(Default)]
pub(super) struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Queue {
    pub(super) fn push(&mut self, frame: Frame) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes that wait.
    pub(super) const fn held(&self) -> usize {
        self.bytes
    }

    /// Lets the frames leave whose texts, and those of all before, are decided.
    pub(super) fn leave(&mut self, desk: &mut Desk, out: &mut Out) {
        while let Some(frame) = self.frames.pop_front_if(|frame| desk.decided(&frame.marks)) {
            self.bytes -= frame.len();
            frame.leave(desk, out);
        }
    }

    /// Lets all leave.
    pub(super) fn all(&mut self, desk: &mut Desk, out: &mut Out) {
        self.bytes = 0;
        for frame in self.frames.drain(..) {
            frame.leave(desk, out);
        }
    }
}

/// What leaves: neighbours of one chunk leave as one slice of it.
#[derive(Default)]
pub(super) struct Out {
    done: Forward,
    last: Option<(Bytes, Range<usize>)>,
}

impl Out {
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.flush();
        self.done.push(bytes);
    }

    pub(super) fn slice(&mut self, bytes: Bytes, range: Range<usize>) {
        if let Some((last, before)) = &mut self.last
            && last.as_ptr() == bytes.as_ptr()
            && last.len() == bytes.len()
            && before.end == range.start
        {
            before.end = range.end;
            return;
        }
        self.flush();
        self.last = Some((bytes, range));
    }

    fn flush(&mut self) {
        if let Some((bytes, range)) = self.last.take()
            && !range.is_empty()
        {
            self.done.push(bytes.slice(range));
        }
    }

    pub(super) fn done(mut self) -> Forward {
        self.flush();
        self.done
    }
}
