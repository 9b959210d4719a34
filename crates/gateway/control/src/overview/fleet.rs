//! Devices, what is on them, what waits for a decision, and what did not come out as decided.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tidegate_device_api::EffectState;
use tidegate_policy::{Decision, McpIdentity};
use tidegate_store::{Audience, DeviceFilter, ServerFilter};
use tidegate_types::{TeamId, Timestamp};
use utoipa::ToSchema;

use crate::{app::App, devices, edge_apps, policy_words::DecisionName, problem::Problem};

/// How many items that wait are shown.
const WAITING: usize = 10;

/// Devices, and what is on them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewFleet)]
pub(super) struct FleetView {
    /// Whether devices are there.
    devices: PresenceView,
    /// Apps that are on a device or were seen in its traffic, by what holds for them in the fleet.
    apps: DecisionsView,
    /// MCP servers that are on a device, by what holds for them in the fleet.
    mcp_servers: DecisionsView,
    /// What people ask for that nobody has answered; 10,000 stands for more.
    open_access_requests: u64,
    /// What is pending, that which most devices have first, 10 at most.
    waiting: Vec<WaitingView>,
    /// On how many devices a decision did not come out as verified.
    unsettled: UnsettledView,
}

/// Whether devices are there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewDevices)]
struct PresenceView {
    /// All.
    total: u64,
    /// Those that checked in within `online_seconds`.
    online: u64,
    /// Those that did not, but within `late_seconds`.
    late: u64,
    /// Those that did not even do that, or never did.
    missing: u64,
    /// Those that say that they do not govern.
    ineffective: u64,
    /// Those that somebody may have copied.
    quarantined: u64,
    /// Two check-ins and two minutes.
    online_seconds: u64,
    /// Three check-ins and a day.
    late_seconds: u64,
}

/// How many there are of which decision.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = OverviewDecisions)]
struct DecisionsView {
    approved: u64,
    pending: u64,
    denied: u64,
}

impl DecisionsView {
    const fn count(&mut self, decision: Decision) {
        match decision {
            Decision::Approved => self.approved += 1,
            Decision::Pending => self.pending += 1,
            Decision::Denied => self.denied += 1,
        }
    }
}

/// Something that waits for a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewWaiting)]
struct WaitingView {
    /// `app` or `mcp_server`.
    #[schema(value_type = String, example = "mcp_server")]
    kind: &'static str,
    /// The app's id or the server's identity.
    item: String,
    /// How many devices have it.
    devices: u64,
    /// When the fleet first saw it.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_seen_at: Option<Timestamp>,
    /// What holds for it meanwhile.
    #[schema(value_type = DecisionName)]
    decision: Decision,
}

/// On how many devices a decision came out in each way but verified.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = OverviewUnsettled)]
struct UnsettledView {
    /// In force once a client is started anew.
    pending_restart: u64,
    /// Another policy of a higher rank holds instead.
    shadowed: u64,
    /// There is no means to do it.
    unsupported: u64,
    /// It was tried and did not work.
    failed: u64,
}

/// An item of the catalogue.
struct Item {
    kind: &'static str,
    item: String,
    devices: u64,
    first_seen_at: Option<Timestamp>,
    decision: Decision,
}

pub(super) async fn look(app: &App, team: Option<TeamId>) -> Result<FleetView, Problem> {
    devices::written(app).await?;
    let mut items = apps(app, team).await?;
    items.extend(servers(app, team).await?);
    let (mut apps, mut mcp_servers) = (DecisionsView::default(), DecisionsView::default());
    for item in &items {
        let counts = if item.kind == "app" {
            &mut apps
        } else {
            &mut mcp_servers
        };
        counts.count(item.decision);
    }
    items.retain(|item| item.decision == Decision::Pending);
    items.sort_by(|a, b| b.devices.cmp(&a.devices).then_with(|| a.item.cmp(&b.item)));
    items.truncate(WAITING);
    let waiting = items.into_iter().map(|item| WaitingView {
        kind: item.kind,
        item: item.item,
        devices: item.devices,
        first_seen_at: item.first_seen_at,
        decision: item.decision,
    });
    Ok(FleetView {
        devices: presence(app, team).await?,
        apps,
        mcp_servers,
        open_access_requests: app.store.open_requests(team).await?,
        waiting: waiting.collect(),
        unsettled: unsettled(app, team).await?,
    })
}

