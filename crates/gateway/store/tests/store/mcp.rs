//! Decisions about MCP servers and apps, for the fleet, teams and devices: all or nothing, audited, and
//! gone with whom they are for.

use serde_json::{Value, json};
use tidegate_policy::{AppRule, Decision, LaunchHash, McpRule, McpTarget, ToolRules};
use tidegate_store::{
    Actor, Audience, Decided, DevicePatch, EdgeOverrides, McpDecision, NewDecision, NewTeam, Store,
    StoreError,
};
use tidegate_types::{DeviceId, McpRuleId};

use crate::{
    bed::{Bed, NOON, at, both},
    devices::enrol,
    enrolment::token,
};

both!(
    a_decision_about_the_same_stands_in_its_place,
    many_are_decided_together_or_not_at_all,
    overrides_are_for_teams_and_devices_and_go_with_them,
    what_breaks_a_rule_is_refused,
    a_device_in_another_team_has_something_new_to_obey
);

pub(crate) fn about(identity: &str, launch: Option<LaunchHash>, decision: Decision) -> McpRule {
    McpRule {
        target: McpTarget {
            identity: identity.parse().unwrap(),
            arguments: None,
            launch,
        },
        decision,
        tools: ToolRules::default(),
        note: None,
    }
}

fn app(id: &str, decision: Decision) -> AppRule {
    AppRule {
        app: id.parse().unwrap(),
        decision,
        mode: Default::default(),
        pinned: Default::default(),
        note: None,
    }
}

async fn decide(store: &Store, audience: Audience, rule: McpRule) -> McpDecision {
    let new = vec![NewDecision::Mcp(audience, rule)];
    match store.decide(Actor::Cli, new).await.unwrap().pop() {
        Some(Decided::Mcp(decision)) => decision,
        other => panic!("{other:?}"),
    }
}

async fn policy_revision(store: &Store) -> u64 {
    store.edge_policy().await.unwrap().revision
}

async fn newest(store: &Store) -> (String, String, Value) {
    let entry = store.audit(None, 1).await.unwrap().items.remove(0);
    let detail = serde_json::from_str(&entry.detail).unwrap();
    (entry.action, entry.target, detail)
}

async fn a_decision_about_the_same_stands_in_its_place(bed: &Bed) {
    let store = &bed.store;
    let before = policy_revision(store).await;
    let made = decide(
        store,
        Audience::Fleet,
        about("npm:x", None, Decision::Denied),
    )
    .await;
    assert_eq!(
        (made.revision, made.decided_by.as_str()),
        (before + 1, "cli")
    );
    assert_eq!(policy_revision(store).await, before + 1);
    let same = decide(store, Audience::Fleet, made.rule.clone()).await;
    assert_eq!(same, made);
    assert_eq!(policy_revision(store).await, before + 1, "nothing is new");
    let mut changed = made.rule.clone();
    changed.decision = Decision::Approved;
    changed.tools.deny = vec!["delete_all".into()];
    let changed = decide(store, Audience::Fleet, changed).await;
    assert_eq!((changed.id, changed.revision), (made.id, before + 2));
    let (action, target, detail) = newest(store).await;
    assert_eq!(
        (action.as_str(), target.as_str()),
        ("edge_mcp.decide", "npm:x")
    );
    assert_eq!(detail["before"]["decision"], json!("denied"));
    assert_eq!(detail["after"]["decision"], json!("approved"));
    assert_eq!(detail["after"]["tools"], json!({ "deny": ["delete_all"] }));

    let launch = Some(LaunchHash([5; 32]));
    let mut bound = about("npm:x", launch, Decision::Denied);
    bound.target.arguments = Some(LaunchHash([6; 32]));
    let bound = decide(store, Audience::Fleet, bound).await;
    assert_eq!(
        bound.rule.target.arguments, None,
        "a launch has its arguments in it"
    );
    let all = store.mcp_decisions().await.unwrap();
    assert_eq!(all, [changed, bound.clone()]);
    store.forget_mcp(Actor::Cli, bound.id).await.unwrap();
    let (action, _, detail) = newest(store).await;
    assert_eq!(
        (action.as_str(), &detail["after"]),
        ("edge_mcp.forget", &Value::Null)
    );
    let again = store.forget_mcp(Actor::Cli, bound.id).await;
    assert_eq!(again, Err(StoreError::NotFound("decision")));
    assert_eq!(store.edge_policy().await.unwrap().mcp_servers.len(), 1);
}

