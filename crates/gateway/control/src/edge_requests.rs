//! What people at devices ask for, and the answers.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_policy::{AppRule, Decision, McpRule, McpTarget, ToolRules};
use tidegate_store::{
    Answered, AskedFilter, Audience, Cursor, NewDecision, RequestState, StoredRequest, WantedKind,
};
use tidegate_types::{AccessRequestId, DeviceId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    names::Names,
    page::{Page, PageSize},
    policy_words::RequestName,
    problem::Problem,
    read::{Notice, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(grant))
        .routes(routes!(decline))
}

/// What somebody at a device asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequest)]
struct RequestView {
    /// Its id.
    #[schema(value_type = String, example = "ask_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: AccessRequestId,
    /// The device.
    #[schema(value_type = String)]
    device: DeviceId,
    /// The machine's name.
    hostname: String,
    /// What is asked for: the use of an `app` or an `mcp_server`, or `support` for an app that is not
    /// known.
    #[schema(value_type = String, example = "mcp_server")]
    kind: &'static str,
    /// The app's id, the server's identity, or what the person calls the app.
    item: String,
    /// Why, in the person's words.
    reason: String,
    /// The OS user who asks.
    os_user: String,
    /// When the gateway got it.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// What became of it.
    #[schema(value_type = RequestName)]
    state: &'static str,
    /// Who answered: the id of an account or a token.
    decided_by: Option<String>,
    /// The name of that account or token.
    decided_by_name: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// The answer in words.
    answer: Option<String>,
}

impl RequestView {
    async fn now(app: &App, request: StoredRequest) -> Result<Self, Problem> {
        let names = Names::of(app, request.decided_by.iter().cloned().collect()).await?;
        Ok(Self::of(request, &names))
    }

    fn of(request: StoredRequest, names: &Names) -> Self {
        Self {
            id: request.id,
            decided_by_name: names.maybe(request.decided_by.as_deref()),
            device: request.device,
            hostname: request.hostname,
            kind: match request.kind {
                WantedKind::App => "app",
                WantedKind::McpServer => "mcp_server",
                WantedKind::Support => "support",
            },
            item: request.item,
            reason: request.reason,
            os_user: request.os_user,
            asked_at: request.asked_at,
            state: match request.state {
                RequestState::Open => "open",
                RequestState::Granted => "granted",
                RequestState::Declined => "declined",
            },
            decided_by: request.decided_by,
            decided_at: request.decided_at,
            answer: request.answer,
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListRequests {
        /// Only requests in this state.
        #[param(value_type = Option<RequestName>)]
        state: Option<RequestState>,
        /// Only requests from this device.
        #[param(value_type = Option<String>)]
        device: Option<DeviceId>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

read_struct! {
    /// How a request is granted.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = GrantRequest)]
    struct Grant {
        /// Approve what was asked for, for whom: `fleet`, `team:` or `device:` with an id. Nothing is
        /// decided when not said.
        #[schema(value_type = Option<String>, example = "fleet")]
        approve_for: Option<Audience>,
        /// The answer in words.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
        answer: Option<Notice>,
    }
}

read_struct! {
    /// How a request is declined.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = DeclineRequest)]
    struct Decline {
        /// The answer in words.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
        answer: Option<Notice>,
    }
}

/// Lists what people at devices ask for, newest first.
#[utoipa::path(get, path = "/edge/access-requests", tag = "edge",
    operation_id = "list_access_requests", params(ListRequests),
    responses((status = 200, description = "A page of requests.", body = Page<RequestView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListRequests>,
) -> Result<Json<Page<RequestView>>, Problem> {
    let filter = AskedFilter {
        state: query.state,
        device: query.device,
    };
    let page = app
        .store
        .access_requests(filter, query.cursor, query.limit.0)
        .await?;
    let deciders = page
        .items
        .iter()
        .filter_map(|asked| asked.decided_by.clone());
    let names = Names::of(&app, deciders.collect()).await?;
    Ok(Json(Page::of(page, |asked| RequestView::of(asked, &names))))
}

/// Shows what somebody at a device asks for.
#[utoipa::path(get, path = "/edge/access-requests/{id}", tag = "edge",
    operation_id = "get_access_request",
    params(("id" = String, Path, description = "The request's id.")),
    responses((status = 200, description = "The request.", body = RequestView)))]
async fn show(
    State(app): State<Arc<App>>,
    Id(id): Id<AccessRequestId>,
) -> Result<Json<RequestView>, Problem> {
    let asked = app.store.access_request(id).await?;
    Ok(Json(RequestView::now(&app, asked).await?))
}

/// Grants a request, and approves what was asked for where that is wanted.
#[utoipa::path(post, path = "/edge/access-requests/{id}/grant", tag = "edge",
    operation_id = "grant_access_request",
    params(("id" = String, Path, description = "The request's id.")),
    request_body = Grant,
    responses((status = 200, description = "The request as it is now.", body = RequestView),
        (status = 409, description = "It was answered already.")))]
async fn grant(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccessRequestId>,
    Body(how): Body<Grant>,
) -> Result<Json<RequestView>, Problem> {
    let asked = app.store.access_request(id).await?;
    let decisions = match how.approve_for {
        Some(audience) => vec![approval(&app, &asked, audience).await?],
        None => Vec::new(),
    };
    let how = Answered {
        granted: true,
        answer: how.answer.map(|answer| answer.0),
        decisions,
    };
    let answered = app.store.answer_request(admin.actor(), id, how).await?;
    Ok(Json(RequestView::now(&app, answered).await?))
}

/// Declines a request.
#[utoipa::path(post, path = "/edge/access-requests/{id}/decline", tag = "edge",
    operation_id = "decline_access_request",
    params(("id" = String, Path, description = "The request's id.")),
    request_body = Decline,
    responses((status = 200, description = "The request as it is now.", body = RequestView),
        (status = 409, description = "It was answered already.")))]
async fn decline(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AccessRequestId>,
    Body(how): Body<Decline>,
) -> Result<Json<RequestView>, Problem> {
    let how = Answered {
        granted: false,
        answer: how.answer.map(|answer| answer.0),
        decisions: Vec::new(),
    };
    let answered = app.store.answer_request(admin.actor(), id, how).await?;
    Ok(Json(RequestView::now(&app, answered).await?))
}

/// The approval of what was asked for.
async fn approval(
    app: &App,
    asked: &StoredRequest,
    audience: Audience,
) -> Result<NewDecision, Problem> {
    let defaults = app.store.edge_settings().await?;
    let lost = || Problem::internal("what was asked for cannot be read");
    match asked.kind {
        WantedKind::App => {
            let rule = AppRule {
                app: asked.item.parse().map_err(|_| lost())?,
                decision: Decision::Approved,
                mode: defaults.default_mode,
                pinned: defaults.default_pinned,
                note: None,
            };
            Ok(NewDecision::App(audience, rule))
        }
        WantedKind::McpServer => {
            let rule = McpRule {
                target: McpTarget {
                    identity: asked.item.parse().map_err(|_| lost())?,
                    arguments: None,
                    launch: None,
                },
                decision: Decision::Approved,
                tools: ToolRules::default(),
                note: None,
            };
            Ok(NewDecision::Mcp(audience, rule))
        }
        WantedKind::Support => Err(Problem::field(
            "/approve_for",
            "an app that is not known cannot be approved; leave this out",
        )),
    }
}
