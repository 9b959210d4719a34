//! Who may use the control plane: accounts, tokens, sessions.

use std::time::Duration;

use tidegate_store::{Actor, NewAccount, NewToken, StoreError};
use tidegate_types::{Grant, Secret, Timestamp};

use crate::bed::{Bed, NOON, at, both, secret};

both!(
    an_account_signs_in_and_out,
    a_token_ends,
    access_is_audited_and_not_governed
);

fn account(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        grant: Grant::Admin,
        password_hash: Secret::new("$argon2id$one".into()),
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

async fn an_account_signs_in_and_out(bed: &Bed) {
    let store = &bed.store;
    let ada = store
        .create_account(Actor::Cli, account("Ada@X.org"))
        .await
        .unwrap();
    let again = store.create_account(Actor::Cli, account("ada@x.org")).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let (found, hash) = store.account_by_email(" ADA@x.org").await.unwrap();
    assert_eq!((&found, hash.expose().as_str()), (&ada, "$argon2id$one"));
    assert_eq!(
        store.accounts(None, 5).await.unwrap().items,
        std::slice::from_ref(&ada)
    );

    let hour = Duration::from_secs(3_600);
    let open = async || {
        let hash = secret().hash;
        (
            store.create_session(ada.id, hash, hour).await.unwrap(),
            hash,
        )
    };
    let none = Err(StoreError::NotFound("session"));
    let (session, hash) = open().await;
    assert_eq!(store.session(hash).await, Ok((session, ada.clone())));
    store.end_session(session.id).await.unwrap();
    assert_eq!(store.session(hash).await, none);

    let (_, hash) = open().await;
    bed.clock.advance(hour);
    assert_eq!(store.session(hash).await, none, "expired");
    assert_eq!(store.purge_sessions().await, Ok(1));

    let (_, hash) = open().await;
    let new = Secret::new("$argon2id$two".into());
    store
        .set_password(Actor::Account(ada.id), ada.id, new)
        .await
        .unwrap();
    assert_eq!(
        store.session(hash).await,
        none,
        "a new password ends sessions"
    );

    let (_, hash) = open().await;
    assert!(
        store
            .set_account_disabled(Actor::Cli, ada.id, true)
            .await
            .unwrap()
            .disabled
    );
    assert_eq!(store.session(hash).await, none, "disabled");
    let refused = store.create_session(ada.id, secret().hash, hour).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
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
