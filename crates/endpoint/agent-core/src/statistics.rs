//! What apps did, for the next check-in. Bounded, and nothing is lost: what does not fit is counted
//! under fewer names, what was sent and not answered is sent again.

use std::collections::BTreeMap;

use tidegate_device_api::AppSeen;
use tidegate_policy::AppId;

use crate::{Counts, Observation, Outcome};

/// Rows of one check-in.
pub(crate) const MOST_ROWS: usize = 256;
const LONGEST_PATH: usize = 768;
const LONGEST_VERSION: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    app: AppId,
    version: Option<String>,
    path: String,
}

#[derive(Debug, Default)]
pub(crate) struct Statistics {
    /// Not sent yet.
    fresh: BTreeMap<Row, Counts>,
    /// Sent, and not answered.
    sent: BTreeMap<Row, Counts>,
    /// Since the agent started.
    total: Counts,
    apps: BTreeMap<AppId, Counts>,
}

impl Statistics {
    /// Counts a connection. Whether its app was not seen before.
    pub(crate) fn see(&mut self, seen: &Observation) -> bool {
        let counts = Counts::one(seen.outcome);
        self.total.add(counts);
        let known = self.apps.contains_key(&seen.app);
        if self.apps.len() < MOST_ROWS || known {
            self.apps.entry(seen.app.clone()).or_default().add(counts);
        } else {
            self.apps.entry(AppId::unknown()).or_default().add(counts);
        }
        let row = Row {
            app: seen.app.clone(),
            version: seen
                .version
                .as_deref()
                .map(|version| cut(version, LONGEST_VERSION)),
            path: cut(&seen.path, LONGEST_PATH),
        };
        add(&mut self.fresh, row, counts);
        !known
    }

    /// The rows to send. They count as sent until [`answered`](Self::answered) or
    /// [`unanswered`](Self::unanswered).
    pub(crate) fn send(&mut self) -> Vec<AppSeen> {
        self.unanswered();
        self.sent = std::mem::take(&mut self.fresh);
        let row = |(row, counts): (&Row, &Counts)| AppSeen {
            app: row.app.clone(),
            version: row.version.clone(),
            path: row.path.clone(),
            relayed: counts.relayed,
            denied: counts.denied,
            pinned: counts.pinned,
        };
        self.sent.iter().map(row).collect()
    }

    pub(crate) fn answered(&mut self) {
        self.sent.clear();
    }

    pub(crate) fn unanswered(&mut self) {
        for (row, counts) in std::mem::take(&mut self.sent) {
            add(&mut self.fresh, row, counts);
        }
    }

    pub(crate) const fn total(&self) -> Counts {
        self.total
    }

    pub(crate) fn apps(&self) -> impl Iterator<Item = (&AppId, Counts)> {
        self.apps.iter().map(|(app, counts)| (app, *counts))
    }
}

/// Adds to a row. Where there is no room for a new one, the app's nameless row takes it, and where there
/// is no room for that either, everyone's. Those last two kinds may pass the bound: by one for each app
/// that has a row already, and by one.
fn add(rows: &mut BTreeMap<Row, Counts>, row: Row, counts: Counts) {
    let row = if rows.len() < MOST_ROWS || rows.contains_key(&row) {
        row
    } else if rows.keys().any(|held| held.app == row.app) {
        nameless(row.app)
    } else {
        nameless(AppId::unknown())
    };
    rows.entry(row).or_default().add(counts);
}

const fn nameless(app: AppId) -> Row {
    Row {
        app,
        version: None,
        path: String::new(),
    }
}

/// The first characters that fit into this many bytes, in one line: a control character takes six bytes of
/// JSON, and whoever names files must not make a check-in too long for the gateway.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let mut room = longest;
    let fits = |c: &char| match room.checked_sub(c.len_utf8()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take_while(fits).collect()
}

impl Counts {
    fn one(outcome: Outcome) -> Self {
        let one = |of| u64::from(outcome == of);
        Self {
            relayed: one(Outcome::Relayed),
            denied: one(Outcome::Denied),
            pinned: one(Outcome::Pinned),
        }
    }

    const fn add(&mut self, other: Self) {
        self.relayed = self.relayed.saturating_add(other.relayed);
        self.denied = self.denied.saturating_add(other.denied);
        self.pinned = self.pinned.saturating_add(other.pinned);
    }
}

#[cfg(test)]
mod tests;
