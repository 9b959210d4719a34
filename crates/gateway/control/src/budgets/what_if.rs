//! What a budget would have done: how often its cap would have been reached in the windows that passed.
//! Worked out from the hourly sums, so a window is an hour at least.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_governance::{
    entity::{Alignment, Scope, Window},
    window::bounds,
};
use tidegate_store::{Bucket, UsageFilter, UsageGroup, UsagePoint, UsageQuery};
use tidegate_types::{MicroUsd, ModelPattern, Timestamp};
use utoipa::{IntoParams, ToSchema};

use super::WindowName;
use crate::{
    app::App,
    extract::Params,
    guard::identity::Admin,
    problem::Problem,
    read::{Money, Read, Reader, read_struct},
};

/// The most windows that are looked at, and as many as usual.
const MOST: usize = 90;
const USUAL: usize = 30;

/// How many windows to look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows(usize);

impl Read for Windows {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let number = value.as_str().and_then(|text| text.parse().ok());
        match number {
            Some(number) if (1..=MOST).contains(&number) => Some(Self(number)),
            _ => at.refuse("must be a whole number from 1 to 90"),
        }
    }

    fn absent(_: &mut Reader) -> Option<Self> {
        Some(Self(USUAL))
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct WhatIf {
        /// Whom it would apply to: `organization`, or the id of a team, user or key.
        #[param(value_type = String, example = "organization")]
        scope: Scope,
        /// It would count only calls of models that match; all calls when not said.
        #[param(value_type = Option<String>, example = "gpt-4o*")]
        model: Option<ModelPattern>,
        /// How much could be spent in a window, in millionths of a US dollar.
        #[param(value_type = i64, minimum = 0, example = 25_000_000)]
        cap_micro_usd: Money,
        /// How long a window would be, an hour at least. Windows are those of the calendar.
        #[param(value_type = WindowName, inline)]
        window: Window,
        /// At how many windows to look, the present one included; 30 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 90, default = 30)]
        windows: Windows,
    }
}

/// What a budget would have done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIf)]
pub(super) struct WhatIfView {
    /// In how many windows the cap would have been reached.
    reached: usize,
    /// How many windows had any spend.
    used: usize,
    /// The most that was spent in one.
    #[schema(value_type = i64)]
    most_micro_usd: MicroUsd,
    /// The windows, oldest first; the last one is not over yet. What was spent is what was spent under the
    /// budgets of that time.
    windows: Vec<PassedView>,
}

/// A window that passed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassedWindow)]
struct PassedView {
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// When it ended, or will.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
    /// What was spent in it.
    #[schema(value_type = i64)]
    spent_micro_usd: MicroUsd,
    /// Whether the cap would have been reached.
    reached: bool,
}

/// Shows how often a budget's cap would have been reached. Calls count for the team that they are logged
/// under.
#[utoipa::path(get, path = "/budgets/what-if", tag = "budgets", operation_id = "try_budget",
    params(WhatIf),
    responses((status = 200, description = "What it would have done.", body = WhatIfView)))]
pub(super) async fn what_if(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<WhatIf>,
) -> Result<Json<WhatIfView>, Problem> {
    admin.finds_scope(&app, query.scope, "scope").await?;
    if query.window == Window::Minute {
        let detail = "must be an hour at least: what was spent is known by the hour";
        return Err(Problem::parameter("window", detail));
    }
    let mut windows = passed(query.window, query.windows.0, app.clock.now());
    let from = windows
        .first()
        .map_or(app.clock.now(), |window| window.start);
    let bucket = if query.window == Window::Hour {
        Bucket::Hour
    } else {
        Bucket::Day
    };
    let points = app.store.usage(UsageQuery {
        from,
        to: windows.last().map_or(from, |window| window.end),
        bucket,
        group_by: match query.model {
            Some(_) => UsageGroup::Model,
            None => UsageGroup::None,
        },
        filter: scoped(query.scope),
    });
    for point in points.await? {
        if counts(&point, query.model.as_ref()) {
            spend(&mut windows, &point);
        }
    }
    let cap = query.cap_micro_usd.0;
    for window in &mut windows {
        // A window without spend reaches nothing, not even a cap of zero.
        let spent = window.spent_micro_usd;
        window.reached = spent > MicroUsd::ZERO && spent >= cap;
    }
    let spent = || windows.iter().map(|window| window.spent_micro_usd);
    Ok(Json(WhatIfView {
        reached: windows.iter().filter(|window| window.reached).count(),
        used: spent().filter(|spent| *spent > MicroUsd::ZERO).count(),
        most_micro_usd: spent().max().unwrap_or(MicroUsd::ZERO),
        windows,
    }))
}

/// The present window and those before it, oldest first.
fn passed(window: Window, most: usize, now: Timestamp) -> Vec<PassedView> {
    let (mut within, mut windows) = (now, Vec::with_capacity(most));
    for _ in 0..most {
        let (start, end) = bounds(window, Alignment::Calendar, None, within);
        windows.push(PassedView {
            start,
            end,
            spent_micro_usd: MicroUsd::ZERO,
            reached: false,
        });
        within = Timestamp::from_micros(start.micros().saturating_sub(1));
    }
    windows.reverse();
    windows
}

fn scoped(scope: Scope) -> UsageFilter {
    let mut filter = UsageFilter::default();
    match scope {
        Scope::Organization => {}
        Scope::Team(team) => filter.team = Some(team),
        Scope::User(user) => filter.user = Some(user),
        Scope::Key(key) => filter.key = Some(key),
    }
    filter
}

fn counts(point: &UsagePoint, model: Option<&ModelPattern>) -> bool {
    model.is_none_or(|pattern| {
        let named = point.group.as_deref();
        named.is_some_and(|named| pattern.matches(named))
    })
}

fn spend(windows: &mut [PassedView], point: &UsagePoint) {
    let after = windows.partition_point(|window| window.start <= point.start);
    if let Some(window) = after
        .checked_sub(1)
        .and_then(|index| windows.get_mut(index))
    {
        window.spent_micro_usd = window.spent_micro_usd.saturating_add(point.cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other_without_a_gap() {
        let now: Timestamp = "2026-11-25T12:34:56Z".parse().unwrap();
        for window in [Window::Hour, Window::Day, Window::Week, Window::Month] {
            let windows = passed(window, 14, now);
            assert_eq!(windows.len(), 14);
            assert!(windows.windows(2).all(|two| two[0].end == two[1].start));
            let last = windows.last().unwrap();
            assert!(last.start <= now && now < last.end);
        }
    }
}
