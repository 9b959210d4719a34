//! Identity providers, whom they vouch for, and sign-ins under way, on both engines.

use std::time::Duration;

use tidegate_store::{
    Actor, ClientAuthKind, GroupRule, IdentityProvider, IdentityProviderPatch, NewAccount,
    NewIdentityProvider, NewSession, NewSignIn, NewTeam, Refusal, SignedIn, StoreError, Vouched,
};
use tidegate_types::{Grant, KeyHash, PlainKey, Secret};

use crate::bed::{Bed, both};

both!(
    a_provider_is_kept_as_it_was_written_and_its_secret_only_sealed,
    a_sign_in_is_taken_once_by_whoever_comes_first,
    old_sign_ins_go_and_a_flood_makes_room_for_itself,
    a_person_is_one_account_whatever_their_address,
    a_link_is_used_once_and_taken_back_whole,
    a_provider_that_goes_takes_everything_with_it_but_accounts,
);

const SEALED: &[u8] = &[1, 2, 3, 255];

fn new(name: &str) -> NewIdentityProvider {
    NewIdentityProvider {
        name: name.into(),
        issuer: "https://idp.example".into(),
        client_id: "tidegate".into(),
        client_auth: ClientAuthKind::Post,
        client_secret: Some(SEALED.into()),
        scopes: vec!["email".into(), "groups".into()],
        groups_claim: "realm_access.roles".into(),
        trusts_email: true,
        rules: Vec::new(),
        default_grant: Some(Grant::ReadOnly),
    }
}

async fn provider(bed: &Bed) -> IdentityProvider {
    bed.store
        .create_identity_provider(Actor::Cli, new("Example"))
        .await
        .unwrap()
}

fn hash() -> KeyHash {
    PlainKey::generate(PlainKey::SIGN_IN).unwrap().hash()
}

fn person(provider: &IdentityProvider, subject: &str, email: &str) -> Vouched {
    Vouched {
        provider: provider.id,
        subject: subject.into(),
        email: email.into(),
        name: "Ada".into(),
        grant: Grant::Security,
        groups: vec!["security".into()],
    }
}

fn sign_in(provider: &IdentityProvider, state: KeyHash) -> NewSignIn {
    NewSignIn {
        state,
        browser: hash(),
        provider: provider.id,
        handshake: SEALED.into(),
        device: None,
        return_to: "/devices".into(),
        lifetime: Duration::from_secs(600),
    }
}

async fn local(bed: &Bed, email: &str) -> tidegate_types::AccountId {
    let new = NewAccount {
        email: email.into(),
        name: String::new(),
        grant: Grant::Admin,
        password_hash: Some(Secret::new("hash".into())),
    };
    bed.store.create_account(Actor::Cli, new).await.unwrap().id
}

async fn a_provider_is_kept_as_it_was_written_and_its_secret_only_sealed(bed: &Bed) {
    let store = &bed.store;
    let team = NewTeam {
        name: "research".into(),
    };
    let team = store.create_team(Actor::Cli, team).await.unwrap().id;
    let rules = vec![
        GroupRule {
            group: "leads".into(),
            grant: Grant::TeamAdmin(team),
        },
        GroupRule {
            group: "Admins".into(),
            grant: Grant::Admin,
        },
    ];
    let made = NewIdentityProvider {
        rules: rules.clone(),
        ..new("Example")
    };
    let made = store
        .create_identity_provider(Actor::Cli, made)
        .await
        .unwrap();
    assert_eq!(made.rules, rules, "in their order");
    assert_eq!(store.identity_provider(made.id).await.unwrap(), made);
    let taken = store
        .create_identity_provider(Actor::Cli, new("Example"))
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));

    let patch = IdentityProviderPatch {
        client_auth: Some(ClientAuthKind::Public),
        client_secret: Some(None),
        default_grant: Some(None),
        ..IdentityProviderPatch::default()
    };
    let patched = store
        .patch_identity_provider(Actor::Cli, made.id, patch.clone())
        .await
        .unwrap();
    assert_eq!(
        (patched.client_secret.clone(), patched.default_grant),
        (None, None)
    );
    assert_eq!(patched.rules, rules);
    let before = store.audit(None, 100).await.unwrap().items.len();
    store
        .patch_identity_provider(Actor::Cli, made.id, patch)
        .await
        .unwrap();
    let audit = store.audit(None, 100).await.unwrap().items;
    assert_eq!(audit.len(), before, "nothing changed");
    assert!(
        audit.iter().all(|entry| !entry.detail.contains("secret")),
        "not even sealed"
    );
    let half = IdentityProviderPatch {
        client_auth: Some(ClientAuthKind::Basic),
        ..IdentityProviderPatch::default()
    };
    let half = store
        .patch_identity_provider(Actor::Cli, made.id, half)
        .await;
    assert!(matches!(
        half,
        Err(StoreError::Invalid {
            field: "client_secret",
            ..
        })
    ));
    assert_eq!(store.identity_providers().await.unwrap(), [patched]);
}

