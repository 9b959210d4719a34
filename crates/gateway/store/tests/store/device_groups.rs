//! Groups of devices: a device is in one at most, and what a guardrail names stays.

use std::time::Duration;

use serde_json::{Value, json};
use tidegate_store::{
    Actor, Device, DeviceFilter, DeviceGroup, DevicePatch, GuardrailPatch, InGroup, Moved,
    NewDeviceGroup, NewEnrolmentToken, NewGuardrail, NewSecret, Store, StoreError,
};
use tidegate_types::{DeviceGroupId, DeviceId, PlainKey};

use crate::{
    bed::{Bed, NOON, at, both},
    devices::enrol,
    enrolment::token,
};

both!(
    a_group_lives_its_life,
    devices_are_in_one_group_at_most,
    many_move_at_once_or_none,
    a_token_puts_devices_into_its_group,
    a_group_that_a_guardrail_names_stays
);

async fn group(store: &Store, name: &str) -> DeviceGroup {
    let new = NewDeviceGroup { name: name.into() };
    store.create_device_group(Actor::Cli, new).await.unwrap()
}

/// A token whose devices join a group; its secret.
async fn joining(store: &Store, group: Option<DeviceGroupId>) -> Result<PlainKey, StoreError> {
    let secret = PlainKey::generate(PlainKey::ENROLMENT).unwrap();
    let new = NewEnrolmentToken {
        name: "laptops".into(),
        secret: NewSecret::from(&secret),
        team: None,
        user: None,
        group,
        expires_at: at(NOON + 3_600_000_000),
        max_uses: 5,
    };
    store.create_enrolment_token(Actor::Cli, new).await?;
    Ok(secret)
}

async fn listed(store: &Store, group: InGroup) -> Vec<DeviceId> {
    let filter = DeviceFilter {
        group: Some(group),
        ..DeviceFilter::default()
    };
    let counted = store.device_facets(filter.clone(), at(0), at(0)).await;
    let found = store.devices(filter, None, 50).await.unwrap().items;
    let counted: u64 = counted.unwrap().iter().map(|facet| facet.devices).sum();
    assert_eq!(counted, u64::try_from(found.len()).unwrap());
    found.iter().map(|device| device.id).collect()
}

async fn a_group_lives_its_life(bed: &Bed) {
    let store = &bed.store;
    let before = store.revision().await.unwrap();
    let blue = group(store, "Blue").await;
    assert!(blue.id.to_string().starts_with("dgrp_"));
    assert_eq!((blue.created_at, blue.devices), (at(NOON), 0));
    let red = group(store, &"é".repeat(64)).await;
    assert_eq!(store.revision().await, Ok(before + 2));
    let first = store.device_groups(None, 1).await.unwrap();
    assert_eq!(first.items, std::slice::from_ref(&blue));
    let second = store.device_groups(first.next, 1).await.unwrap();
    assert_eq!((second.items, second.next), (vec![red.clone()], None));

    let new = NewDeviceGroup {
        name: "Blue".into(),
    };
    let again = store.create_device_group(Actor::Cli, new).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    for bad in ["", " ", "a\nb", &"x".repeat(65)] {
        let new = NewDeviceGroup { name: bad.into() };
        let refused = store.create_device_group(Actor::Cli, new).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { field: "name", .. })),
            "{bad:?}"
        );
        let renamed = store.rename_device_group(Actor::Cli, blue.id, bad.into());
        assert!(matches!(
            renamed.await,
            Err(StoreError::Invalid { field: "name", .. })
        ));
    }
    let rename = |to: &str| store.rename_device_group(Actor::Cli, red.id, to.into());
    let taken = rename("Blue").await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));
    let renamed = rename("Red").await.unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (red.id, "Red"));
    assert_eq!(store.device_group(red.id).await, Ok(renamed.clone()));
    let revision = store.revision().await.unwrap();
    assert_eq!(rename("Red").await, Ok(renamed), "nothing changed");
    assert_eq!(store.revision().await, Ok(revision));
    let named = store.names(vec![red.id.to_string()]).await.unwrap();
    assert_eq!(named[&red.id.to_string()], "Red");

    assert_eq!(store.delete_device_group(Actor::Cli, red.id).await, Ok(()));
    let gone = StoreError::NotFound("device group");
    assert_eq!(store.device_group(red.id).await, Err(gone.clone()));
    let deleted = store.delete_device_group(Actor::Cli, red.id).await;
    assert_eq!(deleted, Err(gone.clone()));
    assert_eq!(rename("Green").await, Err(gone));
    let audit = store.audit(None, 10).await.unwrap().items;
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "device_group.delete",
            "device_group.update",
            "device_group.create",
            "device_group.create"
        ]
    );
}

