//! Signing out.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde_json::json;

use crate::{app::App, guard::identity::Admin, problem::Problem};

/// Signs out: the session's token is refused from now on.
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions",
    operation_id = "end_session",
    responses((status = 204, description = "Signed out."),
        (status = 403, description = "An API token has no session.")))]
pub(super) async fn end(State(app): State<Arc<App>>, admin: Admin) -> Result<StatusCode, Problem> {
    let (session, account) = admin.session()?;
    app.store.end_session(session.id).await?;
    let target = account.id.to_string();
    app.store
        .append_audit(admin.actor(), "session.end", &target, json!({}))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
