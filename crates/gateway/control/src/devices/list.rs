//! Reading devices. What check-ins gathered on this node is written first, so that it is seen.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_policy::AppId;
use tidegate_store::{Cursor, DeviceFilter};
use tidegate_types::{DeviceId, TeamId, Timestamp, UserId};
use utoipa::IntoParams;

use super::{AppView, DeviceView};
use crate::{
    app::App,
    extract::{Id, Params},
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, read_struct},
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
        /// Only devices of this operating system.
        #[param(value_type = Option<String>, example = "linux")]
        os: Option<Word>,
        /// Only devices of exactly this hostname.
        #[param(value_type = Option<String>)]
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
        /// Only devices that have seen this app.
        #[param(value_type = Option<String>, example = "claude-code")]
        app: Option<AppId>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists devices, oldest first.
#[utoipa::path(get, path = "/devices", tag = "devices", operation_id = "list_devices",
    params(ListDevices),
    responses((status = 200, description = "A page of devices.", body = Page<DeviceView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListDevices>,
) -> Result<Json<Page<DeviceView>>, Problem> {
    written(&app).await?;
    let filter = DeviceFilter {
        team: query.team,
        user: query.user,
        os: query.os.map(|os| os.0),
        hostname: query.hostname.map(|name| name.0),
        effective: query.effective,
        disabled: query.disabled,
        unseen_since: query.unseen_since,
        app: query.app,
    };
    let page = app
        .store
        .devices(filter, query.cursor, query.limit.0)
        .await?;
    Ok(Json(Page::of(page, DeviceView::from)))
}

/// Shows a device.
#[utoipa::path(get, path = "/devices/{id}", tag = "devices", operation_id = "get_device",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "The device.", body = DeviceView)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceView>, Problem> {
    written(&app).await?;
    Ok(Json(app.store.device(id).await?.into()))
}

/// Lists the apps that a device has seen, by id.
#[utoipa::path(get, path = "/devices/{id}/apps", tag = "devices",
    operation_id = "list_device_apps",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "All of its apps.", body = Page<AppView>)))]
pub(super) async fn apps(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
) -> Result<Json<Page<AppView>>, Problem> {
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