async fn devices_are_in_one_group_at_most(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 2, None).await;
    let (one, other) = (
        enrol(store, &token, "one").await,
        enrol(store, &token, "other").await,
    );
    assert_eq!((one.group, one.group_name.as_deref()), (None, None));
    let (blue, red) = (group(store, "Blue").await, group(store, "Red").await);
    let to = |group: Option<DeviceGroupId>| {
        let patch = DevicePatch {
            group: Some(group),
            ..DevicePatch::default()
        };
        store.patch_device(Actor::Cli, one.id, patch)
    };
    let revision = store.revision().await.unwrap();
    let moved = to(Some(blue.id)).await.unwrap();
    assert_eq!(
        (moved.group, moved.group_name.as_deref()),
        (Some(blue.id), Some("Blue"))
    );
    assert_eq!(store.device(one.id).await, Ok(moved));
    assert_eq!(store.revision().await, Ok(revision + 1));
    let governed = store.governed().await.unwrap();
    assert_eq!(governed.grouped, [(one.id, blue.id)]);
    to(Some(blue.id)).await.unwrap();
    assert_eq!(store.revision().await, Ok(revision + 1), "nothing changed");

    to(Some(red.id)).await.unwrap();
    assert_eq!(listed(store, InGroup::Group(blue.id)).await, []);
    assert_eq!(listed(store, InGroup::Group(red.id)).await, [one.id]);
    assert_eq!(listed(store, InGroup::NoGroup).await, [other.id]);
    assert_eq!(store.device_group(red.id).await.unwrap().devices, 1);
    let entry = store.audit(None, 1).await.unwrap().items.remove(0);
    assert_eq!(entry.action, "device.update");
    let detail: Value = serde_json::from_str(&entry.detail).unwrap();
    assert_eq!(detail["before"]["group"], json!(blue.id));
    assert_eq!(detail["after"]["group"], json!(red.id));

    // Another change leaves the group as it is.
    let patch = DevicePatch {
        name: Some("renamed".into()),
        ..DevicePatch::default()
    };
    let renamed = store.patch_device(Actor::Cli, one.id, patch).await.unwrap();
    assert_eq!(renamed.group, Some(red.id));
    let nowhere = to(Some(DeviceGroupId::generate(at(NOON)))).await;
    assert!(matches!(
        nowhere,
        Err(StoreError::Invalid { field: "group", .. })
    ));

    store.delete_device_group(Actor::Cli, red.id).await.unwrap();
    assert_eq!(store.device(one.id).await.unwrap().group, None);
    assert_eq!(store.governed().await.unwrap().grouped, []);
    assert_eq!(listed(store, InGroup::NoGroup).await, [one.id, other.id]);
}

async fn many_move_at_once_or_none(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 3, None).await;
    let mut devices = Vec::new();
    for name in ["one", "two", "three"] {
        devices.push(enrol(store, &token, name).await.id);
    }
    let blue = group(store, "Blue").await;
    let to = |devices: &[DeviceId], group| store.move_devices(Actor::Cli, devices.into(), group);
    let two = to(&devices[..2], Some(blue.id)).await;
    assert_eq!(two, Ok(Moved { moved: 2, there: 0 }));
    let revision = store.revision().await.unwrap();
    // Each counts once, whatever the order.
    let again = [devices[2], devices[1], devices[0], devices[2]];
    let third = to(&again, Some(blue.id)).await;
    assert_eq!(third, Ok(Moved { moved: 1, there: 2 }));
    assert_eq!(store.revision().await, Ok(revision + 1));
    let entries = store.audit(None, 2).await.unwrap().items;
    assert_eq!(entries[0].action, "device.move");
    assert_eq!(entries[0].target, devices[2].to_string());
    let detail: Value = serde_json::from_str(&entries[0].detail).unwrap();
    let whole = json!({ "before": { "group": null }, "after": { "group": blue.id } });
    assert_eq!(detail, whole);
    assert_eq!(entries[1].target, devices[1].to_string());
    let same = to(&devices, Some(blue.id)).await;
    assert_eq!(same, Ok(Moved { moved: 0, there: 3 }));
    assert_eq!(store.revision().await, Ok(revision + 1), "nothing changed");

    let stranger = [devices[0], DeviceId::generate(at(NOON))];
    let none = to(&stranger, None).await;
    assert_eq!(none, Err(StoreError::NotFound("device")));
    let nowhere = to(&devices, Some(DeviceGroupId::generate(at(NOON)))).await;
    assert!(matches!(
        nowhere,
        Err(StoreError::Invalid { field: "group", .. })
    ));
    assert_eq!(listed(store, InGroup::Group(blue.id)).await, devices);
    let out = to(&devices, None).await;
    assert_eq!(out, Ok(Moved { moved: 3, there: 0 }));
    assert_eq!(listed(store, InGroup::Group(blue.id)).await, []);
}

