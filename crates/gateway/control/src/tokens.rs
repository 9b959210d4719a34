//! Admin API tokens: credentials for programs that use this API.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_store::{ApiToken, Cursor, NewToken};
use tidegate_types::{PlainKey, Role, TeamId, Timestamp, TokenId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, read_struct},
    roles::{self, RoleName},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// An admin API token. Never its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenView {
    /// Its id.
    #[schema(value_type = String, example = "tok_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: TokenId,
    /// Its name, for people.
    #[schema(example = "terraform")]
    name: String,
    /// Prefix and last four characters of the secret.
    #[schema(example = "tg-admin-…x7Qa")]
    hint: String,
    /// What it may do.
    #[schema(value_type = RoleName, example = "admin")]
    role: &'static str,
    /// The team it is confined to, for the role `team_admin`.
    #[schema(value_type = Option<String>, example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    team: Option<TeamId>,
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

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        let ApiToken {
            id,
            name,
            hint,
            grant,
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
        } = token;
        Self {
            id,
            name,
            hint,
            role: grant.role().name(),
            team: grant.team(),
            created_at,
            expires_at,
            revoked_at,
            last_used_at,
        }
    }
}

/// A token with its secret.
#[derive(Serialize, ToSchema)]
struct TokenWithSecret {
    /// The token.
    token: TokenView,
    /// The secret. It is shown this once and cannot be read again.
    #[schema(example = "tg-admin-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    secret: String,
}

read_struct! {
    /// A token to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewToken)]
    struct CreateToken {
        /// Its name, for people.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "terraform")]
        name: Label,
        /// From when on it is refused; must be in the future. Never when not said.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
        /// What it may do; everything (`admin`) when not said.
        #[schema(value_type = Option<RoleName>)]
        role: Option<Role>,
        /// The team it is confined to: required for the role `team_admin`, and only for it.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListTokens {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists API tokens, oldest first, revoked ones too.
#[utoipa::path(get, path = "/tokens", tag = "tokens", operation_id = "list_tokens",
    params(ListTokens),
    responses((status = 200, description = "A page of tokens.", body = Page<TokenView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListTokens>,
) -> Result<Json<Page<TokenView>>, Problem> {
    let page = app.store.tokens(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, TokenView::from)))
}

/// Creates an API token. The answer holds its secret, which is never shown again.
#[utoipa::path(post, path = "/tokens", tag = "tokens", operation_id = "create_token",
    request_body = CreateToken,
    responses((status = 201, description = "The token and its secret.", body = TokenWithSecret)))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateToken>,
) -> Result<(StatusCode, Json<TokenWithSecret>), Problem> {
    let secret = PlainKey::generate(PlainKey::ADMIN).map_err(Problem::internal)?;
    let new = NewToken {
        name: new.name.0,
        secret: (&secret).into(),
        grant: roles::grant(new.role.unwrap_or(Role::Admin), new.team)?,
        expires_at: new.expires_at,
    };
    let token = app.store.create_token(admin.actor(), new).await?;
    let answer = TokenWithSecret {
        token: token.into(),
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Revokes an API token for good. Revoking it again changes nothing.
#[utoipa::path(post, path = "/tokens/{id}/revoke", tag = "tokens", operation_id = "revoke_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 200, description = "The token as it is now.", body = TokenView)))]
async fn revoke(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<TokenId>,
) -> Result<Json<TokenView>, Problem> {
    Ok(Json(
        app.store.revoke_token(admin.actor(), id).await?.into(),
    ))
}
