//! What a person has to know at one look, and what they can do: the same for `status` and for the tray of
//! every OS. It is computed from a [`View`] alone, so that both always say the same.

use serde::Serialize;
use tidegate_device_api::{EffectItem, EffectState, Wanted};
use tidegate_policy::Decision;
use tidegate_types::Timestamp;

use crate::{Standing, View, agent::NOT_YET};

mod text;
mod words;

use words::{held, is_empty, policy, words};

/// Denied things, and clients to restart, that are named.
const MOST: usize = 10;

/// How it is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// No agent answers.
    Stopped,
    /// The agent runs, and the device is nobody's and enrolled nowhere.
    SignedOut,
    /// It has not heard from the gateway yet.
    Connecting,
    /// All is well.
    Connected,
    /// All is well, and there is something for the person: a budget is used up, something was denied, or a
    /// client has to be restarted.
    Attention,
    /// Something does not work.
    Degraded,
}

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeniedItem {
    /// What it is called.
    pub label: String,
    /// What to ask for.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Why, in the organisation's words.
    pub reason: Option<String>,
    /// How often it was refused since the agent started; 0 for what was kept from starting.
    pub refused: u64,
    /// It was asked for already.
    pub asked: bool,
    /// How to ask for it.
    pub command: String,
}

/// What a person can do from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceAction {
    /// Sign in on this device.
    SignIn,
    /// Sign out on it.
    SignOut,
    /// Ask the gateway for news now.
    Sync,
    /// Open the console in the browser.
    OpenConsole,
}

/// What a person sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Face {
    /// How it is.
    pub state: Mood,
    /// The same in a sentence without an end.
    pub headline: String,
    /// What to do about it; none where there is nothing to do.
    pub todo: Option<String>,
    /// The gateway's URL.
    pub gateway: Option<String>,
    /// The machine's name.
    pub device: Option<String>,
    /// Whose device it is.
    pub user: Option<String>,
    /// Their team.
    pub team: Option<String>,
    /// What is left of each budget.
    pub budgets: Vec<String>,
    /// How fast calls may come.
    pub limits: Vec<String>,
    /// The policy in force and since when.
    pub policy: Option<String>,
    /// What was denied lately, the latest knowledge first.
    pub denied: Vec<DeniedItem>,
    /// What waits for a restart.
    pub restarts: Vec<String>,
    /// What can be done.
    pub actions: Vec<FaceAction>,
}

impl Face {
    /// Of a view; none where no agent answers.
    #[must_use]
    pub fn of(view: Option<&View>, now: Timestamp) -> Self {
        let Some(view) = view else {
            return Self::stopped();
        };
        let (budgets, limits) = (words(&view.budgets), held(&view.limits));
        let (denied, restarts) = (denied(view), restarts(view));
        let (mut state, headline, todo) = mood(view);
        let empty = view.budgets.iter().any(is_empty);
        let news = denied.iter().any(|item| !item.asked) || !restarts.is_empty();
        if state == Mood::Connected && (empty || news) {
            state = Mood::Attention;
        }
        let todo = todo.or_else(|| {
            empty.then(|| "a budget is used up: wait for its window to end, or ask for more".into())
        });
        Self {
            state,
            headline,
            todo,
            gateway: Some(view.gateway.clone()),
            device: view.device_name.clone().or_else(|| view.device.clone()),
            user: view.user.clone(),
            team: view.team.clone(),
            budgets,
            limits,
            policy: policy(view, now),
            denied,
            restarts,
            actions: actions(view),
        }
    }

    fn stopped() -> Self {
        Self {
            state: Mood::Stopped,
            headline: "Tidegate Edge does not answer".into(),
            todo: Some(
                "it may be starting; else start it with `systemctl start tidegate-edge`, or ask your \
                 administrator"
                    .into(),
            ),
            gateway: None,
            device: None,
            user: None,
            team: None,
            budgets: Vec::new(),
            limits: Vec::new(),
            policy: None,
            denied: Vec::new(),
            restarts: Vec::new(),
            actions: Vec::new(),
        }
    }
}

