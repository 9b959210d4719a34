//! Telling a person that something was refused: once, not for each of a hundred retries.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tidegate_device_api::{Effect, EffectItem, EffectState};
use tidegate_policy::{AppId, Decision, Document, McpIdentity};
use tidegate_types::Mono;

/// How long a notice about an app stays said.
const QUIET: Duration = Duration::from_secs(600);
const MOST: usize = 256;
/// Denied servers that people were told of.
const MOST_TOLD: usize = 1_024;
/// Notices about servers of one pass: the rest stands in `status` only.
const MOST_AT_ONCE: usize = 8;

/// Which person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// By the number of the OS user.
    Number(u32),
    /// By its name.
    Name(String),
}

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// An app's connections.
    App(AppId),
    /// An MCP server.
    McpServer {
        /// It.
        identity: McpIdentity,
        /// What the person calls it.
        name: String,
        /// In which client.
        client: AppId,
    },
}

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Which person; none where it is not known, or it is about the whole machine.
    pub whom: Option<Person>,
    /// What was refused.
    pub refused: Refused,
    /// Why, in the organisation's words.
    pub reason: Option<String>,
    /// How to ask for it.
    pub ask: String,
}

/// When each person was told of each app.
#[derive(Debug, Default)]
pub(crate) struct Given(BTreeMap<(AppId, Option<u32>), Mono>);

impl Given {
    /// Whether to say it now; then it counts as said.
    pub(crate) fn is_news(&mut self, app: &AppId, uid: Option<u32>, now: Mono) -> bool {
        self.0.retain(|_, given| now.since(*given) < QUIET);
        let told = (app.clone(), uid);
        if self.0.contains_key(&told) || self.0.len() >= MOST {
            return false;
        }
        self.0.insert(told, now);
        true
    }
}

/// A denied server that a person was told of. It stays told while the server is there and denied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// Whose server; none for the whole machine's.
    pub user: Option<String>,
    /// It.
    pub identity: McpIdentity,
    /// In which client.
    pub client: AppId,
}

/// Of which denied servers people were told.
#[derive(Debug, Default)]
pub(crate) struct Servers(BTreeSet<Told>);

impl Servers {
    /// With what earlier runs told.
    pub(crate) fn kept(told: Vec<Told>) -> Self {
        Self(told.into_iter().take(MOST_TOLD).collect())
    }

    /// What people have to be told now that a pass found this. What is no longer denied will be news when
    /// it is denied again.
    pub(crate) fn news(
        &mut self,
        effects: &[Effect],
        document: &Document,
        ask: &str,
    ) -> (Vec<Notice>, Option<Vec<Told>>) {
        let (mut denied, mut notices) = (BTreeSet::new(), Vec::new());
        for effect in effects {
            let Some((told, name)) = denial(effect) else {
                continue;
            };
            if denied.len() >= MOST_TOLD {
                break;
            }
            let stopped = matches!(
                effect.state,
                EffectState::Verified | EffectState::PendingRestart
            );
            if self.0.contains(&told) {
                denied.insert(told);
            } else if stopped && denied.insert(told.clone()) {
                notices.push(Notice {
                    whom: told.user.map(Person::Name),
                    reason: note(document, effect),
                    refused: Refused::McpServer {
                        identity: told.identity,
                        name: name.to_owned(),
                        client: told.client,
                    },
                    ask: ask.to_owned(),
                });
            }
        }
        notices.truncate(MOST_AT_ONCE);
        let keep = (denied != self.0).then(|| denied.iter().cloned().collect());
        self.0 = denied;
        (notices, keep)
    }
}

/// Whom a denial concerns, and what they call the server.
fn denial(effect: &Effect) -> Option<(Told, &str)> {
    let EffectItem::McpServer {
        identity,
        client,
        name,
        user,
        ..
    } = &effect.item
    else {
        return None;
    };
    let told = Told {
        user: user.clone(),
        identity: identity.clone(),
        client: client.clone(),
    };
    (effect.decision == Decision::Denied).then_some((told, name.as_str()))
}

/// Why a server is denied, in the organisation's words: those of the tightest rule that may be meant.
fn note(document: &Document, effect: &Effect) -> Option<String> {
    let EffectItem::McpServer {
        identity, launch, ..
    } = &effect.item
    else {
        return None;
    };
    let meant = document.mcp_servers.iter().filter(|rule| {
        rule.decision == Decision::Denied
            && rule.target.identity == *identity
            && rule.target.launch.is_none_or(|hash| hash == *launch)
    });
    let tightness = |rule: &&tidegate_policy::McpRule| {
        (
            rule.target.launch.is_some(),
            rule.target.arguments.is_some(),
        )
    };
    meant.max_by_key(tightness)?.note.clone()
}
