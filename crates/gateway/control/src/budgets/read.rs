//! Reading budgets: a page of them, or one.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State};
use tidegate_governance::entity::Scope;
use tidegate_store::Cursor;
use tidegate_types::BudgetId;
use utoipa::IntoParams;

use super::BudgetView;
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
    pub(super) struct ListBudgets {
        /// Only budgets of this scope: `organization`, or the id of a team, user or key.
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

/// Lists budgets with what is left of each, oldest first.
#[utoipa::path(get, path = "/budgets", tag = "budgets", operation_id = "list_budgets",
    params(ListBudgets),
    responses((status = 200, description = "A page of budgets.", body = Page<BudgetView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListBudgets>,
) -> Result<Json<Page<BudgetView>>, Problem> {
    let (scope, cursor, limit) = (query.scope, query.cursor, query.limit.0);
    let page = match admin.team() {
        Some(team) => app.store.team_budgets(team, scope, cursor, limit).await?,
        None => app.store.budgets(scope, cursor, limit).await?,
    };
    let ids: Vec<BudgetId> = page.items.iter().map(|budget| budget.id).collect();
    let status: HashMap<BudgetId, _> = app
        .store
        .budget_status(&ids)
        .await?
        .into_iter()
        .map(|status| (status.budget, status))
        .collect();
    let scopes = page.items.iter().map(|budget| budget.scope.to_string());
    let names = Names::of(&app, scopes.collect()).await?;
    Ok(Json(Page::of(page, |budget| {
        let status = status.get(&budget.id);
        BudgetView::of(budget, status, &names)
    })))
}

/// Shows a budget with what is left of it.
#[utoipa::path(get, path = "/budgets/{id}", tag = "budgets", operation_id = "get_budget",
    params(("id" = String, Path, description = "The budget's id.")),
    responses((status = 200, description = "The budget.", body = BudgetView)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<BudgetId>,
) -> Result<Json<BudgetView>, Problem> {
    let budget = app.store.budget(id).await?;
    admin.finds_scope(&app, budget.scope, "budget").await?;
    Ok(Json(BudgetView::now(&app, budget).await?))
}
