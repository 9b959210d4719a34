//! What guardrails did on calls. Never what they found.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_governance::guardrail::{Applied, Phase};
use tidegate_store::{Cursor, FindingFilter, GuardedRequest};
use tidegate_types::{RequestId, TeamId, Timestamp};
use utoipa::{IntoParams, ToSchema};

use super::schema::PhaseName;
use crate::{
    app::App,
    extract::Params,
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, read_struct},
    requests::Word,
};

/// What one guardrail did in one direction of a call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppliedGuardrail)]
pub(crate) struct AppliedView {
    /// The guardrail, by the name that it had.
    guardrail: String,
    /// The rule, term or category that found something; empty where it could not look.
    #[schema(example = "github-pat")]
    detector: String,
    /// In the prompt or in the answer.
    #[schema(value_type = PhaseName)]
    phase: Phase,
    /// What was done: an action, `unscanned` where something was no text and passed unread, `bypassed`
    /// where it could not look and the call went on, or `refused` where the call did not.
    #[schema(example = "redact")]
    action: String,
    /// Whether it was only noted what would have been done.
    shadow: bool,
    /// How often.
    count: u32,
    /// In what kinds of text.
    #[schema(example = json!(["text", "tool_arguments"]))]
    places: Vec<String>,
    /// Why it could not look.
    error: Option<String>,
    /// How long all guardrails of the direction took together, in microseconds.
    micros: u64,
}

impl From<Applied> for AppliedView {
    fn from(applied: Applied) -> Self {
        Self {
            guardrail: applied.guardrail,
            detector: applied.detector,
            phase: applied.phase,
            action: applied.action,
            shadow: applied.shadow,
            count: applied.count,
            places: applied.places,
            error: applied.error,
            micros: applied.micros,
        }
    }
}

/// A call on which guardrails did something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuardedRequest)]
pub(super) struct GuardedView {
    /// The call.
    #[schema(value_type = String, example = "req_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    request: RequestId,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// What they did.
    applied: Vec<AppliedView>,
}

impl From<GuardedRequest> for GuardedView {
    fn from(guarded: GuardedRequest) -> Self {
        Self {
            request: guarded.id,
            started_at: guarded.id.time(),
            applied: guarded.applied.into_iter().map(AppliedView::from).collect(),
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListFindings {
        /// Only calls of this team's keys.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only calls on which this guardrail did something.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        guardrail: Option<Label>,
        /// Only calls on which this detector found something.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        detector: Option<Label>,
        /// Only calls on which this was done: `log`, `flag`, `redact`, `restore`, `block`, `unscanned`,
        /// `bypassed` or `refused`.
        #[param(value_type = Option<String>)]
        action: Option<Word>,
        /// Only what would have been done, or only what was.
        #[param(value_type = Option<bool>)]
        shadow: Option<bool>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists the calls on which guardrails did something, newest first. What they found is not kept.
#[utoipa::path(get, path = "/guardrails/findings", tag = "guardrails", operation_id = "list_findings",
    params(ListFindings),
    responses((status = 200, description = "A page of calls.", body = Page<GuardedView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListFindings>,
) -> Result<Json<Page<GuardedView>>, Problem> {
    let filter = FindingFilter {
        team: admin.narrow(query.team)?,
        guardrail: query.guardrail.map(|name| name.0),
        detector: query.detector.map(|name| name.0),
        action: query.action.map(|word| word.0),
        shadow: query.shadow,
    };
    let page = app
        .store
        .findings(filter, query.cursor, query.limit.0)
        .await?;
    Ok(Json(Page::of(page, GuardedView::from)))
}
