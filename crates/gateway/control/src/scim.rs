//! SCIM 2.0 (RFC 7643, RFC 7644): where identity providers send users and groups. What the language means
//! is `tidegate-scim`'s; here are the routes, their credential, and what a resource is made of.
//!
//! It is no part of the admin API: it documents itself at `/scim/v2/Schemas`, its errors have SCIM's form,
//! and its tokens open nothing else.

mod answer;
mod ask;
mod discovery;
mod etag;
mod groups;
mod identity;
mod refusal;
mod users;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    middleware,
    routing::{any, get, post},
};

use self::refusal::Refusal;
use crate::app::App;

/// Where it lies.
const BASE: &str = "/scim/v2";

/// Largest body, in bytes: a group of 20,000 members.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The most resources of one answer.
const RESULTS: usize = 200;

pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let identify = middleware::from_fn_with_state(Arc::clone(app), identity::identify);
    let below = Router::new()
        .route("/ServiceProviderConfig", get(discovery::config))
        .route("/ResourceTypes", get(discovery::types))
        .route("/ResourceTypes/{id}", get(discovery::one_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .route("/Users", get(users::list).post(users::create))
        .route("/Users/.search", post(users::search))
        .route(
            "/Users/{id}",
            get(users::show)
                .put(users::replace)
                .patch(users::patch)
                .delete(users::delete),
        )
        .route("/Groups", get(groups::list).post(groups::create))
        .route("/Groups/.search", post(groups::search))
        .route(
            "/Groups/{id}",
            get(groups::show)
                .put(groups::replace)
                .patch(groups::patch)
                .delete(groups::delete),
        )
        .route("/.search", any(absent))
        .route("/Bulk", any(absent))
        .route("/Me", any(absent))
        .fallback(|| async { Refusal::not_found("There is no such endpoint.") })
        .method_not_allowed_fallback(|| async { Refusal::method() })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(identify);
    Router::new().nest(BASE, below)
}

/// What the standard allows to be left out: a search in everything, bulk operations, the caller's own user
/// (RFC 7644 §3.4.3, §3.7, §3.11).
async fn absent() -> Refusal {
    Refusal::absent()
}

/// The URL of SCIM here, as clients see it.
pub(crate) fn base(app: &App) -> String {
    format!("{}{BASE}", app.settings.url)
}

/// The state that handlers take.
type Shared = State<Arc<App>>;
