//! Rules that begin with many letters and digits in a row (keys without a prefix, wallets, numbers of
//! vehicles), in a whole text.
//!
//! Such a rule could begin at every word. Instead of looking at each, those that are long enough are told from many
//! bytes at once.

use std::ops::Range;

use super::{
    list::{List, Passing},
    opening::RUN,
};
use crate::{alphabet::Before, streak::Kind};

static WORDS: Kind<1> = Kind::with([b'_']);

/// The rules that begin with a run.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    rules: List,
    /// Those of them that may begin within a word.
    inner: Option<List>,
}

impl Runs {
    /// Of these rules, with what may stand before each.
    pub(super) fn new(rules: &[(u16, u8)]) -> Self {
        let list = |rules: &[(u16, u8)]| List::new(rules.iter().map(|(rule, _)| *rule), []);
        let within = |(_, before): &&(u16, u8)| before & Before::Word.bit() != 0;
        let inner: Vec<(u16, u8)> = rules.iter().filter(within).copied().collect();
        Self {
            rules: list(rules),
            inner: (!inner.is_empty()).then(|| list(&inner)),
        }
    }

    /// Calls `hit` with every place where one of the rules may begin, in order.
    pub(crate) fn each(&self, text: &[u8], mut hit: impl FnMut(Passing<'_>)) {
        if self.rules.is_empty() {
            return;
        }
        let mut from = 0;
        while let Some(Range { start, end }) = WORDS.next::<RUN>(text, from) {
            hit(Passing::one(start, &self.rules));
            if let Some(inner) = &self.inner {
                (start + 1..=end - RUN).for_each(|at| hit(Passing::one(at, inner)));
            }
            from = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_found_once() {
        let runs = Runs::new(&[(0, Before::Other.bit())]);
        let mut text = String::new();
        let mut wanted = Vec::new();
        for len in (0..50).chain([0, 16, 15, 17, 31, 32, 33]) {
            if len >= RUN {
                wanted.push(text.len());
            }
            text.push_str(&"x".repeat(len));
            text.push(' ');
        }
        let mut found = Vec::new();
        runs.each(text.as_bytes(), |places| {
            found.extend(places.each().map(|(at, _)| at))
        });
        assert_eq!(found, wanted);
        let runs = Runs::new(&[(0, Before::Other.bit()), (1, Before::Word.bit())]);
        let mut count = 0;
        runs.each("x".repeat(20).as_bytes(), |places| {
            count += places.each().count()
        });
        assert_eq!(count, 5);
    }
}
