//! Users: the people and services on whose behalf keys are used. They do not sign in here.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_governance::entity::User;
use tidegate_store::{Cursor, NewUser, UserPatch};
use tidegate_types::{TeamId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Change, Email, Label, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    /// Their id.
    #[schema(value_type = String, example = "user_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: UserId,
    /// Their e-mail address, unique among users, lower-case.
    #[schema(example = "ada@example.com")]
    email: String,
    /// Their display name.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// The team they belong to.
    #[schema(value_type = Option<String>, example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    team: Option<TeamId>,
    /// Whether their keys are refused.
    disabled: bool,
    /// When the user was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User {
            id,
            email,
            name,
            team,
            created_at,
            disabled,
        } = user;
        Self {
            id,
            email,
            name,
            team,
            disabled,
            created_at,
        }
    }
}

read_struct! {
    /// A user to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewUser)]
    struct CreateUser {
        /// E-mail address, unique among users; kept in lower case.
        #[schema(value_type = String, format = Email, max_length = 254, example = "ada@example.com")]
        email: Email,
        /// Display name.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ada Lovelace")]
        name: Label,
        /// The team they belong to.
        #[schema(value_type = Option<String>)]
        team: Option<TeamId>,
    }
}

read_struct! {
    /// What to change of a user. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = UserChange)]
    struct ChangeUser {
        /// A new display name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        name: Change<Label>,
        /// A new team; null for none.
        #[schema(value_type = Option<String>)]
        team: Change<Option<TeamId>>,
        /// Whether their keys are refused.
        #[schema(value_type = bool, required = false)]
        disabled: Change<bool>,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListUsers {
        /// Only users of this team.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists users, oldest first.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "list_users",
    params(ListUsers),
    responses((status = 200, description = "A page of users.", body = Page<UserView>)))]
async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListUsers>,
) -> Result<Json<Page<UserView>>, Problem> {
    let page = app
        .store
        .users(admin.narrow(query.team)?, query.cursor, query.limit.0)
        .await?;
    Ok(Json(Page::of(page, UserView::from)))
}

/// Creates a user.
#[utoipa::path(post, path = "/users", tag = "users", operation_id = "create_user",
    request_body = CreateUser,
    responses((status = 201, description = "The user.", body = UserView),
        (status = 409, description = "A user has this address.")))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateUser>,
) -> Result<(StatusCode, Json<UserView>), Problem> {
    let new = NewUser {
        email: new.email.0,
        name: new.name.0,
        team: admin.settles(new.team)?,
    };
    let user = app.store.create_user(admin.actor(), new).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Shows a user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "get_user",
    params(("id" = String, Path, description = "The user's id.")),
    responses((status = 200, description = "The user.", body = UserView)))]
async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<UserId>,
) -> Result<Json<UserView>, Problem> {
    let user = app.store.user(id).await?;
    admin.finds(user.team, "user")?;
    Ok(Json(user.into()))
}

/// Changes a user.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", operation_id = "change_user",
    params(("id" = String, Path, description = "The user's id.")),
    request_body = ChangeUser,
    responses((status = 200, description = "The user as they are now.", body = UserView)))]
async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<UserId>,
    Body(change): Body<ChangeUser>,
) -> Result<Json<UserView>, Problem> {
    admin.finds_user(&app, id).await?;
    let patch = UserPatch {
        name: change.name.into_option().map(|name| name.0),
        team: change.team.into_option(),
        disabled: change.disabled.into_option(),
    };
    admin.moves(patch.team)?;
    Ok(Json(
        app.store.patch_user(admin.actor(), id, patch).await?.into(),
    ))
}

/// Deletes a user with their budgets and limits.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", operation_id = "delete_user",
    params(("id" = String, Path, description = "The user's id.")),
    responses((status = 204, description = "They are gone."),
        (status = 409, description = "They still have keys that are not revoked.")))]
async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    admin.finds_user(&app, id).await?;
    app.store.delete_user(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
