//! Telling a person that something was refused: once, not for each of a hundred retries.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use tidegate_policy::AppId;
use tidegate_types::Mono;

/// How long a notice stays said.
const QUIET: Duration = Duration::from_secs(600);
const MOST: usize = 256;

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Which person: the number of the OS user; none where it is not known.
    pub uid: Option<u32>,
    /// The app that was refused.
    pub app: AppId,
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
