//! Devices: a device is a key with a machine behind it, and says what it sees.

use std::time::Duration;

use tidegate_governance::entity::VirtualKey;
use tidegate_store::{
    Actor, AppSighting, Device, DeviceFilter, DevicePatch, KeyFilter, KeyPatch, Leaf, Machine,
    NewDevice, NewSecret, NewTeam, NewUser, Sighting, Store, StoreError, TeamPatch, UserPatch,
};
use tidegate_types::{DeviceId, PlainKey, Timestamp};

use crate::{
    bed::{Bed, NOON, at, both, secret},
    enrolment::token,
};

both!(
    an_enrolled_device_is_a_key,
    only_its_own_routes_end_a_devices_key,
    a_switched_off_device_is_not_found_by_its_key,
    devices_are_found_by_what_they_are,
    what_devices_say_is_added_up,
    a_deleted_device_leaves_its_calls_only
);

pub(crate) fn a_device(token: &PlainKey, hostname: &str) -> NewDevice {
    NewDevice {
        id: DeviceId::generate(at(NOON)),
        token: token.hash(),
        secret: NewSecret::from(&PlainKey::generate(PlainKey::DEVICE).unwrap()),
        machine: Machine {
            hostname: hostname.into(),
            id_hash: "abc".into(),
            os: "linux".into(),
            os_version: "Debian GNU/Linux 12".into(),
            arch: "x86_64".into(),
        },
        agent_version: "0.1.0".into(),
        leaf: Leaf {
            serial: [7; 16],
            expires_at: at(NOON + 1),
        },
    }
}

pub(crate) async fn enrol(store: &Store, token: &PlainKey, hostname: &str) -> Device {
    store.enrol_device(a_device(token, hostname)).await.unwrap()
}

async fn key_of(store: &Store, device: &Device) -> VirtualKey {
    store.key(device.key).await.unwrap()
}

async fn an_enrolled_device_is_a_key(bed: &Bed) {
    let store = &bed.store;
    let new = NewTeam {
        name: "Blue".into(),
    };
    let team = store.create_team(Actor::Cli, new).await.unwrap();
    let (secret, token) = token(store, 1, Some(team.id)).await;
    let revision = store.revision().await.unwrap();
    let new = a_device(&secret, "ada-laptop");
    let device = store.enrol_device(new.clone()).await.unwrap();
    assert_eq!((device.id, device.name.as_str()), (new.id, "ada-laptop"));
    assert_eq!((device.team, device.user), (Some(team.id), None));
    assert_eq!(device.machine, new.machine);
    assert_eq!((device.leaf, device.token.to_string()), (new.leaf, token));
    assert_eq!((device.enrolled_at, device.last_seen_at), (at(NOON), None));
    assert_eq!((device.policy_revision, device.effective), (0, None));
    assert_eq!(store.device(device.id).await, Ok(device.clone()));
    assert_eq!(
        store.device_by_key(new.secret.hash).await,
        Ok(device.clone())
    );

    let governed = store.governed().await.unwrap();
    assert_eq!(governed.revision, revision + 1);
    let [key] = &governed.keys[..] else {
        panic!("{:?}", governed.keys)
    };
    assert_eq!((key.id, key.device), (device.key, Some(device.id)));
    assert_eq!((key.hash, key.team), (new.secret.hash, Some(team.id)));
    let audit = store.audit(None, 1).await.unwrap().items;
    assert_eq!(
        (audit[0].action.as_str(), audit[0].actor),
        ("device.enrol", Actor::System)
    );
    assert_eq!(audit[0].target, device.id.to_string());

    let listed = store.keys(KeyFilter::default(), None, 10).await.unwrap();
    assert!(
        listed.items.is_empty(),
        "keys of devices are listed when asked for"
    );
    let all = KeyFilter {
        devices: true,
        ..KeyFilter::default()
    };
    assert_eq!(store.keys(all, None, 10).await.unwrap().items.len(), 1);
}

