//! Reading devices. What check-ins gathered on this node is written first, so that it is seen.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use tidegate_device_api::EffectState;
use tidegate_policy::{AppId, Decision, McpIdentity};
use tidegate_store::{DeviceFilter, DeviceSort, InGroup, SortedCursor, StoreError};
use tidegate_types::{DeviceId, TeamId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};

use super::{
    AppView, DeviceView, Eye,
    presence::{Presence, Thresholds},
    table,
};
use crate::{
    app::App,
    csv,
    extract::{Id, Params},
    guard::identity::Admin,
    page::{Order, OrderName, Page, PageSize},
    policy_words::{DecisionName, EffectName},
    problem::Problem,
    read::{Label, read_struct, words},
    requests::Word,
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListDevices {
        /// Only devices of this team.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only devices of this user.
        #[param(value_type = Option<String>)]
        user: Option<UserId>,
        /// Only devices in this group; `none`: only devices in none.
        #[param(value_type = Option<String>, example = "dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
        group: Option<InGroup>,
        /// Only devices of this operating system.
        #[param(value_type = Option<String>, example = "linux")]
        os: Option<Word>,
        /// Only devices with this in the hostname, the name, or the owner's name or address.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        q: Option<Label>,
        /// Only devices of exactly this version of an operating system.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100, example = "Debian GNU/Linux 12")]
        os_version: Option<Label>,
        /// Only devices with exactly this version of the agent.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100, example = "0.1.0")]
        agent_version: Option<Label>,
        /// Only devices of exactly this hostname.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        hostname: Option<Label>,
        /// Only devices that govern, or only those that say they do not.
        #[param(value_type = Option<bool>)]
        effective: Option<bool>,
        /// Only devices that are disabled, or only others.
        #[param(value_type = Option<bool>)]
        disabled: Option<bool>,
        /// Only devices that did not check in since this time.
        #[param(value_type = Option<String>, format = DateTime)]
        unseen_since: Option<Timestamp>,
        /// Only devices that are there, late or missing.
        #[param(value_type = Option<Presence>)]
        presence: Option<Presence>,
        /// Only devices that have this app installed, or have seen it in their traffic.
        #[param(value_type = Option<String>, example = "claude-code")]
        app: Option<AppId>,
        /// Only devices that have this MCP server.
        #[param(value_type = Option<String>, example = "npm:@scope/server")]
        mcp_server: Option<McpIdentity>,
        /// Only devices that have an app or MCP server of which this holds for them.
        #[param(value_type = Option<DecisionName>)]
        approval: Option<Decision>,
        /// Only devices on which a decision came out like this: the one about `app` or else `mcp_server`
        /// where one is named, of which the worst counts; any decision otherwise.
        #[param(value_type = Option<EffectName>)]
        effect: Option<EffectState>,
        /// Only devices that somebody may have copied, or only others.
        #[param(value_type = Option<bool>)]
        quarantined: Option<bool>,
        /// What to sort by; `first_seen` when not said.
        #[param(value_type = Option<SortName>, inline)]
        sort: Option<DeviceSort>,
        /// In which direction; `asc` when not said.
        #[param(value_type = Option<OrderName>, inline)]
        order: Option<Order>,
        /// Where to read on: the `next_cursor` of the page before, in the same order.
        #[param(value_type = Option<String>)]
        cursor: Option<SortedCursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// What devices are sorted by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of `DeviceSort`, which knows nothing of OpenAPI"
)]
enum SortName {
    FirstSeen,
    Hostname,
    LastSeen,
}

words!(DeviceSort,
    "first_seen" => Self::Enrolled, "hostname" => Self::Hostname, "last_seen" => Self::LastSeen);

/// The most devices of one table.
const MOST_ROWS: usize = 100_000;