async fn presence(app: &App, team: Option<TeamId>) -> Result<PresenceView, Problem> {
    let (late, missing) = devices::thresholds(app).await?;
    let filter = DeviceFilter {
        within: team,
        ..DeviceFilter::default()
    };
    let now = app.clock.now();
    let mut view = PresenceView {
        total: 0,
        online: 0,
        late: 0,
        missing: 0,
        ineffective: 0,
        quarantined: 0,
        online_seconds: late.until(now).as_secs(),
        late_seconds: missing.until(now).as_secs(),
    };
    for facet in app.store.device_facets(filter, late, missing).await? {
        view.total += facet.devices;
        let place = if facet.online {
            &mut view.online
        } else if facet.late {
            &mut view.late
        } else {
            &mut view.missing
        };
        *place += facet.devices;
        if facet.effective == Some(false) {
            view.ineffective += facet.devices;
        }
        if facet.quarantined {
            view.quarantined += facet.devices;
        }
    }
    Ok(view)
}

/// How many of a team's devices have each item; none for everybody.
async fn of_team(
    app: &App,
    kind: &'static str,
    team: Option<TeamId>,
) -> Result<Option<HashMap<String, u64>>, Problem> {
    match team {
        Some(team) => {
            let items = app.store.items_of_team(kind, team).await?;
            Ok(Some(items.into_iter().collect()))
        }
        None => Ok(None),
    }
}

/// Narrows items to those of a team, and counts its devices alone.
fn narrow(items: &mut Vec<Item>, own: Option<&HashMap<String, u64>>) {
    if let Some(own) = own {
        for item in &mut *items {
            item.devices = own.get(&item.item).copied().unwrap_or_default();
        }
    }
    items.retain(|item| item.devices > 0);
}

async fn apps(app: &App, team: Option<TeamId>) -> Result<Vec<Item>, Problem> {
    let mut items = edge_apps::items(app)
        .await?
        .into_iter()
        .map(|(item, devices, first_seen_at, decision)| Item {
            kind: "app",
            item,
            devices,
            first_seen_at,
            decision,
        })
        .collect();
    narrow(&mut items, of_team(app, "app", team).await?.as_ref());
    Ok(items)
}

async fn servers(app: &App, team: Option<TeamId>) -> Result<Vec<Item>, Problem> {
    let default = app.store.edge_settings().await?.default_mcp_decision;
    let mut decided: BTreeMap<McpIdentity, Decision> = BTreeMap::new();
    let rules = app.store.mcp_decisions().await?;
    for made in &rules {
        let target = &made.rule.target;
        let bound = target.arguments.is_some() || target.launch.is_some();
        if made.audience == Audience::Fleet && !bound {
            decided.insert(target.identity.clone(), made.rule.decision);
        }
    }
    let found = app
        .catalogue
        .servers(app, &rules, ServerFilter::default())
        .await?;
    let mut items = found
        .into_iter()
        .map(|server| Item {
            kind: "mcp_server",
            decision: decided.get(&server.identity).copied().unwrap_or(default),
            item: server.identity.to_string(),
            devices: server.devices,
            first_seen_at: server.first_seen_at,
        })
        .collect();
    narrow(&mut items, of_team(app, "mcp_server", team).await?.as_ref());
    Ok(items)
}

async fn unsettled(app: &App, team: Option<TeamId>) -> Result<UnsettledView, Problem> {
    let mut view = UnsettledView::default();
    for (state, devices) in app.store.unsettled(team).await? {
        match state {
            EffectState::Verified => {}
            EffectState::PendingRestart => view.pending_restart += devices,
            EffectState::Shadowed => view.shadowed += devices,
            EffectState::Unsupported => view.unsupported += devices,
            EffectState::Failed | EffectState::Other => view.failed += devices,
        }
    }
    Ok(view)
}
