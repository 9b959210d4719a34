//! Giving a key a new secret, while the old one keeps working for a while.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde_json::Value;
use tidegate_types::{KeyId, PlainKey};
use utoipa::ToSchema;

use super::{KeyView, KeyWithSecret};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Read, Reader, read_struct},
};

/// How long the old secret works on: 0 seconds to 30 days, a day when not said.
#[derive(Debug)]
pub(super) struct Grace(Duration);

const DAY: u64 = 24 * 60 * 60;

impl Read for Grace {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_u64() {
            Some(seconds) if seconds <= 30 * DAY => Some(Self(Duration::from_secs(seconds))),
            _ => at.refuse("must be a whole number of seconds from 0 to 2592000 (30 days)"),
        }
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self(Duration::from_secs(DAY)))
    }
}

read_struct! {
    /// How to rotate a key.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = KeyRotation)]
    pub(super) struct RotateKey {
        /// Seconds for which the old secret is still accepted; a day when not said.
        #[schema(value_type = u64, required = false, maximum = 2_592_000, default = 86_400)]
        grace_seconds: Grace,
    }
}

/// Gives a key a new secret. The answer holds it, and it is never shown again.
#[utoipa::path(post, path = "/keys/{id}/rotate", tag = "keys", operation_id = "rotate_key",
    params(("id" = String, Path, description = "The key's id.")),
    request_body = RotateKey,
    responses((status = 200, description = "The key and its new secret.", body = KeyWithSecret),
        (status = 409, description = "It is revoked, or the key of a device.")))]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
    Body(rotation): Body<RotateKey>,
) -> Result<Json<KeyWithSecret>, Problem> {
    admin.finds_key(&app, id).await?;
    let secret = PlainKey::generate(PlainKey::VIRTUAL).map_err(Problem::internal)?;
    let grace = rotation.grace_seconds.0;
    let key = app
        .store
        .rotate_key(admin.actor(), id, (&secret).into(), grace)
        .await?;
    Ok(Json(KeyWithSecret {
        key: KeyView::now(&app, key).await?,
        secret: secret.expose().to_owned(),
    }))
}