async fn a_sign_in_is_taken_once_by_whoever_comes_first(bed: &Bed) {
    let provider = provider(bed).await;
    let other = bed.another(crate::bed::node()).await;
    for _ in 0..5 {
        let state = hash();
        let mut new = sign_in(&provider, state);
        new.device = Some("reference".into());
        let browser = new.browser;
        bed.store.begin_sign_in(new).await.unwrap();
        let (one, two) = tokio::join!(bed.store.take_sign_in(state), other.take_sign_in(state));
        let taken: Vec<_> = [one, two].into_iter().flatten().collect();
        let [taken] = taken.as_slice() else {
            panic!("{} took it", taken.len());
        };
        assert_eq!((taken.browser, taken.expired), (browser, false));
        assert_eq!(
            (taken.handshake.as_slice(), taken.return_to.as_str()),
            (SEALED, "/devices")
        );
        assert_eq!(taken.device.as_deref(), Some("reference"));
        let again = bed.store.take_sign_in(state).await;
        assert_eq!(again, Err(StoreError::NotFound("sign-in")));
    }
}

async fn old_sign_ins_go_and_a_flood_makes_room_for_itself(bed: &Bed) {
    let provider = provider(bed).await;
    let (old, late) = (hash(), hash());
    bed.store
        .begin_sign_in(sign_in(&provider, old))
        .await
        .unwrap();
    bed.clock.advance(Duration::from_secs(600));
    let expired = bed.store.take_sign_in(old).await.unwrap();
    assert!(expired.expired, "and it is gone all the same");
    bed.store
        .begin_sign_in(sign_in(&provider, late))
        .await
        .unwrap();
    bed.clock.advance(Duration::from_secs(601));
    assert_eq!(bed.store.purge_sign_ins().await, Ok(1));

    // As many as there may be, written past the store; the oldest make room for the next.
    let text = if bed.is_sqlite() {
        "INSERT INTO sign_ins SELECT randomblob(32), x'00', id, x'00', NULL, '/', 0, \
         9000000000000000 + value FROM identity_providers, \
         (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 10000) \
         SELECT value FROM n)"
    } else {
        "INSERT INTO sign_ins SELECT decode(md5(value::text) || md5('x' || value::text), 'hex'), \
         '\\x00', id, '\\x00', NULL, '/', 0, 9000000000000000 + value \
         FROM identity_providers, generate_series(1, 10000) AS value"
    };
    bed.raw(text).await;
    let mut newest = sign_in(&provider, late);
    newest.lifetime = Duration::from_secs(10_000_000_000);
    bed.store.begin_sign_in(newest).await.unwrap();
    assert!(
        bed.store.take_sign_in(late).await.is_ok(),
        "the newest stays"
    );
    bed.clock.advance(Duration::from_secs(9_000_000_000));
    assert_eq!(bed.store.purge_sign_ins().await, Ok(9_999));
}

