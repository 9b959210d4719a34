//! What this node is and how it is doing.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_types::{NodeId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    guard::identity::Admin,
    port::{Configuration, RefusedConfiguration},
    problem::Problem,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show))
}

/// This node.
#[derive(Debug, Serialize, ToSchema)]
struct Info {
    /// The gateway's version.
    #[schema(value_type = String, example = "0.1.0")]
    version: &'static str,
    /// This process.
    #[schema(value_type = String, example = "node_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    node: NodeId,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Whole seconds since then.
    uptime_seconds: u64,
    /// The revision of what is stored; rises with every change.
    revision: u64,
    /// The revision that this node decides by; null before it is ready.
    snapshot_revision: Option<u64>,
    /// How much there is of each.
    counts: Counts,
    /// Finished calls on their way to the store.
    log_queue: LogQueueView,
    /// The configuration file; null for who is confined to a team.
    configuration: Option<ConfigurationView>,
}

/// The configuration file, as this node has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Configuration)]
struct ConfigurationView {
    /// Stands for what is in force: the same on all nodes that have the same files.
    #[schema(example = "6f1d2c0b9a8e7f35")]
    digest: String,
    /// Since when it is in force.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// What stands on the disk and is not in force; null where there is no such thing.
    refused: Option<RefusedConfigurationView>,
}

/// A configuration on the disk that is not in force; the last good one stays.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefusedConfiguration)]
pub(crate) struct RefusedConfigurationView {
    /// When it was refused.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// All that is wrong with it, for people: keys and files, never a secret.
    why: String,
}

impl From<Configuration> for ConfigurationView {
    fn from(known: Configuration) -> Self {
        Self {
            digest: known.digest,
            since: known.since,
            refused: known.refused.map(Into::into),
        }
    }
}

impl From<RefusedConfiguration> for RefusedConfigurationView {
    fn from(refused: RefusedConfiguration) -> Self {
        Self {
            at: refused.at,
            why: refused.why,
        }
    }
}

/// How much there is of each.
#[derive(Debug, Serialize, ToSchema)]
struct Counts {
    providers: usize,
    teams: u64,
    users: u64,
    /// Keys that are not revoked, those of devices left out.
    keys: u64,
    /// Managed devices.
    devices: u64,
    budgets: u64,
    limits: u64,
}

/// Finished calls on their way to the store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogQueue)]
struct LogQueueView {
    /// Calls that wait.
    depth: u64,
    /// Log rows dropped since start because the queue was full.
    dropped: u64,
}

/// Shows this node.
#[utoipa::path(get, path = "/info", tag = "info", operation_id = "get_info",
    responses((status = 200, description = "This node.", body = Info)))]
async fn show(State(app): State<Arc<App>>, admin: Admin) -> Result<Json<Info>, Problem> {
    let counts = app.store.counts().await?;
    let queue = app.data_plane.log_queue();
    Ok(Json(Info {
        version: app.settings.version,
        node: app.settings.node,
        started_at: app.started_at,
        uptime_seconds: app.started_at.until(app.clock.now()).as_secs(),
        revision: counts.revision,
        snapshot_revision: app.data_plane.revision(),
        counts: Counts {
            providers: app.data_plane.catalog().providers().count(),
            teams: counts.teams,
            users: counts.users,
            keys: counts.keys,
            devices: counts.devices,
            budgets: counts.budgets,
            limits: counts.limits,
        },
        log_queue: LogQueueView {
            depth: queue.depth,
            dropped: queue.dropped,
        },
        configuration: match admin.team() {
            Some(_) => None,
            None => Some(app.data_plane.configuration().into()),
        },
    }))
}
