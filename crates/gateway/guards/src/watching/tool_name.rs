//! Watches the name of a tool that a model calls.

use std::sync::Arc;

use tidegate_texts::watch::{Edit, Watch};

use crate::judge::{Bench, Verdict};

/// The longest name that is looked at, in bytes; providers allow 64 to 256.
const LONGEST: usize = 1_024;

/// A name, held until it is whole: a client that has it may act on it.
#[derive(Debug)]
pub(super) struct ToolName {
    bench: Arc<Bench>,
    name: String,
    length: u64,
    whole: bool,
    stopped: bool,
}

impl ToolName {
    pub(super) const fn new(bench: Arc<Bench>) -> Self {
        Self {
            bench,
            name: String::new(),
            length: 0,
            whole: false,
            stopped: false,
        }
    }
}

impl Watch for ToolName {
    fn push(&mut self, text: &str) {
        self.length += text.len() as u64;
        if self.name.len() + text.len() <= LONGEST {
            self.name.push_str(text);
        }
    }

    fn finish(&mut self) {
        self.whole = true;
        self.stopped = self.bench.judge_tool(&self.name) == Verdict::Blocked;
    }

    fn decided(&self) -> u64 {
        if self.whole { self.length } else { 0 }
    }

    fn edits(&mut self) -> Vec<Edit> {
        Vec::new()
    }

    fn stopped(&self) -> bool {
        self.stopped
    }
}
