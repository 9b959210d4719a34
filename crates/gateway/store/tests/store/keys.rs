//! Virtual keys: what can be done to them, and how they are listed.

use std::time::Duration;

use tidegate_governance::entity::PreviousSecret;
use tidegate_store::{Actor, KeyFilter, KeyPatch, NewTeam, NewUser, StoreError};
use tidegate_types::{KeyId, Timestamp};

use crate::bed::{Bed, NOON, a_key, at, both, secret};

both!(
    a_key_changes_as_told,
    a_rotated_key_has_two_secrets,
    a_secret_opens_one_key,
    keys_come_in_pages
);

fn field<T: std::fmt::Debug>(result: Result<T, StoreError>) -> &'static str {
    match result {
        Err(StoreError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

async fn a_key_changes_as_told(bed: &Bed) {
    let store = &bed.store;
    let key = store.create_key(Actor::Cli, a_key("  ci ")).await.unwrap();
    assert_eq!(key.name, "ci");
    assert_eq!(store.key(key.id).await, Ok(key.clone()));
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    let user = NewUser {
        email: "ada@x.org".into(),
        name: "Ada".into(),
        team: None,
    };
    let user = store.create_user(Actor::Cli, user).await.unwrap();
    let patch = KeyPatch {
        name: Some("cd".into()),
        team: Some(Some(team.id)),
        user: Some(Some(user.id)),
        log_content: Some(true),
        expires_at: Some(Some(at(NOON + 1))),
        disabled: Some(true),
        ..KeyPatch::default()
    };
    let patched = store.patch_key(Actor::Cli, key.id, patch).await.unwrap();
    assert_eq!((patched.team, patched.user), (Some(team.id), Some(user.id)));
    assert!(patched.disabled && patched.log_content && patched.name == "cd");
    assert_eq!(patched.expires_at, Some(at(NOON + 1)));
    let back = KeyPatch {
        team: Some(None),
        expires_at: Some(None),
        disabled: Some(false),
        ..KeyPatch::default()
    };
    let back = store.patch_key(Actor::Cli, key.id, back).await.unwrap();
    assert_eq!(
        (back.team, back.expires_at, back.disabled),
        (None, None, false)
    );
    assert_eq!(store.key(key.id).await, Ok(back));

    let unknown = KeyId::generate(Timestamp::from_micros(NOON));
    assert_eq!(store.key(unknown).await, Err(StoreError::NotFound("key")));
    let mut lost = a_key("x");
    lost.team = Some(tidegate_types::TeamId::generate(at(NOON)));
    assert_eq!(field(store.create_key(Actor::Cli, lost).await), "team");
    let mut old = a_key("x");
    old.expires_at = Some(at(NOON));
    assert_eq!(field(store.create_key(Actor::Cli, old).await), "expires_at");
    assert_eq!(
        field(store.create_key(Actor::Cli, a_key(" ")).await),
        "name"
    );
}

async fn a_rotated_key_has_two_secrets(bed: &Bed) {
    let store = &bed.store;
    let key = store.create_key(Actor::Cli, a_key("ci")).await.unwrap();
    let (second, third) = (secret(), secret());
    let hour = Duration::from_secs(3_600);
    let rotated = store
        .rotate_key(Actor::Cli, key.id, second.clone(), hour)
        .await
        .unwrap();
    assert_eq!((rotated.hash, &rotated.hint), (second.hash, &second.hint));
    let valid_until = at(NOON).plus(hour);
    assert_eq!(
        rotated.previous,
        Some(PreviousSecret {
            hash: key.hash,
            valid_until
        })
    );
    assert_eq!(store.governed().await.unwrap().keys, [rotated]);

    let rotated = store
        .rotate_key(Actor::Cli, key.id, third, Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(
        rotated.previous, None,
        "without grace the old secret is gone at once"
    );
    let long = Duration::from_secs(31 * 24 * 3_600);
    assert_eq!(
        field(store.rotate_key(Actor::Cli, key.id, secret(), long).await),
        "grace"
    );
}

async fn a_secret_opens_one_key(bed: &Bed) {
    let store = &bed.store;
    let first = a_key("one");
    let one = store.create_key(Actor::Cli, first.clone()).await.unwrap();
    let taken = store.create_key(Actor::Cli, first.clone()).await;
    assert!(
        matches!(taken, Err(StoreError::Conflict { .. })),
        "{taken:?}"
    );
    let hour = Duration::from_secs(3_600);
    store
        .rotate_key(Actor::Cli, one.id, secret(), hour)
        .await
        .unwrap();
    let taken = store.create_key(Actor::Cli, first).await;
    assert!(
        matches!(taken, Err(StoreError::Conflict { .. })),
        "the previous one counts too"
    );
}

async fn keys_come_in_pages(bed: &Bed) {
    let store = &bed.store;
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    let mut made = Vec::new();
    for number in 0..7 {
        let mut key = a_key(&format!("k{number}"));
        key.team = (number % 2 == 0).then_some(team.id);
        made.push(store.create_key(Actor::Cli, key).await.unwrap());
        bed.clock.advance(Duration::from_millis(1));
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.keys(KeyFilter::default(), cursor, 3).await.unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items);
        cursor = page.next.map(|next| next.to_string().parse().unwrap());
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);

    store.revoke_key(Actor::Cli, made[2].id).await.unwrap();
    let blue = KeyFilter {
        team: Some(team.id),
        ..KeyFilter::default()
    };
    let ids = |page: tidegate_store::Page<tidegate_governance::entity::VirtualKey>| {
        page.items.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    let found = ids(store.keys(blue.clone(), None, 10).await.unwrap());
    assert_eq!(found, [made[0].id, made[4].id, made[6].id]);
    let all = KeyFilter {
        revoked: true,
        ..blue
    };
    assert_eq!(ids(store.keys(all, None, 10).await.unwrap()).len(), 4);
    let named = KeyFilter {
        name: Some("k3".into()),
        ..KeyFilter::default()
    };
    assert_eq!(
        ids(store.keys(named, None, 10).await.unwrap()),
        [made[3].id]
    );
}