fn mood(view: &View) -> (Mood, String, Option<String>) {
    let todo = |text: &str| Some(text.to_owned());
    match view.state {
        Standing::SignedOut => (
            Mood::SignedOut,
            "Not signed in, and nothing is governed".into(),
            todo("run `tidegate-edge login`"),
        ),
        Standing::Removed => (
            Mood::SignedOut,
            "An administrator removed this device, and nothing is governed".into(),
            todo("to connect it again run `tidegate-edge login`"),
        ),
        Standing::Disabled => (
            Mood::Degraded,
            "An administrator disabled this device, its user or its team".into(),
            todo("ask your administrator; the last policy holds meanwhile"),
        ),
        Standing::Duplicate => (
            Mood::Degraded,
            "Another machine uses this device's key".into(),
            view.advice.clone(),
        ),
        Standing::Enrolled => enrolled(view),
    }
}

fn enrolled(view: &View) -> (Mood, String, Option<String>) {
    let todo = |text: &str| Some(text.to_owned());
    if !view.connected {
        let reason = view.reason.as_deref().unwrap_or(NOT_YET);
        if reason == NOT_YET {
            return (Mood::Connecting, "Connecting".into(), None);
        }
        return (
            Mood::Degraded,
            format!("Not connected: {reason}"),
            todo(
                "check the network; it tries again by itself, and the last policy holds meanwhile",
            ),
        );
    }
    if !view.redirection.effective {
        let problem = view.redirection.problem.as_deref();
        let problem = problem.unwrap_or("not measured yet");
        return (
            Mood::Degraded,
            format!("Connected, and nothing is governed: {problem}"),
            todo("run `tidegate-edge doctor`, and show your administrator what it says"),
        );
    }
    if let Some(problem) = &view.policy_problem {
        return (
            Mood::Degraded,
            format!("Connected, and a policy was not taken: {problem}"),
            todo("show this to your administrator; the last good policy holds"),
        );
    }
    (Mood::Connected, "Connected".into(), None)
}

fn actions(view: &View) -> Vec<FaceAction> {
    let mut actions = Vec::new();
    match (view.state, &view.user) {
        (Standing::SignedOut | Standing::Removed, _) | (Standing::Enrolled, None) => {
            actions.push(FaceAction::SignIn);
        }
        (Standing::Enrolled, Some(_)) => actions.push(FaceAction::SignOut),
        (Standing::Disabled | Standing::Duplicate, _) => {}
    }
    if !matches!(view.state, Standing::SignedOut | Standing::Removed) {
        actions.push(FaceAction::Sync);
    }
    actions.push(FaceAction::OpenConsole);
    actions
}

/// Apps that were refused, and servers that are denied here.
fn denied(view: &View) -> Vec<DeniedItem> {
    // What was answered may be asked for again.
    let waits = |wanted: &Wanted| {
        let mut made = view.requests.iter().filter(|made| made.answer.is_none());
        made.any(|made| made.wanted == *wanted)
    };
    let asked = |wanted: &Wanted| waits(wanted);
    let mut items: Vec<DeniedItem> = Vec::new();
    for app in view.denied.iter().filter(|app| app.refused > 0) {
        let wanted = Wanted::App {
            app: app.app.clone(),
        };
        items.push(DeniedItem {
            label: app.app.to_string(),
            reason: app.reason.clone(),
            refused: app.refused,
            asked: asked(&wanted),
            command: format!("tidegate-edge request --app {} --reason WHY", app.app),
            wanted,
        });
    }
    items.sort_by_key(|item| std::cmp::Reverse(item.refused));
    for effect in &view.effects {
        let EffectItem::McpServer { identity, name, .. } = &effect.item else {
            continue;
        };
        let wanted = Wanted::McpServer {
            identity: identity.clone(),
        };
        let known = items.iter().any(|item| item.wanted == wanted);
        if effect.decision != Decision::Denied || known {
            continue;
        }
        items.push(DeniedItem {
            label: format!("{name} ({identity})"),
            reason: None,
            refused: 0,
            asked: asked(&wanted),
            command: format!("tidegate-edge request --mcp {identity} --reason WHY"),
            wanted,
        });
    }
    items.truncate(MOST);
    items
}

fn restarts(view: &View) -> Vec<String> {
    let waiting = view
        .effects
        .iter()
        .filter(|effect| effect.state == EffectState::PendingRestart);
    let mut named: Vec<String> = waiting
        .filter_map(|effect| match &effect.item {
            EffectItem::McpServer { client, name, .. } => Some(format!("{client}, for {name}")),
            EffectItem::App { app } => Some(app.to_string()),
            EffectItem::Other => None,
        })
        .collect();
    named.sort();
    named.dedup();
    named.truncate(MOST);
    named
}

#[cfg(test)]
mod tests;
