//! What a pass did, and what came of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tidegate_device_api::{Effect, EffectItem, EffectState, McpServer};
use tidegate_discovery::Located;
use tidegate_policy::Decision;

use crate::{Remote, Shadow};

/// What a pass did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// What came of each decision, as was found by looking again.
    pub effects: Vec<Effect>,
    /// Files that were written.
    pub changed: Vec<PathBuf>,
    /// What went wrong apart from single decisions: files and reasons, never content.
    pub problems: Vec<String>,
    /// Servers that are in no configuration because we took them out: they belong to what was found,
    /// switched off, or the inventory would lose them.
    #[serde(default)]
    pub withheld: Vec<Located>,
    /// Policies in the home that stand above ours: the pass over the machine has to know.
    #[serde(default)]
    pub shadowed: Vec<Shadow>,
    /// What the relay has to refuse or restrict.
    #[serde(default)]
    pub remote: Vec<Remote>,
}

impl Outcome {
    pub(crate) fn effect(
        &mut self,
        server: &McpServer,
        decision: Decision,
        state: EffectState,
        means: &[tidegate_device_api::Means],
        detail: Option<String>,
    ) {
        self.effects.push(Effect {
            item: EffectItem::McpServer {
                identity: server.identity.clone(),
                launch: server.launch,
                client: server.client.clone(),
                name: server.name.clone(),
                user: server.user.clone(),
                config_path: server.config_path.clone(),
            },
            decision,
            state,
            means: means.to_vec(),
            detail,
        });
    }
}

/// Effects of several passes as one list: an item stands in it once, with the best that came of it, by
/// all means that hold, and with everything that was said.
#[must_use]
pub fn merge(effects: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
    let mut merged: Vec<Effect> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for effect in effects {
        match places.get(&effect.item) {
            Some(at) => {
                if let Some(old) = merged.get_mut(*at) {
                    join(old, effect);
                }
            }
            None => {
                places.insert(effect.item.clone(), merged.len());
                merged.push(effect);
            }
        }
    }
    merged
}

fn join(old: &mut Effect, new: Effect) {
    let holds = |state| rank(state) < 2;
    if holds(old.state) == holds(new.state) {
        let more = new.means.into_iter();
        let more: Vec<_> = more.filter(|means| !old.means.contains(means)).collect();
        old.means.extend(more);
    } else if holds(new.state) {
        old.means = new.means;
    }
    if rank(new.state) < rank(old.state) {
        old.state = new.state;
    }
    old.detail = match (old.detail.take(), new.detail) {
        (Some(one), Some(two)) if one != two => Some(format!("{one}; {two}")),
        (one, two) => one.or(two),
    };
}

/// From best to worst. A client that runs on with what it read is not undone by another means.
const fn rank(state: EffectState) -> u8 {
    match state {
        EffectState::Verified => 0,
        EffectState::PendingRestart => 1,
        EffectState::Failed => 2,
        EffectState::Shadowed => 3,
        EffectState::Unsupported | EffectState::Other => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_device_api::Means;

    #[test]
    fn an_item_keeps_the_best_that_came_of_it() {
        let effect = |state, means: &[Means], detail: &str| Effect {
            item: EffectItem::App {
                app: tidegate_policy::AppId::unknown(),
            },
            decision: Decision::Denied,
            state,
            means: means.to_vec(),
            detail: Some(detail.into()),
        };
        let merged = merge([
            effect(EffectState::Shadowed, &[Means::NativePolicy], "a"),
            effect(EffectState::Verified, &[Means::ConfigEdit], "b"),
            effect(EffectState::PendingRestart, &[Means::Exec], "b"),
        ]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].state, EffectState::Verified);
        assert_eq!(merged[0].means, [Means::ConfigEdit, Means::Exec]);
        assert_eq!(merged[0].detail.as_deref(), Some("a; b; b"));
    }
}
