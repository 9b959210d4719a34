//! Searching the request log.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use serde_json::Value;
use tidegate_governance::record::Outcome;
use tidegate_policy::AppId;
use tidegate_store::{Cursor, RequestFilter, StatusClass};
use tidegate_types::{
    DeviceId, KeyId, MicroUsd, ModelName, ProviderName, TeamId, Timestamp, UserId,
};
use utoipa::{IntoParams, ToSchema};

use super::{RequestView, names, table};
use crate::{
    app::App,
    csv,
    extract::Params,
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Count, Label, Read, Reader, read_struct, words},
};

/// How a call ended.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[schema(as = Outcome)]
#[allow(
    dead_code,
    reason = "the schema of `Outcome`, which knows nothing of OpenAPI"
)]
pub(super) enum OutcomeName {
    ClientGone,
    Completed,
    Refused,
    UpstreamBroken,
}

/// Statuses by their first digit.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "the schema of `StatusClass`, which knows nothing of OpenAPI"
)]
enum StatusName {
    #[schema(rename = "2xx")]
    Success,
    #[schema(rename = "4xx")]
    ClientError,
    #[schema(rename = "5xx")]
    ServerError,
}

words!(Outcome,
    "client_gone" => Self::ClientGone, "completed" => Self::Completed,
    "refused" => Self::Refused, "upstream_broken" => Self::UpstreamBroken);
words!(StatusClass,
    "2xx" => Self::Success, "4xx" => Self::ClientError, "5xx" => Self::ServerError);

/// A word of ours, like an operation or a code.
#[derive(Debug)]
pub(crate) struct Word(pub(crate) String);

impl Read for Word {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be a word of 1 to 64 characters"),
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListRequests {
        /// Only calls that arrived at this time or later.
        #[param(value_type = Option<String>, format = DateTime)]
        from: Option<Timestamp>,
        /// Only calls that arrived before this time.
        #[param(value_type = Option<String>, format = DateTime)]
        to: Option<Timestamp>,
        /// Only calls of this key.
        #[param(value_type = Option<String>)]
        key: Option<KeyId>,
        /// Only calls of this team's keys.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only calls of this user's keys.
        #[param(value_type = Option<String>)]
        user: Option<UserId>,
        /// Only calls to this provider.
        #[param(value_type = Option<String>)]
        provider: Option<ProviderName>,
        /// Only calls of exactly this model.
        #[param(value_type = Option<String>)]
        model: Option<ModelName>,
        /// Only calls of this operation.
        #[param(value_type = Option<String>, example = "chat.completions")]
        operation: Option<Word>,
        /// Only calls answered with such a status.
        #[param(value_type = Option<StatusName>, inline)]
        status: Option<StatusClass>,
        /// Only calls that ended so.
        #[param(value_type = Option<OutcomeName>, inline)]
        outcome: Option<Outcome>,
        /// Only calls refused for this reason.
        #[param(value_type = Option<String>)]
        code: Option<Word>,
        /// Only streamed calls, or only others.
        #[param(value_type = Option<bool>)]
        streamed: Option<bool>,
        /// Only copies of calls for shadow targets, or only others.
        #[param(value_type = Option<bool>)]
        shadow: Option<bool>,
        /// Only calls relayed from this device.
        #[param(value_type = Option<String>)]
        device: Option<DeviceId>,
        /// Only calls relayed from this app.
        #[param(value_type = Option<String>, example = "claude-code")]
        app: Option<AppId>,
        /// Only calls that cost at least so many millionths of a US dollar.
        #[param(value_type = Option<u64>, minimum = 1)]
        min_cost_micro_usd: Option<Count>,
        /// Only calls that used at least so many tokens, prompt and answer together.
        #[param(value_type = Option<u64>, minimum = 1)]
        min_tokens: Option<Count>,
        /// Only this call, trace (32 hex digits), key, team, user or device, where it is an id; otherwise
        /// only calls with this in the model, provider, operation, code, app, host, OS user or process.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        q: Option<Label>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// The most calls of one table, and the most pages that are read for it.
const MOST_ROWS: usize = 10_000;
const MOST_PAGES: usize = 50;

/// Lists logged calls, newest first. With `accept: text/csv` the newest 10,000 that the filters let through,
/// as a table.
///
/// A page may hold fewer calls than asked for, or none, and still have a `next_cursor`: a search looks at
/// 40,000 calls at a time. Read on to search further back.
#[utoipa::path(get, path = "/requests", tag = "requests", operation_id = "list_requests",
    params(ListRequests),
    responses((status = 200, description = "A page of calls.",
        content((Page<RequestView> = "application/json"), (String = "text/csv")))))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    headers: HeaderMap,
    Params(query): Params<ListRequests>,
) -> Result<Response, Problem> {
    let (mut cursor, limit) = (query.cursor, query.limit.0);
    let filter = filter(&admin, query)?;
    if !csv::wanted(&headers) {
        let page = app.store.requests(filter, cursor, limit).await?;
        let names = names(&app, &page.items).await?;
        let page = Page::of(page, |request| RequestView::of(request, &names));
        return Ok(Json(page).into_response());
    }
    let mut views = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = app.store.requests(filter.clone(), cursor, 1_000).await?;
        let names = names(&app, &page.items).await?;
        let more = page.items.into_iter();
        views.extend(more.map(|request| RequestView::of(request, &names)));
        cursor = page.next;
        if cursor.is_none() || views.len() >= MOST_ROWS {
            break;
        }
    }
    Ok(table::of(&views).into_response())
}

fn filter(admin: &Admin, query: ListRequests) -> Result<RequestFilter, Problem> {
    let mut filter = RequestFilter {
        from: query.from,
        to: query.to,
        key: query.key,
        team: query.team,
        user: query.user,
        provider: query.provider,
        model: query.model,
        operation: query.operation.map(|word| word.0),
        status: query.status,
        outcome: query.outcome,
        code: query.code.map(|word| word.0),
        streamed: query.streamed,
        shadow: query.shadow,
        device: query.device,
        app: query.app.map(|app| app.to_string()),
        min_cost: query
            .min_cost_micro_usd
            .map(|Count(cost)| MicroUsd::from_micros(i64::try_from(cost).unwrap_or(i64::MAX))),
        min_tokens: query.min_tokens.map(|Count(tokens)| tokens),
        ..RequestFilter::default()
    };
    if let Some(Label(text)) = query.q {
        search(&mut filter, text);
    }
    filter.team = admin.narrow(filter.team)?;
    Ok(filter)
}

/// What a person means who types this: an id of something, or a part of a name.
fn search(filter: &mut RequestFilter, text: String) {
    if let Ok(id) = text.parse() {
        filter.id = Some(id);
    } else if let Some(trace) = trace(&text) {
        filter.trace_id = Some(trace);
    } else if let (Ok(key), None) = (text.parse(), filter.key) {
        filter.key = Some(key);
    } else if let (Ok(team), None) = (text.parse(), filter.team) {
        filter.team = Some(team);
    } else if let (Ok(user), None) = (text.parse(), filter.user) {
        filter.user = Some(user);
    } else if let (Ok(device), None) = (text.parse(), filter.device) {
        filter.device = Some(device);
    } else {
        filter.text = Some(text);
    }
}

/// A W3C trace id.
fn trace(text: &str) -> Option<[u8; 16]> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
    number.map(u128::to_be_bytes)
}
