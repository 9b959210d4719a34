//! Accounts, their sessions and their second factor.

use std::time::Duration;

use tidegate_store::{Account, AccountPatch, Actor, NewAccount, NewSession, Session, StoreError};
use tidegate_types::{AccountId, Grant, KeyHash, Secret};

use crate::{
    access::account,
    bed::{Bed, NOON, at, both, secret},
};

both!(
    an_account_signs_in_and_out,
    sessions_are_listed_and_end,
    a_session_ends_when_it_is_not_used,
    an_admin_with_a_password_stays,
    a_second_factor_is_accepted_once,
);

const HOUR: Duration = Duration::from_secs(3_600);
/// Longer than any session of these tests.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

fn new(account: AccountId, hash: KeyHash) -> NewSession {
    NewSession {
        account,
        hash,
        provider: None,
        address: "192.0.2.7".into(),
        user_agent: "tests".into(),
        replaces: None,
    }
}

async fn open(bed: &Bed, account: AccountId) -> (Session, KeyHash) {
    let hash = secret().hash;
    let session = bed.store.create_session(new(account, hash), HOUR).await;
    (session.unwrap(), hash)
}

fn none() -> Result<(Session, Account), StoreError> {
    Err(StoreError::NotFound("session"))
}

async fn ada(bed: &Bed) -> Account {
    let new = account("Ada@X.org");
    bed.store.create_account(Actor::Cli, new).await.unwrap()
}

