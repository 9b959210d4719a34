//! Reading limits: a page of them, or one.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_governance::entity::Scope;
use tidegate_store::Cursor;
use tidegate_types::LimitId;
use utoipa::IntoParams;

use super::LimitView;
use crate::{
    app::App,
    extract::{Id, Params},
    guard::identity::Admin,
    names::Names,
    page::{Page, PageSize},
    problem::Problem,
    read::read_struct,
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListLimits {
        /// Only limits of this scope: `organization`, or the id of a team, user or key.
        #[param(value_type = Option<String>)]
        scope: Option<Scope>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists limits, oldest first.
#[utoipa::path(get, path = "/limits", tag = "limits", operation_id = "list_limits",
    params(ListLimits),
    responses((status = 200, description = "A page of limits.", body = Page<LimitView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListLimits>,
) -> Result<Json<Page<LimitView>>, Problem> {
    let (scope, cursor, limit) = (query.scope, query.cursor, query.limit.0);
    let page = match admin.team() {
        Some(team) => app.store.team_limits(team, scope, cursor, limit).await?,
        None => app.store.limits(scope, cursor, limit).await?,
    };
    let scopes = page.items.iter().map(|limit| limit.scope.to_string());
    let names = Names::of(&app, scopes.collect()).await?;
    Ok(Json(Page::of(page, |limit| LimitView::of(limit, &names))))
}

/// Shows a limit.
#[utoipa::path(get, path = "/limits/{id}", tag = "limits", operation_id = "get_limit",
    params(("id" = String, Path, description = "The limit's id.")),
    responses((status = 200, description = "The limit.", body = LimitView)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<LimitId>,
) -> Result<Json<LimitView>, Problem> {
    let limit = app.store.limit(id).await?;
    admin.finds_scope(&app, limit.scope, "limit").await?;
    Ok(Json(LimitView::now(&app, limit).await?))
}
