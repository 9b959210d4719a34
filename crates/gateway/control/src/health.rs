//! What monitors ask: alive, ready, and the metrics. None of it is part of the versioned API.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    guard::{identity::Admin, permissions},
    problem::Problem,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// Whether the process is alive.
#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// Always `alive`.
    #[schema(value_type = String, example = "alive")]
    status: &'static str,
}

/// Whether the node can take calls.
#[derive(Debug, Serialize, ToSchema)]
struct Readiness {
    /// Whether calls can be taken: `snapshot` and `store` are fine.
    ready: bool,
    /// Each check.
    checks: Vec<Check>,
}

/// One check. What exactly is wrong is in the log: this answer is open to everybody.
#[derive(Debug, Serialize, ToSchema)]
struct Check {
    /// What was checked: `snapshot` (the rules that calls are decided by are loaded), `store` (the
    /// database answers and has the schema of this build), or `configuration` (what is on the disk is in
    /// force). A node whose configuration on the disk is no good is ready all the same: it goes by the
    /// last good one.
    #[schema(value_type = String, example = "store")]
    name: &'static str,
    /// Whether it is fine.
    ok: bool,
}

/// Answers while the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", operation_id = "is_alive", security(()),
    responses((status = 200, description = "It is alive.", body = Alive)))]
async fn alive() -> Json<Alive> {
    Json(Alive { status: "alive" })
}

/// Tells whether the node can take calls.
#[utoipa::path(get, path = "/readyz", tag = "health", operation_id = "is_ready", security(()),
    responses((status = 200, description = "It can.", body = Readiness),
        (status = 503, description = "It cannot; `checks` says why.", body = Readiness)))]
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let store = app.store.ready().await;
    if let Err(cause) = &store {
        tracing::warn!(%cause, "not ready: the store");
    }
    let mut checks = vec![
        Check {
            name: "snapshot",
            ok: app.data_plane.revision().is_some(),
        },
        Check {
            name: "store",
            ok: store.is_ok(),
        },
    ];
    let ready = checks.iter().all(|check| check.ok);
    let configuration = app.data_plane.configuration();
    checks.push(Check {
        name: "configuration",
        ok: configuration.refused.is_none(),
    });
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, checks }))
}

/// Shows the metrics of this node in the OpenMetrics format.
///
/// Needs a token, unless the listener is on loopback or the operator opened it: labels name
/// models and spend.
#[utoipa::path(get, path = "/metrics", tag = "health", operation_id = "get_metrics",
    security((), ("token" = [])),
    responses((status = 200, description = "The metrics.", body = String,
            content_type = "application/openmetrics-text"),
        (status = 401, description = "A token is needed here."),
        (status = 403, description = "The caller's role sees only a part of it.")))]
async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    if !app.hosts.loopback() && !app.settings.metrics_open {
        let admin = Admin::of(&app, &headers).await?;
        permissions::check(&Method::GET, "/metrics", admin.grant())?;
    }
    let content_type = [(header::CONTENT_TYPE, tidegate_telemetry::CONTENT_TYPE)];
    Ok((content_type, app.metrics.encode()).into_response())
}
