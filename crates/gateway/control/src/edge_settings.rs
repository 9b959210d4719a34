//! What holds for all apps and hosts of the policy that devices obey.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_policy::{Decision, FailMode, HostName, Mode, Pinned};
use tidegate_store::EdgeSettings;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    policy_words::{DecisionName, FailName, ModeName, PinnedName},
    problem::Problem,
    read::{Count, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show, put))
}

/// What holds where no rule says otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeSettings)]
struct SettingsView {
    /// What happens while a device cannot govern.
    #[schema(value_type = FailName)]
    fail: FailMode,
    /// Seconds between check-ins.
    check_in_seconds: u32,
    /// For apps that nobody decided about.
    #[schema(value_type = DecisionName)]
    default_decision: Decision,
    /// For apps that nobody decided about.
    #[schema(value_type = ModeName)]
    default_mode: Mode,
    /// For apps that nobody decided about.
    #[schema(value_type = PinnedName)]
    default_pinned: Pinned,
    /// For MCP servers that nobody decided about: `denied` is an allow-list.
    #[schema(value_type = DecisionName)]
    default_mcp_decision: Decision,
    /// Hosts that are never refused.
    #[schema(value_type = Vec<String>)]
    never_block: Vec<HostName>,
}

impl From<EdgeSettings> for SettingsView {
    fn from(settings: EdgeSettings) -> Self {
        Self {
            fail: settings.fail,
            check_in_seconds: settings.check_in_seconds,
            default_decision: settings.default_decision,
            default_mode: settings.default_mode,
            default_pinned: settings.default_pinned,
            default_mcp_decision: settings.default_mcp_decision,
            never_block: settings.never_block,
        }
    }
}

read_struct! {
    /// New settings, in place of all the old ones.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewEdgeSettings)]
    struct PutSettings {
        /// What happens while a device cannot govern.
        #[schema(value_type = FailName)]
        fail: FailMode,
        /// Seconds between check-ins.
        #[schema(value_type = u32, minimum = 5, maximum = 86_400, example = 60)]
        check_in_seconds: Count,
        /// For apps that nobody decided about.
        #[schema(value_type = DecisionName)]
        default_decision: Decision,
        /// For apps that nobody decided about.
        #[schema(value_type = ModeName)]
        default_mode: Mode,
        /// For apps that nobody decided about.
        #[schema(value_type = PinnedName)]
        default_pinned: Pinned,
        /// For MCP servers that nobody decided about, `denied` being an allow-list; as it is when not
        /// said.
        #[schema(value_type = Option<DecisionName>)]
        default_mcp_decision: Option<Decision>,
        /// Hosts that are never refused, such as the identity provider; the gateway itself never is.
        #[schema(value_type = Vec<String>, required = false, max_items = 200)]
        never_block: Vec<HostName>,
    }
}

/// Shows the settings of the policy.
#[utoipa::path(get, path = "/edge/settings", tag = "edge", operation_id = "get_edge_settings",
    responses((status = 200, description = "The settings.", body = SettingsView)))]
async fn show(State(app): State<Arc<App>>) -> Result<Json<SettingsView>, Problem> {
    Ok(Json(app.store.edge_settings().await?.into()))
}

/// Replaces the settings of the policy. Devices that wait learn of it at once.
#[utoipa::path(put, path = "/edge/settings", tag = "edge", operation_id = "set_edge_settings",
    request_body = PutSettings,
    responses((status = 200, description = "The settings as they are now.", body = SettingsView)))]
async fn put(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<PutSettings>,
) -> Result<Json<SettingsView>, Problem> {
    let default_mcp_decision = match new.default_mcp_decision {
        Some(decision) => decision,
        None => app.store.edge_settings().await?.default_mcp_decision,
    };
    let new = EdgeSettings {
        default_mcp_decision,
        fail: new.fail,
        // What is too large for the type is too large for the store too, which says so.
        check_in_seconds: u32::try_from(new.check_in_seconds.0).unwrap_or(u32::MAX),
        default_decision: new.default_decision,
        default_mode: new.default_mode,
        default_pinned: new.default_pinned,
        never_block: new.never_block,
    };
    let settings = app.store.put_edge_settings(admin.actor(), new).await?;
    Ok(Json(settings.into()))
}
