//! `OpenAI`'s Responses.
//!
//! Its clients keep the conversation themselves here: nothing is stored, so that whatever refers to something
//! stored is refused, and what a provider wants to see again travels in `encrypted_content`.

mod items;
mod names;
mod read_answer;
mod read_input;
mod read_parts;
mod read_request;
mod read_stream;
mod read_tools;
#[cfg(test)]
mod tests;
mod write_answer;
mod write_input;
mod write_parts;
mod write_request;
mod write_stream;

use std::borrow::Cow;

use super::{
    Asked, Broken, Feature, Inexpressible, Json, Language, ReadStream, Refused, Request, Seal,
    SealKind, WriteStream, error, failure, fields, reply, talk,
};

pub(super) use read_answer::read_answer;
pub(super) use read_request::read_request;
pub(super) use read_stream::StreamReader;
pub(super) use write_answer::write_answer;
pub(super) use write_request::write_request;
pub(super) use write_stream::StreamWriter;

/// What answers repeat of their request.
type Echo = Vec<(Cow<'static, str>, Json<'static>)>;

/// The tool that is called by items of its own, `local_shell_call`.
const LOCAL_SHELL: &str = "local_shell";

/// What its clients call a feature.
pub(super) const fn field(feature: Feature) -> &'static str {
    match feature {
        Feature::Audio => "input_audio",
        Feature::Document | Feature::Video => "input_file",
        Feature::DocumentUrl => "input_file.file_url",
        Feature::File => "file_id",
        Feature::FrequencyPenalty => "frequency_penalty",
        Feature::ImageUrl => "input_image.image_url",
        Feature::MediaType => "input.content",
        Feature::JsonObject => "text.format.type",
        Feature::PresencePenalty => "presence_penalty",
        Feature::Seed => "seed",
        Feature::Stop => "stop",
        Feature::SystemInConversation => "input.role",
        Feature::ToolChoice => "tool_choice",
        Feature::ToolName => "tools.name",
        Feature::ToolResultMedia => "function_call_output.output",
        Feature::TopK => "top_k",
    }
}
