//! Groups of users, as an identity provider keeps them, and the teams that they stand for.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_store::{Cursor, Group};
use tidegate_types::{GroupId, TeamId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Change, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(map))
}

/// A group of users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
struct GroupView {
    /// Its id.
    #[schema(value_type = String, example = "group_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: GroupId,
    /// Its name at the identity provider, unique in any case.
    #[schema(example = "Engineering")]
    name: String,
    /// Its id at the identity provider.
    external_id: Option<String>,
    /// The team that its members belong to.
    #[schema(value_type = Option<String>, example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    team: Option<TeamId>,
    /// How many members it has.
    members: u64,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the identity provider last changed it.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl From<Group> for GroupView {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            name: group.name,
            external_id: group.external_id,
            team: group.team,
            members: group.members,
            created_at: group.created_at,
            changed_at: group.changed_at,
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListGroups {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

read_struct! {
    /// The team that a group stands for.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = GroupTeam)]
    struct MapGroup {
        /// The team; null for none.
        #[schema(value_type = Option<String>, required = true)]
        team: Change<Option<TeamId>>,
    }
}

/// Lists the groups that identity providers sent, oldest first.
#[utoipa::path(get, path = "/groups", tag = "provisioning", operation_id = "list_groups",
    params(ListGroups),
    responses((status = 200, description = "A page of groups.", body = Page<GroupView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListGroups>,
) -> Result<Json<Page<GroupView>>, Problem> {
    let page = app.store.groups(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, GroupView::from)))
}

/// Maps a group to a team: its members belong to the team from now on.
///
/// Who is in several such groups belongs to the team of the first by name. Who leaves the last of them
/// belongs to no team. Users who are disabled stay in the team that they are in.
#[utoipa::path(put, path = "/groups/{id}/team", tag = "provisioning", operation_id = "map_group",
    params(("id" = String, Path, description = "The group's id.")),
    request_body = MapGroup,
    responses((status = 200, description = "The group as it is now.", body = GroupView)))]
async fn map(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<GroupId>,
    Body(new): Body<MapGroup>,
) -> Result<Json<GroupView>, Problem> {
    let team = new.team.into_option();
    let team = team.ok_or_else(|| Problem::field("/team", "is required; null for none"))?;
    let group = app.store.map_group(admin.actor(), id, team).await?;
    Ok(Json(group.into()))
}
