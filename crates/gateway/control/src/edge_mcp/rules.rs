//! Decisions about MCP servers: what was decided, deciding, taking back.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_policy::{Decision, LaunchHash, McpIdentity, McpRule, McpTarget, ToolRules};
use tidegate_store::{Audience, Decided, NewDecision};
use tidegate_types::McpRuleId;
use utoipa::{IntoParams, ToSchema};

use super::{RuleView, ToolsGiven};
use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::Page,
    policy_words::DecisionName,
    problem::Problem,
    protected,
    read::{Notice, read_struct},
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListRules {
        /// Only about this server.
        #[param(value_type = Option<String>)]
        identity: Option<McpIdentity>,
        /// Only for this audience: `fleet`, `team:` or `device:` with an id.
        #[param(value_type = Option<String>)]
        audience: Option<Audience>,
    }
}

read_struct! {
    /// A decision about an MCP server.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewMcpRule)]
    pub(super) struct Decide {
        /// For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
        /// when not said.
        #[schema(value_type = Option<String>, example = "fleet")]
        audience: Option<Audience>,
        /// The server.
        #[schema(value_type = String, example = "npm:@modelcontextprotocol/server-everything")]
        identity: McpIdentity,
        /// Only with these arguments.
        #[schema(value_type = Option<String>)]
        arguments: Option<LaunchHash>,
        /// Only this exact launch.
        #[schema(value_type = Option<String>)]
        launch: Option<LaunchHash>,
        /// What is decided.
        #[schema(value_type = DecisionName)]
        decision: Decision,
        /// Which of its tools may be called; all when not said.
        #[schema(value_type = Option<ToolsGiven>)]
        tools: Option<ToolsGiven>,
        /// What people at the machines are told.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 500,
            example = "Not reviewed yet. Ask it@example.com.")]
        note: Option<Notice>,
    }
}

/// Lists decisions about MCP servers, by identity.
#[utoipa::path(get, path = "/edge/mcp-rules", tag = "edge", operation_id = "list_mcp_rules",
    params(ListRules),
    responses((status = 200, description = "All decisions.", body = Page<RuleView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListRules>,
) -> Result<Json<Page<RuleView>>, Problem> {
    let mut rules = app.store.mcp_decisions().await?;
    rules.retain(|decision| {
        query
            .identity
            .as_ref()
            .is_none_or(|identity| decision.rule.target.identity == *identity)
            && query
                .audience
                .is_none_or(|audience| decision.audience == audience)
    });
    let views = rules.into_iter().map(RuleView::from).collect();
    Ok(Json(Page::whole(views)))
}

/// Sets what is decided about an MCP server, in place of what was decided about the same for the same
/// audience. Devices that wait learn of it at once.
#[utoipa::path(put, path = "/edge/mcp-rules", tag = "edge", operation_id = "decide_mcp_server",
    request_body = Decide,
    responses((status = 200, description = "The decision.", body = RuleView),
        (status = 409, description = "There are too many decisions.")))]
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<Decide>,
) -> Result<Json<RuleView>, Problem> {
    let rule = McpRule {
        target: McpTarget {
            identity: new.identity,
            arguments: new.arguments,
            launch: new.launch,
        },
        decision: new.decision,
        tools: new.tools.map(ToolRules::from).unwrap_or_default(),
        note: new.note.map(|note| note.0),
    };
    protected::server(&app, &rule, "/identity").await?;
    let new = vec![NewDecision::Mcp(new.audience.unwrap_or_default(), rule)];
    match app.store.decide(admin.actor(), new).await?.pop() {
        Some(Decided::Mcp(decision)) => Ok(Json(decision.into())),
        _ => Err(Problem::internal("a decision got lost")),
    }
}

/// Takes a decision about an MCP server back: the next wider one holds, or the settings do.
#[utoipa::path(delete, path = "/edge/mcp-rules/{id}", tag = "edge",
    operation_id = "delete_mcp_rule",
    params(("id" = String, Path, description = "The decision's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<McpRuleId>,
) -> Result<StatusCode, Problem> {
    app.store.forget_mcp(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
