//! `OpenAI`'s Chat Completions, and what other providers that speak it make of it.
//!
//! As upstream it is DeepSeek's, Groq's and vLLM's language too. They differ in small things, which are read as
//! they come: where reasoning stands, where usage stands, what a call leaves out. What is written to them is
//! `OpenAI`'s own form, and of that the plainest: one system message, strings rather than parts, functions only.
//!
//! Chat's messages have no place for what other providers want to see again of a thought. To a Chat client such
//! a seal is lost, and its provider then starts the next turn without that thought. Seals of calls are carried,
//! where Gemini's own Chat endpoint has them.

mod media;
mod read_answer;
mod read_calls;
mod read_content;
mod read_messages;
mod read_request;
mod read_stream;
mod read_tools;
mod shape;
mod stop;
#[cfg(test)]
mod tests;
mod usage;
mod write_answer;
mod write_messages;
mod write_request;
mod write_stream;

use super::{
    Asked, Broken, Event, Feature, Inexpressible, Json, Language, ReadStream, Refused, Request,
    WriteStream, reply::Answer,
};

pub(super) use read_stream::StreamReader;
pub(super) use write_stream::StreamWriter;

/// What its clients call a feature.
pub(super) const fn field(feature: Feature) -> &'static str {
    match feature {
        Feature::Audio => "messages[].content[].input_audio",
        Feature::Document => "messages[].content[].file",
        Feature::DocumentUrl => "messages[].content[].file.file_data",
        Feature::File => "messages[].content[].file.file_id",
        Feature::FrequencyPenalty => "frequency_penalty",
        Feature::ImageUrl => "messages[].content[].image_url.url",
        Feature::MediaType | Feature::Video => "messages[].content[].type",
        Feature::JsonObject => "response_format.type",
        Feature::PresencePenalty => "presence_penalty",
        Feature::Seed => "seed",
        Feature::Stop => "stop",
        Feature::SystemInConversation => "messages[].role",
        Feature::ToolChoice => "tool_choice",
        Feature::ToolName => "tools[].function.name",
        Feature::ToolResultMedia => "messages[].content",
        Feature::TopK => "top_k",
    }
}

pub(super) fn read_request(json: Json<'_>) -> Result<Request<'_>, Refused> {
    read_request::read(json)
}

pub(super) fn write_request(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    write_request::write(request)
}

pub(super) fn read_answer<'a>(json: Json<'a>, asked: &Asked) -> Result<Answer<'a>, Broken> {
    read_answer::read(json, asked)
}

pub(super) fn write_answer(answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    write_answer::write(answer, asked)
}
