//! Users as an identity provider keeps them: taken over, switched off and on, deleted, back again.

use std::time::Duration;

use tidegate_store::{
    Actor, NewAccount, NewScimToken, NewUser, ProvisionedUser, Store, StoreError, UserInput,
    UserKey, UserPatch,
};
use tidegate_types::{Grant, Secret, UserId};

use crate::bed::{Bed, NOON, a_key, at, both, secret};

both!(
    a_user_comes_changes_and_goes,
    names_and_addresses_are_theirs_alone,
    users_are_found_by_what_a_provider_knows,
    who_is_made_here_is_found_and_taken_over,
    accounts_follow_their_user,
    the_last_way_in_stays_open,
    whoever_is_back_is_themself_only_under_the_same_id,
    a_scim_token_ends
);

pub(crate) fn input(name: &str) -> UserInput {
    UserInput {
        user_name: format!("{name}@X.org"),
        external_id: Some(format!("ext-{name}")),
        email: Some(format!("{name}@x.org")),
        name: name.to_owned(),
        active: true,
        resource: "{}".to_owned(),
    }
}

pub(crate) async fn provision(store: &Store, name: &str) -> ProvisionedUser {
    let created = store.create_provisioned_user(Actor::Cli, input(name)).await;
    created.unwrap()
}

pub(crate) async fn activate(store: &Store, id: UserId, active: bool) -> ProvisionedUser {
    let change = move |user: &ProvisionedUser| {
        Ok::<_, ()>(UserInput {
            user_name: user.user_name.clone(),
            external_id: user.external_id.clone(),
            email: None,
            name: user.user.name.clone(),
            active,
            resource: user.resource.clone().unwrap_or_default(),
        })
    };
    let changed = store.change_provisioned_user(Actor::Cli, id, change).await;
    changed.unwrap().unwrap()
}

async fn delete(store: &Store, id: UserId) -> Result<(), StoreError> {
    let check = |_: &ProvisionedUser| Ok::<_, ()>(());
    store
        .delete_provisioned_user(Actor::Cli, id, check)
        .await
        .map(|deleted| deleted.unwrap())
}

async fn actions(store: &Store, count: usize) -> Vec<String> {
    let entries = store.audit(None, count).await.unwrap().items;
    entries.into_iter().map(|entry| entry.action).collect()
}

fn conflicts<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict { .. }))
}

async fn a_user_comes_changes_and_goes(bed: &Bed) {
    let store = &bed.store;
    let ada = provision(store, "ada").await;
    let id = ada.user.id;
    assert_eq!((ada.user_name.as_str(), ada.version), ("ada@X.org", 1));
    assert_eq!(store.provisioned_user(id).await, Ok(ada.clone()));
    let mut key = a_key("hers");
    key.user = Some(id);
    let key = store.create_key(Actor::Cli, key).await.unwrap();

    bed.clock.advance(Duration::from_secs(1));
    let revision = store.revision().await.unwrap();
    let off = activate(store, id, false).await;
    assert_eq!(
        (off.user.disabled, off.version, off.changed_at),
        (true, 2, at(NOON + 1_000_000))
    );
    assert!(
        store.revision().await.unwrap() > revision,
        "her key stops everywhere"
    );
    assert!(store.governed().await.unwrap().users[0].disabled);
    let again = activate(store, id, false).await;
    assert_eq!(again.version, 2, "what is sent twice changes nothing");
    assert!(!activate(store, id, true).await.user.disabled);

    let refused = store
        .change_provisioned_user(Actor::Cli, id, |_| Err::<UserInput, _>("no"))
        .await;
    assert_eq!(refused, Ok(Err("no")));

    delete(store, id).await.unwrap();
    let gone = Err(StoreError::NotFound("user"));
    assert_eq!(store.provisioned_user(id).await, gone);
    assert_eq!(delete(store, id).await, Err(StoreError::NotFound("user")));
    assert_eq!(store.provisioned_users(0, 10).await, Ok((0, vec![])));
    assert!(store.user(id).await.unwrap().disabled, "her past is kept");
    assert_eq!(store.key(key.id).await.unwrap().user, Some(id));
    assert_eq!(
        actions(store, 5).await,
        [
            "user.delete",
            "user.update",
            "user.update",
            "key.create",
            "user.create"
        ]
    );

    let patch = UserPatch {
        disabled: Some(false),
        ..UserPatch::default()
    };
    store.patch_user(Actor::Cli, id, patch).await.unwrap();
    assert!(
        store.provisioned_user(id).await.is_ok(),
        "an admin has her back"
    );
}

