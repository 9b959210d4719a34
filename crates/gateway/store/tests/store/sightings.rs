//! What devices say: how it is added up, found by, and forgotten with its device.

use tidegate_store::{Actor, AppSighting, DeviceFilter, Sighting};
use tidegate_types::{DeviceId, Timestamp};

use crate::{
    bed::{Bed, NOON, at, both},
    devices::enrol,
    enrolment::token,
};

both!(
    devices_are_found_by_what_they_are,
    what_devices_say_is_added_up,
    a_device_that_is_deleted_while_it_speaks_leaves_nothing,
    no_device_fills_the_database
);

async fn devices_are_found_by_what_they_are(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 3, None).await;
    let mut devices = Vec::new();
    for name in ["a", "b", "c"] {
        devices.push(enrol(store, &token, name).await.id);
    }
    let apps = vec![seen("codex", 1)];
    let sighting = |device, effective| sighting(device, at(NOON + 5), effective, apps.clone());
    let said = vec![sighting(devices[0], true), sighting(devices[1], false)];
    store.note_sightings(said).await.unwrap();
    let find = |filter: DeviceFilter| async {
        let page = store.devices(filter, None, 10).await.unwrap();
        let names = page.items.into_iter().map(|device| device.name);
        names.collect::<String>()
    };
    let all = DeviceFilter::default();
    type Narrow = fn(&mut DeviceFilter);
    let cases: [(Narrow, &str); 8] = [
        (|_| (), "abc"),
        (|f| f.hostname = Some("b".into()), "b"),
        (|f| f.os = Some("windows".into()), ""),
        (|f| f.effective = Some(true), "a"),
        (|f| f.effective = Some(false), "b"),
        (|f| f.disabled = Some(true), ""),
        (|f| f.unseen_since = Some(at(NOON + 1)), "c"),
        (|f| f.app = "codex".parse().ok(), "ab"),
    ];
    for (narrow, found) in cases {
        let mut filter = all.clone();
        narrow(&mut filter);
        assert_eq!(find(filter.clone()).await, found, "{filter:?}");
    }
    let first = store.devices(all.clone(), None, 2).await.unwrap();
    let rest = store.devices(all, first.next, 2).await.unwrap();
    assert_eq!(
        (first.items.len(), rest.items.len(), rest.next),
        (2, 1, None)
    );
}

pub(crate) fn seen(app: &str, relayed: u32) -> AppSighting {
    AppSighting {
        app: app.parse().unwrap(),
        version: Some(format!("1.{relayed}")),
        path: format!("/opt/{app}"),
        relayed,
        denied: 1,
        pinned: 0,
    }
}

pub(crate) fn sighting(
    device: DeviceId,
    at: Timestamp,
    effective: bool,
    apps: Vec<AppSighting>,
) -> Sighting {
    Sighting {
        device,
        at,
        agent_version: "0.2.0".into(),
        policy_revision: 3,
        effective,
        problem: (!effective).then(|| "no cgroup2".into()),
        apps,
        seq: (0, 0),
        inventory: None,
        effects: None,
        scan_told_at: None,
    }
}

async fn what_devices_say_is_added_up(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 2, None).await;
    let (one, two) = (
        enrol(store, &token, "one").await.id,
        enrol(store, &token, "two").await.id,
    );
    let revision = store.revision().await.unwrap();
    let gone = DeviceId::generate(at(NOON));
    let said = vec![
        sighting(two, at(NOON + 10), false, vec![seen("codex", 7)]),
        sighting(gone, at(NOON + 10), true, vec![seen("codex", 7)]),
        sighting(
            one,
            at(NOON + 10),
            true,
            vec![seen("codex", 2), seen("curl", 1)],
        ),
    ];
    store.note_sightings(said).await.unwrap();
    let later = sighting(one, at(NOON + 20), true, vec![seen("codex", 5)]);
    store.note_sightings(vec![later]).await.unwrap();
    let stale = sighting(one, at(NOON + 15), false, Vec::new());
    store.note_sightings(vec![stale]).await.unwrap();

    let device = store.device(one).await.unwrap();
    assert_eq!(device.last_seen_at, Some(at(NOON + 20)), "no way back");
    // But by a clock that was two days ahead and was set back since.
    let ahead = sighting(one, at(NOON + 20 + 2 * 86_400_000_000), false, Vec::new());
    store.note_sightings(vec![ahead]).await.unwrap();
    let corrected = sighting(one, at(NOON + 20), true, Vec::new());
    store.note_sightings(vec![corrected]).await.unwrap();
    let device = store.device(one).await.unwrap();
    assert_eq!(device.last_seen_at, Some(at(NOON + 20)));
    assert_eq!((device.effective, device.problem), (Some(true), None));
    assert_eq!(
        (device.policy_revision, device.agent_version.as_str()),
        (3, "0.2.0")
    );
    let other = store.device(two).await.unwrap();
    assert_eq!(other.problem.as_deref(), Some("no cgroup2"));
    let apps = store.device_apps(one).await.unwrap();
    let codex = &apps[0];
    assert_eq!(
        (codex.app.as_str(), codex.version.as_deref()),
        ("codex", Some("1.5"))
    );
    assert_eq!((codex.relayed, codex.denied, codex.pinned), (7, 2, 0));
    assert_eq!(
        (codex.first_seen_at, codex.last_seen_at),
        (at(NOON + 10), at(NOON + 20))
    );
    assert_eq!(apps.len(), 2);
    let all = store.seen_apps().await.unwrap();
    assert_eq!(all.len(), 2, "a device that is gone has seen nothing");
    let sums = (
        all[0].app.as_str(),
        all[0].devices,
        all[0].relayed,
        all[0].denied,
    );
    assert_eq!(sums, ("codex", 2, 14, 3));
    assert_eq!(
        (all[0].first_seen_at, all[0].last_seen_at),
        (at(NOON + 10), at(NOON + 20))
    );
    assert_eq!(
        store.revision().await,
        Ok(revision),
        "nobody changed anything"
    );
}

async fn a_device_that_is_deleted_while_it_speaks_leaves_nothing(bed: &Bed) {
    let (token, _) = token(&bed.store, 20, None).await;
    for _ in 0..20 {
        let device = enrol(&bed.store, &token, "host").await.id;
        let speaking: Vec<_> = (1..5)
            .map(|n| {
                let store = bed.store.clone();
                let said = sighting(device, at(NOON + n), true, vec![seen("codex", 1)]);
                tokio::spawn(async move { store.note_sightings(vec![said]).await })
            })
            .collect();
        bed.store.delete_device(Actor::Cli, device).await.unwrap();
        for said in speaking {
            assert_eq!(said.await.unwrap(), Ok(Vec::new()));
        }
    }
    assert!(bed.store.seen_apps().await.unwrap().is_empty());
}

async fn no_device_fills_the_database(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "host").await.id;
    let apps = (0..1_100).map(|n| seen(&format!("app{n}"), 1)).collect();
    let said = sighting(device, at(NOON + 1), true, apps);
    store.note_sightings(vec![said]).await.unwrap();
    assert_eq!(store.device_apps(device).await.unwrap().len(), 1_000);
    let again = vec![seen("app0", 1), seen("app1099", 1)];
    let said = sighting(device, at(NOON + 2), true, again);
    store.note_sightings(vec![said]).await.unwrap();
    let apps = store.device_apps(device).await.unwrap();
    assert_eq!(
        (apps.len(), apps[0].relayed),
        (1_000, 2),
        "what is known still counts"
    );
}