async fn a_person_is_one_account_whatever_their_address(bed: &Bed) {
    let provider = provider(bed).await;
    let store = &bed.store;
    let first = store
        .sign_in_person(person(&provider, "ada", "Ada@Example.com"))
        .await
        .unwrap();
    let SignedIn::Account(first) = first else {
        panic!("{first:?}");
    };
    assert_eq!(
        (first.email.as_str(), first.has_password),
        ("ada@example.com", false)
    );
    let married = store
        .sign_in_person(person(&provider, "ada", "lovelace@example.com"))
        .await;
    assert_eq!(
        married,
        Ok(SignedIn::Account(first.clone())),
        "the subject says who it is"
    );
    let known = store.account_identities(first.id).await.unwrap().known;
    assert_eq!(known[0].email, "lovelace@example.com");
    // Whoever gets the old address there is somebody else.
    let heir = store
        .sign_in_person(person(&provider, "heir", "ada@example.com"))
        .await;
    assert_eq!(heir, Ok(SignedIn::Refused(Refusal::AccountExists)));
    let renamed = Vouched {
        name: "Lady Ada".into(),
        ..person(&provider, "ada", "ada@example.com")
    };
    let SignedIn::Account(renamed) = store.sign_in_person(renamed).await.unwrap() else {
        panic!("refused");
    };
    assert_eq!(renamed.name, "Lady Ada");
    let team = tidegate_types::TeamId::generate(first.created_at);
    let gone = Vouched {
        grant: Grant::TeamAdmin(team),
        ..person(&provider, "ada", "a@b.example")
    };
    let gone = store.sign_in_person(gone).await;
    assert_eq!(gone, Ok(SignedIn::Refused(Refusal::TeamGone)));
}

async fn a_link_is_used_once_and_taken_back_whole(bed: &Bed) {
    let provider = provider(bed).await;
    let store = &bed.store;
    let id = local(bed, "ada@example.com").await;
    local(bed, "root@example.com").await;
    let other = new("Other");
    let other = store
        .create_identity_provider(Actor::Cli, other)
        .await
        .unwrap();
    store
        .link_account(Actor::Cli, id, provider.id, true)
        .await
        .unwrap();
    let elsewhere = store
        .sign_in_person(person(&other, "ada", "ada@example.com"))
        .await;
    assert_eq!(
        elsewhere,
        Ok(SignedIn::Refused(Refusal::AccountExists)),
        "for one provider only"
    );
    let linked = store
        .sign_in_person(person(&provider, "ada", "ada@example.com"))
        .await
        .unwrap();
    let SignedIn::Account(linked) = linked else {
        panic!("{linked:?}");
    };
    assert_eq!(
        (linked.id, linked.grant, linked.has_password),
        (id, Grant::Security, true)
    );
    let second = store
        .sign_in_person(person(&provider, "eve", "ada@example.com"))
        .await;
    assert_eq!(second, Ok(SignedIn::Refused(Refusal::AccountExists)));
    let after = store
        .link_account(Actor::Cli, id, provider.id, false)
        .await
        .unwrap();
    assert!(after.known.is_empty() && after.expected.is_empty());
    let back = store
        .sign_in_person(person(&provider, "ada", "ada@example.com"))
        .await;
    assert_eq!(back, Ok(SignedIn::Refused(Refusal::AccountExists)));
}

async fn a_provider_that_goes_takes_everything_with_it_but_accounts(bed: &Bed) {
    let provider = provider(bed).await;
    let store = &bed.store;
    let who = person(&provider, "ada", "ada@example.com");
    let SignedIn::Account(account) = store.sign_in_person(who.clone()).await.unwrap() else {
        panic!("refused");
    };
    let secret = hash();
    let session = NewSession {
        account: account.id,
        hash: secret,
        provider: Some(provider.id.to_string()),
        address: String::new(),
        user_agent: String::new(),
        replaces: None,
    };
    let hour = Duration::from_secs(3_600);
    store.create_session(session, hour).await.unwrap();
    assert!(store.session(secret, hour).await.is_ok());
    let state = hash();
    store
        .begin_sign_in(sign_in(&provider, state))
        .await
        .unwrap();
    store
        .delete_identity_provider(Actor::Cli, provider.id)
        .await
        .unwrap();
    assert!(store.session(secret, hour).await.is_err());
    assert!(store.take_sign_in(state).await.is_err());
    assert_eq!(store.account(account.id).await, Ok(account));
    assert_eq!(
        store.sign_in_person(who).await,
        Ok(SignedIn::Refused(Refusal::ProviderGone))
    );
}
