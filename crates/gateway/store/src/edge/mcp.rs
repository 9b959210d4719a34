//! Decisions about MCP servers.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tidegate_policy::{Decision, HostName, McpRule, McpTarget, ToolRules};
use tidegate_types::{McpRuleId, Timestamp};

use super::decide::{Now, note_is_fine};
use crate::{
    Audience, Store, StoreError,
    change::Entry,
    sql::{Row, Sql, params},
    words::{Word, from_json, json_text},
};

/// What was decided about an MCP server, for whom, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpDecision {
    /// Its id: it stays when the decision about the same target is changed.
    pub id: McpRuleId,
    /// For whom.
    pub audience: Audience,
    /// The decision.
    pub rule: McpRule,
    /// Who decided: the id of an account or a token, `cli` or `system`.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
    /// The policy's revision with which it came.
    pub revision: u64,
}

/// The most decisions for the fleet, and the most for teams and devices: each is in policies.
const MAX: i64 = 2_000;

/// The most tools that a rule names, and the longest name of one, in bytes.
const MAX_TOOLS: usize = 200;
const LONGEST_TOOL: usize = 128;

/// A certificate has room for so many hosts beside those that the build knows.
pub(super) const MAX_HOSTS: usize = 400;

const COLUMNS: &str = "id, audience, subject, identity, arguments, launch, decision, tools, note, \
     decided_by, decided_at, revision";

impl Store {
    /// All decisions about MCP servers, by identity.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_decisions(&self) -> Result<Vec<McpDecision>, StoreError> {
        self.read(all).await
    }
}

/// The host that a gateway has to govern so that a rule about a remote server holds: where the rule
/// refuses something and the server has a name.
#[must_use]
pub fn host_of(rule: &McpRule) -> Option<HostName> {
    if rule.decision != Decision::Denied && rule.tools.allow_everything() {
        return None;
    }
    let rest = rule.target.identity.as_str().strip_prefix("url:https://")?;
    // With a port of its own it is no host that devices relay; the parser takes no colon.
    rest.split('/').next()?.parse().ok()
}

/// Sets what is decided about a target for an audience; with the entry for the audit log where that
/// is news.
pub(super) fn decide(
    sql: &mut dyn Sql,
    now: &Now,
    audience: Audience,
    mut rule: McpRule,
) -> Result<(McpDecision, Option<Entry>), StoreError> {
    note_is_fine(rule.note.as_deref())?;
    tools_are_fine(&rule.tools)?;
    audience.exists(sql)?;
    if rule.target.launch.is_some() {
        // A launch has its arguments in it: one target shall not be two.
        rule.target.arguments = None;
    }
    let before = about(sql, audience, &rule.target)?;
    if let Some(before) = &before
        && before.rule == rule
    {
        return Ok((before.clone(), None));
    }
    if before.is_none() {
        there_is_room(sql, audience)?;
    }
    let decision = McpDecision {
        id: before
            .as_ref()
            .map_or_else(|| McpRuleId::generate(now.at), |before| before.id),
        audience,
        rule,
        decided_by: now.actor.to_string(),
        decided_at: now.at,
        revision: now.revision,
    };
    write(sql, &decision)?;
    if host_of(&decision.rule).is_some() && hosts(sql)?.len() > MAX_HOSTS {
        return Err(StoreError::conflict(
            "there are 400 rules for hosts and for remote MCP servers already",
        ));
    }
    let entry = Entry {
        action: "edge_mcp.decide",
        target: decision.rule.target.identity.to_string(),
        detail: json!({
            "audience": audience.to_string(), "before": before.as_ref().map(told),
            "after": told(&decision),
        }),
    };
    Ok((decision, Some(entry)))
}

/// Takes back a decision.
pub(super) fn forget(sql: &mut dyn Sql, id: McpRuleId) -> Result<Entry, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM edge_mcp_rules WHERE id = $1");
    let before = read(&sql.one(&select, &params![id.uuid()], "decision")?)?;
    let delete = "DELETE FROM edge_mcp_rules WHERE id = $1";
    sql.execute(delete, &params![id.uuid()])?;
    Ok(Entry {
        action: "edge_mcp.forget",
        target: before.rule.target.identity.to_string(),
        detail: json!({
            "audience": before.audience.to_string(), "before": told(&before), "after": null,
        }),
    })
}

/// A decision as the audit log tells it.
fn told(decision: &McpDecision) -> Json {
    let rule = &decision.rule;
    json!({
        "arguments": rule.target.arguments, "launch": rule.target.launch,
        "decision": rule.decision, "tools": rule.tools, "note": rule.note,
    })
}

fn tools_are_fine(tools: &ToolRules) -> Result<(), StoreError> {
    let names = || tools.allow.iter().flatten().chain(&tools.deny);
    let fine = |name: &String| {
        !name.is_empty() && name.len() <= LONGEST_TOOL && !name.contains(char::is_control)
    };
    if names().count() > MAX_TOOLS || !names().all(fine) {
        return Err(StoreError::invalid(
            "tools",
            "it names at most 200 tools, of 1 to 128 bytes each",
        ));
    }
    Ok(())
}

