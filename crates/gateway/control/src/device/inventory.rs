//! The upload of an inventory, which a device makes when the gateway said that it lacks it.

mod read;

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use tidegate_store::StoreError;

use super::{body::Sent, identity::Caller};
use crate::{
    app::App,
    problem::{Code, Problem},
    throttle::Who,
};

/// `POST /device/v1/inventory`. 30 at once, then one every ten seconds. Its hash is computed here; an
/// entry that cannot be read is left out and counted.
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Sent(body): Sent,
) -> Result<StatusCode, Problem> {
    let edge = app.edge()?;
    app.device_calls
        .attempt(&Who::Inventory(device.id), app.clock.mono())
        .map_err(|wait| {
            let detail = "Too many inventories. Wait as long as `retry-after` says.";
            Problem::new(Code::TooManyAttempts, detail).retry_after(wait)
        })?;
    // Each may take some memory while it is read.
    let _seat = app
        .inventories
        .acquire()
        .await
        .map_err(|_| Problem::internal("the gate of inventories is closed"))?;
    let read = tokio::task::spawn_blocking(move || read::inventory(&body)).await;
    let new = read
        .map_err(Problem::internal)?
        .map_err(|error| Problem::field("", error.to_string()))?;
    if new.dropped > 0 {
        tracing::info!(device = %device.id, dropped = new.dropped, "entries of an inventory could not be read");
    }
    match edge.keep_inventory(&device, new).await {
        Err(StoreError::NotFound(_)) => Err(Problem::new(
            Code::DeviceRemoved,
            "The device was removed meanwhile.",
        )),
        kept => Ok(kept.map(|()| StatusCode::NO_CONTENT)?),
    }
}
