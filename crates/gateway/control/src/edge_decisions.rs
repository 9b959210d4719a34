//! Decisions about many apps and MCP servers at once: all of them or none, with one revision.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_policy::{
    AppId, AppRule, Decision, LaunchHash, McpIdentity, McpRule, McpTarget, Mode, Pinned, ToolRules,
};
use tidegate_store::{Audience, Decided, NewDecision};
use tidegate_types::McpRuleId;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    edge_mcp::ToolsGiven,
    extract::Body,
    guard::identity::Admin,
    policy_words::{DecisionName, ModeName, PinnedName},
    problem::Problem,
    protected,
    read::{Notice, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(decide))
}

read_struct! {
    /// What is decided about: an app, or an MCP server.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = DecisionTarget)]
    struct Target {
        /// The app's id.
        #[schema(value_type = Option<String>, example = "claude-code")]
        app: Option<AppId>,
        /// Or the MCP server's identity.
        #[schema(value_type = Option<String>, example = "npm:@scope/server")]
        identity: Option<McpIdentity>,
        /// Only with these arguments.
        #[schema(value_type = Option<String>)]
        arguments: Option<LaunchHash>,
        /// Only this exact launch.
        #[schema(value_type = Option<String>)]
        launch: Option<LaunchHash>,
    }
}

read_struct! {
    /// A decision about many things at once.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewDecisions)]
    struct Decide {
        /// What is decided about: 1 to 200.
        #[schema(value_type = Vec<Target>, min_items = 1, max_items = 200)]
        items: Vec<Target>,
        /// For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
        /// when not said.
        #[schema(value_type = Option<String>, example = "fleet")]
        audience: Option<Audience>,
        /// What is decided.
        #[schema(value_type = DecisionName)]
        decision: Decision,
        /// Of apps: whose credential their calls carry; as the settings say when not said.
        #[schema(value_type = Option<ModeName>)]
        mode: Option<Mode>,
        /// Of apps: what happens when they pin certificates; as the settings say when not said.
        #[schema(value_type = Option<PinnedName>)]
        pinned: Option<Pinned>,
        /// Of MCP servers: which of their tools may be called; all when not said.
        #[schema(value_type = Option<ToolsGiven>)]
        tools: Option<ToolsGiven>,
        /// What people at the machines are told.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
        note: Option<Notice>,
    }
}

/// What was decided, in the order in which it was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decisions)]
struct DecidedView {
    /// The policy's revision that holds it.
    revision: u64,
    /// What became of each.
    items: Vec<ItemView>,
}

/// What was decided about one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecisionMade)]
struct ItemView {
    /// The app's id.
    #[schema(value_type = Option<String>)]
    app: Option<AppId>,
    /// Or the MCP server's identity.
    #[schema(value_type = Option<String>)]
    identity: Option<McpIdentity>,
    /// The id of the rule about an MCP server.
    #[schema(value_type = Option<String>, example = "mcp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    rule: Option<McpRuleId>,
    /// What holds now.
    #[schema(value_type = DecisionName)]
    decision: Decision,
    /// Whether that is news.
    changed: bool,
}

impl ItemView {
    fn of(decided: Decided, before: u64) -> Self {
        match decided {
            Decided::App(made) => Self {
                app: Some(made.rule.app),
                identity: None,
                rule: None,
                decision: made.rule.decision,
                changed: made.revision > before,
            },
            Decided::Mcp(made) => Self {
                app: None,
                identity: Some(made.rule.target.identity),
                rule: Some(made.id),
                decision: made.rule.decision,
                changed: made.revision > before,
            },
        }
    }
}

/// Decides about many apps and MCP servers at once: about all of them, or nothing is changed. Devices that
/// wait learn of it at once.
#[utoipa::path(post, path = "/edge/decisions", tag = "edge", operation_id = "decide_many",
    request_body = Decide,
    responses((status = 200, description = "What was decided.", body = DecidedView),
        (status = 409, description = "There are too many decisions; nothing was changed.")))]
async fn decide(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<Decide>,
) -> Result<Json<DecidedView>, Problem> {
    if new.items.is_empty() {
        return Err(Problem::field("/items", "must have at least one item"));
    }
    let audience = new.audience.unwrap_or_default();
    let defaults = app.store.edge_settings().await?;
    let tools = new.tools.map(ToolRules::from).unwrap_or_default();
    let note = new.note.map(|note| note.0);
    let mut decisions = Vec::with_capacity(new.items.len());
    for (index, target) in new.items.into_iter().enumerate() {
        let at = format!("/items/{index}");
        decisions.push(match (target.app, target.identity) {
            (Some(id), None) if target.arguments.is_none() && target.launch.is_none() => {
                protected::app(&id, new.decision, &at)?;
                let rule = AppRule {
                    app: id,
                    decision: new.decision,
                    mode: new.mode.unwrap_or(defaults.default_mode),
                    pinned: new.pinned.unwrap_or(defaults.default_pinned),
                    note: note.clone(),
                };
                NewDecision::App(audience, rule)
            }
            (None, Some(identity)) => {
                let target = McpTarget {
                    identity,
                    arguments: target.arguments,
                    launch: target.launch,
                };
                let rule = McpRule {
                    target,
                    decision: new.decision,
                    tools: tools.clone(),
                    note: note.clone(),
                };
                protected::server(&app, &rule, &at).await?;
                NewDecision::Mcp(audience, rule)
            }
            _ => {
                let detail = "names either an app, or the identity of an MCP server";
                return Err(Problem::field(&at, detail));
            }
        });
    }
    let (before, _) = app.store.edge_state().await?;
    let decided = app.store.decide(admin.actor(), decisions).await?;
    let (revision, _) = app.store.edge_state().await?;
    let items = decided
        .into_iter()
        .map(|decided| ItemView::of(decided, before))
        .collect();
    Ok(Json(DecidedView { revision, items }))
}
