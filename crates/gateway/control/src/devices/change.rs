//! Changing and deleting devices. A disabled or deleted device's calls are refused at once.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_store::DevicePatch;
use tidegate_types::{DeviceGroupId, DeviceId, TeamId, UserId};
use utoipa::ToSchema;

use super::{DeviceView, Eye};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, Label, read_struct},
};

read_struct! {
    /// What to change of a device. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = DeviceChange)]
    pub(super) struct ChangeDevice {
        /// A new name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        name: Change<Label>,
        /// A new team; null for none.
        #[schema(value_type = Option<String>)]
        team: Change<Option<TeamId>>,
        /// A new user; null for none.
        #[schema(value_type = Option<String>)]
        user: Change<Option<UserId>>,
        /// A new group; null for none. Its next calls are judged by it.
        #[schema(value_type = Option<String>)]
        group: Change<Option<DeviceGroupId>>,
        /// Whether its calls are refused.
        #[schema(value_type = bool, required = false)]
        disabled: Change<bool>,
    }
}

/// Changes a device.
#[utoipa::path(patch, path = "/devices/{id}", tag = "devices", operation_id = "change_device",
    params(("id" = String, Path, description = "The device's id.")),
    request_body = ChangeDevice,
    responses((status = 200, description = "The device as it is now.", body = DeviceView)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
    Body(change): Body<ChangeDevice>,
) -> Result<Json<DeviceView>, Problem> {
    let patch = DevicePatch {
        name: change.name.into_option().map(|name| name.0),
        team: change.team.into_option(),
        user: change.user.into_option(),
        group: change.group.into_option(),
        disabled: change.disabled.into_option(),
    };
    let device = app.store.patch_device(admin.actor(), id, patch).await?;
    Ok(Json(Eye::open(&app).await?.see(device)))
}

/// Removes a device: its key is revoked for good, what was on it is forgotten, and when it next asks it
/// is told to undo what it did. Its calls stay in the log.
#[utoipa::path(delete, path = "/devices/{id}", tag = "devices", operation_id = "delete_device",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<StatusCode, Problem> {
    app.store.delete_device(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
