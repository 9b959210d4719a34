//! Blocks of an answer that comes, for languages in which each stands after the one before: what comes of others
//! while one is being written is held until it is over.

use std::collections::VecDeque;

use super::{
    Seal,
    reply::{Delta, Opened},
};
use crate::error::{ErrorKind, ErrorView};

/// More blocks than ever wait for another one.
const MOST_WAITING: usize = 1_024;
/// The most that waits, in bytes.
const MOST_HELD: usize = 16 << 20;

/// What clients are told where more is to be held than there is room for.
pub(super) const TOO_MUCH: ErrorView<'static> = ErrorView {
    status: 502,
    kind: ErrorKind::Upstream,
    code: "upstream_error",
    message: "the provider's answer has too much in several blocks at once",
    param: None,
    request_id: "",
};

/// There is no room for it.
#[derive(Debug)]
pub(super) struct TooMuch;

/// A block that is not over.
#[derive(Debug)]
pub(super) struct Block {
    /// The answer's number.
    number: usize,
    pub(super) kind: Opened,
    /// It has begun to be written, under the client's number.
    pub(super) begun: bool,
    /// A part of a summary was written, and the next one begins.
    pub(super) parted: bool,
    pub(super) seal: Option<Seal<'static>>,
    /// What waits for the block before it.
    held: Vec<Delta>,
    closed: bool,
}

/// The blocks.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The first is being written, the others wait.
    blocks: VecDeque<Block>,
    /// What waits, in bytes.
    held: usize,
}

impl Blocks {
    /// One more.
    ///
    /// # Errors
    /// Too many wait already.
    pub(super) fn open(&mut self, number: usize, kind: Opened) -> Result<(), TooMuch> {
        if self.blocks.len() >= MOST_WAITING {
            return Err(TooMuch);
        }
        self.blocks.push_back(Block {
            number,
            kind,
            begun: false,
            parted: false,
            seal: None,
            held: Vec::new(),
            closed: false,
        });
        Ok(())
    }

    /// A piece of a block: given back where it can be said now, else held.
    ///
    /// # Errors
    /// Too much is held.
    pub(super) fn delta(&mut self, number: usize, delta: Delta) -> Result<Option<Delta>, TooMuch> {
        let at = self.blocks.iter().position(|block| block.number == number);
        match at {
            None => return Ok(None),
            Some(0) => return Ok(Some(delta)),
            Some(at) => {
                self.held = self.held.saturating_add(delta.size());
                if self.held > MOST_HELD {
                    return Err(TooMuch);
                }
                if let Some(block) = self.blocks.get_mut(at) {
                    block.held.push(delta);
                }
            }
        }
        Ok(None)
    }

    /// The one that is being written.
    pub(super) fn first(&mut self) -> Option<&mut Block> {
        self.blocks.front_mut()
    }

    /// Nothing comes of it any more.
    pub(super) fn close(&mut self, number: usize) {
        let block = self.blocks.iter_mut().find(|block| block.number == number);
        if let Some(block) = block {
            block.closed = true;
        }
    }

    /// Nothing comes of any.
    pub(super) fn close_all(&mut self) {
        for block in &mut self.blocks {
            block.closed = true;
        }
    }

    /// Takes the first where it is over, and what the next one has waited with.
    pub(super) fn over(&mut self) -> Option<(Block, Vec<Delta>)> {
        let block = self.blocks.pop_front_if(|block| block.closed)?;
        let next = self.blocks.front_mut();
        let held = next.map(|next| std::mem::take(&mut next.held));
        let held = held.unwrap_or_default();
        let size: usize = held.iter().map(Delta::size).sum();
        self.held = self.held.saturating_sub(size);
        Some((block, held))
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }
}
