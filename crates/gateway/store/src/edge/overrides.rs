//! What was decided for teams and devices only, put together for each of them.

use std::collections::BTreeMap;

use tidegate_policy::{AppRule, McpRule};
use tidegate_types::{DeviceId, TeamId};

use super::{apps, mcp, raise};
use crate::{
    Audience, StoreError,
    sql::{Row, Sql, params},
};

/// What was decided for a team or a device, over what holds for the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeOverrides {
    /// For whom; never the fleet.
    pub audience: Audience,
    /// Of a device: its team, whose decisions hold for it as well.
    pub team: Option<TeamId>,
    /// Decisions about apps, by id.
    pub apps: Vec<AppRule>,
    /// Decisions about MCP servers, by identity.
    pub mcp_servers: Vec<McpRule>,
}

/// The decisions about MCP servers for the fleet, and all that were made for others.
pub(super) fn read(sql: &mut dyn Sql) -> Result<(Vec<McpRule>, Vec<EdgeOverrides>), StoreError> {
    let mut fleet = Vec::new();
    let mut others: BTreeMap<Audience, (Vec<AppRule>, Vec<McpRule>)> = BTreeMap::new();
    for decision in apps::overrides(sql)? {
        others
            .entry(decision.audience)
            .or_default()
            .0
            .push(decision.rule);
    }
    for decision in mcp::all(sql)? {
        match decision.audience {
            Audience::Fleet => fleet.push(decision.rule),
            other => others.entry(other).or_default().1.push(decision.rule),
        }
    }
    let mut overrides = Vec::with_capacity(others.len());
    for (audience, (apps, mcp_servers)) in others {
        let team = match audience {
            Audience::Device(device) => team_of(sql, device)?,
            Audience::Fleet | Audience::Team(_) => None,
        };
        overrides.push(EdgeOverrides {
            audience,
            team,
            apps,
            mcp_servers,
        });
    }
    Ok((fleet, overrides))
}

/// A device's team, or else its user's.
fn team_of(sql: &mut dyn Sql, device: DeviceId) -> Result<Option<TeamId>, StoreError> {
    let select = "SELECT COALESCE(k.team_id, u.team_id) FROM devices d \
         JOIN virtual_keys k ON k.id = d.key_id LEFT JOIN users u ON u.id = k.user_id \
         WHERE d.id = $1";
    let rows = sql.query(select, &params![device.uuid()])?;
    let team = rows.first().map(|row| row.opt(0, Row::uuid)).transpose()?;
    Ok(team.flatten().map(TeamId::from_uuid))
}

/// A device, a key or a user came to another team: where teams have decisions of their own, devices
/// have something new to obey.
pub(crate) fn teams_moved(sql: &mut dyn Sql) -> Result<(), StoreError> {
    let any = "SELECT 1 FROM edge_mcp_rules WHERE audience = 'team' UNION ALL \
         SELECT 1 FROM edge_app_overrides WHERE audience = 'team' LIMIT 1";
    if sql.query(any, &[])?.is_empty() {
        return Ok(());
    }
    raise(sql)
}