/// Lists devices, those first seen first when nothing else is said. With `accept: text/csv` all that the filters let through, as a table.
#[utoipa::path(get, path = "/devices", tag = "devices", operation_id = "list_devices",
    params(ListDevices),
    responses((status = 200, description = "A page of devices.",
        content((Page<DeviceView> = "application/json"), (String = "text/csv")))))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    headers: HeaderMap,
    Params(query): Params<ListDevices>,
) -> Result<Response, Problem> {
    written(&app).await?;
    let eye = Eye::open(&app).await?;
    let limit = query.limit.0;
    let order = (
        query.sort.unwrap_or_default(),
        query.order == Some(Order::Descending),
    );
    let cursor = query.cursor.clone();
    let filter = narrowed(&admin, query, eye.thresholds)?;
    if !csv::wanted(&headers) {
        let page = app.store.devices_sorted(filter, order, cursor, limit);
        let (devices, next) = page.await.map_err(cursor_refused)?;
        let views = devices.into_iter().map(|device| eye.see(device)).collect();
        let next = next.map(|cursor| cursor.to_string());
        return Ok(Json(Page::with(views, next)).into_response());
    }
    let (mut devices, mut cursor) = (Vec::new(), None);
    loop {
        let page = app
            .store
            .devices_sorted(filter.clone(), order, cursor, 1_000);
        let (more, next) = page.await?;
        devices.extend(more.into_iter().map(|device| eye.see(device)));
        cursor = next;
        if cursor.is_none() || devices.len() >= MOST_ROWS {
            return Ok(table::of(&devices).into_response());
        }
    }
}

fn cursor_refused(error: StoreError) -> Problem {
    match error {
        StoreError::Invalid { field, reason } => Problem::parameter(field, reason),
        error => error.into(),
    }
}

/// The filter that a query asks for, within what the caller may see.
pub(super) fn narrowed(
    admin: &Admin,
    query: ListDevices,
    thresholds: Thresholds,
) -> Result<DeviceFilter, Problem> {
    admin.narrow(query.team)?;
    Ok(DeviceFilter {
        within: admin.team(),
        ..filter(query, thresholds)
    })
}

fn filter(query: ListDevices, thresholds: Thresholds) -> DeviceFilter {
    let (seen_since, unseen_since) = match query.presence {
        Some(Presence::Online) => (Some(thresholds.late), None),
        Some(Presence::Late) => (Some(thresholds.missing), Some(thresholds.late)),
        Some(Presence::Missing) => (None, Some(thresholds.missing)),
        None => (None, None),
    };
    DeviceFilter {
        team: query.team,
        user: query.user,
        group: query.group,
        os: query.os.map(|os| os.0),
        hostname: query.hostname.map(|name| name.0),
        os_version: query.os_version.map(|version| version.0),
        agent_version: query.agent_version.map(|version| version.0),
        text: query.q.map(|text| text.0),
        effective: query.effective,
        disabled: query.disabled,
        seen_since,
        // The earlier of both is what both allow.
        unseen_since: match (unseen_since, query.unseen_since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        app: query.app,
        mcp_server: query.mcp_server,
        approval: query.approval,
        effect: query.effect,
        quarantined: query.quarantined,
        within: None,
    }
}

/// Shows a device.
#[utoipa::path(get, path = "/devices/{id}", tag = "devices", operation_id = "get_device",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "The device.", body = DeviceView)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceView>, Problem> {
    admin.finds_device(&app, id).await?;
    written(&app).await?;
    let device = app.store.device(id).await?;
    Ok(Json(Eye::open(&app).await?.see(device)))
}

/// Lists the apps that a device has seen in its traffic, by id.
#[utoipa::path(get, path = "/devices/{id}/apps", tag = "devices",
    operation_id = "list_device_apps",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "All of its apps.", body = Page<AppView>)))]
pub(super) async fn apps(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<Json<Page<AppView>>, Problem> {
    admin.finds_device(&app, id).await?;
    written(&app).await?;
    let apps = app.store.device_apps(id).await?;
    Ok(Json(Page::whole(
        apps.into_iter().map(AppView::from).collect(),
    )))
}

/// What devices said to this node is in the store.
pub(crate) async fn written(app: &App) -> Result<(), Problem> {
    match &app.edge {
        Some(edge) => Ok(edge.flush().await?),
        None => Ok(()),
    }
}

/// Since when a device must have been seen to be online, and to be late rather than missing.
pub(crate) async fn thresholds(app: &App) -> Result<(Timestamp, Timestamp), StoreError> {
    let interval = app.store.edge_settings().await?.check_in_seconds;
    let thresholds = Thresholds::new(app.clock.now(), interval);
    Ok((thresholds.late, thresholds.missing))
}