async fn only_its_own_routes_end_a_devices_key(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "host").await;
    let revoked = store.revoke_key(Actor::Cli, device.key).await;
    assert!(
        matches!(revoked, Err(StoreError::Conflict { .. })),
        "{revoked:?}"
    );
    let rotated = store.rotate_key(Actor::Cli, device.key, secret(), Duration::ZERO);
    let rotated = rotated.await;
    assert!(
        matches!(rotated, Err(StoreError::Conflict { .. })),
        "{rotated:?}"
    );
    // What a key may call is set on the key, and what a device is called is the key's name.
    let patch = KeyPatch {
        name: Some("renamed".into()),
        log_content: Some(true),
        ..KeyPatch::default()
    };
    store
        .patch_key(Actor::Cli, device.key, patch)
        .await
        .unwrap();
    assert_eq!(store.device(device.id).await.unwrap().name, "renamed");
    assert!(key_of(store, &device).await.device.is_some());
}

async fn a_switched_off_device_is_not_found_by_its_key(bed: &Bed) {
    let store = &bed.store;
    let new = NewTeam {
        name: "Blue".into(),
    };
    let team = store.create_team(Actor::Cli, new).await.unwrap();
    let user = NewUser {
        email: "ada@x.org".into(),
        name: "Ada".into(),
        team: Some(team.id),
    };
    let user = store.create_user(Actor::Cli, user).await.unwrap();
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "host").await;
    let hash = key_of(store, &device).await.hash;
    let found = || async { store.device_by_key(hash).await.is_ok() };
    let patch = |disabled: bool| DevicePatch {
        user: Some(Some(user.id)),
        disabled: Some(disabled),
        ..DevicePatch::default()
    };
    let off = store
        .patch_device(Actor::Cli, device.id, patch(true))
        .await
        .unwrap();
    assert!(off.disabled && !found().await);
    assert!(
        key_of(store, &device).await.disabled,
        "its calls are refused too"
    );
    let on = store
        .patch_device(Actor::Cli, device.id, patch(false))
        .await
        .unwrap();
    assert_eq!((on.disabled, on.user), (false, Some(user.id)));
    assert!(found().await);
    let same = store.revision().await.unwrap();
    store
        .patch_device(Actor::Cli, device.id, patch(false))
        .await
        .unwrap();
    assert_eq!(store.revision().await, Ok(same), "nothing changed");

    let off = UserPatch {
        disabled: Some(true),
        ..UserPatch::default()
    };
    store.patch_user(Actor::Cli, user.id, off).await.unwrap();
    assert!(!found().await);
    let on = UserPatch {
        disabled: Some(false),
        ..UserPatch::default()
    };
    store.patch_user(Actor::Cli, user.id, on).await.unwrap();
    let off = TeamPatch {
        disabled: Some(true),
        ..TeamPatch::default()
    };
    store.patch_team(Actor::Cli, team.id, off).await.unwrap();
    assert!(!found().await, "the team of its user");
}

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

fn seen(app: &str, relayed: u32) -> AppSighting {
    AppSighting {
        app: app.parse().unwrap(),
        version: Some(format!("1.{relayed}")),
        path: format!("/opt/{app}"),
        relayed,
        denied: 1,
        pinned: 0,
    }
}

fn sighting(device: DeviceId, at: Timestamp, effective: bool, apps: Vec<AppSighting>) -> Sighting {
    Sighting {
        device,
        at,
        agent_version: "0.2.0".into(),
        policy_revision: 3,
        effective,
        problem: (!effective).then(|| "no cgroup2".into()),
        apps,
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

async fn a_deleted_device_leaves_its_calls_only(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "host").await;
    let said = sighting(device.id, at(NOON + 1), true, vec![seen("codex", 1)]);
    store.note_sightings(vec![said]).await.unwrap();
    let leaf = Leaf {
        serial: [9; 16],
        expires_at: at(NOON + 99),
    };
    store.renew_leaf(device.id, leaf).await.unwrap();
    assert_eq!(store.device(device.id).await.unwrap().leaf, leaf);
    store.delete_device(Actor::Cli, device.id).await.unwrap();
    let gone = StoreError::NotFound("device");
    assert_eq!(store.device(device.id).await, Err(gone.clone()));
    assert_eq!(store.device_apps(device.id).await, Err(gone.clone()));
    assert_eq!(store.renew_leaf(device.id, leaf).await, Err(gone.clone()));
    assert_eq!(store.delete_device(Actor::Cli, device.id).await, Err(gone));
    assert!(store.seen_apps().await.unwrap().is_empty());
    assert!(store.governed().await.unwrap().keys.is_empty());
    assert!(key_of(store, &device).await.revoked_at.is_some());
    let audit = store.audit(None, 2).await.unwrap().items;
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["device.delete", "device.certificate"]);
}
