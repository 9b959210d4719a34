//! Decisions about apps, and which apps devices have seen.

use serde_json::json;
use tidegate_policy::{AppId, AppRule};
use tidegate_types::Timestamp;

use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Row, Sql, params},
    words::Word,
};

/// What was decided about an app, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppDecision {
    /// The decision.
    pub rule: AppRule,
    /// Who decided: the id of an account or a token, `cli` or `system`.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
}

/// An app, over all devices that have seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenApp {
    /// The app.
    pub app: AppId,
    /// How many devices have seen it.
    pub devices: u64,
    /// Connections that were relayed.
    pub relayed: u64,
    /// Connections that were refused.
    pub denied: u64,
    /// Handshakes that it broke off because of our certificate.
    pub pinned: u64,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// The most decisions: each is in every device's policy.
const MAX: i64 = 2_000;

const COLUMNS: &str = "app, decision, mode, pinned, note, decided_by, decided_at";

impl Store {
    /// All decisions, by app.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn app_decisions(&self) -> Result<Vec<AppDecision>, StoreError> {
        self.read(decided).await
    }

    /// The apps that devices have seen, by id.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn seen_apps(&self) -> Result<Vec<SeenApp>, StoreError> {
        self.read(|sql| {
            // SUM is NUMERIC in one of the dialects.
            let select = "SELECT app, COUNT(*), CAST(SUM(relayed) AS BIGINT), \
                 CAST(SUM(denied) AS BIGINT), CAST(SUM(pinned) AS BIGINT), MIN(first_seen_at), \
                 MAX(last_seen_at) FROM device_apps GROUP BY app ORDER BY app";
            sql.query(select, &[])?.iter().map(seen).collect()
        })
        .await
    }

    /// Sets what is decided about an app.
    ///
    /// # Errors
    /// `Invalid` note; `Conflict` when there are 2,000 decisions already.
    pub async fn decide_app(&self, actor: Actor, rule: AppRule) -> Result<AppDecision, StoreError> {
        self.govern(actor, "edge_app.decide", move |sql, now| {
            if let Some(note) = &rule.note
                && (note.trim().is_empty()
                    || note.chars().count() > MAX_NOTE
                    || note.contains(char::is_control))
            {
                let reason = "it is 1 to 500 characters, without control characters";
                return Err(StoreError::invalid("note", reason));
            }
            let select = format!("SELECT {COLUMNS} FROM edge_apps WHERE app = $1");
            let known = sql.query(&select, &params![rule.app.as_str()])?;
            if let Some(known) = known.first().map(read).transpose()?
                && known.rule == rule
            {
                return Ok(Effect::Same(known));
            }
            let count = sql.one("SELECT COUNT(*) FROM edge_apps", &[], "schema")?;
            if known.is_empty() && count.int(0)? >= MAX {
                return Err(StoreError::conflict("2,000 apps are decided about already"));
            }
            let decision = AppDecision {
                rule,
                decided_by: actor.to_string(),
                decided_at: now,
            };
            write(sql, &decision)?;
            let rule = &decision.rule;
            let detail = json!({
                "decision": rule.decision, "mode": rule.mode, "pinned": rule.pinned,
                "note": rule.note,
            });
            let app = rule.app.clone();
            super::changed(sql, decision, app, detail)
        })
        .await
    }
}

fn write(sql: &mut dyn Sql, decision: &AppDecision) -> Result<(), StoreError> {
    let upsert = format!(
        "INSERT INTO edge_apps ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (app) DO UPDATE SET decision = $2, mode = $3, pinned = $4, note = $5, \
         decided_by = $6, decided_at = $7"
    );
    let AppDecision {
        rule,
        decided_by,
        decided_at,
    } = decision;
    let values = params![
        rule.app.as_str(),
        rule.decision.word(),
        rule.mode.word(),
        rule.pinned.word(),
        rule.note.as_deref(),
        decided_by.as_str(),
        *decided_at,
    ];
    sql.execute(&upsert, &values).map(drop)
}

pub(super) fn decided(sql: &mut dyn Sql) -> Result<Vec<AppDecision>, StoreError> {
    let rows = sql.query(
        &format!("SELECT {COLUMNS} FROM edge_apps ORDER BY app"),
        &[],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<AppDecision, StoreError> {
    Ok(AppDecision {
        rule: AppRule {
            app: row.parsed(0)?,
            decision: Word::read(row, 1)?,
            mode: Word::read(row, 2)?,
            pinned: Word::read(row, 3)?,
            note: row.opt(4, Row::text_owned)?,
        },
        decided_by: row.text_owned(5)?,
        decided_at: row.time(6)?,
    })
}

fn seen(row: &Row) -> Result<SeenApp, StoreError> {
    Ok(SeenApp {
        app: row.parsed(0)?,
        devices: row.count(1)?,
        relayed: row.count(2)?,
        denied: row.count(3)?,
        pinned: row.count(4)?,
        first_seen_at: row.time(5)?,
        last_seen_at: row.time(6)?,
    })
}
