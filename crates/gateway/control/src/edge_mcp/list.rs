//! The catalogue of MCP servers: one row for each, over all devices.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use serde::Serialize;
use tidegate_device_api::{McpServer, ToolSource};
use tidegate_policy::{AppId, Decision, McpIdentity};
use tidegate_store::{
    Audience, Cursor, EffectCount, Launches, McpDecision, ServerFilter, ServerSummary,
};
use tidegate_types::Timestamp;
use utoipa::{IntoParams, ToSchema};

use super::{Effects, plain};
use crate::{
    app::App,
    catalogue::{ItemSort, ItemSortName},
    csv::{self, Csv},
    devices,
    extract::Params,
    names::Names,
    page::{Order, OrderName, Page, PageSize},
    policy_words::DecisionName,
    problem::Problem,
    read::{Label, read_struct},
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListServers {
        /// Only servers whose identity or name has this in it.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        q: Option<Label>,
        /// Only servers that this client uses.
        #[param(value_type = Option<String>, example = "claude-code")]
        client: Option<AppId>,
        /// Only servers of which this holds for the fleet.
        #[param(value_type = Option<DecisionName>)]
        decision: Option<Decision>,
        /// Only servers that somebody decided about, or only others.
        #[param(value_type = Option<bool>)]
        decided: Option<bool>,
        /// Only servers that are on a device, or only others.
        #[param(value_type = Option<bool>)]
        present: Option<bool>,
        /// What to sort by; `name` when not said.
        #[param(value_type = Option<ItemSortName>, inline)]
        sort: Option<ItemSort>,
        /// In which direction; `asc` when not said.
        #[param(value_type = Option<OrderName>, inline)]
        order: Option<Order>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// An MCP server, over all devices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpServer)]
pub(super) struct ServerView {
    /// What it is, whatever people call it.
    #[schema(value_type = String, example = "npm:@modelcontextprotocol/server-everything")]
    identity: McpIdentity,
    /// What people call it, 20 names at most.
    names: Vec<String>,
    /// The clients that use it.
    #[schema(value_type = Vec<String>)]
    clients: Vec<AppId>,
    /// The versions that are asked for, 50 at most.
    versions: Vec<String>,
    /// How it is spoken to: `stdio`, `sse`, `http`, `websocket`, `tcp`.
    transports: Vec<String>,
    /// In how many ways it is started or reached.
    launches: usize,
    /// How many devices have it now.
    devices: u64,
    /// Its tools, as far as they are known.
    tools: Vec<ToolView>,
    /// What holds for it on devices that nothing else was decided for.
    #[schema(value_type = DecisionName)]
    decision: Decision,
    /// Whether somebody decided that, or the settings say it.
    decided: bool,
    /// What people at the machines are told.
    note: Option<String>,
    /// Who decided.
    decided_by: Option<String>,
    /// The name of that account or token; null where it has none.
    decided_by_name: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// How many decisions there are about it, those for teams, devices and single launches included.
    rules: usize,
    /// In how many ways it is started or reached that no approval covers, where approvals are bound to
    /// arguments or launches.
    drift: usize,
    /// When the fleet first saw it.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_seen_at: Option<Timestamp>,
    /// When a device that has it was last seen, or until when one had it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
    /// What came of the decision.
    effects: Effects,
}

/// A tool of an MCP server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpTool)]
pub(super) struct ToolView {
    /// Its name.
    name: String,
    /// What it says it does.
    description: Option<String>,
    /// How it is known, without the server having been started: `manifest`, `shim`, `traffic`, `config`.
    #[schema(value_type = Option<String>, example = "shim")]
    source: Option<ToolSource>,
}

/// The most names and versions that a row shows.
const NAMES: usize = 20;
const VERSIONS: usize = 50;

/// Lists MCP servers by identity: those on devices, those that were, and those decided about. With
/// `accept: text/csv` all that the filters let through, as a table.
#[utoipa::path(get, path = "/edge/mcp-servers", tag = "edge", operation_id = "list_mcp_servers",
    params(ListServers),
    responses((status = 200, description = "A page of servers.",
        content((Page<ServerView> = "application/json"), (String = "text/csv")))))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Params(query): Params<ListServers>,
) -> Result<Response, Problem> {
    devices::written(&app).await?;
    let filter = ServerFilter {
        text: query.q.map(|text| text.0),
        client: query.client,
    };
    let rules = app.store.mcp_decisions().await?;
    let default = app.store.edge_settings().await?.default_mcp_decision;
    let mut found = app.catalogue.servers(&app, &rules, filter).await?;
    found.retain(|server| {
        let about = rules
            .iter()
            .filter(|rule| rule.rule.target.identity == server.identity);
        let decided = plain(about);
        let holds = decided.map_or(default, |rule| rule.rule.decision);
        query.decision.is_none_or(|wanted| wanted == holds)
            && query
                .decided
                .is_none_or(|wanted| wanted == decided.is_some())
            && query
                .present
                .is_none_or(|wanted| wanted == (server.devices > 0))
    });
    let down = query.order == Some(Order::Descending);
    query.sort.unwrap_or_default().sort(&mut found, down, key);
    if csv::wanted(&headers) {
        let views = views(&app, found, &rules, default).await?;
        return Ok(table(&views).into_response());
    }
    let (found, next) = Page::<ServerView>::part(found, query.cursor, query.limit);
    let views = views(&app, found, &rules, default).await?;
    Ok(Json(Page::with(views, next)).into_response())
}

