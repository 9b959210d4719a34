//! Guardrails for groups of devices, on calls that devices relay: whoever is in the group is stopped, others are
//! not, and it is the other way round when the devices change places.

use tidegate_harness::{Key, Reply};
use tidegate_store::{Actor, NewDeviceGroup, StoreError};
use tidegate_types::DeviceGroupId;

use crate::{
    devices::{Devices, enrol},
    prompts,
};

const EDGE: &str = "/edge/api.anthropic.com/v1/messages";

async fn group(devices: &Devices, name: &str) -> anyhow::Result<DeviceGroupId> {
    let new = NewDeviceGroup { name: name.into() };
    let made = devices.rig.store.create_device_group(Actor::Cli, new).await;
    Ok(made?.id)
}

/// What a device gets that says the word.
async fn says(devices: &Devices, key: &Key) -> anyhow::Result<Reply> {
    let body = prompts::message("tell me of project mackerel", false);
    devices.send_as(key, EDGE, "pass_through", &[], &body).await
}

/// `stopped` is refused and its prompt stays; `other`'s goes home.
async fn stops(devices: &Devices, stopped: &Key, other: &Key) -> anyhow::Result<()> {
    devices.home.clear();
    let refused = says(devices, stopped).await?;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("`no fish`"), "{}", refused.text());
    assert!(devices.home.requests().is_empty(), "nothing was sent");
    let passed = says(devices, other).await?;
    assert_eq!(passed.status, 200, "{}", passed.text());
    assert_eq!(devices.home.requests().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_guardrail_for_a_group_stops_its_devices_and_follows_them() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let rig = &devices.rig;
    let (other, other_key) = enrol(rig).await?;
    let finance = group(&devices, "Finance").await?;
    let to = |device, group| rig.store.move_devices(Actor::Cli, vec![device], group);
    to(devices.id, Some(finance)).await?;
    let definition = format!(
        r#"{{"detect":{{"kind":"terms","words":["project mackerel"]}},"action":{{"do":"block"}},
        "scope":{{"device_groups":["{finance}"]}}}}"#
    );
    rig.guardrail("no fish", &definition).await?;
    stops(&devices, &devices.key, &other_key).await?;
    let service = rig.key("service").await?;
    let body = prompts::message("tell me of project mackerel", false);
    let client = rig.client();
    let path = "/anthropic/v1/messages";
    let direct = client.post(path, &service.secret, body).await?;
    assert_eq!(direct.status, 200, "a key of a service is in no group");

    to(devices.id, None).await?;
    to(other, Some(finance)).await?;
    rig.settled().await?;
    stops(&devices, &other_key, &devices.key).await?;

    // Another group is not this one, and this one stays while the guardrail names it.
    let pilot = group(&devices, "Pilot").await?;
    to(other, Some(pilot)).await?;
    to(devices.id, Some(finance)).await?;
    rig.settled().await?;
    stops(&devices, &devices.key, &other_key).await?;
    let kept = rig.store.delete_device_group(Actor::Cli, finance).await;
    assert!(matches!(kept, Err(StoreError::Conflict { .. })), "{kept:?}");
    Ok(())
}

#[tokio::test]
async fn a_condition_reads_the_group_of_a_calls_device() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let rig = &devices.rig;
    let (other, other_key) = enrol(rig).await?;
    let pilot = group(&devices, "Pilot").await?;
    let all = vec![devices.id];
    rig.store.move_devices(Actor::Cli, all, Some(pilot)).await?;
    let definition = format!(
        r#"{{"detect":{{"kind":"terms","words":["project mackerel"]}},"action":{{"do":"block"}},
        "condition":"call.relayed && call.device_group != '{pilot}'"}}"#
    );
    rig.guardrail("no fish", &definition).await?;
    stops(&devices, &other_key, &devices.key).await?;
    let both = vec![devices.id, other];
    rig.store
        .move_devices(Actor::Cli, both, Some(pilot))
        .await?;
    rig.settled().await?;
    for key in [&devices.key, &other_key] {
        assert_eq!(says(&devices, key).await?.status, 200);
    }
    Ok(())
}