async fn names_and_addresses_are_theirs_alone(bed: &Bed) {
    let store = &bed.store;
    provision(store, "ada").await;
    let bob = provision(store, "bob").await;
    let upper = UserInput {
        user_name: "ADA@x.ORG".into(),
        email: None,
        ..input("eve")
    };
    assert!(conflicts(
        store.create_provisioned_user(Actor::Cli, upper).await
    ));
    let address = UserInput {
        email: Some("Ada@X.org".into()),
        ..input("eve")
    };
    assert!(conflicts(
        store.create_provisioned_user(Actor::Cli, address).await
    ));
    for taken in [
        UserInput {
            user_name: "ada@x.org".into(),
            ..input("bob")
        },
        UserInput {
            email: Some("ada@x.org".into()),
            ..input("bob")
        },
    ] {
        let change = move |_: &ProvisionedUser| Ok::<_, ()>(taken);
        let changed = store
            .change_provisioned_user(Actor::Cli, bob.user.id, change)
            .await;
        assert!(conflicts(changed));
    }
    let plain = UserInput {
        user_name: "carl".into(),
        email: None,
        ..input("carl")
    };
    let carl = store
        .create_provisioned_user(Actor::Cli, plain)
        .await
        .unwrap();
    assert_eq!(carl.user.email, format!("{}@users.invalid", carl.user.id));
    for bad in [
        UserInput {
            user_name: " ".into(),
            ..input("x")
        },
        UserInput {
            user_name: "x".repeat(1_025),
            ..input("x")
        },
        UserInput {
            email: Some("no address".into()),
            ..input("x")
        },
        UserInput {
            name: String::new(),
            ..input("x")
        },
        UserInput {
            external_id: Some("\0".into()),
            ..input("x")
        },
        UserInput {
            resource: "x".repeat(200_000),
            ..input("x")
        },
    ] {
        let refused = store.create_provisioned_user(Actor::Cli, bad).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })));
    }
}

async fn users_are_found_by_what_a_provider_knows(bed: &Bed) {
    let store = &bed.store;
    let ada = provision(store, "ada").await;
    let bob = provision(store, "bob").await;
    let carl = provision(store, "carl").await;
    let (total, page) = store.provisioned_users(1, 1).await.unwrap();
    assert_eq!((total, page), (3, vec![bob.clone()]));
    assert_eq!(
        store.provisioned_users_after(Some(ada.user.id), 5).await,
        Ok(vec![bob, carl])
    );
    for key in [
        UserKey::UserName("ADA@X.ORG".into()),
        UserKey::ExternalId("ext-ada".into()),
        UserKey::Id(ada.user.id),
    ] {
        assert_eq!(
            store.find_provisioned_users(key).await,
            Ok(vec![ada.clone()])
        );
    }
    let exact = UserKey::ExternalId("EXT-ada".into());
    assert_eq!(store.find_provisioned_users(exact).await, Ok(vec![]));
}

async fn who_is_made_here_is_found_and_taken_over(bed: &Bed) {
    let store = &bed.store;
    let new = NewUser {
        email: "ada@x.org".into(),
        name: "Ada".into(),
        team: None,
    };
    let ada = store.create_user(Actor::Cli, new).await.unwrap();
    let key = UserKey::UserName("Ada@x.org".into());
    let found = store.find_provisioned_users(key).await.unwrap();
    assert_eq!(
        (found[0].user.id, found[0].resource.as_ref()),
        (ada.id, None)
    );
    assert!(conflicts(
        store
            .create_provisioned_user(Actor::Cli, input("ada"))
            .await
    ));
    let change = |_: &ProvisionedUser| Ok::<_, ()>(input("ada"));
    let taken = store
        .change_provisioned_user(Actor::Cli, ada.id, change)
        .await;
    assert_eq!(
        taken.unwrap().unwrap().external_id.as_deref(),
        Some("ext-ada")
    );
}

async fn an_account(store: &Store, email: &str) -> tidegate_types::AccountId {
    let new = NewAccount {
        email: email.into(),
        name: String::new(),
        grant: Grant::Admin,
        password_hash: Some(Secret::new("$argon2id$x".into())),
    };
    store.create_account(Actor::Cli, new).await.unwrap().id
}

