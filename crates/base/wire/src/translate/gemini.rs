//! Gemini's `generateContent` and `streamGenerateContent`, as the REST interface `v1beta` has them.

mod finish;
mod media;
mod parts;
mod proto;
mod read_answer;
mod read_config;
mod read_contents;
mod read_request;
mod read_stream;
mod read_tools;
mod results;
mod schema;
mod signature;
mod write_answer;
mod write_contents;
mod write_request;
mod write_stream;

#[cfg(test)]
mod tests;

use super::build::object;
use std::fmt::Write;

use super::{Feature, Json};

pub(super) use read_answer::read_answer;
pub(super) use read_request::read_request;
pub(super) use read_stream::StreamReader;
pub(super) use write_answer::write_answer;
pub(super) use write_request::write_request;
pub(super) use write_stream::StreamWriter;

/// What its clients call a feature.
pub(super) const fn field(feature: Feature) -> &'static str {
    match feature {
        Feature::Audio | Feature::Document | Feature::Video => "contents.parts.inlineData",
        Feature::DocumentUrl | Feature::File | Feature::ImageUrl => "contents.parts.fileData",
        Feature::FrequencyPenalty => "generationConfig.frequencyPenalty",
        Feature::JsonObject => "generationConfig.responseMimeType",
        Feature::MediaType => "contents.parts.inlineData.mimeType",
        Feature::ToolChoice => "toolConfig.functionCallingConfig",
        Feature::PresencePenalty => "generationConfig.presencePenalty",
        Feature::Seed => "generationConfig.seed",
        Feature::Stop => "generationConfig.stopSequences",
        Feature::SystemInConversation => "contents.role",
        Feature::ToolName => "tools.functionDeclarations.name",
        Feature::ToolResultMedia => "contents.parts.functionResponse.parts",
        Feature::TopK => "generationConfig.topK",
    }
}

/// The path below the provider's root.
pub(super) fn target(model: &str, stream: bool) -> String {
    let mut path = "/v1beta/models/".to_owned();
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            path.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(path, "%{byte:02X}").unwrap_or_default();
        }
    }
    path.push_str(if stream {
        ":streamGenerateContent?alt=sse"
    } else {
        ":generateContent"
    });
    path
}

/// A string that stays where it is.
fn string(text: &str) -> Json<'_> {
    Json::String(text.into())
}

/// The beginning of a name in letters that every dialect takes in ids.
fn plain(name: &str) -> String {
    let letters = name.chars().take(40);
    letters
        .map(|letter| match letter {
            '-' | '0'..='9' | 'A'..='Z' | 'a'..='z' => letter,
            _ => '_',
        })
        .collect()
}
