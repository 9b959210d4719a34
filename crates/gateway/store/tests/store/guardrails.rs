//! Guardrails as they are stored, and what they did on calls.

use std::time::Duration;

use tidegate_governance::{
    guardrail::{Action, Applied, Definition, Phase},
    record::Record,
};
use tidegate_store::{
    Actor, AuditVerdict, FindingFilter, GuardrailPatch, NewGuardrail, RecorderConfig, Store,
    StoreError,
};
use tidegate_types::TeamId;

use crate::bed::{Bed, NOON, a_call, at, both};

both!(
    a_guardrail_lives_its_life,
    what_they_did_is_beside_the_call,
    what_they_did_goes_with_the_call
);

fn definition(text: &str) -> Definition {
    serde_json::from_str(text).unwrap()
}

fn new(name: &str) -> NewGuardrail {
    NewGuardrail {
        name: name.into(),
        enabled: true,
        position: None,
        definition: definition(
            r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"block"}}"#,
        ),
    }
}

async fn a_guardrail_lives_its_life(bed: &Bed) {
    let store = &bed.store;
    let before = store.revision().await.unwrap();
    let first = store
        .create_guardrail(Actor::Cli, new("first"))
        .await
        .unwrap();
    let second = store
        .create_guardrail(Actor::Cli, new("second"))
        .await
        .unwrap();
    assert_eq!((first.position, second.position), (1, 2));
    assert_eq!(store.revision().await.unwrap(), before + 2);
    let again = store.create_guardrail(Actor::Cli, new("first")).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let long = store
        .create_guardrail(Actor::Cli, new(&"é".repeat(33)))
        .await;
    assert!(matches!(long, Err(StoreError::Invalid { .. })));

    let patch = GuardrailPatch {
        position: Some(-1),
        enabled: Some(false),
        definition: Some(definition(
            r#"{"detect":{"kind":"terms","words":["x"]},"action":{"do":"redact","with":"mask"}}"#,
        )),
        ..GuardrailPatch::default()
    };
    let changed = store
        .patch_guardrail(Actor::Cli, second.id, patch.clone())
        .await
        .unwrap();
    assert!(!changed.enabled && changed.definition.action != Action::Block);
    assert_eq!(
        store.guardrails().await.unwrap(),
        [changed.clone(), first.clone()]
    );
    let revision = store.revision().await.unwrap();
    let same = store
        .patch_guardrail(Actor::Cli, second.id, patch)
        .await
        .unwrap();
    assert_eq!(same, changed);
    assert_eq!(store.revision().await.unwrap(), revision);

    let named = GuardrailPatch {
        name: Some("second".into()),
        ..GuardrailPatch::default()
    };
    let taken = store.patch_guardrail(Actor::Cli, first.id, named).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));
    store.delete_guardrail(Actor::Cli, first.id).await.unwrap();
    assert_eq!(
        store.guardrail(first.id).await,
        Err(StoreError::NotFound("guardrail"))
    );
    let gone = store.delete_guardrail(Actor::Cli, first.id).await;
    assert_eq!(gone, Err(StoreError::NotFound("guardrail")));
    assert_eq!(store.verify_audit().await, Ok(AuditVerdict::Intact(4)));
}

fn applied(guardrail: &str, action: &str, shadow: bool) -> Applied {
    Applied {
        guardrail: guardrail.into(),
        detector: "github-pat".into(),
        phase: Phase::Prompt,
        action: action.into(),
        shadow,
        count: 2,
        places: vec!["text".into()],
        error: None,
        micros: 40,
    }
}

async fn commit(store: &Store, calls: Vec<Record>) {
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    calls.into_iter().for_each(|call| recorder.record(call));
    handle.shutdown().await.unwrap();
}

/// Three calls: nothing found, redacted, and noted for a team.
fn calls() -> [Record; 3] {
    let mut calls = [0, 1, 2].map(|second| a_call(at(NOON + second * 1_000_000), 1));
    calls[1].row.guardrails = vec![applied("100% \"keys\"", "redact", false)];
    calls[2].row.guardrails = vec![applied("other", "block", true)];
    calls[2].row.team = Some(TeamId::generate(at(NOON)));
    calls
}

async fn what_they_did_is_beside_the_call(bed: &Bed) {
    let calls = calls();
    let [_, redacted, noted] = &calls;
    commit(&bed.store, calls.to_vec()).await;
    let of = |filter| bed.store.findings(filter, None, 10);
    let all = of(FindingFilter::default()).await.unwrap();
    let ids: Vec<_> = all.items.iter().map(|call| call.id).collect();
    assert_eq!(ids, [noted.row.id, redacted.row.id]);
    assert_eq!(all.items[1].applied, redacted.row.guardrails);
    let filters = [
        FindingFilter {
            team: noted.row.team,
            ..FindingFilter::default()
        },
        FindingFilter {
            guardrail: Some("other".into()),
            ..FindingFilter::default()
        },
        FindingFilter {
            action: Some("block".into()),
            ..FindingFilter::default()
        },
        FindingFilter {
            shadow: Some(true),
            detector: Some("github-pat".into()),
            ..FindingFilter::default()
        },
    ];
    for filter in filters {
        let page = of(filter.clone()).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|call| call.id).collect();
        assert_eq!(ids, [noted.row.id], "{filter:?}");
    }
    let odd = FindingFilter {
        guardrail: Some("100% \"keys\"".into()),
        ..FindingFilter::default()
    };
    assert_eq!(of(odd).await.unwrap().items[0].id, redacted.row.id);
    let applied = bed.store.applied(redacted.row.id).await.unwrap();
    assert_eq!(applied, redacted.row.guardrails);
    assert!(bed.store.applied(calls[0].row.id).await.unwrap().is_empty());
}

async fn what_they_did_goes_with_the_call(bed: &Bed) {
    let calls = calls();
    commit(&bed.store, calls.to_vec()).await;
    let before = at(NOON).plus(Duration::from_millis(1_500));
    assert_eq!(bed.store.delete_requests(before, 10).await, Ok(2));
    let left = bed
        .store
        .findings(FindingFilter::default(), None, 10)
        .await
        .unwrap();
    let ids: Vec<_> = left.items.iter().map(|call| call.id).collect();
    assert_eq!(ids, [calls[2].row.id]);
}
