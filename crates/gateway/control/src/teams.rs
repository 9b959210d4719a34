//! Teams: users and keys belong to them, budgets and limits can be set on them.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_governance::entity::Team;
use tidegate_store::{Cursor, NewTeam, TeamPatch};
use tidegate_types::{TeamId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Change, Label, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
struct TeamView {
    /// Its id.
    #[schema(value_type = String, example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: TeamId,
    /// Its name, unique among teams.
    #[schema(example = "research")]
    name: String,
    /// Whether its keys are refused.
    disabled: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        let Team {
            id,
            name,
            created_at,
            disabled,
        } = team;
        Self {
            id,
            name,
            disabled,
            created_at,
        }
    }
}

read_struct! {
    /// A team to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewTeam)]
    struct CreateTeam {
        /// Its name, unique among teams.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "research")]
        name: Label,
    }
}

read_struct! {
    /// What to change of a team. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = TeamChange)]
    struct ChangeTeam {
        /// A new name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
        name: Change<Label>,
        /// Whether its keys are refused.
        #[schema(value_type = bool, required = false)]
        disabled: Change<bool>,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListTeams {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists teams, oldest first.
#[utoipa::path(get, path = "/teams", tag = "teams", operation_id = "list_teams",
    params(ListTeams),
    responses((status = 200, description = "A page of teams.", body = Page<TeamView>)))]
async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListTeams>,
) -> Result<Json<Page<TeamView>>, Problem> {
    if let Some(own) = admin.team() {
        let team = app.store.team(own).await?;
        return Ok(Json(Page::whole(vec![team.into()])));
    }
    let page = app.store.teams(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, TeamView::from)))
}

/// Creates a team.
#[utoipa::path(post, path = "/teams", tag = "teams", operation_id = "create_team",
    request_body = CreateTeam,
    responses((status = 201, description = "The team.", body = TeamView),
        (status = 409, description = "A team has this name.")))]
async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateTeam>,
) -> Result<(StatusCode, Json<TeamView>), Problem> {
    let team = app
        .store
        .create_team(admin.actor(), NewTeam { name: new.name.0 })
        .await?;
    Ok((StatusCode::CREATED, Json(team.into())))
}

/// Shows a team.
#[utoipa::path(get, path = "/teams/{id}", tag = "teams", operation_id = "get_team",
    params(("id" = String, Path, description = "The team's id.")),
    responses((status = 200, description = "The team.", body = TeamView)))]
async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<TeamId>,
) -> Result<Json<TeamView>, Problem> {
    admin.finds(Some(id), "team")?;
    Ok(Json(app.store.team(id).await?.into()))
}

/// Changes a team.
#[utoipa::path(patch, path = "/teams/{id}", tag = "teams", operation_id = "change_team",
    params(("id" = String, Path, description = "The team's id.")),
    request_body = ChangeTeam,
    responses((status = 200, description = "The team as it is now.", body = TeamView),
        (status = 409, description = "Another team has this name.")))]
async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<TeamId>,
    Body(change): Body<ChangeTeam>,
) -> Result<Json<TeamView>, Problem> {
    let patch = TeamPatch {
        name: change.name.into_option().map(|name| name.0),
        disabled: change.disabled.into_option(),
    };
    Ok(Json(
        app.store.patch_team(admin.actor(), id, patch).await?.into(),
    ))
}

/// Deletes a team with its budgets and limits.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams", operation_id = "delete_team",
    params(("id" = String, Path, description = "The team's id.")),
    responses((status = 204, description = "It is gone."),
        (status = 409, description = "It still has users, or keys that are not revoked.")))]
async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<TeamId>,
) -> Result<StatusCode, Problem> {
    app.store.delete_team(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
