//! Enrolment: a token, a certificate request, and there is one managed device more.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_device_api::{EnrolRequest, EnrolResponse};
use tidegate_store::{Leaf, Machine, NewDevice, StoreError};
use tidegate_types::{DeviceId, PlainKey};

use super::{body::Said, refused};
use crate::{
    app::App,
    extract::Peer,
    problem::{Code, Problem},
    throttle::Who,
};

/// `POST /device/v1/enrol`. Attempts are counted by address, and those that succeed are not.
pub(super) async fn enrol(
    State(app): State<Arc<App>>,
    Peer(from): Peer,
    Said(asked): Said<EnrolRequest>,
) -> Result<(StatusCode, Json<EnrolResponse>), Problem> {
    let edge = app.edge()?;
    let who = Who::address(from);
    app.device_calls
        .attempt(&who, app.clock.mono())
        .map_err(|wait| {
            let detail = "Too many enrolments failed. Wait as long as `retry-after` says.";
            Problem::new(Code::TooManyAttempts, detail).retry_after(wait)
        })?;
    let token = PlainKey::hash_presented(PlainKey::ENROLMENT, &asked.token)
        .map_err(|_| Problem::unauthenticated("The token starts with `tg-enrol-`."))?;
    // First of all, so that nothing is signed for who has no token.
    let found = app.store.enrolment_token(token).await.map_err(unknown)?;
    let team = match (found.team, found.user) {
        (None, Some(user)) => app.store.user(user).await?.team,
        (team, _) => team,
    };
    let id = DeviceId::generate(app.clock.now());
    let leaf = edge
        .sign_leaf(&asked.csr_pem, id, team)
        .map_err(|error| refused(&error))?;
    let key = PlainKey::generate(PlainKey::DEVICE).map_err(Problem::internal)?;
    let new = NewDevice {
        id,
        token,
        secret: (&key).into(),
        machine: Machine {
            hostname: asked.hostname,
            id_hash: asked.machine_id_hash,
            os: asked.platform.os,
            os_version: asked.platform.os_version,
            arch: asked.platform.arch,
        },
        agent_version: asked.agent_version,
        leaf: Leaf {
            serial: leaf.serial,
            expires_at: leaf.not_after,
        },
    };
    app.store.enrol_device(new).await.map_err(unknown)?;
    let policy = edge.policies().published(id, team);
    app.device_calls.forgive(&who);
    app.data_plane.changed();
    app.events.stir();
    let (ca_pem, ca_signature) = edge.vouched_ca();
    let answer = EnrolResponse {
        device_id: id.to_string(),
        device_key: key.expose().to_owned(),
        relay_url: edge.relay_url().to_owned(),
        ca_pem,
        ca_signature: Some(ca_signature),
        policy_key: edge.policy_key(),
        certificate_pem: leaf.chain_pem,
        policy: policy.map_err(Problem::internal)?.signed.clone(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn unknown(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound(_) => Problem::unauthenticated(
            "The enrolment token is unknown, expired, revoked or used up. Ask for a new one.",
        ),
        error => error.into(),
    }
}
