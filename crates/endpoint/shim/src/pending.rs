//! Requests of the client that wait for an answer.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

/// More are not remembered: they only stay without an error when their server is ended.
const MOST: usize = 4_096;
/// Longer ids are not remembered.
const LONGEST_ID: usize = 512;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A page of the list of tools: the first, or a later one.
    Tools {
        /// It is the first.
        first: bool,
    },
    /// Anything else.
    Other,
}

/// Requests of the client that wait for an answer, by id.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    waiting: HashMap<String, (Value, Asked)>,
    lists: usize,
}

impl Pending {
    pub(crate) fn ask(&mut self, id: &RawValue, asked: Asked) {
        let Some(value) = readable(id) else {
            return;
        };
        if value.is_null() || self.waiting.len() >= MOST {
            return;
        }
        if let Some((_, Asked::Tools { .. })) = self.waiting.insert(key(&value), (value, asked)) {
            self.lists = self.lists.saturating_sub(1);
        }
        self.lists += usize::from(asked != Asked::Other);
    }

    /// What was asked for by the request that is answered here.
    pub(crate) fn answered(&mut self, id: &RawValue) -> Option<Asked> {
        let (_, asked) = self.waiting.remove(&key(&readable(id)?))?;
        self.lists -= usize::from(asked != Asked::Other);
        Some(asked)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A list of tools may come.
    pub(crate) const fn awaits_tools(&self) -> bool {
        self.lists > 0
    }

    /// All ids, and none waits any more.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        self.lists = 0;
        self.waiting.drain().map(|(_, (id, _))| id).collect()
    }
}

/// An id as it is sent back.
pub(crate) fn readable(id: &RawValue) -> Option<Value> {
    if id.get().len() > LONGEST_ID {
        return None;
    }
    serde_json::from_str(id.get()).ok()
}

/// Servers write a number back in their own way: `1.0` for `1`.
fn key(id: &Value) -> String {
    match id.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => format!("{number:.0}"),
        _ => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Pending};

    fn raw(text: &str) -> Box<serde_json::value::RawValue> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_answer_finds_its_request_however_the_id_is_written() {
        let mut pending = Pending::default();
        pending.ask(&raw("1"), Asked::Tools { first: true });
        pending.ask(&raw("\"1\""), Asked::Other);
        assert!(pending.awaits_tools());
        assert_eq!(pending.answered(&raw("\"\\u0031\"")), Some(Asked::Other));
        assert_eq!(
            pending.answered(&raw("1.0")),
            Some(Asked::Tools { first: true })
        );
        assert!(!pending.awaits_tools() && pending.is_empty());
        assert_eq!(pending.answered(&raw("1")), None);
    }

    #[test]
    fn an_id_that_is_used_again_counts_once() {
        let mut pending = Pending::default();
        pending.ask(&raw("7"), Asked::Tools { first: true });
        pending.ask(&raw("7"), Asked::Other);
        assert!(!pending.awaits_tools());
        pending.ask(&raw("7"), Asked::Tools { first: false });
        assert!(pending.awaits_tools());
        assert_eq!(pending.take().len(), 1);
        assert!(!pending.awaits_tools());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut pending = Pending::default();
        for id in 0..10_000 {
            pending.ask(&raw(&id.to_string()), Asked::Other);
        }
        pending.ask(&raw(&format!("\"{}\"", "x".repeat(1_000))), Asked::Other);
        assert_eq!(pending.take().len(), super::MOST);
    }
}
