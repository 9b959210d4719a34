//! The check-in: what a device is and has seen goes up, its policy comes down, at once or as soon as
//! there is a newer one.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use tidegate_device_api::{CheckInRequest, CheckInResponse};

use super::{body::Said, identity::Caller};
use crate::{app::App, problem::Problem};

/// The longest wait, in seconds.
const MAX_WAIT: u32 = 300;

/// `POST /device/v1/check-in`.
pub(super) async fn check_in(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Said(said): Said<CheckInRequest>,
) -> Result<Json<CheckInResponse>, Problem> {
    let edge = app.edge()?;
    edge.saw(&device, &said).await;
    let wait = Duration::from_secs(said.wait_seconds.min(MAX_WAIT).into());
    let revision = said.revision;
    // Thousands may wait: what they said is not held meanwhile.
    drop((device, said));
    let policy = edge.newer(revision, wait).await;
    Ok(Json(CheckInResponse {
        next_seconds: edge.policy().document.check_in_seconds,
        policy: policy.map(|policy| policy.signed.clone()),
        ..CheckInResponse::default()
    }))
}
