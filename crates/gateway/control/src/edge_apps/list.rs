//! The catalogue of apps: one row for each, over all devices.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use tidegate_policy::{AppId, Catalogue, Decision};
use tidegate_store::Cursor;
use utoipa::IntoParams;

use super::{AppView, InstalledView, VersionView, table};
use crate::{
    app::App,
    catalogue::{ItemSort, ItemSortName},
    csv, devices,
    edge_mcp::Effects,
    extract::Params,
    names::Names,
    page::{Order, OrderName, Page, PageSize},
    policy_words::DecisionName,
    problem::Problem,
    read::{Label, read_struct},
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListApps {
        /// Only apps whose id or vendor has this in it.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        q: Option<Label>,
        /// Only apps of which this holds for the fleet.
        #[param(value_type = Option<DecisionName>)]
        decision: Option<Decision>,
        /// Only apps that somebody decided about, or only others.
        #[param(value_type = Option<bool>)]
        decided: Option<bool>,
        /// Only apps that are on a device or were seen in its traffic, or only others.
        #[param(value_type = Option<bool>)]
        present: Option<bool>,
        /// What to sort by; `name` when not said.
        #[param(value_type = Option<ItemSortName>, inline)]
        sort: Option<ItemSort>,
        /// In which direction; `asc` when not said.
        #[param(value_type = Option<OrderName>, inline)]
        order: Option<Order>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page; all when not said.
        #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
        limit: Option<PageSize>,
    }
}

/// Lists apps: those known, seen, installed or decided about. With `accept: text/csv` all that the filters
/// let through, as a table.
#[utoipa::path(get, path = "/edge/apps", tag = "edge", operation_id = "list_edge_apps",
    params(ListApps),
    responses((status = 200, description = "All apps, or a page of them.",
        content((Page<AppView> = "application/json"), (String = "text/csv")))))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Params(query): Params<ListApps>,
) -> Result<Response, Problem> {
    devices::written(&app).await?;
    let (cursor, limit) = (query.cursor, query.limit);
    let mut apps = gather(&app).await?;
    apps.retain(|view| matches(&query, view));
    query
        .sort
        .unwrap_or_default()
        .sort(&mut apps, query.order == Some(Order::Descending), key);
    if csv::wanted(&headers) {
        measure(&app, &mut apps).await?;
        return Ok(table::of(&apps).into_response());
    }
    let (mut apps, next) = match limit {
        Some(limit) => Page::<AppView>::part(apps, cursor, limit),
        None => (apps, None),
    };
    measure(&app, &mut apps).await?;
    Ok(Json(Page::with(apps, next)).into_response())
}

fn matches(query: &ListApps, view: &AppView) -> bool {
    let has = |text: &str| {
        let text = text.to_lowercase();
        let vendor = view.vendor.as_deref().unwrap_or_default();
        view.app.as_str().contains(&text) || vendor.to_lowercase().contains(&text)
    };
    let wants = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
    query.q.as_ref().is_none_or(|label| has(&label.0))
        && query.decision.is_none_or(|wanted| wanted == view.decision)
        && wants(query.decided, view.decided_at.is_some())
        && wants(query.present, view.devices() > 0)
}

/// What apps are sorted by.
fn key(view: &AppView, sort: ItemSort) -> i64 {
    let (installed, seen) = (view.installed.as_ref(), view.seen.as_ref());
    let first = installed.and_then(|found| found.first_seen_at);
    let first = first.into_iter().chain(seen.map(|seen| seen.first_seen_at));
    let last = installed.and_then(|found| found.last_seen_at);
    let last = last.into_iter().chain(seen.map(|seen| seen.last_seen_at));
    match sort {
        ItemSort::Name => 0,
        ItemSort::Devices => i64::try_from(view.devices()).unwrap_or(i64::MAX),
        ItemSort::FirstSeen => first.min().map_or(0, |at| at.micros()),
        ItemSort::LastSeen => last.max().map_or(0, |at| at.micros()),
    }
}

impl AppView {
    /// How many devices have it.
    pub(super) fn devices(&self) -> u64 {
        let installed = self.installed.as_ref().map_or(0, |found| found.devices);
        let seen = self.seen.as_ref().map_or(0, |seen| seen.devices);
        installed.max(seen)
    }
}

/// All apps, by id, without what came of decisions.
pub(super) async fn gather(app: &App) -> Result<Vec<AppView>, Problem> {
    let defaults = app.store.edge_settings().await?;
    let mut apps: BTreeMap<AppId, AppView> = BTreeMap::new();
    let mut entry = |id: &AppId, change: &mut dyn FnMut(&mut AppView)| {
        let view = apps
            .entry(id.clone())
            .or_insert_with(|| AppView::of(id.clone(), &defaults));
        change(view);
    };
    for known in Catalogue::builtin().apps() {
        entry(&known.name, &mut |_| ());
    }
    for decision in app.store.app_decisions().await? {
        entry(&decision.rule.app, &mut |view| {
            view.decide(decision.clone())
        });
    }
    for decision in app.store.app_overrides().await? {
        entry(&decision.rule.app, &mut |view| view.rules += 1);
    }
    for seen in app.catalogue.seen(app).await?.iter() {
        entry(&seen.app, &mut |view| view.seen = Some(seen.clone().into()));
    }
    let found = app.catalogue.found(app).await?;
    let mut versions: BTreeMap<&AppId, Vec<VersionView>> = BTreeMap::new();
    for found in &found.versions {
        let view = VersionView {
            version: found.version.clone(),
            source: found.source.clone(),
            devices: found.devices,
        };
        versions.entry(&found.app).or_default().push(view);
    }
    for found in &found.installed {
        let mut versions = versions.remove(&found.app).unwrap_or_default();
        entry(&found.app, &mut |view| {
            view.installed = Some(InstalledView {
                devices: found.devices,
                versions: std::mem::take(&mut versions),
                first_seen_at: found.first_seen_at,
                last_seen_at: found.last_seen_at,
            });
        });
    }
    Ok(apps.into_values().collect())
}

/// Adds what came of decisions, and who made them.
pub(super) async fn measure(app: &App, apps: &mut [AppView]) -> Result<(), Problem> {
    let items = apps.iter().map(|view| view.app.to_string()).collect();
    let effects = app.catalogue.effects(app, "app", items).await?;
    let by = apps.iter().filter_map(|view| view.decided_by.clone());
    let names = Names::of(app, by.collect()).await?;
    for (view, reported) in apps.iter_mut().zip(effects) {
        view.effects = Effects::of(view.devices(), reported.iter());
        view.decided_by_name = names.maybe(view.decided_by.as_deref());
    }
    Ok(())
}
