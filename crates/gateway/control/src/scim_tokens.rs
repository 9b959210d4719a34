//! Tokens for SCIM: credentials of identity providers that send users and groups.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_store::{Cursor, NewScimToken, ScimToken};
use tidegate_types::{PlainKey, ScimTokenId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// A token for SCIM. Never its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScimToken)]
struct ScimTokenView {
    /// Its id.
    #[schema(value_type = String, example = "scim_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: ScimTokenId,
    /// Its name, for people.
    #[schema(example = "Okta")]
    name: String,
    /// Prefix and last four characters of the secret.
    #[schema(example = "tg-scim-…x7Qa")]
    hint: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Since when it is revoked, for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<ScimToken> for ScimTokenView {
    fn from(token: ScimToken) -> Self {
        let ScimToken {
            id,
            name,
            hint,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
        } = token;
        Self {
            id,
            name,
            hint,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
        }
    }
}

/// A token for SCIM with its secret.
#[derive(Serialize, ToSchema)]
struct ScimTokenWithSecret {
    /// The token.
    token: ScimTokenView,
    /// The secret. It is shown this once and cannot be read again.
    #[schema(example = "tg-scim-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    secret: String,
    /// What the identity provider asks for as the base URL.
    #[schema(example = "https://gateway.example.com/scim/v2")]
    url: String,
}

read_struct! {
    /// A token for SCIM to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewScimToken)]
    struct CreateScimToken {
        /// Its name, for people: that of the identity provider.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Okta")]
        name: Label,
        /// From when on it is refused; must be in the future. Never when not said.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListScimTokens {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists tokens for SCIM, oldest first, revoked ones too.
#[utoipa::path(get, path = "/scim-tokens", tag = "provisioning", operation_id = "list_scim_tokens",
    params(ListScimTokens),
    responses((status = 200, description = "A page of tokens.", body = Page<ScimTokenView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListScimTokens>,
) -> Result<Json<Page<ScimTokenView>>, Problem> {
    let page = app.store.scim_tokens(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, ScimTokenView::from)))
}

/// Creates a token for SCIM. The answer holds its secret, which is never shown again.
///
/// Whoever has it can create, change and disable users and groups at `/scim/v2`, and nothing else.
#[utoipa::path(post, path = "/scim-tokens", tag = "provisioning", operation_id = "create_scim_token",
    request_body = CreateScimToken,
    responses((status = 201, description = "The token and its secret.", body = ScimTokenWithSecret)))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateScimToken>,
) -> Result<(StatusCode, Json<ScimTokenWithSecret>), Problem> {
    let secret = PlainKey::generate(PlainKey::SCIM).map_err(Problem::internal)?;
    let new = NewScimToken {
        name: new.name.0,
        secret: (&secret).into(),
        expires_at: new.expires_at,
    };
    let token = app.store.create_scim_token(admin.actor(), new).await?;
    let answer = ScimTokenWithSecret {
        token: token.into(),
        secret: secret.expose().to_owned(),
        url: crate::scim::base(&app),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Revokes a token for SCIM for good. Revoking it again changes nothing.
#[utoipa::path(post, path = "/scim-tokens/{id}/revoke", tag = "provisioning",
    operation_id = "revoke_scim_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 200, description = "The token as it is now.", body = ScimTokenView)))]
async fn revoke(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<ScimTokenId>,
) -> Result<Json<ScimTokenView>, Problem> {
    let token = app.store.revoke_scim_token(admin.actor(), id).await?;
    Ok(Json(token.into()))
}