async fn accounts_follow_their_user(bed: &Bed) {
    let store = &bed.store;
    an_account(store, "root@x.org").await;
    let account = an_account(store, "ada@x.org").await;
    let disabled = async || store.account(account).await.unwrap().disabled;
    let ada = provision(store, "ada").await.user.id;
    activate(store, ada, false).await;
    assert!(disabled().await);
    assert_eq!(actions(store, 2).await, ["account.disable", "user.update"]);
    activate(store, ada, true).await;
    assert!(!disabled().await);

    store
        .set_account_disabled(Actor::Cli, account, true)
        .await
        .unwrap();
    activate(store, ada, false).await;
    activate(store, ada, true).await;
    assert!(disabled().await, "what an admin switched off stays off");
    store
        .set_account_disabled(Actor::Cli, account, false)
        .await
        .unwrap();
    delete(store, ada).await.unwrap();
    assert!(disabled().await);
}

async fn the_last_way_in_stays_open(bed: &Bed) {
    let store = &bed.store;
    let account = an_account(store, "ada@x.org").await;
    let ada = provision(store, "ada").await.user.id;
    activate(store, ada, false).await;
    assert!(!store.account(account).await.unwrap().disabled);
    assert_eq!(actions(store, 2).await, ["account.keep", "user.update"]);
}

async fn whoever_is_back_is_themself_only_under_the_same_id(bed: &Bed) {
    let store = &bed.store;
    let ada = provision(store, "ada").await.user.id;
    delete(store, ada).await.unwrap();
    let back = provision(store, "ada").await;
    assert_eq!(
        (back.user.id, back.user.disabled),
        (ada, false),
        "the same person"
    );
    assert_eq!(actions(store, 1).await, ["user.restore"]);
    delete(store, ada).await.unwrap();
    let other = UserInput {
        external_id: Some("another".into()),
        ..input("ada")
    };
    let other = store
        .create_provisioned_user(Actor::Cli, other)
        .await
        .unwrap();
    assert_ne!(other.user.id, ada, "another person with her address");
    let old = store.user(ada).await.unwrap();
    assert_eq!(
        (old.email, old.disabled),
        (format!("{ada}@users.invalid"), true)
    );
    delete(store, other.user.id).await.unwrap();
    let nameless = UserInput {
        external_id: None,
        ..input("ada")
    };
    let third = store
        .create_provisioned_user(Actor::Cli, nameless)
        .await
        .unwrap();
    assert_ne!(
        third.user.id, other.user.id,
        "nothing says that they are the same"
    );
}

async fn a_scim_token_ends(bed: &Bed) {
    let store = &bed.store;
    let new = |expires_at| NewScimToken {
        name: "okta".into(),
        secret: secret(),
        expires_at,
    };
    let (first, second) = (new(None), new(Some(at(NOON + 1))));
    let one = store
        .create_scim_token(Actor::Cli, first.clone())
        .await
        .unwrap();
    store
        .create_scim_token(Actor::Cli, second.clone())
        .await
        .unwrap();
    assert!(
        store
            .create_scim_token(Actor::Cli, new(Some(at(NOON))))
            .await
            .is_err()
    );
    assert_eq!(
        store.use_scim_token(first.secret.hash).await.unwrap().id,
        one.id
    );
    assert!(store.use_scim_token(second.secret.hash).await.is_ok());
    let listed = store.scim_tokens(None, 5).await.unwrap().items;
    assert_eq!(listed[0].last_used_at, Some(at(NOON)));
    bed.clock.advance(Duration::from_secs(1));
    let none = Err(StoreError::NotFound("token"));
    assert_eq!(
        store.use_scim_token(second.secret.hash).await,
        none,
        "expired"
    );
    store.revoke_scim_token(Actor::Cli, one.id).await.unwrap();
    assert_eq!(
        store.use_scim_token(first.secret.hash).await,
        none,
        "revoked"
    );
    assert!(
        store.use_token(first.secret.hash).await.is_err(),
        "no token of the API"
    );
    let by = store.revoke_scim_token(Actor::Scim(one.id), one.id).await;
    assert!(by.is_ok() && store.verify_audit().await.is_ok());
}
