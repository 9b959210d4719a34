//! Reports say what is so, once, and fit.

use tidegate_policy::McpIdentity;

use super::*;

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

fn server(name: &str, state: EffectState) -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: "npm:server".parse::<McpIdentity>().unwrap(),
            launch: "0".repeat(64).parse().unwrap(),
            client: app("claude-code"),
            name: name.to_owned(),
            user: Some("ann".into()),
            config_path: "~/.claude.json".into(),
        },
        decision: Decision::Denied,
        state,
        means: vec![Means::ConfigEdit],
        detail: None,
    }
}

fn exec(state: EffectState, detail: Option<&str>) -> Effect {
    Effect {
        item: EffectItem::App { app: app("codex") },
        decision: Decision::Denied,
        state,
        means: vec![Means::Exec],
        detail: detail.map(str::to_owned),
    }
}

fn of(socket: Result<(), &str>, passed: &[Effect]) -> EffectReport {
    report(
        &Document::ungoverned(),
        [app("codex")].into_iter(),
        socket,
        passed,
    )
}

#[test]
fn an_app_is_refused_by_all_means_that_there_are() {
    let alone = of(Ok(()), &[]);
    assert_eq!(alone.effects[0].state, EffectState::Verified);
    assert_eq!(alone.effects[0].means, [Means::Socket]);
    let failed = of(Err("detached"), &[]);
    assert_eq!(failed.effects[0].state, EffectState::Failed);
    assert_eq!(failed.effects[0].detail.as_deref(), Some("detached"));
    let both = of(Ok(()), &[exec(EffectState::Verified, None)]);
    assert_eq!(both.effects.len(), 1);
    assert_eq!(both.effects[0].means, [Means::Socket, Means::Exec]);
    let worse = of(
        Ok(()),
        &[exec(EffectState::PendingRestart, Some("it runs"))],
    );
    assert_eq!(worse.effects[0].state, EffectState::PendingRestart);
    assert_eq!(worse.effects[0].detail.as_deref(), Some("it runs"));
    let one = of(
        Ok(()),
        &[exec(EffectState::Unsupported, Some("no fanotify"))],
    );
    assert_eq!(one.effects[0].state, EffectState::Verified);
    assert_eq!(one.effects[0].means, [Means::Socket]);
    assert_eq!(one.effects[0].detail.as_deref(), Some("no fanotify"));
}

#[test]
fn what_does_not_hold_comes_first_and_what_does_not_fit_is_said() {
    let mut many: Vec<Effect> = (0..MOST)
        .map(|number| server(&number.to_string(), EffectState::Verified))
        .collect();
    many.push(server("last", EffectState::Failed));
    let report = of(Ok(()), &many);
    assert!(report.truncated && report.effects.len() <= MOST);
    assert_eq!(report.effects[0].state, EffectState::Failed);
    let json = serde_json::to_vec(&report).unwrap().len();
    assert!(json <= LARGEST, "{json}");
    let long = "\u{fc}\"\u{1}".repeat(1_000);
    let odd = Effect {
        detail: Some(long.clone()),
        ..server(&long, EffectState::Failed)
    };
    let report = of(Ok(()), &vec![odd; MOST]);
    assert!(report.truncated && report.effects.len() > 50);
    let json = serde_json::to_vec(&report).unwrap().len();
    assert!(json <= LARGEST, "{json}");
    assert!(!of(Ok(()), &[server("a", EffectState::Verified)]).truncated);
}

#[test]
fn the_gateway_hears_each_change_once() {
    let mut effects = Effects::default();
    assert!(!effects.set(None) && effects.send().is_none());
    let first = of(Ok(()), &[]);
    assert!(effects.set(Some(first.clone())));
    assert_eq!(effects.send(), Some(first.clone()));
    assert!(!effects.is_news(), "it is on its way");
    effects.unanswered();
    assert!(effects.is_news());
    assert_eq!(effects.send(), Some(first.clone()));
    // Another one while the first is on its way.
    let second = of(Err("detached"), &[]);
    assert!(effects.set(Some(second.clone())));
    effects.answered();
    assert_eq!(effects.send(), Some(second.clone()));
    effects.answered();
    assert_eq!(effects.send(), None);
    // Not known for a while, and then as before.
    assert!(!effects.set(None));
    assert_eq!(effects.shown(), Some(&second));
    assert!(!effects.set(Some(second)));
    assert!(effects.set(Some(first)));
}
