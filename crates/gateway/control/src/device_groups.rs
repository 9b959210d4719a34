//! Groups of devices: guardrails name them, and a device is in one at most.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tidegate_store::{Cursor, DeviceGroup, NewDeviceGroup};
use tidegate_types::{DeviceGroupId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, Read, Reader, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, rename, delete))
}

/// A group of devices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceGroup)]
struct GroupView {
    /// Its id.
    #[schema(value_type = String, example = "dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: DeviceGroupId,
    /// Its name, unique among groups of devices.
    #[schema(example = "Finance laptops")]
    name: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// How many devices are in it.
    devices: u64,
}

impl From<DeviceGroup> for GroupView {
    fn from(group: DeviceGroup) -> Self {
        let DeviceGroup {
            id,
            name,
            created_at,
            devices,
        } = group;
        Self {
            id,
            name,
            created_at,
            devices,
        }
    }
}

/// A group's name: a label of 64 characters at most.
#[derive(Debug)]
struct GroupName(String);

impl Read for GroupName {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match Label::read(value, at)? {
            Label(name) if name.chars().count() <= 64 => Some(Self(name)),
            _ => at.refuse("must have at most 64 characters"),
        }
    }
}

read_struct! {
    /// A group of devices to create, or its new name.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewDeviceGroup)]
    struct NameGroup {
        /// Its name, unique among groups of devices.
        #[schema(value_type = String, min_length = 1, max_length = 64, example = "Finance laptops")]
        name: GroupName,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListGroups {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists groups of devices, oldest first.
#[utoipa::path(get, path = "/device-groups", tag = "device-groups",
    operation_id = "list_device_groups", params(ListGroups),
    responses((status = 200, description = "A page of groups.", body = Page<GroupView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListGroups>,
) -> Result<Json<Page<GroupView>>, Problem> {
    let page = app.store.device_groups(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, GroupView::from)))
}

/// Creates a group of devices, with none in it.
#[utoipa::path(post, path = "/device-groups", tag = "device-groups",
    operation_id = "create_device_group", request_body = NameGroup,
    responses((status = 201, description = "The group.", body = GroupView),
        (status = 409, description = "A group of devices has this name.")))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<NameGroup>,
) -> Result<(StatusCode, Json<GroupView>), Problem> {
    let new = NewDeviceGroup { name: new.name.0 };
    let group = app.store.create_device_group(admin.actor(), new).await?;
    Ok((StatusCode::CREATED, Json(group.into())))
}

/// Shows a group of devices.
#[utoipa::path(get, path = "/device-groups/{id}", tag = "device-groups",
    operation_id = "get_device_group",
    params(("id" = String, Path, description = "The group's id.")),
    responses((status = 200, description = "The group.", body = GroupView)))]
async fn get(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceGroupId>,
) -> Result<Json<GroupView>, Problem> {
    Ok(Json(app.store.device_group(id).await?.into()))
}

/// Renames a group of devices. What names it names it by its id, and stays.
#[utoipa::path(patch, path = "/device-groups/{id}", tag = "device-groups",
    operation_id = "rename_device_group",
    params(("id" = String, Path, description = "The group's id.")),
    request_body = NameGroup,
    responses((status = 200, description = "The group as it is now.", body = GroupView),
        (status = 409, description = "Another group of devices has this name.")))]
async fn rename(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceGroupId>,
    Body(to): Body<NameGroup>,
) -> Result<Json<GroupView>, Problem> {
    let renamed = app
        .store
        .rename_device_group(admin.actor(), id, to.name.0)
        .await?;
    Ok(Json(renamed.into()))
}

/// Deletes a group of devices. Its devices are in none then.
#[utoipa::path(delete, path = "/device-groups/{id}", tag = "device-groups",
    operation_id = "delete_device_group",
    params(("id" = String, Path, description = "The group's id.")),
    responses((status = 204, description = "It is gone."),
        (status = 409, description = "A guardrail names it, or a token that still enrols devices.")))]
async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceGroupId>,
) -> Result<StatusCode, Problem> {
    app.store.delete_device_group(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
