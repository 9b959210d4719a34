//! Making, changing and deleting budgets.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_governance::entity::{Alignment, Scope, Window};
use tidegate_store::NewBudget;
use tidegate_types::{BudgetId, ModelPattern};
use utoipa::ToSchema;

use super::{AlignmentName, BudgetView, WindowName};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Money, read_struct},
    scope,
};

read_struct! {
    /// A budget to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewBudget)]
    pub(super) struct CreateBudget {
        /// Whom it applies to: `organization`, or the id of a team, user or key.
        #[schema(value_type = String, example = "organization")]
        scope: Scope,
        /// Counts only calls of models that match; all calls when not said.
        #[schema(value_type = Option<String>, example = "gpt-4o*")]
        model: Option<ModelPattern>,
        /// How much may be spent in a window, in millionths of a US dollar.
        #[schema(value_type = i64, minimum = 0, example = 25_000_000)]
        cap_micro_usd: Money,
        /// How long a window is.
        #[schema(value_type = WindowName)]
        window: Window,
        /// When windows start; `calendar` when not said.
        #[schema(value_type = Option<AlignmentName>)]
        alignment: Option<Alignment>,
    }
}

read_struct! {
    /// What to change of a budget. Scope, model and window are what it is: for others, create
    /// another budget.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = BudgetChange)]
    pub(super) struct ChangeBudget {
        /// A new cap, in millionths of a US dollar. What was spent stays spent.
        #[schema(value_type = i64, minimum = 0, example = 50_000_000)]
        cap_micro_usd: Money,
    }
}

/// Creates a budget.
#[utoipa::path(post, path = "/budgets", tag = "budgets", operation_id = "create_budget",
    request_body = CreateBudget,
    responses((status = 201, description = "The budget.", body = BudgetView),
        (status = 409, description = "There is one with this scope, model and window.")))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<CreateBudget>,
) -> Result<(StatusCode, Json<BudgetView>), Problem> {
    admin.sets_on(&app, new.scope).await?;
    let new = NewBudget {
        scope: new.scope,
        model: new.model,
        cap: new.cap_micro_usd.0,
        window: new.window,
        alignment: new.alignment.unwrap_or_default(),
    };
    let budget = app
        .store
        .create_budget(admin.actor(), new)
        .await
        .map_err(scope::refused)?;
    Ok((
        StatusCode::CREATED,
        Json(BudgetView::now(&app, budget).await?),
    ))
}

/// Changes a budget's cap.
#[utoipa::path(patch, path = "/budgets/{id}", tag = "budgets", operation_id = "change_budget",
    params(("id" = String, Path, description = "The budget's id.")),
    request_body = ChangeBudget,
    responses((status = 200, description = "The budget as it is now.", body = BudgetView)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<BudgetId>,
    Body(change): Body<ChangeBudget>,
) -> Result<Json<BudgetView>, Problem> {
    let scope = app.store.budget(id).await?.scope;
    admin.finds_scope(&app, scope, "budget").await?;
    let budget = app
        .store
        .set_budget_cap(admin.actor(), id, change.cap_micro_usd.0)
        .await?;
    Ok(Json(BudgetView::now(&app, budget).await?))
}

/// Deletes a budget and what it counted.
#[utoipa::path(delete, path = "/budgets/{id}", tag = "budgets", operation_id = "delete_budget",
    params(("id" = String, Path, description = "The budget's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<BudgetId>,
) -> Result<StatusCode, Problem> {
    let scope = app.store.budget(id).await?.scope;
    admin.finds_scope(&app, scope, "budget").await?;
    app.store.delete_budget(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