async fn an_account_signs_in_and_out(bed: &Bed) {
    let store = &bed.store;
    let ada = ada(bed).await;
    let again = store.create_account(Actor::Cli, account("ada@x.org")).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let (found, hash) = store.account_by_email(" ADA@x.org").await.unwrap();
    assert_eq!(found, ada);
    assert_eq!(hash.unwrap().expose().as_str(), "$argon2id$one");
    assert_eq!(
        store.accounts(None, 5).await.unwrap().items,
        std::slice::from_ref(&ada)
    );
    let (session, hash) = open(bed, ada.id).await;
    assert_eq!(
        store.session(hash, NEVER).await,
        Ok((session.clone(), ada.clone()))
    );
    let actor = Actor::Account(ada.id);
    store.end_session(actor, session.id, None).await.unwrap();
    assert_eq!(store.session(hash, NEVER).await, none());

    let (_, hash) = open(bed, ada.id).await;
    bed.clock.advance(HOUR);
    assert_eq!(store.session(hash, NEVER).await, none(), "expired");
    assert_eq!(store.purge_sessions().await, Ok(1));

    let (_, hash) = open(bed, ada.id).await;
    let password = Secret::new("$argon2id$two".into());
    store.set_password(actor, ada.id, password).await.unwrap();
    assert_eq!(store.session(hash, NEVER).await, none(), "a new password");

    let bob = store
        .create_account(Actor::Cli, account("bob@x.org"))
        .await
        .unwrap();
    let (_, hash) = open(bed, bob.id).await;
    let disabled = store.set_account_disabled(Actor::Cli, bob.id, true).await;
    assert!(disabled.unwrap().disabled);
    assert_eq!(store.session(hash, NEVER).await, none(), "disabled");
    let refused = store.create_session(new(bob.id, secret().hash), HOUR).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

async fn sessions_are_listed_and_end(bed: &Bed) {
    let store = &bed.store;
    let ada = ada(bed).await;
    let bob = store
        .create_account(Actor::Cli, account("bob@x.org"))
        .await
        .unwrap();
    let (first, hash) = open(bed, ada.id).await;
    let (theirs, _) = open(bed, bob.id).await;
    let of = async |account| {
        let page = store.sessions(account, NEVER, None, 5).await.unwrap();
        page.items
            .iter()
            .map(|session| session.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(None).await, [first.id, theirs.id]);
    assert_eq!(of(Some(ada.id)).await, [first.id]);
    let wrong = store.end_session(Actor::Cli, theirs.id, Some(ada.id)).await;
    assert_eq!(wrong, Err(StoreError::NotFound("session")));

    let replacing = NewSession {
        replaces: Some(hash),
        provider: Some("idp".into()),
        ..new(ada.id, secret().hash)
    };
    let next = store.create_session(replacing, HOUR).await.unwrap();
    assert_eq!(of(Some(ada.id)).await, [next.id], "the one before ended");
    assert_eq!(next.provider.as_deref(), Some("idp"));
    for _ in 0..60 {
        open(bed, ada.id).await;
    }
    let all = store
        .sessions(Some(ada.id), NEVER, None, 100)
        .await
        .unwrap();
    assert_eq!(all.items.len(), 50, "the oldest make room");
    assert_eq!(store.end_sessions(Actor::Cli, ada.id).await, Ok(50));
    assert_eq!(of(None).await, [theirs.id]);
}

async fn a_session_ends_when_it_is_not_used(bed: &Bed) {
    let store = &bed.store;
    let ada = ada(bed).await;
    let (_, hash) = open(bed, ada.id).await;
    let used = async |idle| {
        store
            .session(hash, idle)
            .await
            .map(|(found, _)| found.last_used_at)
    };
    let ten = Duration::from_secs(600);
    bed.clock.advance(Duration::from_secs(59));
    assert_eq!(used(ten).await, Ok(at(NOON)), "noted to the minute");
    bed.clock.advance(Duration::from_secs(2));
    assert_eq!(used(ten).await, Ok(at(NOON + 61_000_000)));
    bed.clock.advance(ten - Duration::from_secs(1));
    assert!(used(ten).await.is_ok());
    bed.clock.advance(ten);
    assert_eq!(used(ten).await, Err(StoreError::NotFound("session")));
    let listed = store.sessions(None, ten, None, 5).await.unwrap();
    assert_eq!(listed.items, [], "and is listed no more");
}

async fn an_admin_with_a_password_stays(bed: &Bed) {
    let store = &bed.store;
    let ada = ada(bed).await;
    let team = tidegate_store::NewTeam {
        name: "blue".into(),
    };
    let team = store.create_team(Actor::Cli, team).await.unwrap().id;
    let sso = NewAccount {
        password_hash: None,
        ..account("sso@x.org")
    };
    let sso = store.create_account(Actor::Cli, sso).await.unwrap();
    assert!(!sso.has_password);
    let (_, hash) = store.account_by_email("sso@x.org").await.unwrap();
    assert!(hash.is_none());
    let demote = AccountPatch {
        grant: Some(Grant::TeamAdmin(team)),
        ..AccountPatch::default()
    };
    let demote = async |id| store.patch_account(Actor::Cli, id, demote.clone()).await;
    for refused in [
        demote(ada.id).await,
        store.set_account_disabled(Actor::Cli, ada.id, true).await,
    ] {
        assert!(
            matches!(refused, Err(StoreError::Conflict { .. })),
            "an identity provider may fail: {refused:?}"
        );
    }
    let bob = store
        .create_account(Actor::Cli, account("bob@x.org"))
        .await
        .unwrap();
    let (_, hash) = open(bed, ada.id).await;
    let demoted = demote(ada.id).await.unwrap();
    assert_eq!(demoted.grant, Grant::TeamAdmin(team));
    assert_eq!(store.session(hash, NEVER).await, none(), "another role");
    assert!(demote(bob.id).await.is_err(), "now Bob is the last");
    assert!(
        store.delete_team(Actor::Cli, team).await.is_err(),
        "Ada is of it"
    );
    let unknown = AccountPatch {
        grant: Some(Grant::TeamAdmin(tidegate_types::TeamId::generate(at(1)))),
        ..AccountPatch::default()
    };
    let unknown = store.patch_account(Actor::Cli, ada.id, unknown).await;
    assert!(matches!(unknown, Err(StoreError::Invalid { .. })));
}

async fn a_second_factor_is_accepted_once(bed: &Bed) {
    let store = &bed.store;
    let ada = ada(bed).await.id;
    let actor = Actor::Account(ada);
    let (one, two) = (secret().hash, secret().hash);
    let missing = store.confirm_second_factor(actor, ada, 5, vec![one]).await;
    assert_eq!(missing, Err(StoreError::NotFound("second factor")));
    store
        .begin_second_factor(actor, ada, vec![1])
        .await
        .unwrap();
    store
        .begin_second_factor(actor, ada, vec![2])
        .await
        .unwrap();
    assert_eq!(
        store.accept_step(ada, 9).await,
        Ok(false),
        "not in force yet"
    );
    let confirm = store.confirm_second_factor(actor, ada, 5, vec![one, two]);
    confirm.await.unwrap();
    let factor = store.second_factor(ada).await.unwrap().unwrap();
    assert_eq!((factor.sealed, factor.last_step), (vec![2], 5));
    assert_eq!(factor.recovery_codes_left, 2);
    let again = store.begin_second_factor(actor, ada, vec![3]).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));

    for (step, accepted) in [(5, false), (4, false), (6, true), (6, false), (7, true)] {
        assert_eq!(store.accept_step(ada, step).await, Ok(accepted), "{step}");
    }
    for (code, accepted) in [
        (one, true),
        (one, false),
        (secret().hash, false),
        (two, true),
    ] {
        assert_eq!(store.accept_recovery_code(ada, code).await, Ok(accepted));
    }
    let (_, hash) = open(bed, ada).await;
    store.reset_second_factor(Actor::Cli, ada).await.unwrap();
    assert_eq!(store.second_factor(ada).await, Ok(None));
    assert_eq!(
        store.session(hash, NEVER).await,
        none(),
        "a reset signs out"
    );
    let gone = store.remove_second_factor(actor, ada).await;
    assert_eq!(gone, Err(StoreError::NotFound("second factor")));
}
