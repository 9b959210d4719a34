//! Trying a guardrail on a text, before anybody meets it.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_governance::guardrail::{Definition, Phase};
use tidegate_guards::{Spotted, Trial};
use utoipa::ToSchema;

use super::{
    AppliedView, at_work,
    schema::{GuardrailDefinition, PhaseName},
};
use crate::{
    app::App,
    extract::Body,
    problem::Problem,
    read::{Read, Reader, read_struct, words},
};

words!(Phase, "prompt" => Self::Prompt, "answer" => Self::Answer);

/// A text to try: 64 KiB at most.
#[derive(Debug)]
pub(super) struct Sample(String);

impl Read for Sample {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if text.len() <= 64 * 1024 => Some(Self(text)),
            _ => at.refuse("must be a text of at most 65,536 bytes"),
        }
    }
}

read_struct! {
    /// A guardrail and a text to try it on. The text is not kept.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = GuardrailTrial)]
    pub(super) struct Try {
        /// The guardrail.
        #[schema(value_type = GuardrailDefinition)]
        definition: Definition,
        /// The text.
        #[schema(value_type = String, max_length = 65536)]
        text: Sample,
        /// As a prompt, or as an answer; when not said, as a prompt.
        #[schema(value_type = Option<PhaseName>)]
        phase: Option<Phase>,
    }
}

/// What became of the text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuardrailVerdict)]
pub(super) struct TrialView {
    /// The text as it would go on; null where nothing would.
    text: Option<String>,
    /// Whether it would be blocked.
    blocked: bool,
    /// What was found, in the order of the text.
    found: Vec<SpottedView>,
    /// What the log would say.
    applied: Vec<AppliedView>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct SpottedView {
    /// The rule.
    detector: String,
    /// Where it begins in the text, in UTF-8 bytes.
    start: u64,
    /// Where it ends.
    end: u64,
    /// How sure it is, 0 to 1.
    score: f32,
}

impl From<Spotted> for SpottedView {
    fn from(spotted: Spotted) -> Self {
        Self {
            detector: spotted.detector,
            start: spotted.start,
            end: spotted.end,
            score: spotted.score,
        }
    }
}

impl From<Trial> for TrialView {
    fn from(trial: Trial) -> Self {
        Self {
            text: trial.text,
            blocked: trial.blocked.is_some(),
            found: trial.found.into_iter().map(SpottedView::from).collect(),
            applied: trial.applied.into_iter().map(AppliedView::from).collect(),
        }
    }
}

/// Tries a guardrail on a text. Nothing is stored, and no service of others is asked.
#[utoipa::path(post, path = "/guardrails/test", tag = "guardrails", operation_id = "test_guardrail",
    request_body = Try,
    responses((status = 200, description = "What became of the text.", body = TrialView)))]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Body(asked): Body<Try>,
) -> Result<Json<TrialView>, Problem> {
    let Try {
        definition,
        text,
        phase,
    } = asked;
    let phase = phase.unwrap_or(Phase::Prompt);
    let trial = at_work(&app, move |workshop| {
        workshop.try_out("this guardrail", &definition, phase, &text.0)
    });
    Ok(Json(trial.await?.into()))
}
