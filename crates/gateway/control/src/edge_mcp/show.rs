//! One MCP server: in which ways and where it is used, and what came of decisions about it.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_device_api::{EffectItem, EffectState, Means, Scope};
use tidegate_policy::{AppId, Decision, Identified, LaunchHash, McpIdentity};
use tidegate_store::{ItemEffect, Launches, ServerAnywhere, ServerFilter};
use tidegate_types::{DeviceId, Timestamp};
use utoipa::ToSchema;

use super::{
    RuleView,
    list::{ServerView, views},
};
use crate::{
    app::App,
    devices,
    extract::Id,
    policy_words::{DecisionName, EffectName},
    problem::{Code, Problem},
};

/// An MCP server, with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpServerDetail)]
pub(super) struct DetailView {
    /// The server.
    server: ServerView,
    /// The decisions about it.
    rules: Vec<RuleView>,
    /// In which ways it is started or reached; 1,000 at most.
    launches: Vec<LaunchView>,
    /// Where it is, by device; 1,000 places at most.
    occurrences: Vec<OccurrenceView>,
    /// What devices reported about it; 1,000 reports at most.
    effects: Vec<EffectView>,
}

/// A way in which a server is started or reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpLaunch)]
struct LaunchView {
    /// What people call it.
    name: String,
    /// The client that uses it.
    #[schema(value_type = String)]
    client: AppId,
    /// The version that is asked for.
    version: Option<String>,
    /// How it is spoken to.
    transport: String,
    /// Binds a decision to these arguments.
    #[schema(value_type = String)]
    arguments: LaunchHash,
    /// Binds a decision to exactly this launch.
    #[schema(value_type = String)]
    launch: LaunchHash,
    /// On how many devices.
    devices: u64,
    /// What holds for it on devices that nothing else was decided for.
    #[schema(value_type = DecisionName)]
    decision: Decision,
}

/// An MCP server in a client's configuration on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpOccurrence)]
struct OccurrenceView {
    /// The device.
    #[schema(value_type = String)]
    device: DeviceId,
    /// The machine's name.
    hostname: String,
    /// Whose home it was found in; null for the whole machine.
    user: Option<String>,
    /// The client.
    #[schema(value_type = String)]
    client: AppId,
    /// Whom it holds for: `managed`, `user`, `local`, `project`, `plugin`, `extension`, `process`.
    #[schema(value_type = String)]
    scope: Scope,
    /// The file that names it.
    config_path: String,
    /// What the person calls it.
    name: String,
    /// The program, secrets taken out.
    command: Option<String>,
    /// Its arguments, secrets taken out.
    args: Vec<String>,
    /// Where it is, secrets taken out.
    url: Option<String>,
    /// Over the whole launch.
    #[schema(value_type = String)]
    launch: LaunchHash,
    /// Whether the client has it switched on.
    enabled: bool,
}

/// What came of a decision on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Effect)]
pub(crate) struct EffectView {
    /// The device.
    #[schema(value_type = String)]
    device: DeviceId,
    /// The app, of a decision about one.
    #[schema(value_type = Option<String>)]
    app: Option<AppId>,
    /// The MCP server, of a decision about one.
    #[schema(value_type = Option<String>)]
    identity: Option<McpIdentity>,
    /// The client whose configuration names the server.
    #[schema(value_type = Option<String>)]
    client: Option<AppId>,
    /// What the person calls the server.
    name: Option<String>,
    /// Whose home it is in.
    user: Option<String>,
    /// The file that names it.
    config_path: Option<String>,
    /// What the policy on the device says about it.
    #[schema(value_type = DecisionName)]
    decision: Decision,
    /// What came of it.
    #[schema(value_type = EffectName)]
    state: EffectState,
    /// By which means: `native_policy`, `config_edit`, `shim`, `exec`, `socket`, `relay`, `kill`.
    #[schema(value_type = Vec<String>)]
    means: Vec<Means>,
    /// More in words.
    detail: Option<String>,
    /// Of which revision of the policy.
    revision: u64,
    /// When the device said so.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Timestamp,
}

