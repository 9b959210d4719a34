//! Budgets, and where each stands in its present window.

mod change;
mod read;
mod what_if;

use std::sync::Arc;

use serde::Serialize;
use tidegate_governance::entity::{Alignment, Budget, Window};
use tidegate_store::BudgetStatus;
use tidegate_types::{BudgetId, MicroUsd, ModelPattern, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, names::Names, problem::Problem};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(read::list, change::create))
        .routes(routes!(what_if::what_if))
        .routes(routes!(read::get, change::change, change::delete))
}

/// A cap on spend within a window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Budget)]
struct BudgetView {
    /// Its id.
    #[schema(value_type = String, example = "bud_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: BudgetId,
    /// Whom it applies to: `organization`, or the id of a team, user or key.
    #[schema(example = "team_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    scope: String,
    /// The name of that; null for the organization.
    scope_name: Option<String>,
    /// Counts only calls of models that match; all calls when null.
    #[schema(value_type = Option<String>, example = "gpt-4o*")]
    model: Option<ModelPattern>,
    /// How much may be spent in a window, in millionths of a US dollar.
    #[schema(value_type = i64, minimum = 0, example = 25_000_000)]
    cap_micro_usd: MicroUsd,
    /// How long a window is.
    #[schema(value_type = WindowName)]
    window: Window,
    /// When windows start.
    #[schema(value_type = AlignmentName)]
    alignment: Alignment,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Where it stands now.
    status: StatusView,
}

/// Where a budget stands in its present window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BudgetStatus)]
struct StatusView {
    /// When the window started; null before the first call of a first-use window.
    #[schema(value_type = Option<String>, format = DateTime)]
    window_start: Option<Timestamp>,
    /// When the window ends and the budget is full again.
    #[schema(value_type = Option<String>, format = DateTime)]
    window_end: Option<Timestamp>,
    /// Spent for good, with the debt that the window before left.
    #[schema(value_type = i64, example = 12_400_000)]
    spent_micro_usd: MicroUsd,
    /// Set aside for running calls, on all nodes.
    #[schema(value_type = i64, example = 600_000)]
    held_micro_usd: MicroUsd,
    /// What is neither spent nor held: zero when the budget is used up.
    #[schema(value_type = i64, example = 12_000_000)]
    left_micro_usd: MicroUsd,
}

/// The length of a window: a minute, an hour, a day, a week from Monday, a calendar month.
#[derive(ToSchema)]
#[schema(as = Window)]
#[allow(
    dead_code,
    reason = "the schema of `Window`, which knows nothing of OpenAPI"
)]
enum WindowName {
    #[schema(rename = "1m")]
    Minute,
    #[schema(rename = "1h")]
    Hour,
    #[schema(rename = "1d")]
    Day,
    #[schema(rename = "1w")]
    Week,
    #[schema(rename = "1mo")]
    Month,
}

/// When windows start: at the calendar's boundaries in UTC, or at the first call.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[schema(as = Alignment)]
#[allow(
    dead_code,
    reason = "the schema of `Alignment`, which knows nothing of OpenAPI"
)]
enum AlignmentName {
    Calendar,
    FirstUse,
}

impl BudgetView {
    fn of(budget: Budget, status: Option<&BudgetStatus>, names: &Names) -> Self {
        let Budget {
            id,
            scope,
            model,
            cap,
            window,
            alignment,
            created_at,
        } = budget;
        let spent = status.map_or(MicroUsd::ZERO, |status| status.spent);
        let held = status.map_or(MicroUsd::ZERO, |status| status.leased);
        let left = cap
            .saturating_sub(spent)
            .saturating_sub(held)
            .max(MicroUsd::ZERO);
        Self {
            id,
            scope_name: names.get(scope),
            scope: scope.to_string(),
            model,
            cap_micro_usd: cap,
            window,
            alignment,
            created_at,
            status: StatusView {
                window_start: status.and_then(|status| status.window_start),
                window_end: status.and_then(|status| status.window_end),
                spent_micro_usd: spent,
                held_micro_usd: held,
                left_micro_usd: left,
            },
        }
    }

    async fn now(app: &App, budget: Budget) -> Result<Self, Problem> {
        let status = app.store.budget_status(&[budget.id]).await?;
        let names = Names::of(app, vec![budget.scope.to_string()]).await?;
        Ok(Self::of(budget, status.first(), &names))
    }
}
