//! Anthropic's Messages.

mod ids;
mod models;
mod read_answer;
mod read_content;
mod read_request;
mod read_stream;
mod read_tools;
#[cfg(test)]
mod tests;
mod write_answer;
mod write_content;
mod write_request;
mod write_stream;
mod write_thinking;
mod write_tools;

use std::borrow::Cow;

use super::{Feature, Json, reply::Stop, talk::Effort};

pub(super) use models::Thinks;
pub(super) use read_answer::read_answer;
pub(super) use read_content::give_calls_their_seals;
pub(super) use read_request::read_request;
pub(super) use read_stream::StreamReader;
pub(super) use write_answer::write_answer;
pub(super) use write_content::joined;
pub(super) use write_request::{refuse_sampling, write_request};
pub(super) use write_stream::StreamWriter;
pub(super) use write_thinking::{Said, Thoughts, may_think, thinking};
pub(super) use write_tools::{any_of, explained, one_text, schema};

/// The member of a tool's input that carries a text which is no JSON object: what a model made of its
/// arguments has to be shown to it as it was, and Anthropic takes objects only.
const RAW: &str = "_raw";

/// The one member of the input of a tool that elsewhere takes any text.
const INPUT: &str = "input";

/// The longest input of one call that is put together, in bytes.
const LONGEST: usize = 16 << 20;

/// What its clients call a feature.
pub(super) const fn field(feature: Feature) -> &'static str {
    match feature {
        Feature::Audio | Feature::Video => "messages.content.type",
        Feature::Document => "messages.content.source",
        Feature::DocumentUrl | Feature::ImageUrl => "messages.content.source.url",
        Feature::File => "messages.content.source.file_id",
        Feature::FrequencyPenalty => "frequency_penalty",
        Feature::MediaType => "messages.content.source.media_type",
        Feature::JsonObject => "output_config.format",
        Feature::PresencePenalty => "presence_penalty",
        Feature::Seed => "seed",
        Feature::Stop => "stop_sequences",
        Feature::SystemInConversation => "messages.role",
        Feature::ToolChoice => "tool_choice",
        Feature::ToolName => "tools.name",
        Feature::ToolResultMedia => "messages.content.content",
        Feature::TopK => "top_k",
    }
}

/// The members of an object that is being written.
#[derive(Debug, Default)]
struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Members<'a> {
    /// Of something that says first what it is.
    fn of(kind: &'a str) -> Self {
        let mut members = Self::default();
        members.text("type", kind);
        members
    }

    fn put(&mut self, name: &'static str, value: Json<'a>) {
        self.0.push((Cow::Borrowed(name), value));
    }

    fn text(&mut self, name: &'static str, text: impl Into<Cow<'a, str>>) {
        self.put(name, Json::String(text.into()));
    }

    fn count(&mut self, name: &'static str, count: u64) {
        self.put(name, Json::Number(count.into()));
    }

    fn json(self) -> Json<'a> {
        Json::Object(self.0)
    }
}

/// A level by its word; there is none for the lowest two.
pub(super) fn effort(word: &str) -> Option<Effort> {
    Effort::of_word(word).filter(|level| *level >= Effort::Low)
}

/// Why a provider's answer ends.
fn stop(reason: &str, sequence: Option<&str>) -> Stop {
    match reason {
        "max_tokens" => Stop::MaxOutput,
        "model_context_window_exceeded" => Stop::ContextWindow,
        "pause_turn" => Stop::Pause,
        "refusal" => Stop::Refusal,
        "stop_sequence" => Stop::Sequence(sequence.map(str::to_owned)),
        "tool_use" => Stop::ToolCalls,
        _ => Stop::End,
    }
}

/// The same for a client. Some providers say `stop` whatever the answer holds; clients here go by the reason.
const fn stop_reason(stop: &Stop, calls: bool, refusal: bool) -> &'static str {
    match stop {
        Stop::ContextWindow => "model_context_window_exceeded",
        Stop::End if calls => "tool_use",
        Stop::End if refusal => "refusal",
        Stop::End => "end_turn",
        Stop::Filtered | Stop::Refusal => "refusal",
        Stop::MaxOutput => "max_tokens",
        Stop::Pause => "pause_turn",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolCalls => "tool_use",
    }
}

/// A call's arguments as the object that they have to be here.
pub(super) fn arguments(input: &str, freeform: bool) -> Json<'_> {
    let wrapped = |name: &'static str| {
        let mut members = Members::default();
        members.text(name, input);
        members.json()
    };
    if freeform {
        return wrapped(INPUT);
    }
    if input.trim().is_empty() {
        return Json::Object(Vec::new());
    }
    match Json::read(input.as_bytes()) {
        Ok(object @ Json::Object(_)) => object,
        _ => wrapped(RAW),
    }
}

/// The text that a tool took which elsewhere takes any text; what is not of that form is the text itself.
pub(super) fn unwrapped(input: Json<'_>) -> String {
    match input.get(INPUT) {
        Some(Json::String(text)) => text.clone().into_owned(),
        _ => input.text(),
    }
}
