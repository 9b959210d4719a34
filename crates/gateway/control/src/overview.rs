//! The overview: what there is, what waits for a decision, what did not come out as decided, what it all
//! cost, and what changed last. Each part is read from small tables and is bounded; an answer is kept for
//! some seconds, since every console asks for it again whenever anything changes.
//!
//! Who is confined to a team sees that team's part, and nothing of the gateway itself.

mod fleet;
mod kept;
mod people;
mod traffic;

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_store::AuditFilter;
use tidegate_types::{NodeId, ProviderName, TeamId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{fleet::FleetView, traffic::TrafficView};
pub(crate) use self::{kept::Kept, people::People};
use crate::{
    app::App,
    audit::AuditView,
    extract::Params,
    guard::identity::Admin,
    info::RefusedConfigurationView,
    problem::Problem,
    read::{Read, Reader, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show))
}

/// How far back: a day, a week, or 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Period {
    Day,
    Week,
    Month,
}

impl Period {
    const fn hours(self) -> i64 {
        match self {
            Self::Day => 24,
            Self::Week => 168,
            Self::Month => 720,
        }
    }
}

impl Read for Period {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str() {
            Some("24") => Some(Self::Day),
            Some("168") => Some(Self::Week),
            Some("720") => Some(Self::Month),
            _ => at.refuse("must be one of `24`, `168`, `720`"),
        }
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self::Day)
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(crate) struct ShowOverview {
        /// Over how many hours spend and traffic are shown: `24` (in hours), `168` (in parts of 4 hours) or
        /// `720` (in parts of 24 hours). The hour that is under way is the last one.
        #[param(value_type = u32, required = false, default = 24, example = 24, minimum = 24,
            maximum = 720)]
        hours: Period,
    }
}

/// What there is, what waits, and what happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Overview)]
pub(crate) struct OverviewView {
    /// When this was worked out: an answer is kept for up to a minute, by the period.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Devices, and what is on them.
    fleet: FleetView,
    /// Spend and traffic.
    traffic: TrafficView,
    /// What admins changed last, newest first, 10 at most; empty for who does not see the audit log.
    changes: Vec<AuditView>,
    /// How providers do; empty for who is confined to a team.
    providers: Vec<ProviderState>,
    /// The node that answers; null for who is confined to a team.
    node: Option<NodeView>,
}

/// How a provider does, as the node that answers sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ProviderState {
    /// Its name.
    #[schema(value_type = String)]
    name: ProviderName,
    /// Whether its last call was answered without a fault of its own; null until it is called.
    healthy: Option<bool>,
    /// When a call last failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_error_at: Option<Timestamp>,
    /// What failed.
    last_error: Option<String>,
}

/// The node that answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewNode)]
struct NodeView {
    /// It.
    #[schema(value_type = String)]
    node: NodeId,
    /// Its version.
    version: String,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Finished calls on their way to the store.
    log_depth: u64,
    /// Log rows dropped since it started, because that queue was full.
    log_dropped: u64,
    /// The configuration on its disk that is not in force; null where there is no such thing.
    configuration_refused: Option<RefusedConfigurationView>,
}

/// Shows what there is, what waits for a decision, and what happened.
#[utoipa::path(get, path = "/overview", tag = "info", operation_id = "get_overview",
    params(ShowOverview),
    responses((status = 200, description = "The overview.", body = OverviewView)))]
async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ShowOverview>,
) -> Result<Json<OverviewView>, Problem> {
    let (period, team) = (query.hours, admin.team());
    let slow = app.overviews.get(period, team, &app).await?;
    let (changes, providers, node) = match team {
        Some(_) => (Vec::new(), Vec::new(), None),
        None => (changes(&app).await?, providers(&app), Some(node(&app))),
    };
    Ok(Json(OverviewView {
        changes,
        providers,
        node,
        ..slow
    }))
}

/// What takes time to work out.
async fn work_out(
    app: &App,
    period: Period,
    team: Option<TeamId>,
) -> Result<OverviewView, Problem> {
    Ok(OverviewView {
        at: app.clock.now(),
        fleet: fleet::look(app, team).await?,
        traffic: traffic::look(app, period, team).await?,
        changes: Vec::new(),
        providers: Vec::new(),
        node: None,
    })
}

/// How many changes are shown.
const CHANGES: usize = 10;

async fn changes(app: &App) -> Result<Vec<AuditView>, Problem> {
    let filter = AuditFilter {
        changes_only: true,
        ..AuditFilter::default()
    };
    let page = app.store.audit_matching(filter, None, CHANGES).await?;
    AuditView::all(app, page.items).await
}

fn providers(app: &App) -> Vec<ProviderState> {
    let catalog = app.data_plane.catalog();
    let state = |name: &ProviderName| {
        let health = app.data_plane.provider_health(name);
        ProviderState {
            name: name.clone(),
            healthy: health.as_ref().map(|health| health.healthy),
            last_error_at: health.as_ref().and_then(|health| health.last_error_at),
            last_error: health.and_then(|health| health.last_error),
        }
    };
    let providers = catalog.providers();
    providers.map(|provider| state(&provider.name)).collect()
}

fn node(app: &App) -> NodeView {
    let queue = app.data_plane.log_queue();
    NodeView {
        node: app.settings.node,
        version: app.settings.version.to_owned(),
        started_at: app.started_at,
        log_depth: queue.depth,
        log_dropped: queue.dropped,
        configuration_refused: app.data_plane.configuration().refused.map(Into::into),
    }
}
