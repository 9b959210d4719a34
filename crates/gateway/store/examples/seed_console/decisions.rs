//! What was decided, what came of it on each device, and what people ask for.

use tidegate_device_api::{Effect, EffectItem, EffectState, Means};
use tidegate_policy::Decision;
use tidegate_types::{AccessRequestId, AccountId, DeviceId, McpRuleId, Timestamp};
use uuid::Uuid;

use crate::{
    Dice, ago,
    fleet::{Content, DAY, Fleet, SECOND, SERVERS},
    sink::{Sink, cells},
};

pub(crate) async fn decisions(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    teams: &[Uuid],
) -> anyhow::Result<()> {
    let by = AccountId::from_uuid(fleet.account).to_string();
    let word = |number: usize| {
        if number.is_multiple_of(3) {
            "denied"
        } else {
            "approved"
        }
    };
    let at = ago(now, DAY).micros();
    let rows = fleet
        .apps
        .iter()
        .step_by(2)
        .enumerate()
        .map(|(index, app)| {
            let note = "Ask it@example.com.";
            cells![
                app.clone(),
                word(index),
                "pass_through",
                "bypass",
                note,
                &*by,
                at,
                40_i64
            ]
        });
    let columns = "app,decision,mode,pinned,note,decided_by,decided_at,revision";
    sink.rows("edge_apps", columns, rows).await?;
    let tools = r#"{"allow":null,"deny":[]}"#;
    let fleetwide = fleet.servers.iter().step_by(3).enumerate();
    let fleetwide = fleetwide.map(|(index, one)| ("fleet", Uuid::nil(), one, word(index)));
    let of_teams = fleet.servers.iter().step_by(11).enumerate();
    let of_teams = of_teams.map(|(index, one)| ("team", teams[index % teams.len()], one, "denied"));
    let rows = fleetwide
        .chain(of_teams)
        .map(|(audience, subject, server, decision)| {
            let id = McpRuleId::from_parts(now, dice.wide()).uuid();
            let identity = server.identity.to_string();
            cells![
                id, audience, subject, identity, "", "", decision, tools, &*by, at, 41_i64
            ]
        });
    let columns = "id,audience,subject,identity,arguments,launch,decision,tools,decided_by,\
         decided_at,revision";
    sink.rows(
        "edge_mcp_rules",
        columns,
        rows.collect::<Vec<_>>().into_iter(),
    )
    .await
}

pub(crate) async fn effects(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
    inventories: &[Content],
) -> anyhow::Result<()> {
    let devices = fleet.callers.iter().filter_map(|one| one.device);
    let mut rows = Vec::new();
    for (index, device) in devices.enumerate() {
        let content = &inventories[index % inventories.len()];
        for (position, server) in content.servers.iter().enumerate() {
            let (state, word) = match dice.below(100) {
                0..=91 => (EffectState::Verified, "verified"),
                92..=95 => (EffectState::PendingRestart, "pending_restart"),
                96 => (EffectState::Shadowed, "shadowed"),
                97..=98 => (EffectState::Unsupported, "unsupported"),
                _ => (EffectState::Failed, "failed"),
            };
            let server = &fleet.servers[*server];
            let effect = Effect {
                item: EffectItem::McpServer {
                    identity: server.identity.clone(),
                    launch: server.launch,
                    client: server.client.clone(),
                    name: server.name.clone(),
                    user: Some("ada".into()),
                    config_path: server.config_path.clone(),
                },
                decision: Decision::Denied,
                state,
                means: vec![Means::ConfigEdit],
                detail: None,
            };
            let entry = serde_json::to_string(&effect).unwrap_or_default();
            let identity = server.identity.to_string();
            let row = cells![
                device.uuid(),
                position as i64,
                "mcp_server",
                identity,
                "denied",
                word,
                41_i64,
                now.micros(),
                entry,
            ];
            rows.push(row);
        }
    }
    let columns = "device_id,position,kind,item,decision,state,revision,reported_at,entry";
    sink.rows("device_effects", columns, rows.into_iter()).await
}

pub(crate) async fn wishes(
    sink: &mut Sink,
    dice: &mut Dice,
    now: Timestamp,
    fleet: &Fleet,
) -> anyhow::Result<()> {
    let devices: Vec<Uuid> = fleet
        .callers
        .iter()
        .filter_map(|one| one.device.map(DeviceId::uuid))
        .collect();
    let mut rows = Vec::new();
    for index in 0..devices.len() / 20 {
        let asked_at = ago(now, index as i64 * 60 * SECOND);
        let id = AccessRequestId::from_parts(asked_at, dice.wide()).uuid();
        let device = devices[dice.below(devices.len())];
        let item = fleet.servers[dice.skewed(SERVERS)].identity.to_string();
        let state = if dice.below(2) == 0 {
            "open"
        } else {
            "granted"
        };
        let asked = format!("wish-{index}");
        let reason = "I need it for the release.";
        let row = cells![
            id,
            device,
            asked,
            "mcp_server",
            item,
            reason,
            "ada",
            asked_at.micros(),
            state
        ];
        rows.push(row);
    }
    let columns = "id,device_id,asked,kind,item,reason,os_user,asked_at,state";
    sink.rows("access_requests", columns, rows.into_iter())
        .await
}
