//! What is on a device, and what came of decisions on it.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_device_api::{
    Coverage, InstallSource, InstalledApp, InstalledKind, Looked, McpServer, Scope, ToolSource,
    Transport,
};
use tidegate_policy::{AppId, Decision, Document, Identified, LaunchHash, McpIdentity};
use tidegate_types::{DeviceId, Timestamp};
use utoipa::ToSchema;

use super::list::written;
use crate::{
    app::App, audit::hex, edge_mcp::EffectView, extract::Id, guard::identity::Admin, page::Page,
    policy_words::DecisionName, problem::Problem,
};

/// What is on a device, as it found it. Null `hash` before its first scan.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = DeviceInventory)]
pub(super) struct InventoryView {
    /// The inventory's hash.
    hash: Option<String>,
    /// When the gateway got it; devices that are alike share one.
    #[schema(value_type = Option<String>, format = DateTime)]
    stored_at: Option<Timestamp>,
    /// AI apps.
    apps: Vec<InstalledView>,
    /// MCP servers in clients' configurations.
    mcp_servers: Vec<ServerView>,
    /// Where it looked.
    coverage: Vec<CoverageView>,
    /// More was found than fits.
    truncated: bool,
    /// Entries that the gateway could not read.
    dropped: u64,
}

/// An AI app on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InstalledApp)]
struct InstalledView {
    /// The app's id.
    #[schema(value_type = String, example = "claude-code")]
    app: AppId,
    /// Its name for people.
    name: String,
    /// What it is, such as `cli`, `desktop` or `editor_extension`.
    #[schema(value_type = String)]
    kind: InstalledKind,
    /// Its version, where it says one.
    version: Option<String>,
    /// Who makes it.
    publisher: Option<String>,
    /// Where it lies.
    path: String,
    /// Where it was installed from, such as `npm` or `dpkg`.
    #[schema(value_type = String)]
    source: InstallSource,
    /// Whose it is; null for the whole machine.
    user: Option<String>,
    /// What holds for it on this device.
    #[schema(value_type = DecisionName)]
    decision: Decision,
}

/// An MCP server in a client's configuration on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceMcpServer)]
struct ServerView {
    /// Whose home it was found in; null for the whole machine.
    user: Option<String>,
    /// The client that uses it.
    #[schema(value_type = String)]
    client: AppId,
    /// Whom it holds for.
    #[schema(value_type = String)]
    scope: Scope,
    /// The file that names it.
    config_path: String,
    /// The project.
    project: Option<String>,
    /// What the person calls it.
    name: String,
    /// What it is.
    #[schema(value_type = String)]
    identity: McpIdentity,
    /// The version that is asked for.
    version: Option<String>,
    /// Over its arguments.
    #[schema(value_type = String)]
    arguments: LaunchHash,
    /// Over the whole launch.
    #[schema(value_type = String)]
    launch: LaunchHash,
    /// How it is spoken to.
    #[schema(value_type = String)]
    transport: Transport,
    /// The program, secrets taken out.
    command: Option<String>,
    /// Its arguments, secrets taken out.
    args: Vec<String>,
    /// Where it is, secrets taken out.
    url: Option<String>,
    /// Names of environment variables and headers that it is given.
    given: Vec<String>,
    /// Whether the client has it switched on.
    enabled: bool,
    /// Names of its tools, as far as they are known.
    tools: Vec<String>,
    /// How they are known.
    #[schema(value_type = Option<String>)]
    tool_source: Option<ToolSource>,
    /// What holds for it on this device.
    #[schema(value_type = DecisionName)]
    decision: Decision,
}

/// A place that a device looked at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coverage)]
struct CoverageView {
    /// Whose home it is in; null for the whole machine.
    user: Option<String>,
    /// For which client.
    #[schema(value_type = String)]
    client: AppId,
    /// The place.
    path: String,
    /// How it looked: `found`, `absent`, `unreadable`, `broken`, `too_large`.
    #[schema(value_type = String)]
    looked: Looked,
    /// More in words.
    detail: Option<String>,
}

impl InstalledView {
    fn of(found: InstalledApp, policy: &Document) -> Self {
        let rule = policy.apps.iter().find(|rule| rule.app == found.app);
        Self {
            decision: rule.map_or(policy.default_decision, |rule| rule.decision),
            app: found.app,
            name: found.name,
            kind: found.kind,
            version: found.version,
            publisher: found.publisher,
            path: found.path,
            source: found.source,
            user: found.user,
        }
    }
}

impl ServerView {
    fn of(found: McpServer, policy: &Document) -> Self {
        let is = Identified {
            identity: found.identity,
            version: found.version,
            arguments: found.arguments,
            launch: found.launch,
        };
        Self {
            decision: policy.decide_mcp(&is).decision,
            user: found.user,
            client: found.client,
            scope: found.scope,
            config_path: found.config_path,
            project: found.project,
            name: found.name,
            identity: is.identity,
            version: is.version,
            arguments: is.arguments,
            launch: is.launch,
            transport: found.transport,
            command: found.command,
            args: found.args,
            url: found.url,
            given: found.given,
            enabled: found.enabled,
            tools: found.tools.into_iter().map(|tool| tool.name).collect(),
            tool_source: found.tool_source,
        }
    }
}

impl From<Coverage> for CoverageView {
    fn from(place: Coverage) -> Self {
        Self {
            user: place.user,
            client: place.client,
            path: place.path,
            looked: place.looked,
            detail: place.detail,
        }
    }
}

/// Shows what is on a device: apps, MCP servers, and where it looked.
#[utoipa::path(get, path = "/devices/{id}/inventory", tag = "devices",
    operation_id = "get_device_inventory",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "What is on it.", body = InventoryView)))]
pub(super) async fn inventory(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<Json<InventoryView>, Problem> {
    admin.finds_device(&app, id).await?;
    written(&app).await?;
    let Some(stored) = app.store.device_inventory(id).await? else {
        return Ok(Json(InventoryView::default()));
    };
    let policy = app.edge()?.policy_of(id);
    let found = stored.inventory;
    let apps = found.apps.into_iter();
    let servers = found.mcp_servers.into_iter();
    Ok(Json(InventoryView {
        hash: Some(hex(&stored.hash)),
        stored_at: Some(stored.stored_at),
        apps: apps.map(|app| InstalledView::of(app, &policy)).collect(),
        mcp_servers: servers.map(|one| ServerView::of(one, &policy)).collect(),
        coverage: found.coverage.into_iter().map(CoverageView::from).collect(),
        truncated: found.truncated,
        dropped: stored.dropped,
    }))
}

/// Shows what came of decisions on a device, as it last reported.
#[utoipa::path(get, path = "/devices/{id}/effects", tag = "devices",
    operation_id = "get_device_effects",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "All that it reported.", body = Page<EffectView>)))]
pub(super) async fn effects(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<Json<Page<EffectView>>, Problem> {
    admin.finds_device(&app, id).await?;
    written(&app).await?;
    let effects = app.store.device_effects(id).await?;
    Ok(Json(Page::whole(
        effects.into_iter().map(EffectView::from).collect(),
    )))
}
