//! Renewal of a device's certificate, for the hosts that are governed now.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_device_api::{CertificateRequest, CertificateResponse};
use tidegate_store::Leaf;

use super::{body::Said, identity::Caller, refused};
use crate::{
    app::App,
    problem::{Code, Problem},
    throttle::Who,
};

/// `POST /device/v1/certificate`. Ten at once, then one a minute.
pub(super) async fn renew(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Said(asked): Said<CertificateRequest>,
) -> Result<Json<CertificateResponse>, Problem> {
    let edge = app.edge()?;
    app.device_calls
        .attempt(&Who::Device(device.id), app.clock.mono())
        .map_err(|wait| {
            let detail = "Too many certificates. Wait as long as `retry-after` says.";
            Problem::new(Code::TooManyAttempts, detail).retry_after(wait)
        })?;
    let issued = edge
        .sign_leaf(&asked.csr_pem, device.id, device.team)
        .map_err(|error| refused(&error))?;
    let leaf = Leaf {
        serial: issued.serial,
        expires_at: issued.not_after,
    };
    app.store.renew_leaf(device.id, leaf).await?;
    let (ca_pem, ca_signature) = edge.vouched_ca();
    Ok(Json(CertificateResponse {
        certificate_pem: issued.chain_pem,
        ca_pem: Some(ca_pem),
        ca_signature: Some(ca_signature),
    }))
}
