//! Devices: a device is a key with a machine behind it.

use std::time::Duration;

use tidegate_governance::entity::VirtualKey;
use tidegate_store::{
    Actor, Device, DevicePatch, KeyFilter, KeyPatch, Leaf, Machine, NewDevice, NewSecret, NewTeam,
    NewUser, Store, StoreError, TeamPatch, UserPatch,
};
use tidegate_types::{DeviceId, PlainKey};

use crate::{
    bed::{Bed, NOON, at, both, secret},
    enrolment::token,
    sightings::{seen, sighting},
};

both!(
    an_enrolled_device_is_a_key,
    only_its_own_routes_end_a_devices_key,
    a_switched_off_device_is_not_found_by_its_key,
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