/// What servers are sorted by.
fn key(server: &ServerSummary, sort: ItemSort) -> i64 {
    let micros = |at: Option<Timestamp>| at.map_or(0, Timestamp::micros);
    match sort {
        ItemSort::Name => 0,
        ItemSort::Devices => i64::try_from(server.devices).unwrap_or(i64::MAX),
        ItemSort::FirstSeen => micros(server.first_seen_at),
        ItemSort::LastSeen => micros(server.last_seen_at),
    }
}

/// The rows of these servers.
pub(super) async fn views(
    app: &App,
    servers: Vec<ServerSummary>,
    rules: &[McpDecision],
    default: Decision,
) -> Result<Vec<ServerView>, Problem> {
    let identities: Vec<McpIdentity> = servers.iter().map(|one| one.identity.clone()).collect();
    let items = identities.iter().map(ToString::to_string).collect();
    let effects = app.catalogue.effects(app, "mcp_server", items).await?;
    let ways = app.catalogue.ways(app, &identities).await?;
    let by = rules.iter().map(|rule| rule.decided_by.clone());
    let names = Names::of(app, by.collect()).await?;
    let parts = servers.into_iter().zip(ways).zip(effects);
    let views = parts.map(|((server, ways), effects)| {
        let (launches, tools) = &*ways;
        let mut view = view(server, launches, tools, rules, default, &effects);
        view.decided_by_name = names.maybe(view.decided_by.as_deref());
        view
    });
    Ok(views.collect())
}

fn view(
    server: ServerSummary,
    launches: &[Launches],
    tools: &[McpServer],
    rules: &[McpDecision],
    default: Decision,
    effects: &[EffectCount],
) -> ServerView {
    let about: Vec<&McpDecision> = rules
        .iter()
        .filter(|rule| rule.rule.target.identity == server.identity)
        .collect();
    let decided = plain(about.iter().copied());
    ServerView {
        names: distinct(launches.iter().map(|way| way.name.clone()), NAMES),
        clients: distinct(launches.iter().map(|way| way.client.clone()), usize::MAX),
        versions: distinct(
            launches.iter().filter_map(|way| way.version.clone()),
            VERSIONS,
        ),
        transports: distinct(launches.iter().map(|way| way.transport.clone()), usize::MAX),
        launches: distinct(launches.iter().map(|way| way.launch), usize::MAX).len(),
        devices: server.devices,
        tools: known_tools(tools),
        decision: decided.map_or(default, |rule| rule.rule.decision),
        decided: decided.is_some(),
        note: decided.and_then(|rule| rule.rule.note.clone()),
        decided_by: decided.map(|rule| rule.decided_by.clone()),
        decided_by_name: None,
        decided_at: decided.map(|rule| rule.decided_at),
        rules: about.len(),
        drift: drift(&about, launches),
        first_seen_at: server.first_seen_at,
        last_seen_at: server.last_seen_at,
        effects: Effects::of(server.devices, effects.iter()),
        identity: server.identity,
    }
}

/// The first so many distinct ones, in order.
fn distinct<T: Ord>(values: impl Iterator<Item = T>, most: usize) -> Vec<T> {
    let mut kept: Vec<T> = values.collect();
    kept.sort_unstable();
    kept.dedup();
    kept.truncate(most);
    kept
}

/// Launches that no approval covers, where approvals for the fleet are bound to arguments or launches.
fn drift(rules: &[&McpDecision], launches: &[Launches]) -> usize {
    let bound: Vec<_> = rules
        .iter()
        .filter(|made| made.audience == Audience::Fleet && made.rule.decision == Decision::Approved)
        .map(|made| (made.rule.target.arguments, made.rule.target.launch))
        .filter(|(arguments, launch)| arguments.is_some() || launch.is_some())
        .collect();
    if bound.is_empty() {
        return 0;
    }
    let covered = |way: &Launches| {
        bound.iter().any(|(arguments, launch)| {
            arguments.is_none_or(|hash| hash == way.arguments)
                && launch.is_none_or(|hash| hash == way.launch)
        })
    };
    let other = launches.iter().filter(|way| !covered(way));
    distinct(other.map(|way| way.launch), usize::MAX).len()
}

/// All tools that these entries know, by name; what describes one wins over what does not.
fn known_tools(entries: &[McpServer]) -> Vec<ToolView> {
    let mut tools: BTreeMap<String, ToolView> = BTreeMap::new();
    for entry in entries {
        for tool in &entry.tools {
            let better = tools
                .get(&tool.name)
                .is_none_or(|known| known.description.is_none() && tool.description.is_some());
            if better {
                let view = ToolView {
                    name: tool.name.clone(),
                    description: tool.description.clone(),
                    source: entry.tool_source,
                };
                tools.insert(tool.name.clone(), view);
            }
        }
    }
    tools.into_values().take(500).collect()
}

fn table(views: &[ServerView]) -> Csv {
    let mut csv = Csv::new(&[
        "identity",
        "names",
        "clients",
        "versions",
        "transports",
        "devices",
        "decision",
        "decided_by",
        "decided_at",
        "note",
        "drift",
        "first_seen_at",
        "last_seen_at",
        "verified",
        "pending_restart",
        "shadowed",
        "unsupported",
        "failed",
    ]);
    for view in views {
        let clients: Vec<&str> = view.clients.iter().map(AppId::as_str).collect();
        let head = [
            view.identity.to_string(),
            view.names.join("; "),
            clients.join("; "),
            view.versions.join("; "),
            view.transports.join("; "),
            view.devices.to_string(),
            csv::decision(view.decision).to_owned(),
            csv::some(view.decided_by.as_deref()),
            csv::some(view.decided_at),
            csv::some(view.note.as_deref()),
            view.drift.to_string(),
            csv::some(view.first_seen_at),
            csv::some(view.last_seen_at),
        ];
        csv.row(head.into_iter().chain(view.effects.cells()));
    }
    csv
}
