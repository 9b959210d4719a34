//! Changing what a key is and may do. Its secret is changed by a rotation.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_governance::entity::Allow;
use tidegate_store::KeyPatch;
use tidegate_types::{KeyId, TeamId, Timestamp, UserId};
use utoipa::ToSchema;

use super::{AllowLists, KeyView};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, Label, read_struct},
};

read_struct! {
    /// What to change of a key. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = KeyChange)]
    pub(super) struct ChangeKey {
        /// A new name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        name: Change<Label>,
        /// A new team; null for none.
        #[schema(value_type = Option<String>)]
        team: Change<Option<TeamId>>,
        /// A new user; null for none.
        #[schema(value_type = Option<String>)]
        user: Change<Option<UserId>>,
        /// New allow-lists, in place of all the old ones.
        #[schema(value_type = AllowLists, required = false)]
        allow: Change<AllowLists>,
        /// Whether prompts and answers of its calls are stored.
        #[schema(value_type = bool, required = false)]
        log_content: Change<bool>,
        /// A new expiry; null for none.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Change<Option<Timestamp>>,
        /// Whether it is refused.
        #[schema(value_type = bool, required = false)]
        disabled: Change<bool>,
    }
}

/// Changes a key.
#[utoipa::path(patch, path = "/keys/{id}", tag = "keys", operation_id = "change_key",
    params(("id" = String, Path, description = "The key's id.")),
    request_body = ChangeKey,
    responses((status = 200, description = "The key as it is now.", body = KeyView),
        (status = 409, description = "It is revoked.")))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
    Body(change): Body<ChangeKey>,
) -> Result<Json<KeyView>, Problem> {
    admin.finds_key(&app, id).await?;
    let patch = KeyPatch {
        name: change.name.into_option().map(|name| name.0),
        team: change.team.into_option(),
        user: change.user.into_option(),
        allow: change.allow.into_option().map(Allow::from),
        log_content: change.log_content.into_option(),
        expires_at: change.expires_at.into_option(),
        disabled: change.disabled.into_option(),
    };
    admin.moves(patch.team)?;
    if patch.user == Some(None) && patch.team.is_none() && app.store.key(id).await?.team.is_none() {
        // It belongs to the team by its user alone.
        admin.moves(Some(None))?;
    }
    admin.names(&app, patch.user.flatten()).await?;
    let key = app.store.patch_key(admin.actor(), id, patch).await?;
    Ok(Json(KeyView::now(&app, key).await?))
}
