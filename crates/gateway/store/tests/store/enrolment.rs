//! Enrolment tokens: what they are made of, and how often they are good.

use std::time::Duration;

use tidegate_store::{Actor, NewEnrolmentToken, NewSecret, NewTeam, Store, StoreError};
use tidegate_types::{PlainKey, TeamId};

use crate::{
    bed::{Bed, NOON, at, both},
    devices::{a_device, enrol},
};

both!(
    a_token_is_made_listed_and_revoked,
    a_token_is_good_so_often_and_so_long,
    uses_at_once_are_counted_each,
    a_team_with_tokens_stays
);

/// A token for `uses` devices, and its secret.
pub(crate) async fn token(store: &Store, uses: u64, team: Option<TeamId>) -> (PlainKey, String) {
    let secret = PlainKey::generate(PlainKey::ENROLMENT).unwrap();
    let new = NewEnrolmentToken {
        name: "laptops".into(),
        secret: NewSecret::from(&secret),
        team,
        user: None,
        group: None,
        expires_at: at(NOON + 3_600_000_000),
        max_uses: uses,
    };
    let token = store.create_enrolment_token(Actor::Cli, new).await.unwrap();
    (secret, token.id.to_string())
}

async fn a_token_is_made_listed_and_revoked(bed: &Bed) {
    let store = &bed.store;
    let (secret, id) = token(store, 2, None).await;
    let found = store.enrolment_token(secret.hash()).await.unwrap();
    assert_eq!(
        (found.id.to_string(), found.used, found.max_uses),
        (id, 0, 2)
    );
    assert_eq!(found.hint, secret.hint());
    let (_, later) = token(store, 1, None).await;
    let first = store.enrolment_tokens(None, 1).await.unwrap();
    assert_eq!(first.items, std::slice::from_ref(&found));
    let second = store.enrolment_tokens(first.next, 1).await.unwrap();
    assert_eq!(second.items[0].id.to_string(), later);
    assert_eq!(second.next, None);

    let revoked = store.revoke_enrolment_token(Actor::Cli, found.id).await;
    let revoked = revoked.unwrap();
    assert_eq!(revoked.revoked_at, Some(at(NOON)));
    let again = store.revoke_enrolment_token(Actor::Cli, found.id).await;
    assert_eq!(again, Ok(revoked));
    let gone = Err(StoreError::NotFound("enrolment token"));
    assert_eq!(store.enrolment_token(secret.hash()).await, gone);
    let refused = store.enrol_device(a_device(&secret, "host")).await;
    assert_eq!(
        refused.unwrap_err(),
        StoreError::NotFound("enrolment token")
    );
    let audit = store.audit(None, 1).await.unwrap().items;
    assert_eq!(audit[0].action, "enrolment_token.revoke");

    for (expires, uses) in [(NOON, 1), (NOON + 1, 0), (NOON + 1, 1_000_001)] {
        let new = NewEnrolmentToken {
            name: "x".into(),
            secret: crate::bed::secret(),
            team: None,
            user: None,
            group: None,
            expires_at: at(expires),
            max_uses: uses,
        };
        let refused = store.create_enrolment_token(Actor::Cli, new).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

async fn a_token_is_good_so_often_and_so_long(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 2, None).await;
    enrol(store, &secret, "one").await;
    enrol(store, &secret, "two").await;
    let third = store.enrol_device(a_device(&secret, "three")).await;
    assert_eq!(third.unwrap_err(), StoreError::NotFound("enrolment token"));

    let (secret, _) = token(store, 2, None).await;
    let mut wrong = a_device(&secret, "host");
    wrong.machine.hostname = "x".repeat(256);
    let refused = store.enrol_device(wrong).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid {
            field: "hostname",
            ..
        })
    ));
    let used = store.enrolment_token(secret.hash()).await.unwrap().used;
    assert_eq!(used, 0, "what fails uses nothing up");
    bed.clock.advance(Duration::from_secs(3_600));
    let late = store.enrol_device(a_device(&secret, "late")).await;
    assert_eq!(late.unwrap_err(), StoreError::NotFound("enrolment token"));
}

async fn uses_at_once_are_counted_each(bed: &Bed) {
    let (secret, _) = token(&bed.store, 3, None).await;
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (store, new) = (bed.store.clone(), a_device(&secret, &format!("host{n}")));
            tokio::spawn(async move { store.enrol_device(new).await.is_ok() })
        })
        .collect();
    let mut enrolled = 0;
    for task in tasks {
        enrolled += usize::from(task.await.unwrap());
    }
    assert_eq!(enrolled, 3);
}

async fn a_team_with_tokens_stays(bed: &Bed) {
    let store = &bed.store;
    let new = NewTeam {
        name: "Blue".into(),
    };
    let team = store.create_team(Actor::Cli, new).await.unwrap();
    token(store, 1, Some(team.id)).await;
    let kept = store.delete_team(Actor::Cli, team.id).await;
    assert!(matches!(kept, Err(StoreError::Conflict { .. })), "{kept:?}");
    bed.clock.advance(Duration::from_secs(3_600));
    assert_eq!(store.delete_team(Actor::Cli, team.id).await, Ok(()));
}
