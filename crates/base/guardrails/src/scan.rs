//! Texts that are all there.

use crate::{
    finding::Finding,
    plan::Plan,
    ruleset::Ruleset,
    run::View,
    scratch::Scratch,
    walk::{Counters, Ground, Walk},
};

impl Ruleset {
    /// Everything that the plan's rules find in a text, merged, in the order of the text: the same that
    /// a [`Stream`](crate::stream::Stream) finds, however the text is cut.
    ///
    /// The scratch must be of this set's [pool](Ruleset::pool); with another, rules may be passed over.
    #[must_use]
    pub fn scan(&self, plan: &Plan, text: &str, scratch: &mut Scratch) -> Vec<Finding> {
        self.scan_counted(plan, text, scratch).0
    }

    /// The same, and what happened meanwhile.
    #[must_use]
    pub fn scan_counted(
        &self,
        plan: &Plan,
        text: &str,
        scratch: &mut Scratch,
    ) -> (Vec<Finding>, Counters) {
        let mut walk = Walk::default();
        let ground = Ground {
            set: self,
            plan,
            view: View {
                text,
                base: 0,
                ends: true,
            },
            whole: true,
        };
        walk.whole(ground, scratch);
        let (findings, _) = walk.told(ground, scratch);
        (findings, walk.counters)
    }
}

#[cfg(test)]
mod defaults;
#[cfg(test)]
mod generate;
#[cfg(test)]
pub(crate) mod tests;
