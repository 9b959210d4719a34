//! The audit chain: intact as written, and every tampering shows.

use serde_json::json;
use tidegate_store::{Actor, AuditVerdict, NewTeam, StoreError};

use crate::bed::{Bed, both};

both!(
    a_chain_is_intact_until_it_is_touched,
    the_log_comes_in_pages
);

async fn fill(bed: &Bed) {
    for number in 0..5 {
        let new = NewTeam {
            name: format!("t{number}"),
        };
        bed.store.create_team(Actor::Cli, new).await.unwrap();
    }
}

async fn a_chain_is_intact_until_it_is_touched(bed: &Bed) {
    let verify = || bed.store.verify_audit();
    assert_eq!(verify().await, Ok(AuditVerdict::Intact(0)));
    fill(bed).await;
    assert_eq!(verify().await, Ok(AuditVerdict::Intact(5)));
    let tampered = [
        (
            "UPDATE audit_log SET target = target || 'x' WHERE seq = 3",
            3,
        ),
        ("UPDATE audit_log SET at = at + 1 WHERE seq = 2", 2),
        (
            "UPDATE audit_log SET actor_kind = 'system' WHERE seq = 1",
            1,
        ),
    ];
    for (sql, seq) in tampered {
        bed.raw(sql).await;
        assert_eq!(verify().await, Ok(AuditVerdict::BrokenAt(seq)), "{sql}");
    }
    let undo = [
        "UPDATE audit_log SET target = substr(target, 1, length(target) - 1) WHERE seq = 3",
        "UPDATE audit_log SET at = at - 1 WHERE seq = 2",
        "UPDATE audit_log SET actor_kind = 'cli' WHERE seq = 1",
    ];
    for sql in undo {
        bed.raw(sql).await;
    }
    assert_eq!(verify().await, Ok(AuditVerdict::Intact(5)));
    bed.raw("DELETE FROM audit_log WHERE seq = 5").await;
    assert_eq!(
        verify().await,
        Ok(AuditVerdict::BrokenAt(5)),
        "a cut end shows"
    );
    bed.raw("DELETE FROM audit_log WHERE seq = 2").await;
    assert_eq!(
        verify().await,
        Ok(AuditVerdict::BrokenAt(2)),
        "a hole shows"
    );
}

async fn the_log_comes_in_pages(bed: &Bed) {
    fill(bed).await;
    let detail = json!({ "address": "203.0.113.9" });
    bed.store
        .append_audit(Actor::System, "sign_in.failed", "ada@x.org", detail)
        .await
        .unwrap();
    let first = bed.store.audit(None, 4).await.unwrap();
    let second = bed.store.audit(first.next, 4).await.unwrap();
    assert_eq!(second.next, None);
    let all = first.items.iter().chain(&second.items);
    assert_eq!(
        all.map(|entry| entry.seq).collect::<Vec<_>>(),
        [6, 5, 4, 3, 2, 1]
    );
    assert_eq!(first.items[0].detail, r#"{"address":"203.0.113.9"}"#);
    assert_eq!(bed.store.verify_audit().await, Ok(AuditVerdict::Intact(6)));
    let long = bed
        .store
        .append_audit(Actor::Cli, "x", &"x".repeat(20_000), json!({}))
        .await;
    assert!(matches!(long, Err(StoreError::Invalid { .. })));
}
