//! One logged call, with prompt and answer where they were kept.

use std::sync::Arc;

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use tidegate_governance::record::{Attempt, CostBasis};
use tidegate_store::{LoggedRequest, StoreError};
use tidegate_types::{ModelName, ProviderName, RequestId};
use utoipa::ToSchema;

use super::{
    RequestView,
    cost::{self, BreakdownView},
    names,
    trail::{self, StepView},
};
use crate::{
    app::App, extract::Id, guard::identity::Admin, guardrails::AppliedView, problem::Problem,
};

/// A logged call with its content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestWithContent {
    /// The call.
    request: RequestView,
    /// How it was decided, step by step, as far as the log tells.
    trail: Vec<StepView>,
    /// What its cost is made of; null where it cost nothing, or the model has no price now.
    cost: Option<BreakdownView>,
    /// What guardrails did, on the way in and out.
    guardrails: Vec<AppliedView>,
    /// Where it was tried, in order; empty where one attempt at the only place says all.
    attempts: Vec<AttemptView>,
    /// Its copy for a shadow target, where one was made and is over.
    shadow: Option<RequestView>,
    /// Prompt and answer; null unless the key's setting keeps them.
    content: Option<ContentView>,
}

/// One attempt to have a call answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
struct AttemptView {
    /// Where.
    #[schema(value_type = String, example = "openai")]
    provider: ProviderName,
    /// The model as the provider names it.
    #[schema(value_type = Option<String>)]
    model: Option<ModelName>,
    /// The name of the provider's key, where it has several.
    key: Option<String>,
    /// What the provider answered; null where it did not.
    status: Option<u16>,
    /// Why another attempt was needed; null where this one served the call: `status`, `timeout`, `connect` or
    /// `broken`.
    failure: Option<String>,
    /// When it began, in microseconds since the call arrived.
    began_us: u64,
    /// How long it took to the answer's first byte or to its failure, in microseconds.
    took_us: u64,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            provider: attempt.provider,
            model: attempt.model,
            key: attempt.key,
            status: (attempt.status != 0).then_some(attempt.status),
            failure: attempt.failure,
            began_us: attempt.began_us,
            took_us: attempt.took_us,
        }
    }
}

/// Prompt and answer of a call. Long ones are cut.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Content)]
struct ContentView {
    /// The request's body as received.
    prompt: BodyView,
    /// The answer's body as sent.
    answer: BodyView,
}

/// A body, as text where it is text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BodyText)]
struct BodyView {
    /// How `data` is written.
    encoding: Encoding,
    /// The body.
    data: String,
}

/// How a body is written: as it is, or in base64 where it is not UTF-8.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    Base64,
    Utf8,
}

impl From<Vec<u8>> for BodyView {
    fn from(body: Vec<u8>) -> Self {
        match String::from_utf8(body) {
            Ok(data) => Self {
                encoding: Encoding::Utf8,
                data,
            },
            Err(error) => Self {
                encoding: Encoding::Base64,
                data: STANDARD.encode(error.as_bytes()),
            },
        }
    }
}

/// Shows a logged call, with prompt and answer where they were kept.
#[utoipa::path(get, path = "/requests/{id}", tag = "requests", operation_id = "get_request",
    params(("id" = String, Path, description = "The call's id.")),
    responses((status = 200, description = "The call.", body = RequestWithContent)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<RequestId>,
) -> Result<Json<RequestWithContent>, Problem> {
    let (request, content) = app.store.request(id).await?;
    admin.finds(request.team, "request")?;
    let applied = app.store.applied(id).await?;
    let attempts = app.store.attempts(id).await?;
    let content = content.filter(|_| admin.reads_content());
    let names = names(&app, std::slice::from_ref(&request)).await?;
    let shadow = match request.shadow_of {
        None => copy_of(&app, id).await?,
        Some(_) => None,
    };
    let priced = request.cost_basis == CostBasis::Priced;
    let cost = priced
        .then(|| cost::of(&request, &app.data_plane.catalog()))
        .flatten();
    Ok(Json(RequestWithContent {
        trail: trail::of(&request, &applied, &names),
        guardrails: applied.into_iter().map(AppliedView::from).collect(),
        attempts: attempts.into_iter().map(AttemptView::from).collect(),
        cost,
        shadow: shadow.map(|copy| RequestView::of(copy, &names)),
        request: RequestView::of(request, &names),
        content: content.map(|content| ContentView {
            prompt: content.prompt.into(),
            answer: content.answer.into(),
        }),
    }))
}

/// A call's copy for a shadow target. It is a part of what is known of the call, and nobody's else.
async fn copy_of(app: &App, id: RequestId) -> Result<Option<LoggedRequest>, Problem> {
    match app.store.request(id.shadow()).await {
        Ok((copy, _)) => Ok(Some(copy).filter(|copy| copy.shadow_of == Some(id))),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
