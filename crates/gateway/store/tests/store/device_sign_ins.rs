//! Sign-ins on devices: each step is taken once, also when several try at once, and what is left to spend.

use std::time::Duration;

use tidegate_governance::entity::{Alignment, Scope, Window};
use tidegate_store::{
    Actor, Confirmed, Linked, NewBudget, NewDeviceSignIn, NewSecret, NewWay, Polled, Redeemed,
    SignInPerson, Store, StoreError,
};
use tidegate_types::{KeyHash, MicroUsd, PlainKey};

use crate::{
    bed::{Bed, both},
    devices::enrol,
    enrolment::token,
};

both!(
    a_code_is_redeemed_once_however_many_try,
    one_browser_signs_in_and_one_word_counts,
    a_typed_code_is_polled_to_its_end,
    a_linked_device_has_an_owner_and_loses_it,
    what_is_left_is_read_at_once
);

const MINUTES: Duration = Duration::from_secs(300);
const TOKEN: Duration = Duration::from_secs(300);

fn hash() -> KeyHash {
    PlainKey::generate(PlainKey::SIGN_IN).unwrap().hash()
}

fn ann() -> SignInPerson {
    SignInPerson {
        email: "Ann@Example.com".into(),
        name: "Ann".into(),
        provider: "SSO".into(),
    }
}

fn new(way: NewWay) -> NewDeviceSignIn {
    NewDeviceSignIn {
        challenge: "challenge".into(),
        hostname: "laptop".into(),
        way,
        lifetime: MINUTES,
    }
}

async fn begun(store: &Store) -> KeyHash {
    let reference = hash();
    let way = NewWay::Loopback {
        reference,
        port: 4000,
        state: "state".into(),
    };
    store.begin_device_sign_in(new(way)).await.unwrap();
    reference
}

/// A code that can be redeemed.
async fn confirmed(store: &Store) -> KeyHash {
    let (reference, ticket, code) = (begun(store).await, hash(), hash());
    store
        .approve_device_sign_in(reference, ann(), ticket)
        .await
        .unwrap();
    let done = store.confirm_device_sign_in(ticket, code).await.unwrap();
    assert!(matches!(done, Confirmed::Yes(_)), "{done:?}");
    code
}

fn secret() -> NewSecret {
    (&PlainKey::generate(PlainKey::ENROLMENT).unwrap()).into()
}

async fn a_code_is_redeemed_once_however_many_try(bed: &Bed) {
    let code = confirmed(&bed.store).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                let redeemed = store
                    .redeem_device_sign_in(code, "challenge".into(), secret(), TOKEN)
                    .await;
                matches!(redeemed, Ok(Redeemed::By(..)))
            })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        good += usize::from(task.await.unwrap());
    }
    assert_eq!(good, 1);
    let tokens = bed.store.enrolment_tokens(None, 10).await.unwrap().items;
    assert_eq!((tokens.len(), tokens[0].max_uses), (1, 1));
    assert_eq!(&*tokens[0].name, "sign-in of ann@example.com on laptop");
    let users = bed.store.users(None, None, 10).await.unwrap().items;
    assert_eq!(users.len(), 1);
    assert_eq!(tokens[0].user, Some(users[0].id));

    // The wrong challenge uses a code up.
    let code = confirmed(&bed.store).await;
    for (challenge, expected) in [
        ("other", Ok(Redeemed::Wrong)),
        ("challenge", Err(StoreError::NotFound("sign-in"))),
    ] {
        let redeemed = bed
            .store
            .redeem_device_sign_in(code, challenge.into(), secret(), TOKEN)
            .await;
        assert_eq!(redeemed, expected);
    }
}

