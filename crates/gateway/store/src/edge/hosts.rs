//! Rules for hosts, over those that the build knows by itself.

use serde_json::json;
use tidegate_policy::{HostName, HostRule};
use tidegate_types::Timestamp;

use super::mcp;
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Row, Sql, params},
    words::Word,
};

/// A rule for a host, as an admin set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeHost {
    /// The rule.
    pub rule: HostRule,
    /// When it was last set.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "host, treatment, updated_at";

impl Store {
    /// All rules, by host.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn edge_hosts(&self) -> Result<Vec<EdgeHost>, StoreError> {
        self.read(all).await
    }

    /// Sets the rule for a host.
    ///
    /// # Errors
    /// `Conflict` when there are 400 rules already.
    pub async fn put_edge_host(
        &self,
        actor: Actor,
        rule: HostRule,
    ) -> Result<EdgeHost, StoreError> {
        self.govern(actor, "edge_host.set", move |sql, now| {
            let select = format!("SELECT {COLUMNS} FROM edge_hosts WHERE host = $1");
            let known = sql.query(&select, &params![rule.host.as_str()])?;
            if let Some(known) = known.first().map(read).transpose()?
                && known.rule == rule
            {
                return Ok(Effect::Same(known));
            }
            // A device's certificate names every governed host, those of MCP servers too.
            let hosts = mcp::hosts(sql)?;
            if !hosts.contains(rule.host.as_str()) && hosts.len() >= mcp::MAX_HOSTS {
                return Err(StoreError::conflict(
                    "there are 400 rules for hosts and for remote MCP servers already",
                ));
            }
            let upsert = "INSERT INTO edge_hosts (host, treatment, updated_at) \
                 VALUES ($1, $2, $3) ON CONFLICT (host) DO UPDATE SET treatment = $2, \
                 updated_at = $3";
            let word = rule.treatment.word();
            sql.execute(upsert, &params![rule.host.as_str(), word, now])?;
            let host = rule.host.clone();
            let set = EdgeHost {
                rule,
                updated_at: now,
            };
            let before = known.first().map(|row| row.text_owned(1)).transpose()?;
            super::changed(sql, set, host, json!({ "before": before, "after": word }))
        })
        .await
    }

    /// Removes the rule for a host: what the build knows is in force again.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_edge_host(&self, actor: Actor, host: HostName) -> Result<(), StoreError> {
        self.govern(actor, "edge_host.delete", move |sql, _| {
            let select = "SELECT treatment FROM edge_hosts WHERE host = $1";
            let before = sql.one(select, &params![host.as_str()], "rule for a host")?;
            let before = before.text_owned(0)?;
            let delete = "DELETE FROM edge_hosts WHERE host = $1";
            sql.execute(delete, &params![host.as_str()])?;
            super::changed(sql, (), host, json!({ "before": before, "after": null }))
        })
        .await
    }
}

pub(super) fn all(sql: &mut dyn Sql) -> Result<Vec<EdgeHost>, StoreError> {
    let rows = sql.query(
        &format!("SELECT {COLUMNS} FROM edge_hosts ORDER BY host"),
        &[],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<EdgeHost, StoreError> {
    Ok(EdgeHost {
        rule: HostRule {
            host: row.parsed(0)?,
            treatment: Word::read(row, 1)?,
        },
        updated_at: row.time(2)?,
    })
}
