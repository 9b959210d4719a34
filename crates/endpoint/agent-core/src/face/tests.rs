//! Every state of the machine as its person sees it.

use tidegate_device_api::{BudgetLeft, Effect, Holder, LimitHeld};
use tidegate_types::MicroUsd;

use super::*;
use crate::{DeniedView, PolicyView, RequestView};

fn now() -> Timestamp {
    Timestamp::from_micros(10 * 86_400_000_000)
}

/// A device on which all is well.
fn well() -> View {
    let mut view = View::signed_out("https://gw.example".into(), "1".into(), None);
    view.state = Standing::Enrolled;
    view.connected = true;
    view.reason = None;
    view.advice = None;
    view.redirection.effective = true;
    view.redirection.problem = None;
    view.device_name = Some("ann-laptop".into());
    view.user = Some("Ann <ann@example.com>".into());
    view.team = Some("research".into());
    view.policy = Some(PolicyView {
        revision: 7,
        governed_hosts: 3,
        fail: Default::default(),
        since: Some(Timestamp::from_micros(8 * 86_400_000_000)),
    });
    view
}

fn budget(left: i64) -> BudgetLeft {
    BudgetLeft {
        of: Holder::User,
        window: "1d".into(),
        model: None,
        cap_micro_usd: MicroUsd::from_micros(10_000_000),
        left_micro_usd: MicroUsd::from_micros(left),
        resets_at: None,
    }
}

fn server(name: &str, state: EffectState) -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: "npm:files".parse().unwrap(),
            launch: "0".repeat(64).parse().unwrap(),
            client: "claude-desktop".parse().unwrap(),
            name: name.into(),
            user: Some("ann".into()),
            config_path: "~/x.json".into(),
        },
        decision: Decision::Denied,
        state,
        means: Vec::new(),
        detail: None,
    }
}

#[test]
fn each_state_has_a_mood_and_says_what_to_do() {
    let mut removed = well();
    removed.state = Standing::Removed;
    let mut disabled = well();
    disabled.state = Standing::Disabled;
    let mut starting = well();
    (starting.connected, starting.reason) = (false, Some(NOT_YET.into()));
    let mut offline = well();
    (offline.connected, offline.reason) = (false, Some("no route".into()));
    let mut ungoverned = well();
    ungoverned.redirection.effective = false;
    let mut old = well();
    old.policy_problem = Some("a bad signature".into());
    let out = View::signed_out("https://gw.example".into(), "1".into(), None);
    for (view, mood, does) in [
        (None, Mood::Stopped, true),
        (Some(out), Mood::SignedOut, true),
        (Some(removed), Mood::SignedOut, true),
        (Some(disabled), Mood::Degraded, true),
        (Some(starting), Mood::Connecting, false),
        (Some(offline), Mood::Degraded, true),
        (Some(ungoverned), Mood::Degraded, true),
        (Some(old), Mood::Degraded, true),
        (Some(well()), Mood::Connected, false),
    ] {
        let face = Face::of(view.as_ref(), now());
        assert_eq!((face.state, face.todo.is_some()), (mood, does), "{face:?}");
        let text = face.to_string();
        assert_eq!(text.contains("What to do"), does, "{text}");
    }
}

#[test]
fn a_device_that_is_well_says_whose_it_is_and_what_is_left() {
    let mut view = well();
    view.budgets = vec![budget(3_200_000)];
    view.limits = vec![LimitHeld {
        of: Holder::Team,
        model: None,
        requests_per_minute: Some(60),
        tokens_per_minute: None,
        concurrency: Some(4),
    }];
    let face = Face::of(Some(&view), now());
    assert_eq!(face.state, Mood::Connected);
    assert_eq!(face.budgets, ["$3.20 of $10.00 left today (yours)"]);
    assert_eq!(
        face.limits,
        ["60 calls a minute, 4 calls at once (your team's)"]
    );
    assert_eq!(face.policy.as_deref(), Some("revision 7, for 2 days"));
    assert_eq!(
        face.actions,
        [
            FaceAction::SignOut,
            FaceAction::Sync,
            FaceAction::OpenConsole
        ]
    );
    view.budgets = vec![budget(0)];
    let face = Face::of(Some(&view), now());
    assert_eq!(face.state, Mood::Attention);
    assert!(face.todo.unwrap().contains("used up"));
}

#[test]
fn what_was_denied_can_be_asked_for_once() {
    let mut view = well();
    let denied = |app: &str, refused| DeniedView {
        app: app.parse().unwrap(),
        reason: Some("not\x1b[2J reviewed".into()),
        ask: String::new(),
        refused,
    };
    view.denied = vec![
        denied("cursor", 1),
        denied("windsurf", 0),
        denied("codex", 5),
    ];
    view.effects = vec![
        server("files", EffectState::PendingRestart),
        server("files again", EffectState::Verified),
    ];
    let face = Face::of(Some(&view), now());
    assert_eq!(face.state, Mood::Attention);
    let labels: Vec<&str> = face.denied.iter().map(|item| &*item.label).collect();
    assert_eq!(labels, ["codex", "cursor", "files (npm:files)"]);
    assert_eq!(face.restarts, ["claude-desktop, for files"]);
    let text = face.to_string();
    assert!(
        text.contains("ask: tidegate-edge request --app codex --reason WHY"),
        "{text}"
    );
    assert!(!text.contains('\x1b'), "{text}");

    view.effects.remove(0);
    view.effects.remove(0);
    view.requests = ["codex", "cursor"]
        .map(|app| RequestView {
            wanted: Wanted::App {
                app: app.parse().unwrap(),
            },
            user: "ann".into(),
            answer: None,
            sent: true,
        })
        .to_vec();
    let face = Face::of(Some(&view), now());
    assert!(face.denied.iter().all(|item| item.asked));
    assert_eq!(face.state, Mood::Connected, "nothing is left to do");
    let json = serde_json::to_value(&face).unwrap();
    assert_eq!(json["state"], "connected");
    assert_eq!(json["denied"][0]["kind"], "app");
    assert_eq!(json["denied"][0]["app"], "codex");
}
