//! Where people are signed in, and ending that from elsewhere.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_store::Cursor;
use tidegate_types::{AccountId, Role, SessionId};
use utoipa::IntoParams;

use super::SessionView;
use crate::{
    app::App,
    extract::{Id, Params},
    guard::{identity::Admin, team::nothing},
    page::{Page, PageSize},
    problem::Problem,
    read::read_struct,
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListSessions {
        /// Only those of this account. For the role `admin` those of all when not said; for other
        /// roles it can only be the caller's own.
        #[param(value_type = Option<String>)]
        account: Option<AccountId>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Whose sessions the caller may see and end: all, or those of their own account.
fn whose(admin: &Admin) -> Result<Option<AccountId>, Problem> {
    match admin.grant().role() {
        Role::Admin => Ok(None),
        _ => Ok(Some(admin.session()?.1.id)),
    }
}

/// Lists where people are signed in, oldest first: the caller, or for the role `admin` everybody.
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "list_sessions",
    params(ListSessions),
    responses((status = 200, description = "A page of sessions.", body = Page<SessionView>),
        (status = 403, description = "An API token without the role `admin` has no sessions.")))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListSessions>,
) -> Result<Json<Page<SessionView>>, Problem> {
    let account = match (whose(&admin)?, query.account) {
        (Some(own), Some(asked)) if own != asked => return Err(nothing("account")),
        (own, asked) => own.or(asked),
    };
    let idle = app.settings.session_idle;
    let page = app
        .store
        .sessions(account, idle, query.cursor, query.limit.0)
        .await?;
    let current = admin.session().ok().map(|(session, _)| session.id);
    Ok(Json(Page::of(page, |session| {
        SessionView::of(session, current)
    })))
}

/// Ends a session: its token or cookie is refused from now on.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", operation_id = "revoke_session",
    params(("id" = String, Path, description = "The session's id.")),
    responses((status = 204, description = "It ended.")))]
pub(super) async fn end(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    let whose = whose(&admin)?;
    app.store.end_session(admin.actor(), id, whose).await?;
    Ok(StatusCode::NO_CONTENT)
}
