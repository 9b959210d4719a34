//! What came of the decisions: what a pass found, and what the redirection does to apps, as one report.
//! The gateway hears it only when it has changed.

use tidegate_device_api::{Effect, EffectItem, EffectReport, EffectState, Means};
use tidegate_policy::{AppId, Decision, Document};

use crate::statistics::cut;

/// Effects of one report.
pub(crate) const MOST: usize = 2_000;
/// What they may take in a check-in, in bytes.
pub(crate) const LARGEST: usize = 384 * 1024;
/// The longest detail, name and path, in bytes.
const LONGEST_DETAIL: usize = 300;
const LONGEST_NAME: usize = 256;
const LONGEST_PATH: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// What is so now; none while it is not known for the policy in force.
    current: Option<EffectReport>,
    /// What went along with the check-in that is on its way.
    sent: Option<EffectReport>,
    /// What the gateway has heard last.
    heard: Option<EffectReport>,
    /// The last one that was known, for people.
    shown: Option<EffectReport>,
}

impl Effects {
    /// This is so now. Whether the gateway has to hear it.
    pub(crate) fn set(&mut self, report: Option<EffectReport>) -> bool {
        if report.is_some() {
            self.shown.clone_from(&report);
        }
        let changed = self.current != report;
        self.current = report;
        changed && self.is_news()
    }

    /// Whether the gateway has not heard it yet.
    pub(crate) fn is_news(&self) -> bool {
        self.current.is_some() && self.current != self.heard && self.current != self.sent
    }

    /// What the next check-in takes along.
    pub(crate) fn send(&mut self) -> Option<EffectReport> {
        self.sent = None;
        if self.is_news() {
            self.sent.clone_from(&self.current);
        }
        self.sent.clone()
    }

    pub(crate) fn answered(&mut self) {
        if let Some(sent) = self.sent.take() {
            self.heard = Some(sent);
        }
    }

    pub(crate) fn unanswered(&mut self) {
        self.sent = None;
    }

    pub(crate) const fn shown(&self) -> Option<&EffectReport> {
        self.shown.as_ref()
    }
}

/// The report of a document: what `passed` found, and for each denied app whether its connections are
/// refused. `socket` says why they are not.
pub(crate) fn report(
    document: &Document,
    apps: impl Iterator<Item = AppId>,
    socket: Result<(), &str>,
    passed: &[Effect],
) -> EffectReport {
    let mut effects: Vec<Effect> = apps.map(|app| refused(app, socket)).collect();
    for effect in passed {
        let same = effects.iter_mut().find(|other| {
            other.item == effect.item && matches!(effect.item, EffectItem::App { .. })
        });
        match same {
            Some(app) => join(app, effect),
            None => effects.push(effect.clone()),
        }
    }
    effects.sort_by_key(|effect| effect.state == EffectState::Verified);
    let (mut room, all) = (LARGEST, effects.len());
    let fits = |effect: &Effect| {
        let size = size(effect);
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    let effects: Vec<Effect> = effects
        .into_iter()
        .take(MOST)
        .map(bounded)
        .take_while(fits)
        .collect();
    EffectReport {
        revision: document.revision,
        truncated: effects.len() < all,
        effects,
    }
}

/// Connections of a denied app.
fn refused(app: AppId, socket: Result<(), &str>) -> Effect {
    Effect {
        item: EffectItem::App { app },
        decision: Decision::Denied,
        state: match socket {
            Ok(()) => EffectState::Verified,
            Err(_) => EffectState::Failed,
        },
        means: vec![Means::Socket],
        detail: socket.err().map(str::to_owned),
    }
}

/// Adds what another means did about the same app: the worse of both states counts, but for a means that
/// this device does not have.
fn join(app: &mut Effect, other: &Effect) {
    if other.state == EffectState::Unsupported {
        app.detail = app.detail.take().or_else(|| other.detail.clone());
        return;
    }
    let more = other
        .means
        .iter()
        .filter(|means| !app.means.contains(means));
    let more: Vec<Means> = more.copied().collect();
    app.means.extend(more);
    if worse(other.state) > worse(app.state) {
        app.state = other.state;
        app.detail.clone_from(&other.detail);
    }
}

const fn worse(state: EffectState) -> u8 {
    match state {
        EffectState::Verified => 0,
        EffectState::PendingRestart => 1,
        EffectState::Unsupported => 2,
        EffectState::Shadowed => 3,
        EffectState::Other => 4,
        EffectState::Failed => 5,
    }
}

fn bounded(mut effect: Effect) -> Effect {
    let shorten = |text: &mut String, longest: usize| *text = cut(text, longest);
    if let Some(detail) = &mut effect.detail {
        shorten(detail, LONGEST_DETAIL);
    }
    if let EffectItem::McpServer {
        name,
        user,
        config_path,
        ..
    } = &mut effect.item
    {
        shorten(name, LONGEST_NAME);
        shorten(config_path, LONGEST_PATH);
        if let Some(user) = user {
            shorten(user, LONGEST_NAME);
        }
    }
    effect
}

/// The most that an effect takes as JSON, once it is bounded: a quotation mark takes two bytes.
fn size(effect: &Effect) -> usize {
    const FRAME: usize = 360;
    let texts = match &effect.item {
        EffectItem::App { app } => app.as_str().len(),
        EffectItem::McpServer {
            identity,
            client,
            name,
            user,
            config_path,
            ..
        } => {
            let user = user.as_ref().map_or(0, String::len);
            let people = name.len() + user + config_path.len();
            identity.as_str().len() + client.as_str().len() + people
        }
        EffectItem::Other => 0,
    };
    FRAME + 2 * (texts + effect.detail.as_ref().map_or(0, String::len))
}

#[cfg(test)]
mod tests;
