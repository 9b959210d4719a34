//! Searching the request log.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::Value;
use tidegate_governance::record::Outcome;
use tidegate_policy::AppId;
use tidegate_store::{Cursor, RequestFilter, StatusClass};
use tidegate_types::{DeviceId, KeyId, ModelName, ProviderName, TeamId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};

use super::RequestView;
use crate::{
    app::App,
    extract::Params,
    page::{Page, PageSize},
    problem::Problem,
    read::{Read, Reader, read_struct, words},
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
        /// Only calls relayed from this device.
        #[param(value_type = Option<String>)]
        device: Option<DeviceId>,
        /// Only calls relayed from this app.
        #[param(value_type = Option<String>, example = "claude-code")]
        app: Option<AppId>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists logged calls, newest first.
#[utoipa::path(get, path = "/requests", tag = "requests", operation_id = "list_requests",
    params(ListRequests),
    responses((status = 200, description = "A page of calls.", body = Page<RequestView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListRequests>,
) -> Result<Json<Page<RequestView>>, Problem> {
    let filter = RequestFilter {
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
        device: query.device,
        app: query.app.map(|app| app.to_string()),
    };
    let page = app
        .store
        .requests(filter, query.cursor, query.limit.0)
        .await?;
    Ok(Json(Page::of(page, RequestView::from)))
}
