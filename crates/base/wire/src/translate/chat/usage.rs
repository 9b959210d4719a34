//! Usage reports, read and written.

use crate::translate::build::{count, object};
use tidegate_types::Usage;

use super::{
    super::fields::Fields,
    Json,
    shape::{member, put},
};
use crate::answer::openai_usage;

/// The report of an answer or a chunk: at its top, in a choice (Moonshot), or in Groq's own place.
pub(super) fn take(top: &mut Fields<'_>, choice: Option<&mut Fields<'_>>) -> Option<Usage> {
    let report = top
        .take("usage")
        .or_else(|| choice.and_then(|choice| choice.take("usage")))
        .or_else(|| member(top.take("x_groq")?, "usage"))?;
    matches!(report, Json::Object(_)).then(|| openai_usage(&report))
}

/// As Chat reports it: what was cached is part of the prompt, and what was thought is part of the answer.
pub(super) fn report(usage: &Usage) -> Json<'static> {
    let (prompt, answer) = (usage.total_input().0, usage.total_output().0);
    let mut details = vec![
        ("cached_tokens".into(), count(usage.cached)),
        ("audio_tokens".into(), count(usage.input_audio)),
    ];
    let written = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    if written > 0 {
        put(&mut details, "cache_write_tokens", count(written));
    }
    object([
        ("prompt_tokens", count(prompt)),
        ("completion_tokens", count(answer)),
        ("total_tokens", count(usage.total().0)),
        ("prompt_tokens_details", Json::Object(details)),
        (
            "completion_tokens_details",
            object([
                ("reasoning_tokens", count(usage.reasoning)),
                ("audio_tokens", count(usage.output_audio)),
                ("accepted_prediction_tokens", count(0)),
                ("rejected_prediction_tokens", count(0)),
            ]),
        ),
    ])
}
