//! Switching a key off, on, or off for good. Each takes effect on this node at once.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_store::KeyPatch;
use tidegate_types::KeyId;

use super::KeyView;
use crate::{app::App, extract::Id, guard::identity::Admin, problem::Problem};

/// Disables a key: it is refused until it is enabled again.
#[utoipa::path(post, path = "/keys/{id}/disable", tag = "keys", operation_id = "disable_key",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView),
        (status = 409, description = "It is revoked.")))]
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
) -> Result<Json<KeyView>, Problem> {
    admin.finds_key(&app, id).await?;
    let patch = KeyPatch {
        disabled: Some(true),
        ..KeyPatch::default()
    };
    let key = app.store.patch_key(admin.actor(), id, patch).await?;
    Ok(Json(KeyView::now(&app, key).await?))
}

/// Enables a disabled key.
#[utoipa::path(post, path = "/keys/{id}/enable", tag = "keys", operation_id = "enable_key",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView),
        (status = 409, description = "It is revoked.")))]
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
) -> Result<Json<KeyView>, Problem> {
    admin.finds_key(&app, id).await?;
    let patch = KeyPatch {
        disabled: Some(false),
        ..KeyPatch::default()
    };
    let key = app.store.patch_key(admin.actor(), id, patch).await?;
    Ok(Json(KeyView::now(&app, key).await?))
}

/// Revokes a key for good. Revoking it again changes nothing.
#[utoipa::path(post, path = "/keys/{id}/revoke", tag = "keys", operation_id = "revoke_key",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "The key as it is now.", body = KeyView),
        (status = 409, description = "It is the key of a device: delete the device.")))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
) -> Result<Json<KeyView>, Problem> {
    admin.finds_key(&app, id).await?;
    let key = app.store.revoke_key(admin.actor(), id).await?;
    Ok(Json(KeyView::now(&app, key).await?))
}
