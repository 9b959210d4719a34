//! Who may use the control plane: API tokens, and what is written down about access.

use std::time::Duration;

use tidegate_store::{Actor, NewAccount, NewToken, StoreError};
use tidegate_types::{Grant, Secret, Timestamp};

use crate::bed::{Bed, NOON, at, both, secret};

both!(a_token_ends, access_is_audited_and_not_governed);

pub(crate) fn account(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        grant: Grant::Admin,
        name: String::new(),
        password_hash: Some(Secret::new("$argon2id$one".into())),
    }
}

fn token(expires_at: Option<Timestamp>) -> NewToken {
    NewToken {
        name: "terraform".into(),
        secret: secret(),
        grant: Grant::Admin,
        expires_at,
    }
}

async fn a_token_ends(bed: &Bed) {
    let store = &bed.store;
    let (first, second) = (token(None), token(Some(at(NOON + 1))));
    let one = store.create_token(Actor::Cli, first.clone()).await.unwrap();
    store
        .create_token(Actor::Cli, second.clone())
        .await
        .unwrap();
    assert_eq!(store.use_token(first.secret.hash).await.unwrap().id, one.id);
    assert!(store.use_token(second.secret.hash).await.is_ok());
    let used = async || {
        let tokens = store.tokens(None, 5).await.unwrap().items;
        tokens
            .iter()
            .find(|token| token.id == one.id)
            .unwrap()
            .last_used_at
    };
    assert_eq!(used().await, Some(at(NOON)));
    bed.clock.advance(Duration::from_secs(59));
    store.use_token(first.secret.hash).await.unwrap();
    assert_eq!(used().await, Some(at(NOON)), "noted to the minute");
    bed.clock.advance(Duration::from_secs(2));
    store.use_token(first.secret.hash).await.unwrap();
    assert_eq!(used().await, Some(at(NOON + 61_000_000)));

    let none = Err(StoreError::NotFound("token"));
    assert_eq!(store.use_token(second.secret.hash).await, none, "expired");
    assert!(
        store
            .revoke_token(Actor::Cli, one.id)
            .await
            .unwrap()
            .revoked_at
            .is_some()
    );
    assert_eq!(store.use_token(first.secret.hash).await, none, "revoked");
    assert_eq!(store.use_token(secret().hash).await, none, "unknown");
}

async fn access_is_audited_and_not_governed(bed: &Bed) {
    let store = &bed.store;
    let ada = store
        .create_account(Actor::System, account("ada@x.org"))
        .await
        .unwrap();
    let token = store
        .create_token(Actor::Account(ada.id), token(None))
        .await
        .unwrap();
    store
        .revoke_token(Actor::Token(token.id), token.id)
        .await
        .unwrap();
    assert_eq!(store.revision().await, Ok(0));
    let entries = store.audit(None, 5).await.unwrap().items;
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.actor, entry.action.as_str()))
        .collect();
    let expected = [
        (Actor::Token(token.id), "token.revoke"),
        (Actor::Account(ada.id), "token.create"),
        (Actor::System, "account.create"),
    ];
    assert_eq!(seen, expected);
    assert!(!format!("{entries:?}").contains("argon2"));
}
