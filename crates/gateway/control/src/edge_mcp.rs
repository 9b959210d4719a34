//! MCP servers: those that are on devices, and what was decided about them.

mod effects;
mod list;
mod rules;
mod show;

use std::sync::Arc;

use serde::Serialize;
use tidegate_policy::{Decision, LaunchHash, McpIdentity, ToolRules};
use tidegate_store::{Audience, McpDecision};
use tidegate_types::{McpRuleId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use effects::Effects;
pub(crate) use show::EffectView;

use crate::{
    app::App,
    policy_words::DecisionName,
    read::{ToolName, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(rules::list, rules::decide))
        .routes(routes!(rules::forget))
}

read_struct! {
    /// Which tools of a server may be called.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewToolRules)]
    pub(crate) struct ToolsGiven {
        /// Only these; all but the denied ones when not said.
        #[schema(value_type = Option<Vec<String>>, max_items = 200)]
        allow: Option<Vec<ToolName>>,
        /// Not these, whatever else is said.
        #[schema(value_type = Vec<String>, required = false, max_items = 200)]
        deny: Vec<ToolName>,
    }
}

impl From<ToolsGiven> for ToolRules {
    fn from(given: ToolsGiven) -> Self {
        let names = |tools: Vec<ToolName>| tools.into_iter().map(|tool| tool.0).collect();
        Self {
            allow: given.allow.map(names),
            deny: names(given.deny),
        }
    }
}

/// Which tools of a server may be called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ToolRules)]
struct ToolsView {
    /// Only these; null: all but the denied ones.
    allow: Option<Vec<String>>,
    /// Not these, whatever else is said.
    deny: Vec<String>,
}

impl From<ToolRules> for ToolsView {
    fn from(rules: ToolRules) -> Self {
        Self {
            allow: rules.allow,
            deny: rules.deny,
        }
    }
}

/// A decision about an MCP server. The tightest that fits a server on a device decides; about the same,
/// one for the device stands in place of one for its team, and that in place of one for the fleet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpRule)]
struct RuleView {
    /// Its id.
    #[schema(value_type = String, example = "mcp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: McpRuleId,
    /// For whom: `fleet`, or a team or device.
    #[schema(value_type = String, example = "fleet")]
    audience: String,
    /// The server.
    #[schema(value_type = String, example = "npm:@modelcontextprotocol/server-everything")]
    identity: McpIdentity,
    /// Only with these arguments.
    #[schema(value_type = Option<String>)]
    arguments: Option<LaunchHash>,
    /// Only this exact launch.
    #[schema(value_type = Option<String>)]
    launch: Option<LaunchHash>,
    /// What was decided.
    #[schema(value_type = DecisionName)]
    decision: Decision,
    /// Which of its tools may be called.
    tools: ToolsView,
    /// What people at the machines are told.
    note: Option<String>,
    /// Who decided: the id of an account or a token, or `cli`.
    decided_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// The policy's revision with which it came.
    revision: u64,
}

impl From<McpDecision> for RuleView {
    fn from(decision: McpDecision) -> Self {
        let rule = decision.rule;
        Self {
            id: decision.id,
            audience: decision.audience.to_string(),
            identity: rule.target.identity,
            arguments: rule.target.arguments,
            launch: rule.target.launch,
            decision: rule.decision,
            tools: rule.tools.into(),
            note: rule.note,
            decided_by: decision.decided_by,
            decided_at: decision.decided_at,
            revision: decision.revision,
        }
    }
}

/// The decision for the fleet that is bound to a server's identity alone.
fn plain<'a>(rules: impl IntoIterator<Item = &'a McpDecision>) -> Option<&'a McpDecision> {
    rules.into_iter().find(|decision| {
        decision.audience == Audience::Fleet
            && decision.rule.target.arguments.is_none()
            && decision.rule.target.launch.is_none()
    })
}