async fn a_token_puts_devices_into_its_group(bed: &Bed) {
    let store = &bed.store;
    let blue = group(store, "Blue").await;
    let nowhere = joining(store, Some(DeviceGroupId::generate(at(NOON)))).await;
    assert!(matches!(
        nowhere,
        Err(StoreError::Invalid { field: "group", .. })
    ));
    let secret = joining(store, Some(blue.id)).await.unwrap();
    let kept = store.enrolment_token(secret.hash()).await.unwrap();
    assert_eq!(kept.group, Some(blue.id));
    let device: Device = enrol(store, &secret, "one").await;
    assert_eq!(
        (device.group, device.group_name.as_deref()),
        (Some(blue.id), Some("Blue"))
    );
    let governed = store.governed().await.unwrap();
    assert_eq!(governed.grouped, [(device.id, blue.id)]);
    let refused = store.delete_device_group(Actor::Cli, blue.id).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "the token still enrols: {refused:?}"
    );
    bed.clock.advance(Duration::from_secs(3_600));
    assert_eq!(store.delete_device_group(Actor::Cli, blue.id).await, Ok(()));
    let tokens = store.enrolment_tokens(None, 5).await.unwrap().items;
    assert_eq!(tokens[0].group, None, "it names nothing that is gone");
}

fn naming(name: &str, group: DeviceGroupId) -> NewGuardrail {
    let definition = json!({
        "detect": { "kind": "terms", "words": ["x"] }, "action": { "do": "block" },
        "scope": { "device_groups": [group] },
    });
    NewGuardrail {
        name: name.into(),
        // One that is off names it all the same: it can be switched on again.
        enabled: false,
        position: None,
        definition: serde_json::from_value(definition).unwrap(),
    }
}

async fn a_group_that_a_guardrail_names_stays(bed: &Bed) {
    let store = &bed.store;
    let blue = group(store, "Blue").await;
    let create = |name: &str| store.create_guardrail(Actor::Cli, naming(name, blue.id));
    let first = create("first").await.unwrap();
    let refused = |result: Result<(), StoreError>| match result {
        Err(StoreError::Conflict { what }) => what,
        other => panic!("{other:?}"),
    };
    let what = refused(store.delete_device_group(Actor::Cli, blue.id).await);
    assert!(what.contains("the guardrail `first` names it"), "{what}");
    let mut made = vec![first.id];
    for name in ["second", "third", "fourth", "fifth"] {
        made.push(create(name).await.unwrap().id);
    }
    let what = refused(store.delete_device_group(Actor::Cli, blue.id).await);
    let all = "the guardrails `first`, `second`, `third` and 2 others name it";
    assert!(what.contains(all), "{what}");
    let other = naming("unscoped", DeviceGroupId::generate(at(NOON)));
    let mut everybody = other.definition.clone();
    everybody.scope.device_groups.clear();
    let patch = GuardrailPatch {
        definition: Some(everybody),
        ..GuardrailPatch::default()
    };
    for id in made {
        let patched = store.patch_guardrail(Actor::Cli, id, patch.clone()).await;
        patched.unwrap();
    }
    assert_eq!(store.delete_device_group(Actor::Cli, blue.id).await, Ok(()));

    // What is gone, or never was, is named by none.
    let unknown = StoreError::Invalid {
        field: "definition/scope/device_groups",
        reason: "there is no such group of devices".into(),
    };
    let gone = store.create_guardrail(Actor::Cli, naming("late", blue.id));
    assert_eq!(gone.await, Err(unknown.clone()));
    let patch = GuardrailPatch {
        definition: Some(other.definition),
        ..GuardrailPatch::default()
    };
    let patched = store.patch_guardrail(Actor::Cli, first.id, patch).await;
    assert_eq!(patched, Err(unknown));
}
