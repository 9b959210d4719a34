//! Decisions about apps, and which apps devices have seen.

use serde_json::{Value as Json, json};
use tidegate_policy::{AppId, AppRule};
use tidegate_types::Timestamp;

use super::decide::{Now, note_is_fine};
use crate::{
    Audience, Store, StoreError,
    change::Entry,
    sql::{Row, Sql, params},
    words::Word,
};

/// What was decided about an app, for whom, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppDecision {
    /// For whom.
    pub audience: Audience,
    /// The decision.
    pub rule: AppRule,
    /// Who decided: the id of an account or a token, `cli` or `system`.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
    /// The policy's revision with which it came; 0 where it was not noted yet.
    pub revision: u64,
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

/// The most decisions for the fleet, and the most for teams and devices: each is in policies.
const MAX: i64 = 2_000;

const COLUMNS: &str = "app, decision, mode, pinned, note, decided_by, decided_at, revision";

impl Store {
    /// The decisions for the fleet, by app.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn app_decisions(&self) -> Result<Vec<AppDecision>, StoreError> {
        self.read(decided).await
    }

    /// The decisions for teams and devices, by app.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn app_overrides(&self) -> Result<Vec<AppDecision>, StoreError> {
        self.read(overrides).await
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
}

/// Sets what is decided about an app for an audience; with the entry for the audit log where that is
/// news.
pub(super) fn decide(
    sql: &mut dyn Sql,
    now: &Now,
    audience: Audience,
    rule: AppRule,
) -> Result<(AppDecision, Option<Entry>), StoreError> {
    note_is_fine(rule.note.as_deref())?;
    audience.exists(sql)?;
    let before = one(sql, audience, &rule.app)?;
    if let Some(before) = &before
        && before.rule == rule
    {
        return Ok((before.clone(), None));
    }
    let count = if audience == Audience::Fleet {
        "SELECT COUNT(*) FROM edge_apps"
    } else {
        "SELECT COUNT(*) FROM edge_app_overrides"
    };
    if before.is_none() && sql.one(count, &[], "schema")?.int(0)? >= MAX {
        return Err(StoreError::conflict("2,000 apps are decided about already"));
    }
    let decision = AppDecision {
        audience,
        rule,
        decided_by: now.actor.to_string(),
        decided_at: now.at,
        revision: now.revision,
    };
    write(sql, &decision)?;
    let detail = json!({
        "audience": audience.to_string(), "before": before.as_ref().map(told),
        "after": told(&decision),
    });
    let entry = Entry {
        action: "edge_app.decide",
        target: decision.rule.app.to_string(),
        detail,
    };
    Ok((decision, Some(entry)))
}

/// Takes back what was decided.
pub(super) fn forget(
    sql: &mut dyn Sql,
    audience: Audience,
    app: &AppId,
) -> Result<Entry, StoreError> {
    let before = one(sql, audience, app)?.ok_or(StoreError::NotFound("decision"))?;
    if audience == Audience::Fleet {
        let delete = "DELETE FROM edge_apps WHERE app = $1";
        sql.execute(delete, &params![app.as_str()])?;
    } else {
        let delete = "DELETE FROM edge_app_overrides WHERE app = $1 AND audience = $2 \
             AND subject = $3";
        sql.execute(
            delete,
            &params![app.as_str(), audience.word(), audience.subject()],
        )?;
    }
    Ok(Entry {
        action: "edge_app.forget",
        target: app.to_string(),
        detail: json!({
            "audience": audience.to_string(), "before": told(&before), "after": null,
        }),
    })
}

/// A decision as the audit log tells it.
fn told(decision: &AppDecision) -> Json {
    let rule = &decision.rule;
    json!({
        "decision": rule.decision, "mode": rule.mode, "pinned": rule.pinned, "note": rule.note,
    })
}

fn one(
    sql: &mut dyn Sql,
    audience: Audience,
    app: &AppId,
) -> Result<Option<AppDecision>, StoreError> {
    let rows = if audience == Audience::Fleet {
        let select = format!("SELECT {COLUMNS} FROM edge_apps WHERE app = $1");
        sql.query(&select, &params![app.as_str()])?
    } else {
        let select = format!(
            "SELECT {COLUMNS} FROM edge_app_overrides WHERE app = $1 AND audience = $2 \
             AND subject = $3"
        );
        let values = params![app.as_str(), audience.word(), audience.subject()];
        sql.query(&select, &values)?
    };
    rows.first().map(|row| read(row, audience)).transpose()
}

fn write(sql: &mut dyn Sql, decision: &AppDecision) -> Result<(), StoreError> {
    let AppDecision {
        audience,
        rule,
        decided_by,
        decided_at,
        revision,
    } = decision;
    let values = params![
        rule.app.as_str(),
        rule.decision.word(),
        rule.mode.word(),
        rule.pinned.word(),
        rule.note.as_deref(),
        decided_by.as_str(),
        *decided_at,
        *revision,
    ];
    const SET: &str = "DO UPDATE SET decision = $2, mode = $3, pinned = $4, note = $5, \
         decided_by = $6, decided_at = $7, revision = $8";
    if *audience == Audience::Fleet {
        let upsert = format!(
            "INSERT INTO edge_apps ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (app) {SET}"
        );
        return sql.execute(&upsert, &values).map(drop);
    }
    let upsert = format!(
        "INSERT INTO edge_app_overrides ({COLUMNS}, audience, subject) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (app, audience, subject) {SET}"
    );
    let whose = params![audience.word(), audience.subject()];
    let values: Vec<_> = values.into_iter().chain(whose).collect();
    sql.execute(&upsert, &values).map(drop)
}

pub(super) fn decided(sql: &mut dyn Sql) -> Result<Vec<AppDecision>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM edge_apps ORDER BY app");
    let rows = sql.query(&select, &[])?;
    rows.iter().map(|row| read(row, Audience::Fleet)).collect()
}

pub(super) fn overrides(sql: &mut dyn Sql) -> Result<Vec<AppDecision>, StoreError> {
    let select = format!(
        "SELECT {COLUMNS}, audience, subject FROM edge_app_overrides \
         ORDER BY app, audience, subject"
    );
    let rows = sql.query(&select, &[])?;
    rows.iter()
        .map(|row| read(row, Audience::read(row, 8, 9)?))
        .collect()
}

fn read(row: &Row, audience: Audience) -> Result<AppDecision, StoreError> {
    Ok(AppDecision {
        audience,
        rule: AppRule {
            app: row.parsed(0)?,
            decision: Word::read(row, 1)?,
            mode: Word::read(row, 2)?,
            pinned: Word::read(row, 3)?,
            note: row.opt(4, Row::text_owned)?,
        },
        decided_by: row.text_owned(5)?,
        decided_at: row.time(6)?,
        revision: row.count(7)?,
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
