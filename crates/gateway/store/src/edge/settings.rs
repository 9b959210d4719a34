//! What holds for all apps and hosts of the policy.

use serde_json::{Value as Json, json};
use tidegate_policy::{Decision, FailMode, HostName, Mode, Pinned};

use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Sql, params},
    words::Word,
};

/// What holds where no rule says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeSettings {
    /// What happens while a device cannot govern.
    pub fail: FailMode,
    /// Seconds between check-ins: 5 to 86,400.
    pub check_in_seconds: u32,
    /// For apps that nobody decided about.
    pub default_decision: Decision,
    /// For apps that nobody decided about.
    pub default_mode: Mode,
    /// For apps that nobody decided about.
    pub default_pinned: Pinned,
    /// For MCP servers that nobody decided about: denied is an allow-list.
    pub default_mcp_decision: Decision,
    /// Hosts that are never refused, 200 at most.
    pub never_block: Vec<HostName>,
}

const MAX_HOSTS: usize = 200;

impl Store {
    /// The settings.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn edge_settings(&self) -> Result<EdgeSettings, StoreError> {
        self.read(|sql| read(sql).map(|(settings, _)| settings))
            .await
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// `Invalid` `check_in_seconds` or `never_block`.
    pub async fn put_edge_settings(
        &self,
        actor: Actor,
        new: EdgeSettings,
    ) -> Result<EdgeSettings, StoreError> {
        self.govern(actor, "edge_settings.set", move |sql, _| {
            if !(5..=86_400).contains(&new.check_in_seconds) {
                return Err(StoreError::invalid(
                    "check_in_seconds",
                    "it is 5 seconds to a day",
                ));
            }
            if new.never_block.len() > MAX_HOSTS {
                return Err(StoreError::invalid(
                    "never_block",
                    "it has at most 200 hosts",
                ));
            }
            let before = read(sql)?.0;
            if before == new {
                return Ok(Effect::Same(new));
            }
            write(sql, &new)?;
            let detail = json!({ "before": told(&before), "after": told(&new) });
            super::changed(sql, new, "settings", detail)
        })
        .await
    }
}

/// The settings as the audit log tells them.
fn told(settings: &EdgeSettings) -> Json {
    json!({
        "fail": settings.fail, "check_in_seconds": settings.check_in_seconds,
        "default_decision": settings.default_decision, "default_mode": settings.default_mode,
        "default_pinned": settings.default_pinned,
        "default_mcp_decision": settings.default_mcp_decision,
        "never_block": settings.never_block,
    })
}

fn write(sql: &mut dyn Sql, new: &EdgeSettings) -> Result<(), StoreError> {
    let never_block = serde_json::to_string(&new.never_block)
        .map_err(|_| StoreError::invalid("never_block", "it cannot be stored"))?;
    let update = "UPDATE edge_settings SET fail_mode = $1, check_in_seconds = $2, \
         default_decision = $3, default_mode = $4, default_pinned = $5, never_block = $6, \
         default_mcp_decision = $7 WHERE id = 1";
    let values = params![
        new.fail.word(),
        i64::from(new.check_in_seconds),
        new.default_decision.word(),
        new.default_mode.word(),
        new.default_pinned.word(),
        never_block,
        new.default_mcp_decision.word(),
    ];
    sql.execute(update, &values).map(drop)
}

/// The settings and the policy's revision.
pub(super) fn read(sql: &mut dyn Sql) -> Result<(EdgeSettings, u64), StoreError> {
    let select = "SELECT revision, fail_mode, check_in_seconds, default_decision, default_mode, \
         default_pinned, never_block, default_mcp_decision FROM edge_settings WHERE id = 1";
    let row = sql.one(select, &[], "schema")?;
    let broken = |_| StoreError::Broken("the settings for devices cannot be read".into());
    let settings = EdgeSettings {
        fail: Word::read(&row, 1)?,
        check_in_seconds: u32::try_from(row.int(2)?)
            .map_err(|_| StoreError::Broken("the check-in interval is no number".into()))?,
        default_decision: Word::read(&row, 3)?,
        default_mode: Word::read(&row, 4)?,
        default_pinned: Word::read(&row, 5)?,
        never_block: serde_json::from_str(row.text(6)?).map_err(broken)?,
        default_mcp_decision: Word::read(&row, 7)?,
    };
    Ok((settings, row.count(0)?))
}