async fn one_browser_signs_in_and_one_word_counts(bed: &Bed) {
    let store = &bed.store;
    let gone = || Err(StoreError::NotFound("sign-in"));
    let (reference, ticket) = (begun(store).await, hash());
    assert_eq!(
        store.device_sign_in(reference).await.unwrap().hostname,
        "laptop"
    );
    store
        .approve_device_sign_in(reference, ann(), ticket)
        .await
        .unwrap();
    let again = store.approve_device_sign_in(reference, ann(), hash()).await;
    assert_eq!(again, gone());
    assert_eq!(store.device_sign_in(reference).await, gone());
    let waiting = store.device_sign_in_to_confirm(ticket).await.unwrap();
    assert_eq!(waiting.person.unwrap().email, "ann@example.com");
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.confirm_device_sign_in(ticket, hash()).await.is_ok() })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        good += usize::from(task.await.unwrap());
    }
    assert_eq!(good, 1);
    assert_eq!(store.refuse_device_sign_in(ticket).await, gone());

    let reference = begun(store).await;
    bed.clock.advance(MINUTES);
    let late = store.approve_device_sign_in(reference, ann(), hash()).await;
    assert_eq!(late, gone());
    // What ended long ago is forgotten.
    bed.clock.advance(Duration::from_secs(3_601));
    begun(store).await;
    assert_eq!(store.deny_device_sign_in(reference).await, gone());
}

async fn a_typed_code_is_polled_to_its_end(bed: &Bed) {
    let store = &bed.store;
    let device_code = hash();
    let way = || NewWay::Code {
        device_code,
        user_code: "BCDFGHJK".into(),
        interval_seconds: 5,
    };
    store.begin_device_sign_in(new(way())).await.unwrap();
    let taken = store.begin_device_sign_in(new(way())).await;
    assert!(
        matches!(taken, Err(StoreError::Conflict { .. })),
        "{taken:?}"
    );
    let poll = || store.poll_device_sign_in(device_code, hash(), 5);
    assert_eq!(poll().await, Ok(Polled::Pending));
    assert_eq!(poll().await, Ok(Polled::SlowDown(10)));
    let (reference, ticket) = (hash(), hash());
    store
        .enter_user_code("BCDFGHJK".into(), reference)
        .await
        .unwrap();
    store
        .approve_device_sign_in(reference, ann(), ticket)
        .await
        .unwrap();
    let entered = store.enter_user_code("BCDFGHJK".into(), hash()).await;
    assert_eq!(entered, Err(StoreError::NotFound("sign-in")));
    store.confirm_device_sign_in(ticket, hash()).await.unwrap();
    bed.clock.advance(Duration::from_secs(10));
    assert_eq!(poll().await, Ok(Polled::Done));
    bed.clock.advance(Duration::from_secs(10));
    assert_eq!(poll().await, Ok(Polled::Expired));
    let unknown = store.poll_device_sign_in(hash(), hash(), 5).await;
    assert_eq!(unknown, Err(StoreError::NotFound("sign-in")));
}

async fn a_linked_device_has_an_owner_and_loses_it(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 1, None).await;
    let device = enrol(store, &secret, "laptop").await;
    let code = confirmed(store).await;
    let linked = store.link_device(device.id, code, "challenge".into()).await;
    let Ok(Linked::To(user, None)) = linked else {
        panic!("{linked:?}");
    };
    let owner = store.device(device.id).await.unwrap().owner.unwrap();
    assert_eq!((&owner.email, owner.name), (&user.email, "Ann".to_owned()));
    assert_eq!(
        &*store.audit(None, 1).await.unwrap().items[0].action,
        "device.link"
    );
    store.unlink_device(device.id).await.unwrap();
    assert_eq!(store.device(device.id).await.unwrap().user, None);
    let again = store.unlink_device(device.id).await;
    assert!(
        matches!(again, Err(StoreError::Conflict { .. })),
        "{again:?}"
    );
}

async fn what_is_left_is_read_at_once(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 1, None).await;
    let device = enrol(store, &secret, "laptop").await;
    for (scope, cap) in [(Scope::Key(device.key), 5), (Scope::Organization, 7)] {
        let budget = NewBudget {
            scope,
            model: None,
            cap: MicroUsd::from_micros(cap),
            window: Window::Day,
            alignment: Alignment::Calendar,
        };
        store.create_budget(Actor::Cli, budget).await.unwrap();
    }
    let (allowances, limits) = store.allowances().await.unwrap();
    assert!(limits.is_empty());
    let [allowance] = &allowances[..] else {
        panic!("{allowances:?}");
    };
    assert_eq!(allowance.left, MicroUsd::from_micros(5));
    // It says what the status of the budget says.
    let status = store.budget_status(&[allowance.budget.id]).await.unwrap();
    assert_eq!(allowance.resets_at, status[0].window_end);
}
