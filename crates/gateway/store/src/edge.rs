//! What devices obey: decisions about apps, rules for hosts, settings. Every change raises the
//! policy's revision, by which devices know what is newer, and that of what is governed, by which
//! the other nodes learn of it.

mod apps;
mod decide;
mod hosts;
mod mcp;
mod overrides;
mod settings;

use serde_json::{Value as Json, json};
use tidegate_policy::{AppRule, HostRule, McpRule};
use tidegate_types::Timestamp;

pub(crate) use self::decide::decide_in;
pub(crate) use self::overrides::teams_moved;
pub use self::{
    apps::{AppDecision, SeenApp},
    decide::{Decided, NewDecision},
    hosts::EdgeHost,
    mcp::{McpDecision, host_of as mcp_host},
    overrides::EdgeOverrides,
    settings::EdgeSettings,
};
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Row, Sql, params},
};

/// What devices obey, as far as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgePolicy {
    /// Rises with every change.
    pub revision: u64,
    /// What holds for all apps and hosts.
    pub settings: EdgeSettings,
    /// Rules for hosts, by name.
    pub hosts: Vec<HostRule>,
    /// Decisions about apps for the fleet, by id.
    pub apps: Vec<AppRule>,
    /// Decisions about MCP servers for the fleet, by identity.
    pub mcp_servers: Vec<McpRule>,
    /// What was decided for teams and devices only.
    pub overrides: Vec<EdgeOverrides>,
}

impl Store {
    /// What devices obey, in one consistent read.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn edge_policy(&self) -> Result<EdgePolicy, StoreError> {
        self.read(|sql| {
            let (settings, revision) = settings::read(sql)?;
            let hosts = hosts::all(sql)?;
            let apps = apps::decided(sql)?;
            let (mcp_servers, overrides) = overrides::read(sql)?;
            Ok(EdgePolicy {
                revision,
                settings,
                hosts: hosts.into_iter().map(|host| host.rule).collect(),
                apps: apps.into_iter().map(|decision| decision.rule).collect(),
                mcp_servers,
                overrides,
            })
        })
        .await
    }

    /// The policy's revision and since when the authority is as it is: one small read, to see
    /// whether the rest is worth reading.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn edge_state(&self) -> Result<(u64, Option<Timestamp>), StoreError> {
        self.read(|sql| {
            let select = "SELECT revision, (SELECT updated_at FROM authority WHERE id = 1) \
                 FROM edge_settings WHERE id = 1";
            let row = sql.one(select, &[], "schema")?;
            Ok((row.count(0)?, row.opt(1, Row::time)?))
        })
        .await
    }

    /// Notes what this build knows by itself, as text. Where it is another than what was noted
    /// before, devices have something new to obey, and the revision rises.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn note_edge_catalogue(&self, builtin: &[u8]) -> Result<(), StoreError> {
        let fingerprint = *blake3::hash(builtin).as_bytes();
        self.govern(Actor::System, "edge.catalogue", move |sql, _| {
            let known = "SELECT catalogue FROM edge_settings WHERE id = 1";
            if sql.one(known, &[], "schema")?.bytes(0)? == fingerprint {
                return Ok(Effect::Same(()));
            }
            let update = "UPDATE edge_settings SET catalogue = $1 WHERE id = 1";
            sql.execute(update, &params![fingerprint.as_slice()])?;
            changed(sql, (), "catalogue", json!({}))
        })
        .await
    }
}

/// Raises the policy's revision.
fn changed<T>(
    sql: &mut dyn Sql,
    value: T,
    target: impl ToString,
    detail: Json,
) -> Result<Effect<T>, StoreError> {
    raise(sql)?;
    Ok(Effect::changed(value, target, detail))
}

/// Raises the policy's revision: devices have something new to obey.
pub(crate) fn raise(sql: &mut dyn Sql) -> Result<(), StoreError> {
    let raise = "UPDATE edge_settings SET revision = revision + 1 WHERE id = 1";
    sql.execute(raise, &params![]).map(drop)
}