impl From<ItemEffect> for EffectView {
    fn from(reported: ItemEffect) -> Self {
        let effect = reported.effect;
        let mut view = Self {
            device: reported.device,
            app: None,
            identity: None,
            client: None,
            name: None,
            user: None,
            config_path: None,
            decision: effect.decision,
            state: effect.state,
            means: effect.means,
            detail: effect.detail,
            revision: reported.revision,
            reported_at: reported.reported_at,
        };
        match effect.item {
            EffectItem::App { app } => view.app = Some(app),
            EffectItem::McpServer {
                identity,
                client,
                name,
                user,
                config_path,
                ..
            } => {
                (view.identity, view.client) = (Some(identity), Some(client));
                (view.name, view.config_path) = (Some(name), Some(config_path));
                view.user = user;
            }
            EffectItem::Other => {}
        }
        view
    }
}

impl From<ServerAnywhere> for OccurrenceView {
    fn from(found: ServerAnywhere) -> Self {
        let server = found.server;
        Self {
            device: found.device,
            hostname: found.hostname,
            user: server.user,
            client: server.client,
            scope: server.scope,
            config_path: server.config_path,
            name: server.name,
            command: server.command,
            args: server.args,
            url: server.url,
            launch: server.launch,
            enabled: server.enabled,
        }
    }
}

/// Shows an MCP server: in which ways it is started, on which devices, and what came of decisions.
#[utoipa::path(get, path = "/edge/mcp-servers/{identity}", tag = "edge",
    operation_id = "get_mcp_server",
    params(("identity" = String, Path, description = "The server's identity, percent-encoded.",
        example = "npm:@modelcontextprotocol/server-everything")),
    responses((status = 200, description = "The server.", body = DetailView)))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Id(identity): Id<McpIdentity>,
) -> Result<Json<DetailView>, Problem> {
    devices::written(&app).await?;
    let rules = app.store.mcp_decisions().await?;
    let all = app
        .catalogue
        .servers(&app, &rules, ServerFilter::default())
        .await?;
    let found = all.into_iter().find(|server| server.identity == identity);
    let found = found.ok_or_else(|| {
        let detail = "No device has such an MCP server, and nobody decided about it.";
        Problem::new(Code::NotFound, detail)
    })?;
    let default = app.store.edge_settings().await?.default_mcp_decision;
    let server = views(&app, vec![found], &rules, default).await?.pop();
    let server = server.ok_or_else(|| Problem::internal("a server got lost"))?;
    let document = {
        let stored = app.store.edge_policy().await?;
        tidegate_policy::Document {
            mcp_servers: stored.mcp_servers,
            default_mcp_decision: default,
            ..tidegate_policy::Document::ungoverned()
        }
    };
    let launches = app.store.mcp_launches(vec![identity.clone()]).await?;
    let launch = |way: Launches| LaunchView {
        decision: document
            .decide_mcp(&Identified {
                identity: identity.clone(),
                version: way.version.clone(),
                arguments: way.arguments,
                launch: way.launch,
            })
            .decision,
        name: way.name,
        client: way.client,
        version: way.version,
        transport: way.transport,
        arguments: way.arguments,
        launch: way.launch,
        devices: way.devices,
    };
    let occurrences = app.store.mcp_occurrences(identity.clone()).await?;
    let effects = app.store.item_effects("mcp_server", identity.to_string());
    Ok(Json(DetailView {
        launches: launches.into_iter().flatten().map(launch).collect(),
        occurrences: occurrences.into_iter().map(OccurrenceView::from).collect(),
        effects: effects.await?.into_iter().map(EffectView::from).collect(),
        rules: rules
            .into_iter()
            .filter(|made| made.rule.target.identity == identity)
            .map(RuleView::from)
            .collect(),
        server,
    }))
}
