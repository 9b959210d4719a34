//! Why an answer ends: `finishReason`, and `promptFeedback.blockReason`. And what it used.

use tidegate_types::Usage;

use super::super::{Broken, Json, reply::Stop};
use super::object;
use crate::answer::gemini_usage;

/// From Gemini's word. There is none for calls: an answer with calls ends with `STOP` too.
///
/// # Errors
/// There is no answer: what the model wrote was meant as a call, and Google could not read it. To end with
/// what came before would make a client go on as if nothing had been called; asked again it mostly succeeds.
pub(super) fn read(word: &str) -> Result<Stop, Broken> {
    Ok(match word {
        "STOP" | "FINISH_REASON_UNSPECIFIED" => Stop::End,
        "MAX_TOKENS" => Stop::MaxOutput,
        "MALFORMED_FUNCTION_CALL" => {
            return Err(Broken(
                "the model called a tool in a form that cannot be read (MALFORMED_FUNCTION_CALL)",
            ));
        }
        "UNEXPECTED_TOOL_CALL" => {
            return Err(Broken(
                "the model called a tool that there is not (UNEXPECTED_TOOL_CALL)",
            ));
        }
        "TOO_MANY_TOOL_CALLS" => {
            return Err(Broken(
                "the model called too many tools (TOO_MANY_TOOL_CALLS)",
            ));
        }
        "MALFORMED_RESPONSE" => {
            return Err(Broken(
                "the model's answer cannot be read (MALFORMED_RESPONSE)",
            ));
        }
        "MISSING_THOUGHT_SIGNATURE" => {
            return Err(Broken(
                "a thought signature is missing (MISSING_THOUGHT_SIGNATURE)",
            ));
        }
        // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, OTHER, and what may come: the
        // provider stopped it before its end.
        _ => Stop::Filtered,
    })
}

/// Gemini's word for it.
pub(super) const fn word(stop: &Stop) -> &'static str {
    match stop {
        Stop::End | Stop::Pause | Stop::Sequence(_) | Stop::ToolCalls => "STOP",
        Stop::ContextWindow | Stop::MaxOutput => "MAX_TOKENS",
        Stop::Filtered | Stop::Refusal => "SAFETY",
    }
}

/// From `usageMetadata`.
pub(super) fn read_usage(report: &Json<'_>) -> Usage {
    gemini_usage(report)
}

/// As `usageMetadata`: what was cached is a part of the prompt, and thoughts stand beside the answer.
pub(super) fn usage(usage: &Usage) -> Json<'static> {
    let total = |tokens: u64| Json::Number(tokens.into());
    let output = usage.total_output().0;
    let mut members = vec![("promptTokenCount", total(usage.total_input().0))];
    if usage.cached > 0 {
        members.push(("cachedContentTokenCount", total(usage.cached)));
    }
    let answer = output.saturating_sub(usage.reasoning);
    members.push(("candidatesTokenCount", total(answer)));
    if usage.reasoning > 0 {
        members.push(("thoughtsTokenCount", total(usage.reasoning)));
    }
    members.push(("totalTokenCount", total(usage.total().0)));
    object(members)
}
