//! What is asked of devices: to look at everything anew; and letting one that was restored come back.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_types::{DeviceId, Timestamp};
use utoipa::ToSchema;

use super::{DeviceView, Eye};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::read_struct,
};

read_struct! {
    /// Which devices are to look at everything anew.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = ScanRequest)]
    pub(super) struct Scan {
        /// These, 200 at most; all devices when not said.
        #[schema(value_type = Option<Vec<String>>, max_items = 200)]
        devices: Option<Vec<DeviceId>>,
    }
}

/// Devices that were asked to look at everything anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScanRequested)]
pub(super) struct ScanView {
    /// How many.
    devices: usize,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
}

/// Clears a device's quarantine, and lets it count its check-ins anew: a machine that was restored from a
/// backup comes back. Its machine stays the one that was enrolled.
#[utoipa::path(post, path = "/devices/{id}/clear-quarantine", tag = "devices",
    operation_id = "clear_device_quarantine",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 200, description = "The device as it is now.", body = DeviceView)))]
pub(super) async fn clear(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceView>, Problem> {
    // What it said until now is of the old count.
    super::written(&app).await?;
    let device = app.store.clear_quarantine(admin.actor(), id).await?;
    Ok(Json(Eye::open(&app).await?.see(device)))
}

/// Asks a device to look at everything anew. One that waits learns of it at once, others at their next
/// check-in.
#[utoipa::path(post, path = "/devices/{id}/scan", tag = "devices", operation_id = "scan_device",
    params(("id" = String, Path, description = "The device's id.")),
    responses((status = 202, description = "It was asked.", body = ScanView)))]
pub(super) async fn scan(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<DeviceId>,
) -> Result<(StatusCode, Json<ScanView>), Problem> {
    ask(&app, &admin, Some(vec![id])).await
}

/// Asks many devices, or all, to look at everything anew.
#[utoipa::path(post, path = "/devices/scan", tag = "devices", operation_id = "scan_devices",
    request_body = Scan,
    responses((status = 202, description = "They were asked.", body = ScanView)))]
pub(super) async fn scan_many(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(which): Body<Scan>,
) -> Result<(StatusCode, Json<ScanView>), Problem> {
    ask(&app, &admin, which.devices).await
}

async fn ask(
    app: &App,
    admin: &Admin,
    devices: Option<Vec<DeviceId>>,
) -> Result<(StatusCode, Json<ScanView>), Problem> {
    let asked = app.store.request_scan(admin.actor(), devices).await?;
    let view = ScanView {
        devices: asked.devices.len(),
        requested_at: asked.at,
    };
    Ok((StatusCode::ACCEPTED, Json(view)))
}
