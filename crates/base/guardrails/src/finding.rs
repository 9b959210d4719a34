//! What a scan finds: which rule, where, how sure. Never the text itself.

use std::ops::Range;

/// The place of a rule in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIndex(pub u16);

/// A thing found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule that found it. Where things overlap, the most specific one; of several, the surest; of
    /// several, the longest.
    pub rule: RuleIndex,
    /// Bytes from the text's (the channel's) beginning, on boundaries of characters: the secret or the
    /// datum alone, without the words around it that gave it away. Where things overlap, what they
    /// cover together, so that taking it out leaves no part of any of them.
    pub span: Range<u64>,
    /// How sure it is, 0 to 1. Things with a checksum that fits: 1.
    pub score: f32,
    /// The other rules whose findings this one covers, in their order. What is to be done about one of
    /// them (a block) must not be lost because another names the finding. Mostly empty.
    pub also: Vec<RuleIndex>,
}

impl Finding {
    /// Every rule that found something here.
    pub fn rules(&self) -> impl Iterator<Item = RuleIndex> + '_ {
        std::iter::once(self.rule).chain(self.also.iter().copied())
    }
}
