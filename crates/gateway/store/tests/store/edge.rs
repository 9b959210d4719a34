//! The policy of devices: decisions, hosts, settings, and a revision that rises with each change.

use tidegate_policy::{AppRule, Decision, FailMode, HostName, HostRule, Mode, Pinned, Treatment};
use tidegate_store::{Actor, EdgeSettings, StoreError};

use crate::bed::{Bed, NOON, at, both, node};

both!(
    an_empty_policy_breaks_nothing,
    each_change_raises_the_revision_once,
    what_breaks_a_rule_is_refused,
    a_new_catalogue_is_a_change
);

fn host(name: &str) -> HostName {
    name.parse().unwrap()
}

fn rule(app: &str, decision: Decision) -> AppRule {
    AppRule {
        app: app.parse().unwrap(),
        decision,
        mode: Mode::Gateway,
        pinned: Pinned::Block,
        note: Some("Ask it@example.com".into()),
    }
}

fn governed(name: &str) -> HostRule {
    HostRule {
        host: host(name),
        treatment: Treatment::Governed,
    }
}

fn settings() -> EdgeSettings {
    EdgeSettings {
        fail: FailMode::Closed,
        check_in_seconds: 5,
        default_decision: Decision::Denied,
        default_mode: Mode::Gateway,
        default_pinned: Pinned::Block,
        default_mcp_decision: Decision::Denied,
        never_block: vec![host("idp.example.com")],
    }
}

async fn an_empty_policy_breaks_nothing(bed: &Bed) {
    let policy = bed.store.edge_policy().await.unwrap();
    assert_eq!(
        policy.revision, 1,
        "0 is what a device without a policy says"
    );
    assert_eq!((policy.hosts.len(), policy.apps.len()), (0, 0));
    let expected = EdgeSettings {
        fail: FailMode::Open,
        check_in_seconds: 60,
        default_decision: Decision::Pending,
        default_mode: Mode::PassThrough,
        default_pinned: Pinned::Bypass,
        default_mcp_decision: Decision::Pending,
        never_block: Vec::new(),
    };
    assert_eq!(policy.settings, expected);
    assert_eq!(bed.store.edge_settings().await, Ok(expected));
}

async fn each_change_raises_the_revision_once(bed: &Bed) {
    let store = &bed.store;
    let other = bed.another(node()).await;
    let revisions = || async {
        let policy = other.edge_policy().await.unwrap().revision;
        assert_eq!(other.edge_state().await.unwrap().0, policy);
        (policy, other.revision().await.unwrap())
    };
    assert_eq!(revisions().await, (1, 0));
    let denied = rule("codex", Decision::Denied);
    let decision = store.decide_app(Actor::Cli, denied.clone()).await.unwrap();
    assert_eq!(
        (decision.decided_by.as_str(), decision.decided_at),
        ("cli", at(NOON))
    );
    assert_eq!(revisions().await, (2, 1));
    bed.clock.advance(std::time::Duration::from_secs(1));
    let same = store.decide_app(Actor::System, denied.clone()).await;
    assert_eq!(same, Ok(decision), "who decided first decided");
    assert_eq!(revisions().await, (2, 1));
    let approved = rule("codex", Decision::Approved);
    store
        .decide_app(Actor::Cli, approved.clone())
        .await
        .unwrap();
    let set = store.put_edge_host(Actor::Cli, governed("llm.example.com"));
    let set = set.await.unwrap();
    assert_eq!(revisions().await, (4, 3));
    let same = store.put_edge_host(Actor::Cli, set.rule.clone()).await;
    assert_eq!(same, Ok(set));
    store
        .put_edge_settings(Actor::Cli, settings())
        .await
        .unwrap();
    store
        .put_edge_settings(Actor::Cli, settings())
        .await
        .unwrap();
    assert_eq!(revisions().await, (5, 4));

    let policy = other.edge_policy().await.unwrap();
    assert_eq!(policy.apps, [approved]);
    assert_eq!(policy.hosts, [governed("llm.example.com")]);
    assert_eq!(policy.settings, settings());
    store
        .delete_edge_host(Actor::Cli, host("llm.example.com"))
        .await
        .unwrap();
    assert_eq!(revisions().await, (6, 5));
    assert!(store.edge_hosts().await.unwrap().is_empty());
    let audit = store.audit(None, 10).await.unwrap().items;
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "edge_host.delete",
            "edge_settings.set",
            "edge_host.set",
            "edge_app.decide",
            "edge_app.decide"
        ]
    );
}

async fn what_breaks_a_rule_is_refused(bed: &Bed) {
    let store = &bed.store;
    for seconds in [0, 4, 86_401] {
        let new = EdgeSettings {
            check_in_seconds: seconds,
            ..settings()
        };
        let refused = store.put_edge_settings(Actor::Cli, new).await;
        let field = "check_in_seconds";
        assert!(matches!(refused, Err(StoreError::Invalid { field: f, .. }) if f == field));
    }
    let many = EdgeSettings {
        never_block: (0..201)
            .map(|n| host(&format!("h{n}.example.com")))
            .collect(),
        ..settings()
    };
    let refused = store.put_edge_settings(Actor::Cli, many).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid {
            field: "never_block",
            ..
        })
    ));
    for note in ["", " ", "a\nb", &"x".repeat(501)] {
        let mut rule = rule("codex", Decision::Denied);
        rule.note = Some(note.to_owned());
        let refused = store.decide_app(Actor::Cli, rule).await;
        assert!(matches!(
            refused,
            Err(StoreError::Invalid { field: "note", .. })
        ));
    }
    let unknown = store
        .delete_edge_host(Actor::Cli, host("x.example.com"))
        .await;
    assert_eq!(unknown, Err(StoreError::NotFound("rule for a host")));
    assert_eq!(store.edge_policy().await.unwrap().revision, 1);
}

async fn a_new_catalogue_is_a_change(bed: &Bed) {
    let store = &bed.store;
    let revision = || async { store.edge_policy().await.unwrap().revision };
    store.note_edge_catalogue(b"one").await.unwrap();
    assert_eq!(revision().await, 2);
    store.note_edge_catalogue(b"one").await.unwrap();
    assert_eq!(revision().await, 2, "the same build again");
    store.note_edge_catalogue(b"two").await.unwrap();
    assert_eq!(revision().await, 3);
}
