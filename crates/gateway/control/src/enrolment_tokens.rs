//! Enrolment tokens: what a machine presents once to become a managed device.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_store::{Cursor, EnrolmentToken, NewEnrolmentToken};
use tidegate_types::{DeviceGroupId, EnrolmentTokenId, PlainKey, TeamId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Count, Label, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// An enrolment token. Never its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnrolmentToken)]
struct TokenView {
    /// Its id.
    #[schema(value_type = String, example = "enr_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: EnrolmentTokenId,
    /// Its name, for people.
    #[schema(example = "laptops of research")]
    name: String,
    /// Prefix and last four characters of the secret.
    #[schema(example = "tg-enrol-…x7Qa")]
    hint: String,
    /// The team of devices that it enrols.
    #[schema(value_type = Option<String>)]
    team: Option<TeamId>,
    /// The user of devices that it enrols.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// The group that devices join which it enrols.
    #[schema(value_type = Option<String>)]
    group: Option<DeviceGroupId>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How many devices it enrols at most.
    max_uses: u64,
    /// How many it has enrolled.
    used: u64,
    /// Since when it is revoked, for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl From<EnrolmentToken> for TokenView {
    fn from(token: EnrolmentToken) -> Self {
        let EnrolmentToken {
            id,
            name,
            hint,
            team,
            user,
            group,
            created_at,
            expires_at,
            max_uses,
            used,
            revoked_at,
        } = token;
        Self {
            id,
            name,
            hint,
            team,
            user,
            group,
            created_at,
            expires_at,
            max_uses,
            used,
            revoked_at,
        }
    }
}

/// An enrolment token with its secret.
#[derive(Serialize, ToSchema)]
struct EnrolmentTokenWithSecret {
    /// The token.
    token: TokenView,
    /// The secret. It is shown this once and cannot be read again.
    #[schema(example = "tg-enrol-8Zl2w0rZ3bq7m1c9Yx5tKf4nHs6vJd2pQa0eRuTgWiM")]
    secret: String,
}

read_struct! {
    /// An enrolment token to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewEnrolmentToken)]
    struct CreateToken {
        /// Its name, for people.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "laptops of research")]
        name: Label,
        /// The team of devices that it enrols: its budgets and limits hold for them.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
        /// The user of devices that it enrols.
        #[schema(value_type = Option<String>)]
        user: Option<UserId>,
        /// The group that devices join which it enrols.
        #[schema(value_type = Option<String>)]
        group: Option<DeviceGroupId>,
        /// From when on it is refused; must be in the future.
        #[schema(value_type = String, format = DateTime)]
        expires_at: Timestamp,
        /// How many devices it enrols at most; one when not said.
        #[schema(value_type = Option<u64>, minimum = 1, maximum = 1_000_000)]
        max_uses: Option<Count>,
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

/// Lists enrolment tokens, oldest first, used and revoked ones too.
#[utoipa::path(get, path = "/enrolment-tokens", tag = "enrolment",
    operation_id = "list_enrolment_tokens", params(ListTokens),
    responses((status = 200, description = "A page of tokens.", body = Page<TokenView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListTokens>,
) -> Result<Json<Page<TokenView>>, Problem> {
    let page = app
        .store
        .enrolment_tokens(query.cursor, query.limit.0)
        .await?;
    Ok(Json(Page::of(page, TokenView::from)))
}

/// Creates an enrolment token. The answer holds its secret, which is never shown again.
#[utoipa::path(post, path = "/enrolment-tokens", tag = "enrolment",
    operation_id = "create_enrolment_token", request_body = CreateToken,
    responses((status = 201, description = "The token and its secret.",
        body = EnrolmentTokenWithSecret)))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateToken>,
) -> Result<(StatusCode, Json<EnrolmentTokenWithSecret>), Problem> {
    let secret = PlainKey::generate(PlainKey::ENROLMENT).map_err(Problem::internal)?;
    let new = NewEnrolmentToken {
        name: new.name.0,
        secret: (&secret).into(),
        team: new.team,
        user: new.user,
        group: new.group,
        expires_at: new.expires_at,
        max_uses: new.max_uses.map_or(1, |uses| uses.0),
    };
    let token = app.store.create_enrolment_token(admin.actor(), new).await?;
    let answer = EnrolmentTokenWithSecret {
        token: token.into(),
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Revokes an enrolment token for good. Devices that it enrolled stay.
#[utoipa::path(post, path = "/enrolment-tokens/{id}/revoke", tag = "enrolment",
    operation_id = "revoke_enrolment_token",
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 200, description = "The token as it is now.", body = TokenView)))]
async fn revoke(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<EnrolmentTokenId>,
) -> Result<Json<TokenView>, Problem> {
    let token = app.store.revoke_enrolment_token(admin.actor(), id).await?;
    Ok(Json(token.into()))
}
