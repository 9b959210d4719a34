//! What is rare: devices that were copied, scans that were asked for, requests of people; and the roster.

use tidegate_device_api::{AccessRequest, Wanted};
use tidegate_policy::Decision;
use tidegate_store::{
    Actor, Answered, AskedFilter, Audience, NewDecision, NewRequest, RequestState, Sighting,
    Standing, StoreError,
};
use tidegate_types::{DeviceId, PlainKey};

use crate::{
    bed::{Bed, NOON, at, both, secret},
    devices::{a_device, enrol},
    enrolment::token,
    mcp::about,
    sightings::sighting,
};

both!(
    a_count_rises_until_an_admin_lets_it_start_anew,
    a_scan_is_asked_for_once_and_told_once,
    a_key_says_whose_it_is_or_was,
    a_request_is_noted_once_and_answered_once
);

async fn a_count_rises_until_an_admin_lets_it_start_anew(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 1, None).await;
    let id = enrol(store, &secret, "a").await.id;
    let says = |seq, resets| Sighting {
        seq: (seq, resets),
        ..sighting(id, at(NOON + 5), true, Vec::new())
    };
    let seq = || async { store.device(id).await.unwrap().reported.seq };
    for (said, stored) in [((9, 0), 9), ((4, 0), 9), ((0, 0), 9), ((12, 0), 12)] {
        let said = says(said.0, said.1);
        store.note_sightings(vec![said]).await.unwrap();
        assert_eq!(seq().await, stored);
    }
    store.quarantine_device(id, "first".into()).await.unwrap();
    store.quarantine_device(id, "second".into()).await.unwrap();
    let mark = store.device(id).await.unwrap().reported.quarantine;
    assert_eq!(mark.unwrap().reason, "first");
    let cleared = store.clear_quarantine(Actor::Cli, id).await.unwrap();
    let state = cleared.reported;
    assert_eq!(
        (state.seq, state.seq_resets, state.quarantine),
        (0, 1, None)
    );
    // What another node heard before says nothing about the new count.
    store.note_sightings(vec![says(13, 0)]).await.unwrap();
    assert_eq!(seq().await, 0);
    store.note_sightings(vec![says(3, 1)]).await.unwrap();
    assert_eq!(seq().await, 3);
    let long = store.quarantine_device(id, "x".repeat(501)).await;
    assert!(matches!(long, Err(StoreError::Invalid { .. })));
}

async fn a_scan_is_asked_for_once_and_told_once(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 2, None).await;
    let ids = [
        enrol(store, &secret, "a").await.id,
        enrol(store, &secret, "b").await.id,
    ];
    let revision = store.revision().await.unwrap();
    let asked = store.request_scan(Actor::Cli, Some(vec![ids[0]])).await;
    assert_eq!(asked.unwrap().at, at(NOON));
    assert_eq!(
        store.revision().await,
        Ok(revision + 1),
        "other nodes learn of it"
    );
    let told = Sighting {
        scan_told_at: Some(at(NOON + 7)),
        ..sighting(ids[0], at(NOON + 7), true, Vec::new())
    };
    store.note_sightings(vec![told]).await.unwrap();
    let row = store.device(ids[0]).await.unwrap().reported;
    assert_eq!(
        (row.scan_requested_at, row.scan_told_at),
        (Some(at(NOON)), Some(at(NOON + 7)))
    );
    let all = store.request_scan(Actor::Cli, None).await.unwrap();
    assert_eq!(all.devices, ids);
    let gone = vec![ids[1], DeviceId::generate(at(NOON))];
    let refused = store.request_scan(Actor::Cli, Some(gone)).await;
    assert_eq!(refused, Err(StoreError::NotFound("device")));
}

async fn a_key_says_whose_it_is_or_was(bed: &Bed) {
    let store = &bed.store;
    let (secret_, _) = token(store, 1, None).await;
    let new = a_device(&secret_, "a");
    let device = store.enrol_device(new.clone()).await.unwrap();
    let hash = new.secret.hash;
    let Standing::Enrolled(found) = store.device_standing(hash).await.unwrap() else {
        panic!("it is enrolled")
    };
    assert_eq!((found.hash, found.team, found.off), (hash, None, false));
    assert_eq!(found.device, device);
    assert_eq!(store.enrolled_devices().await, Ok(vec![*found]));
    let never = PlainKey::generate(PlainKey::DEVICE).unwrap().hash();
    assert_eq!(store.device_standing(never).await, Ok(Standing::Unknown));
    let key = crate::bed::a_key("no device");
    let other = secret();
    assert_ne!(other.hash, key.secret.hash);
    store.create_key(Actor::Cli, key.clone()).await.unwrap();
    let standing = store.device_standing(key.secret.hash).await;
    assert_eq!(standing, Ok(Standing::Unknown), "the key of no device");
    store.delete_device(Actor::Cli, device.id).await.unwrap();
    assert_eq!(store.device_standing(hash).await, Ok(Standing::Removed));
    assert_eq!(store.enrolled_devices().await, Ok(Vec::new()));
}

async fn a_request_is_noted_once_and_answered_once(bed: &Bed) {
    let store = &bed.store;
    let (secret, _) = token(store, 1, None).await;
    let device = enrol(store, &secret, "a").await.id;
    let asks = |id: String| NewRequest {
        device,
        request: AccessRequest {
            id,
            wanted: Wanted::McpServer {
                identity: "npm:x".parse().unwrap(),
            },
            reason: "I need it".into(),
            user: "ada".into(),
        },
    };
    for _ in 0..2 {
        store.note_requests(vec![asks("1".into())]).await.unwrap();
    }
    let many = (2..100).map(|n| asks(n.to_string())).collect();
    store.note_requests(many).await.unwrap();
    let list = |state| {
        let filter = AskedFilter {
            state,
            device: Some(device),
        };
        store.access_requests(filter, None, 200)
    };
    let open = list(Some(RequestState::Open)).await.unwrap().items;
    assert_eq!(open.len(), 50, "no device fills the database");
    let first = open.last().unwrap();
    assert_eq!(
        (first.item.as_str(), first.hostname.as_str()),
        ("npm:x", "a")
    );
    let approve = about("npm:x", None, Decision::Approved);
    let grant = Answered {
        granted: true,
        answer: Some("Go ahead".into()),
        decisions: vec![NewDecision::Mcp(Audience::Device(device), approve)],
    };
    let entries = store.audit(None, 100).await.unwrap().items.len();
    let answered = store
        .answer_request(Actor::Cli, first.id, grant.clone())
        .await;
    let answered = answered.unwrap();
    assert_eq!(answered.state, RequestState::Granted);
    assert_eq!(answered.decided_by.as_deref(), Some("cli"));
    assert_eq!(store.mcp_decisions().await.unwrap().len(), 1);
    assert_eq!(
        store.audit(None, 100).await.unwrap().items.len(),
        entries + 2
    );
    let again = store.answer_request(Actor::Cli, first.id, grant).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    assert_eq!(list(None).await.unwrap().items.len(), 50);
    store.delete_device(Actor::Cli, device).await.unwrap();
    assert!(list(None).await.unwrap().items.is_empty());
}
