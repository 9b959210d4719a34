//! All routes, and what stands around them.

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    accounts,
    app::App,
    app::Control,
    audit, authority, budgets, cache, device, device_groups, device_sign_in, devices, edge_apps,
    edge_decisions, edge_hosts, edge_mcp, edge_requests, edge_settings, enrolment_tokens, events,
    extract::BODY_LIMIT,
    groups,
    guard::{frame::frame, identity::identify},
    guardrails, health, identity_links, identity_providers, info, keys, limits, openapi, overview,
    page_or_problem::page_or_problem,
    prices,
    problem::{Code, Problem},
    providers, requests, scim, scim_tokens, sessions, sign_in, teams, tokens, usage, users, views,
};

pub(crate) const BASE: &str = "/api/v1";

/// The control plane's router. Serve it with the peer's address as `ConnectInfo<SocketAddr>`, so
/// that sign-in attempts are counted per address. A task reads ahead what overviews show of users.
///
/// # Panics
/// Outside of a Tokio runtime.
pub fn router(control: Control) -> Router {
    let app = Arc::new(App::new(control));
    let reader = Arc::clone(&app);
    tokio::spawn(async move { reader.people.warm(&reader).await });
    let (open, guarded) = split();
    let identify = middleware::from_fn_with_state(Arc::clone(&app), identify);
    let frame = middleware::from_fn_with_state(Arc::clone(&app), frame);
    let guarded: Router<Arc<App>> = guarded.split_for_parts().0.route_layer(identify);
    let open: Router<Arc<App>> = open.split_for_parts().0;
    open.merge(guarded)
        .merge(device::router(&app))
        .merge(device_sign_in::router())
        .merge(scim::router(&app))
        .fallback(page_or_problem)
        .method_not_allowed_fallback(|| async {
            Problem::new(
                Code::MethodNotAllowed,
                "The header `allow` names the methods served here.",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(frame)
        .with_state(app)
}

/// The OpenAPI document of [`router`], as JSON text.
#[must_use]
pub fn openapi_json() -> &'static str {
    openapi::text()
}

/// The routes that need no credential, and those that do. A route is open only when it is named
/// here.
fn split() -> (OpenApiRouter<Arc<App>>, OpenApiRouter<Arc<App>>) {
    let open = OpenApiRouter::with_openapi(openapi::base())
        .merge(health::routes())
        .nest(
            BASE,
            openapi::routes()
                .merge(sessions::open_routes())
                .merge(sign_in::open_routes()),
        );
    let guarded = accounts::routes()
        .merge(audit::routes())
        .merge(authority::routes())
        .merge(budgets::routes())
        .merge(cache::routes())
        .merge(devices::routes())
        .merge(edge_apps::routes())
        .merge(edge_decisions::routes())
        .merge(edge_hosts::routes())
        .merge(edge_mcp::routes())
        .merge(edge_requests::routes())
        .merge(edge_settings::routes())
        .merge(enrolment_tokens::routes())
        .merge(events::routes())
        .merge(groups::routes())
        .merge(guardrails::routes())
        .merge(identity_links::routes())
        .merge(identity_providers::routes())
        .merge(info::routes())
        .merge(keys::routes())
        .merge(limits::routes())
        .merge(overview::routes())
        .merge(prices::routes())
        .merge(providers::routes())
        .merge(requests::routes())
        .merge(scim_tokens::routes())
        .merge(sessions::routes())
        .merge(teams::routes())
        .merge(device_groups::routes())
        .merge(tokens::routes())
        .merge(usage::routes())
        .merge(users::routes())
        .merge(views::routes());
    (open, OpenApiRouter::new().nest(BASE, guarded))
}

/// The whole document.
pub(crate) fn document() -> OpenApi {
    let (open, guarded) = split();
    openapi::complete(open.merge(guarded).into_openapi())
}
