//! Texts as a service is shown them.

use tidegate_engines::{Content, Direction as Way};
use tidegate_governance::guardrail::Phase;

use super::collect::Collected;

/// Texts as a service is shown them: of those that are the same, only one.
pub(super) struct Shown<'t> {
    texts: &'t [Collected],
    /// For each text, which of those that are shown it is.
    of: Vec<usize>,
    /// Those that are shown.
    parts: Vec<usize>,
}

impl<'t> Shown<'t> {
    pub(super) fn new(texts: &'t [Collected]) -> Self {
        let (mut of, mut parts) = (Vec::with_capacity(texts.len()), Vec::new());
        for (at, text) in texts.iter().enumerate() {
            let same = parts
                .iter()
                .position(|&part: &usize| texts.get(part).is_some_and(|shown| shown.is_same(text)));
            of.push(same.unwrap_or(parts.len()));
            if same.is_none() {
                parts.push(at);
            }
        }
        Self { texts, of, parts }
    }

    pub(super) fn content<'a>(&'a self, phase: Phase, model: &'a str) -> Content<'a> {
        let shown = self.parts.iter().filter_map(|&at| self.texts.get(at));
        Content {
            direction: match phase {
                Phase::Prompt => Way::Prompt,
                Phase::Answer => Way::Answer,
            },
            parts: shown.map(Collected::part).collect(),
            model,
        }
    }

    /// The text that is shown in this place.
    pub(super) fn text(&self, part: usize) -> Option<&'t Collected> {
        self.parts.get(part).and_then(|&at| self.texts.get(at))
    }

    /// All texts that are as the one in this place.
    pub(super) fn same(&self, part: usize) -> impl Iterator<Item = &'t Collected> + '_ {
        let of = self.of.iter().zip(self.texts);
        of.filter(move |(of, _)| **of == part).map(|(_, text)| text)
    }
}