fn there_is_room(sql: &mut dyn Sql, audience: Audience) -> Result<(), StoreError> {
    let count = if audience == Audience::Fleet {
        "SELECT COUNT(*) FROM edge_mcp_rules WHERE audience = 'fleet'"
    } else {
        "SELECT COUNT(*) FROM edge_mcp_rules WHERE audience <> 'fleet'"
    };
    if sql.one(count, &[], "schema")?.int(0)? >= MAX {
        return Err(StoreError::conflict(
            "there are 2,000 decisions about MCP servers already",
        ));
    }
    Ok(())
}

/// The hosts beside the build's that a certificate may have to name.
pub(super) fn hosts(sql: &mut dyn Sql) -> Result<BTreeSet<String>, StoreError> {
    let own = sql.query("SELECT host FROM edge_hosts", &[])?;
    let mut hosts = own
        .iter()
        .map(|row| row.text_owned(0))
        .collect::<Result<BTreeSet<_>, _>>()?;
    let select = format!(
        "SELECT {COLUMNS} FROM edge_mcp_rules WHERE identity LIKE 'url:https://%' ORDER BY identity"
    );
    for row in sql.query(&select, &[])? {
        hosts.extend(host_of(&read(&row)?.rule).map(|host| host.to_string()));
    }
    Ok(hosts)
}

fn about(
    sql: &mut dyn Sql,
    audience: Audience,
    target: &McpTarget,
) -> Result<Option<McpDecision>, StoreError> {
    let select = format!(
        "SELECT {COLUMNS} FROM edge_mcp_rules WHERE identity = $1 AND arguments = $2 \
         AND launch = $3 AND audience = $4 AND subject = $5"
    );
    let (arguments, launch) = bound(target);
    let identity = target.identity.as_str();
    let values = params![
        identity,
        arguments,
        launch,
        audience.word(),
        audience.subject()
    ];
    let rows = sql.query(&select, &values)?;
    rows.first().map(read).transpose()
}

/// What a target is bound to, as columns hold it.
fn bound(target: &McpTarget) -> (String, String) {
    let text = |hash: Option<tidegate_policy::LaunchHash>| {
        hash.map(|hash| hash.to_string()).unwrap_or_default()
    };
    (text(target.arguments), text(target.launch))
}

fn write(sql: &mut dyn Sql, decision: &McpDecision) -> Result<(), StoreError> {
    let rule = &decision.rule;
    let upsert = format!(
        "INSERT INTO edge_mcp_rules ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO UPDATE SET decision = $7, tools = $8, note = $9, decided_by = $10, \
         decided_at = $11, revision = $12"
    );
    let (arguments, launch) = bound(&rule.target);
    let values = params![
        decision.id.uuid(),
        decision.audience.word(),
        decision.audience.subject(),
        rule.target.identity.as_str(),
        arguments,
        launch,
        rule.decision.word(),
        json_text(&rule.tools)?,
        rule.note.as_deref(),
        decision.decided_by.as_str(),
        decision.decided_at,
        decision.revision,
    ];
    sql.execute(&upsert, &values).map(drop)
}

pub(super) fn all(sql: &mut dyn Sql) -> Result<Vec<McpDecision>, StoreError> {
    let select = format!(
        "SELECT {COLUMNS} FROM edge_mcp_rules ORDER BY identity, arguments, launch, audience, subject"
    );
    sql.query(&select, &[])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<McpDecision, StoreError> {
    let hash = |row: &Row, column| match row.text(column)? {
        "" => Ok(None),
        _ => row.parsed(column).map(Some),
    };
    Ok(McpDecision {
        id: McpRuleId::from_uuid(row.uuid(0)?),
        audience: Audience::read(row, 1, 2)?,
        rule: McpRule {
            target: McpTarget {
                identity: row.parsed(3)?,
                arguments: hash(row, 4)?,
                launch: hash(row, 5)?,
            },
            decision: Word::read(row, 6)?,
            tools: from_json(row, 7)?,
            note: row.opt(8, Row::text_owned)?,
        },
        decided_by: row.text_owned(9)?,
        decided_at: row.time(10)?,
        revision: row.count(11)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_that_refuse_something_of_a_named_host_need_it_governed() {
        let rule = |identity: &str, decision, deny: &[&str]| McpRule {
            target: McpTarget {
                identity: identity.parse().unwrap(),
                arguments: None,
                launch: None,
            },
            decision,
            tools: ToolRules {
                allow: None,
                deny: deny.iter().map(|&name| name.to_owned()).collect(),
            },
            note: None,
        };
        let host = |rule: McpRule| host_of(&rule).map(|host| host.to_string());
        let denied = Decision::Denied;
        let url = "url:https://mcp.example.com/sse";
        assert_eq!(
            host(rule(url, denied, &[])).as_deref(),
            Some("mcp.example.com")
        );
        let tools = rule(url, Decision::Approved, &["delete_all"]);
        assert_eq!(host(tools).as_deref(), Some("mcp.example.com"));
        for none in [
            rule(url, Decision::Approved, &[]),
            rule("url:https://mcp.example.com:8443/sse", denied, &[]),
            rule("url:https://127.0.0.1/mcp", denied, &[]),
            rule("url:https://[::1]/mcp", denied, &[]),
            rule("npm:mcp.example.com", denied, &[]),
        ] {
            assert_eq!(host(none), None);
        }
    }
}
