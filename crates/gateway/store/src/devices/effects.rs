//! What came of decisions on devices, as they reported it.

use tidegate_device_api::{Effect, EffectItem, EffectReport, EffectState};
use tidegate_types::{DeviceId, TeamId, Timestamp};

use super::row::one;
use crate::{
    Store, StoreError,
    overview::OF_TEAM,
    sql::{Row, Sql, Value, Where, params},
    words::{Word, from_json, json_text, wire},
};

/// An effect on a device, and of which revision and when it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemEffect {
    /// The device.
    pub device: DeviceId,
    /// The effect.
    pub effect: Effect,
    /// Of which revision of the policy.
    pub revision: u64,
    /// When it was reported.
    pub reported_at: Timestamp,
}

/// On how many devices something about an item came out in a way; of several on one device the worst
/// counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectCount {
    /// The item: an app's id or a server's identity.
    pub item: String,
    /// What came of it.
    pub state: EffectState,
    /// On how many devices.
    pub devices: u64,
}

/// The most effects that are kept of one device.
const MAX: usize = 5_000;

/// From good to bad, the order in which one device's are weighed.
const RANKS: [(EffectState, i64); 6] = [
    (EffectState::Verified, 0),
    (EffectState::PendingRestart, 1),
    (EffectState::Shadowed, 2),
    (EffectState::Unsupported, 3),
    (EffectState::Failed, 4),
    (EffectState::Other, 5),
];

pub(super) const RANK: &str = "CASE state WHEN 'verified' THEN 0 WHEN 'pending_restart' THEN 1 \
     WHEN 'shadowed' THEN 2 WHEN 'unsupported' THEN 3 WHEN 'failed' THEN 4 ELSE 5 END";

const COLUMNS: &str = "device_id, entry, revision, reported_at";

impl Store {
    /// What a device reported.
    ///
    /// # Errors
    /// `NotFound` when there is no such device.
    pub async fn device_effects(&self, id: DeviceId) -> Result<Vec<ItemEffect>, StoreError> {
        self.read(move |sql| {
            one(sql, id)?;
            let select = format!(
                "SELECT {COLUMNS} FROM device_effects WHERE device_id = $1 ORDER BY position"
            );
            let rows = sql.query(&select, &params![id.uuid()])?;
            rows.iter().map(read).collect()
        })
        .await
    }

    /// What was reported of an item, `app` or `mcp_server`, at most 1,000.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn item_effects(
        &self,
        kind: &'static str,
        item: String,
    ) -> Result<Vec<ItemEffect>, StoreError> {
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS} FROM device_effects WHERE kind = $1 AND item = $2 \
                 ORDER BY device_id, position LIMIT 1000"
            );
            let rows = sql.query(&select, &params![kind, item])?;
            rows.iter().map(read).collect()
        })
        .await
    }

    /// What came of decisions about these items of a kind, `app` or `mcp_server`.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn effect_counts(
        &self,
        kind: &'static str,
        items: Vec<String>,
    ) -> Result<Vec<EffectCount>, StoreError> {
        self.read(move |sql| {
            let select = format!(
                "SELECT CAST(rank AS BIGINT), COUNT(*) FROM (SELECT device_id, MAX({RANK}) AS rank \
                 FROM device_effects WHERE kind = $1 AND item = $2 GROUP BY device_id) worst \
                 GROUP BY rank ORDER BY rank"
            );
            let rows: Vec<Vec<Value>> = items
                .iter()
                .map(|item| params![kind, item.as_str()].into())
                .collect();
            let answers = sql.query_all(&select, &rows)?;
            let mut counts = Vec::new();
            for (item, answer) in items.iter().zip(answers) {
                for row in &answer {
                    counts.push(count(item, row)?);
                }
            }
            Ok(counts)
        })
        .await
    }

    /// On how many devices something came out in each way but verified, of one team or of all.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn unsettled(
        &self,
        team: Option<TeamId>,
    ) -> Result<Vec<(EffectState, u64)>, StoreError> {
        self.read(move |sql| {
            let mut states = Vec::new();
            for (state, _) in RANKS.iter().filter(|(_, rank)| *rank > 0) {
                let mut conditions = Where::default();
                conditions.maybe("e.state = {}", wire(state).ok());
                if let Some(team) = team {
                    let team = conditions.param(team.uuid());
                    conditions.fixed(&format!("e.device_id IN ({OF_TEAM} = {team})"));
                }
                let select = format!(
                    "SELECT COUNT(DISTINCT e.device_id) FROM device_effects e{}",
                    conditions.clause()
                );
                let row = sql.one(&select, &conditions.params, "schema")?;
                states.push((*state, row.count(0)?));
            }
            Ok(states)
        })
        .await
    }
}

/// What a device reports stands in place of all that it reported before.
pub(super) fn replace(
    sql: &mut dyn Sql,
    device: DeviceId,
    at: Timestamp,
    report: &EffectReport,
) -> Result<(), StoreError> {
    let delete = "DELETE FROM device_effects WHERE device_id = $1";
    sql.execute(delete, &params![device.uuid()])?;
    let insert = "INSERT INTO device_effects (device_id, position, kind, item, decision, state, \
         revision, reported_at, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let mut rows = Vec::with_capacity(report.effects.len().min(MAX));
    for (position, effect) in report.effects.iter().take(MAX).enumerate() {
        let Some((kind, item)) = subject(&effect.item) else {
            continue;
        };
        let row = params![
            device.uuid(),
            position,
            kind,
            item,
            effect.decision.word(),
            wire(&effect.state)?,
            report.revision,
            at,
            json_text(effect)?,
        ];
        rows.push(row.into());
    }
    sql.execute_all(insert, &rows)?;
    let update = "UPDATE devices SET effects_revision = $2, effects_at = $3 WHERE id = $1";
    sql.execute(update, &params![device.uuid(), report.revision, at])
        .map(drop)
}

/// Its place between good and bad.
pub(super) fn rank(state: EffectState) -> i64 {
    let known = RANKS.iter().find(|(known, _)| *known == state);
    known.map_or(5, |(_, rank)| *rank)
}

fn subject(item: &EffectItem) -> Option<(&'static str, &str)> {
    match item {
        EffectItem::App { app } => Some(("app", app.as_str())),
        EffectItem::McpServer { identity, .. } => Some(("mcp_server", identity.as_str())),
        // What it is about, only a newer gateway could say.
        EffectItem::Other => None,
    }
}

fn read(row: &Row) -> Result<ItemEffect, StoreError> {
    Ok(ItemEffect {
        device: DeviceId::from_uuid(row.uuid(0)?),
        effect: from_json(row, 1)?,
        revision: row.count(2)?,
        reported_at: row.time(3)?,
    })
}

fn count(item: &str, row: &Row) -> Result<EffectCount, StoreError> {
    let rank = row.int(0)?;
    let state = RANKS.iter().find(|(_, known)| *known == rank);
    let (state, _) =
        state.ok_or_else(|| StoreError::Broken("an effect has an unknown rank".into()))?;
    Ok(EffectCount {
        item: item.to_owned(),
        state: *state,
        devices: row.count(1)?,
    })
}