async fn many_are_decided_together_or_not_at_all(bed: &Bed) {
    let store = &bed.store;
    let before = policy_revision(store).await;
    let mut bad = about("npm:z", None, Decision::Denied);
    bad.note = Some("two\nlines".into());
    let new = |last: McpRule| {
        vec![
            NewDecision::App(Audience::Fleet, app("codex", Decision::Denied)),
            NewDecision::Mcp(Audience::Fleet, about("npm:x", None, Decision::Denied)),
            NewDecision::Mcp(Audience::Fleet, last),
        ]
    };
    let refused = store.decide(Actor::Cli, new(bad)).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid { field: "note", .. })
    ));
    let policy = store.edge_policy().await.unwrap();
    assert_eq!((policy.revision, policy.apps.len()), (before, 0));
    let entries = store.audit(None, 100).await.unwrap().items.len();
    let good = about("npm:z", None, Decision::Approved);
    let made = store.decide(Actor::Cli, new(good)).await.unwrap();
    assert_eq!(made.len(), 3);
    let policy = store.edge_policy().await.unwrap();
    assert_eq!(
        (policy.revision, policy.apps.len(), policy.mcp_servers.len()),
        (before + 1, 1, 2)
    );
    let audit = store.audit(None, 100).await.unwrap().items;
    assert_eq!(audit.len(), entries + 3, "an entry for each");
    let verdict = store.verify_audit().await.unwrap();
    assert_eq!(
        verdict,
        tidegate_store::AuditVerdict::Intact(audit.len() as u64)
    );
}

async fn a_team(store: &Store) -> tidegate_types::TeamId {
    let new = NewTeam {
        name: "Blue".into(),
    };
    store.create_team(Actor::Cli, new).await.unwrap().id
}

async fn overrides_are_for_teams_and_devices_and_go_with_them(bed: &Bed) {
    let store = &bed.store;
    let team = a_team(store).await;
    let (secret, _) = token(store, 1, None).await;
    let device = enrol(store, &secret, "a").await.id;
    let patch = DevicePatch {
        team: Some(Some(team)),
        ..DevicePatch::default()
    };
    store.patch_device(Actor::Cli, device, patch).await.unwrap();
    let (for_team, own) = (Audience::Team(team), Audience::Device(device));
    decide(store, for_team, about("npm:x", None, Decision::Denied)).await;
    let new = vec![NewDecision::App(own, app("codex", Decision::Approved))];
    store.decide(Actor::Cli, new).await.unwrap();
    let policy = store.edge_policy().await.unwrap();
    assert_eq!((policy.apps.len(), policy.mcp_servers.len()), (0, 0));
    let expected = [
        EdgeOverrides {
            audience: for_team,
            team: None,
            apps: Vec::new(),
            mcp_servers: vec![about("npm:x", None, Decision::Denied)],
        },
        EdgeOverrides {
            audience: own,
            team: Some(team),
            apps: vec![app("codex", Decision::Approved)],
            mcp_servers: Vec::new(),
        },
    ];
    assert_eq!(policy.overrides, expected);
    store.delete_device(Actor::Cli, device).await.unwrap();
    let after = store.edge_policy().await.unwrap();
    assert_eq!(after.overrides, expected[..1]);
    assert_eq!(after.revision, policy.revision + 1);
    store.delete_team(Actor::Cli, team).await.unwrap();
    assert!(store.edge_policy().await.unwrap().overrides.is_empty());
}

async fn what_breaks_a_rule_is_refused(bed: &Bed) {
    let store = &bed.store;
    let gone = Audience::Device(DeviceId::generate(at(NOON)));
    let rule = about("npm:x", None, Decision::Denied);
    let new = vec![NewDecision::Mcp(gone, rule.clone())];
    let refused = store.decide(Actor::Cli, new).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid {
            field: "audience",
            ..
        })
    ));
    let mut many = rule;
    many.tools.allow = Some((0..201).map(|n| format!("tool{n}")).collect());
    let new = vec![NewDecision::Mcp(Audience::Fleet, many)];
    let refused = store.decide(Actor::Cli, new).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid { field: "tools", .. })
    ));
    let unknown = store.forget_mcp(Actor::Cli, McpRuleId::generate(at(NOON)));
    assert_eq!(unknown.await, Err(StoreError::NotFound("decision")));
    // Each host of a denied remote server is in every certificate: there is room for 400.
    let denial = |n: usize| {
        let identity = format!("url:https://mcp{n}.example.com/x");
        NewDecision::Mcp(Audience::Fleet, about(&identity, None, Decision::Denied))
    };
    store
        .decide(Actor::Cli, (0..400).map(denial).collect())
        .await
        .unwrap();
    let refused = store.decide(Actor::Cli, vec![denial(400)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let approval = about("url:https://mcp400.example.com/x", None, Decision::Approved);
    let new = vec![NewDecision::Mcp(Audience::Fleet, approval)];
    assert!(store.decide(Actor::Cli, new).await.is_ok(), "needs no host");
}

async fn a_device_in_another_team_has_something_new_to_obey(bed: &Bed) {
    let store = &bed.store;
    let team = a_team(store).await;
    let (secret, _) = token(store, 1, None).await;
    let device = enrol(store, &secret, "a").await.id;
    let move_to = |team| DevicePatch {
        team: Some(team),
        ..DevicePatch::default()
    };
    let before = policy_revision(store).await;
    let moved = store.patch_device(Actor::Cli, device, move_to(Some(team)));
    moved.await.unwrap();
    assert_eq!(
        policy_revision(store).await,
        before,
        "teams have no decisions of their own"
    );
    decide(
        store,
        Audience::Team(team),
        about("npm:x", None, Decision::Denied),
    )
    .await;
    let moved = store.patch_device(Actor::Cli, device, move_to(None));
    moved.await.unwrap();
    assert_eq!(policy_revision(store).await, before + 2);
}
