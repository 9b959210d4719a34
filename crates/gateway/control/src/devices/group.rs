//! Moving devices from one group to another, many at once.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_store::InGroup;
use tidegate_types::{DeviceGroupId, DeviceId};
use utoipa::ToSchema;

use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Read, Reader, read_struct},
};

/// Where devices go: it must be said, so that none leaves its group by an oversight.
#[derive(Debug)]
pub(super) struct Destination(Option<DeviceGroupId>);

impl Read for Destination {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        Option::read(value, at).map(Self)
    }
}

impl Read for InGroup {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str() {
            Some("none") => Some(Self::NoGroup),
            _ => DeviceGroupId::read(value, at).map(Self::Group),
        }
    }
}

read_struct! {
    /// Which devices go where.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = DeviceMove)]
    pub(super) struct Move {
        /// These: 1 to 200.
        #[schema(value_type = Vec<String>, min_items = 1, max_items = 200)]
        devices: Vec<DeviceId>,
        /// Into this group; null: into none.
        #[schema(value_type = Option<String>, required = true, example = "dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr")]
        group: Destination,
    }
}

/// Devices that were moved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DevicesMoved)]
pub(super) struct MovedView {
    /// How many were elsewhere before.
    moved: usize,
    /// How many were there already.
    there: usize,
}

/// Moves devices into a group, or out of any: all of them or none. Their next calls are judged by it.
#[utoipa::path(post, path = "/devices/move", tag = "devices", operation_id = "move_devices",
    request_body = Move,
    responses((status = 200, description = "They were moved.", body = MovedView)))]
pub(super) async fn move_many(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(which): Body<Move>,
) -> Result<Json<MovedView>, Problem> {
    if which.devices.is_empty() {
        return Err(Problem::field("/devices", "must name at least one"));
    }
    let moved = app
        .store
        .move_devices(admin.actor(), which.devices, which.group.0)
        .await?;
    Ok(Json(MovedView {
        moved: moved.moved,
        there: moved.there,
    }))
}
