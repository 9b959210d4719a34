//! Which devices a list is of.

use tidegate_device_api::EffectState;
use tidegate_policy::{AppId, Decision, McpIdentity};
use tidegate_types::{DeviceGroupId, TeamId, Timestamp, UserId};
use uuid::Uuid;

use super::{
    approval,
    effects::{RANK, rank},
};
use crate::{
    sql::{Where, containing},
    words::{Word, wire},
};

/// Which group devices are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InGroup {
    /// This one.
    Group(DeviceGroupId),
    /// None.
    NoGroup,
}

/// Which devices to list; every field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Of a team.
    pub team: Option<TeamId>,
    /// That belong to a team: themselves, or to a user of it and no other team.
    pub within: Option<TeamId>,
    /// Of a user.
    pub user: Option<UserId>,
    /// In a group, or in none.
    pub group: Option<InGroup>,
    /// Of an operating system.
    pub os: Option<String>,
    /// With exactly this hostname.
    pub hostname: Option<String>,
    /// Of exactly this version of an operating system.
    pub os_version: Option<String>,
    /// With exactly this version of the agent.
    pub agent_version: Option<String>,
    /// With this in the hostname, the name, or the owner's name or address, in any case.
    pub text: Option<String>,
    /// That govern, or that do not.
    pub effective: Option<bool>,
    /// Switched off or on.
    pub disabled: Option<bool>,
    /// Seen at this time or later.
    pub seen_since: Option<Timestamp>,
    /// Not seen since, those never seen included.
    pub unseen_since: Option<Timestamp>,
    /// That have an app: installed, or seen in its traffic.
    pub app: Option<AppId>,
    /// That have an MCP server.
    pub mcp_server: Option<McpIdentity>,
    /// That have an app or MCP server of which this holds.
    pub approval: Option<Decision>,
    /// That reported such an effect: of the app or else the server, where one is named.
    pub effect: Option<EffectState>,
    /// That somebody may have copied, or others.
    pub quarantined: Option<bool>,
}

impl DeviceFilter {
    /// The tables that the conditions are about, no others: counting all devices reads nothing but these.
    pub(super) const fn tables(&self) -> &'static str {
        let by_owner = self.team.is_some()
            || self.within.is_some()
            || self.user.is_some()
            || self.text.is_some()
            || self.disabled.is_some()
            || self.approval.is_some();
        if by_owner {
            "devices d JOIN virtual_keys k ON k.id = d.key_id LEFT JOIN users u ON u.id = k.user_id"
        } else {
            "devices d"
        }
    }

    pub(super) fn conditions(self, cursor: Option<Uuid>) -> Where {
        let mut conditions = Where::default();
        conditions.maybe("d.id > {}", cursor);
        conditions.maybe("k.team_id = {}", self.team.map(TeamId::uuid));
        conditions.maybe(
            "(k.team_id = {} OR (k.team_id IS NULL AND k.user_id IN \
             (SELECT id FROM users WHERE team_id = {})))",
            self.within.map(TeamId::uuid),
        );
        conditions.maybe("k.user_id = {}", self.user.map(UserId::uuid));
        match self.group {
            Some(InGroup::Group(id)) => conditions.and("d.group_id = {}", id.uuid()),
            Some(InGroup::NoGroup) => conditions.fixed("d.group_id IS NULL"),
            None => {}
        }
        conditions.maybe("d.os = {}", self.os);
        conditions.maybe("d.hostname = {}", self.hostname);
        conditions.maybe("d.os_version = {}", self.os_version);
        conditions.maybe("d.agent_version = {}", self.agent_version);
        conditions.maybe(
            "(LOWER(d.hostname) LIKE {} ESCAPE '!' OR LOWER(k.name) LIKE {} ESCAPE '!' \
             OR LOWER(u.name) LIKE {} ESCAPE '!' OR LOWER(u.email) LIKE {} ESCAPE '!')",
            self.text.as_deref().map(containing),
        );
        if let Some(state) = self.effect {
            let item = match (&self.app, &self.mcp_server) {
                (Some(app), _) => Some(("app", app.to_string())),
                (None, Some(identity)) => Some(("mcp_server", identity.to_string())),
                (None, None) => None,
            };
            effect(&mut conditions, state, item);
        }
        conditions.maybe("d.effective = {}", self.effective);
        conditions.maybe("k.disabled = {}", self.disabled);
        conditions.maybe("d.last_seen_at >= {}", self.seen_since);
        conditions.maybe(
            "(d.last_seen_at IS NULL OR d.last_seen_at < {})",
            self.unseen_since,
        );
        conditions.maybe(
            "(d.id IN (SELECT device_id FROM device_apps WHERE app = {}) \
             OR d.inventory IN (SELECT inventory FROM inventory_apps WHERE app = {}))",
            self.app.map(|app| app.to_string()),
        );
        conditions.maybe(
            "d.inventory IN (SELECT inventory FROM inventory_servers WHERE identity = {})",
            self.mcp_server.map(|identity| identity.to_string()),
        );
        match self.quarantined {
            Some(true) => conditions.fixed("d.quarantined_at IS NOT NULL"),
            Some(false) => conditions.fixed("d.quarantined_at IS NULL"),
            None => {}
        }
        if let Some(decision) = self.approval {
            let decision = conditions.param(decision.word());
            conditions.fixed(&approval::has(&decision));
        }
        conditions
    }
}

/// That reported such an effect. Of one item the worst that a device reported counts, as where devices
/// are counted.
fn effect(conditions: &mut Where, state: EffectState, item: Option<(&'static str, String)>) {
    let Some((kind, item)) = item else {
        conditions.maybe(
            "d.id IN (SELECT device_id FROM device_effects WHERE state = {})",
            wire(&state).ok(),
        );
        return;
    };
    let (kind, item) = (conditions.param(kind), conditions.param(item));
    let rank = conditions.param(rank(state));
    conditions.fixed(&format!(
        "d.id IN (SELECT device_id FROM device_effects WHERE kind = {kind} AND item = {item} \
         GROUP BY device_id HAVING MAX({RANK}) = {rank})"
    ));
}
