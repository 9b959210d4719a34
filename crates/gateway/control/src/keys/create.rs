//! Making a key. Its secret is in the answer and nowhere else.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_governance::entity::Allow;
use tidegate_store::NewKey;
use tidegate_types::{PlainKey, TeamId, Timestamp, UserId};
use utoipa::ToSchema;

use super::{AllowLists, KeyView, KeyWithSecret};
use crate::{
    app::App,
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Label, read_struct},
};

read_struct! {
    /// A key to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewKey)]
    pub(super) struct CreateKey {
        /// Its name, for people; need not be unique.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "batch jobs")]
        name: Label,
        /// The team it belongs to.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
        /// The user it belongs to.
        #[schema(value_type = Option<String>)]
        user: Option<UserId>,
        /// What it may be used for; everything when not said.
        #[schema(value_type = Option<AllowLists>)]
        allow: Option<AllowLists>,
        /// Whether prompts and answers of its calls are stored; no when not said.
        #[schema(value_type = Option<bool>)]
        log_content: Option<bool>,
        /// From when on it is refused; must be in the future.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
    }
}

/// Creates a key. The answer holds its secret, which is never shown again.
#[utoipa::path(post, path = "/keys", tag = "keys", operation_id = "create_key",
    request_body = CreateKey,
    responses((status = 201, description = "The key and its secret.", body = KeyWithSecret)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateKey>,
) -> Result<(StatusCode, Json<KeyWithSecret>), Problem> {
    let team = admin.settles(new.team)?;
    admin.names(&app, new.user).await?;
    let secret = PlainKey::generate(PlainKey::VIRTUAL).map_err(Problem::internal)?;
    let new = NewKey {
        name: new.name.0,
        secret: (&secret).into(),
        team,
        user: new.user,
        allow: new.allow.map(Allow::from).unwrap_or_default(),
        log_content: new.log_content.unwrap_or_default(),
        expires_at: new.expires_at,
    };
    let key = app.store.create_key(admin.actor(), new).await?;
    let answer = KeyWithSecret {
        key: KeyView::now(&app, key).await?,
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}
