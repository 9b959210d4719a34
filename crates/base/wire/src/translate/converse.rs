//! Bedrock's Converse and `ConverseStream`, as the model of AWS' own SDKs describes them.

mod media;
mod models;
mod names;
mod read_answer;
mod read_content;
mod read_model;
mod read_request;
mod read_stream;
mod read_tools;
mod seals;
#[cfg(test)]
mod tests;
mod write_answer;
mod write_content;
mod write_model;
mod write_request;
mod write_stream;
mod write_tools;

use tidegate_types::Usage;

use super::{
    Broken, Feature, Json,
    build::{count, members},
    reply::Stop,
};

pub(super) use names::renamed;
pub(super) use read_answer::read_answer;
pub(super) use read_request::read_request;
pub(super) use read_stream::StreamReader;
pub(super) use write_answer::write_answer;
pub(super) use write_request::write_request;
pub(super) use write_stream::StreamWriter;

/// The longest input of one call that is put together, in bytes.
const LONGEST: usize = 16 << 20;

/// What its clients call a feature.
pub(super) const fn field(feature: Feature) -> &'static str {
    match feature {
        Feature::Audio => "messages.content.audio",
        Feature::Document => "messages.content.document",
        Feature::DocumentUrl => "messages.content.document.source.s3Location",
        Feature::File => "messages.content.document.source",
        Feature::FrequencyPenalty => "additionalModelRequestFields.frequency_penalty",
        Feature::ImageUrl => "messages.content.image.source.s3Location",
        Feature::JsonObject => "outputConfig.textFormat",
        Feature::MediaType => "messages.content.document.format",
        Feature::PresencePenalty => "additionalModelRequestFields.presence_penalty",
        Feature::Seed => "additionalModelRequestFields.seed",
        Feature::Stop => "inferenceConfig.stopSequences",
        Feature::SystemInConversation => "messages.role",
        Feature::ToolChoice => "toolConfig.toolChoice",
        Feature::ToolName => "toolConfig.tools.toolSpec.name",
        Feature::ToolResultMedia => "messages.content.toolResult.content",
        Feature::TopK => "additionalModelRequestFields.top_k",
        Feature::Video => "messages.content.video",
    }
}

/// The path below the provider's root.
pub(super) fn target(model: &str, stream: bool) -> String {
    let operation = if stream {
        "converse-stream"
    } else {
        "converse"
    };
    path(model, operation)
}

/// The path of an operation on a model, written as AWS' own clients write it.
pub(super) fn path(model: &str, operation: &str) -> String {
    let mut path = "/model/".to_owned();
    crate::route::push_encoded(&mut path, model, false);
    path.push('/');
    path.push_str(operation);
    path
}

/// Why a provider's answer ends.
///
/// # Errors
/// The model wrote what is no answer.
fn stop(reason: &str) -> Result<Stop, Broken> {
    Ok(match reason {
        "content_filtered" | "guardrail_intervened" => Stop::Filtered,
        "malformed_model_output" | "malformed_tool_use" => {
            return Err(Broken("the model's output was malformed"));
        }
        "max_tokens" => Stop::MaxOutput,
        "model_context_window_exceeded" => Stop::ContextWindow,
        "stop_sequence" => Stop::Sequence(None),
        "tool_use" => Stop::ToolCalls,
        _ => Stop::End,
    })
}

/// The same for a client.
const fn stop_reason(stop: &Stop, calls: bool) -> &'static str {
    match stop {
        Stop::ContextWindow => "model_context_window_exceeded",
        Stop::End | Stop::Pause if calls => "tool_use",
        Stop::End | Stop::Pause => "end_turn",
        Stop::Filtered | Stop::Refusal => "content_filtered",
        Stop::MaxOutput => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolCalls => "tool_use",
    }
}

/// Totals, in kinds that do not overlap; the total is of all of them.
fn usage(usage: &Usage) -> Json<'static> {
    let input = usage.input.saturating_add(usage.input_audio);
    let written = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    let output = usage.total_output().0;
    let all = [input, usage.cached, written, output];
    let total = all.into_iter().fold(0, u64::saturating_add);
    Json::Object(members([
        ("inputTokens", count(input)),
        ("outputTokens", count(output)),
        ("totalTokens", count(total)),
        ("cacheReadInputTokens", count(usage.cached)),
        ("cacheWriteInputTokens", count(written)),
    ]))
}

/// What AWS measured of a call. It stands in every answer, and clients read it as a number; a gateway tells its own
/// times elsewhere.
fn metrics() -> Json<'static> {
    Json::Object(members([("latencyMs", count(0))]))
}
