//! Names of members, and what they mean.

use tidegate_wire::json::Text;

/// What a member's name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A tool call's arguments.
    Arguments,
    /// A tool call.
    Call,
    Candidates,
    Choices,
    Citation,
    /// `content`, `parts`: a text, or a list of what has texts.
    Content,
    /// `data` of media, or of a text.
    Data,
    Definition,
    Delta,
    /// Tokens that repeat a text.
    Echo,
    /// Says that a choice or candidate is complete.
    FinishReason,
    Input,
    /// A structured result.
    Json,
    Media,
    /// Lists of messages and items, or one.
    Messages,
    Metadata,
    Name,
    /// Arguments as a piece of JSON in a string.
    PartialJson,
    /// A picture, or what a tool gave back.
    Picture,
    Reasoning(u8),
    Refusal,
    Response,
    /// What a tool gave back.
    Result,
    Output,
    /// What only its provider can read.
    Sealed,
    Source,
    /// An id or a word of the format.
    Structure,
    System,
    Text,
    /// Anthropic's signed thinking.
    Thinking,
    ToolCalls,
    Transcript,
    Unknown,
}

impl Key {
    pub(super) fn of(name: Text<'_>) -> Self {
        if name.escaped {
            // One name may be written in many ways.
            return name
                .decode()
                .map_or(Self::Unknown, |name| Self::named(name.as_bytes()));
        }
        Self::named(name.raw)
    }

    fn named(name: &[u8]) -> Self {
        match name {
            b"content" | b"contents" | b"parts" | b"modelTurn" | b"turns" => Self::Content,
            b"text" | b"prompt" | b"suffix" | b"value" | b"query" | b"code" | b"stringValue"
            | b"output_text" | b"completion" | b"generation" | b"outputText" => Self::Text,
            b"delta" => Self::Delta,
            b"choices" => Self::Choices,
            b"candidates" | b"serverContent" => Self::Candidates,
            b"message" | b"messages" | b"item" | b"items" | b"content_block" | b"part"
            | b"blocks" => Self::Messages,
            b"input" => Self::Input,
            b"output" => Self::Output,
            b"system" | b"systemInstruction" | b"system_instruction" | b"instructions" => {
                Self::System
            }
            b"reasoning_content" | b"reasoningContent" => Self::Reasoning(1),
            b"reasoning" => Self::Reasoning(2),
            b"reasoning_details" => Self::Reasoning(3),
            b"summary" | b"reasoningText" | b"reasoning_text" => Self::Reasoning(0),
            b"thinking" => Self::Thinking,
            b"refusal" => Self::Refusal,
            b"transcript" | b"outputTranscription" | b"inputTranscription" => Self::Transcript,
            b"name" => Self::Name,
            b"finish_reason" | b"finishReason" => Self::FinishReason,
            b"logprobs" | b"logprobsResult" | b"top_logprobs" => Self::Echo,
            _ => Self::of_tools(name).or_else(|| Self::of_rest(name)),
        }
    }

    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Unknown { other() } else { self }
    }

    fn of_tools(name: &[u8]) -> Self {
        match name {
            b"tool_calls" => Self::ToolCalls,
            b"function" | b"function_call" | b"functionCall" | b"toolUse" | b"tool_use"
            | b"functionCalls" | b"custom" => Self::Call,
            b"arguments" | b"args" | b"partialArgs" => Self::Arguments,
            b"partial_json" => Self::PartialJson,
            b"functionResponse"
            | b"function_response"
            | b"functionResponses"
            | b"function_responses"
            | b"toolResult"
            | b"tool_result" => Self::Result,
            b"response" => Self::Response,
            b"json" => Self::Json,
            b"tools"
            | b"functions"
            | b"toolConfig"
            | b"tool_config"
            | b"toolSpec"
            | b"functionDeclarations"
            | b"function_declarations"
            | b"input_schema"
            | b"inputSchema"
            | b"parameters" => Self::Definition,
            _ => Self::Unknown,
        }
    }

    fn of_rest(name: &[u8]) -> Self {
        match name {
            b"annotations" | b"annotation" | b"citations" | b"citation" | b"citationMetadata"
            | b"groundingMetadata" | b"search_results" | b"citationsContent" => Self::Citation,
            b"metadata" | b"requestMetadata" | b"request_metadata" => Self::Metadata,
            b"source" => Self::Source,
            b"data" => Self::Data,
            b"b64_json" | b"bytes" | b"file_data" | b"fileData" | b"image" | b"audio"
            | b"image_url" | b"url" | b"embedding" | b"partial_image_b64" | b"imageBytes" => {
                Self::Media
            }
            b"result" => Self::Picture,
            b"signature" | b"thoughtSignature" | b"thought_signature" | b"encrypted_content"
            | b"encrypted_index" | b"encrypted_stdout" | b"redactedContent" => Self::Sealed,
            b"type"
            | b"role"
            | b"id"
            | b"object"
            | b"model"
            | b"modelVersion"
            | b"modelId"
            | b"status"
            | b"stop_reason"
            | b"stopReason"
            | b"call_id"
            | b"tool_call_id"
            | b"tool_use_id"
            | b"toolUseId"
            | b"item_id"
            | b"event_id"
            | b"response_id"
            | b"responseId"
            | b"previous_response_id"
            | b"message_id"
            | b"file_id"
            | b"container_id"
            | b"approval_request_id"
            | b"obfuscation"
            | b"p"
            | b"system_fingerprint"
            | b"service_tier"
            | b"media_type"
            | b"mimeType"
            | b"mime_type"
            | b"prompt_cache_key"
            | b"encoding_format"
            | b"detail"
            | b"format"
            | b"ttl"
            | b"effort"
            | b"truncation"
            | b"native_finish_reason"
            | b"modality"
            | b"trafficType"
            | b"createTime"
            | b"category"
            | b"probability"
            | b"severity"
            | b"threshold"
            | b"blockReason"
            | b"provider"
            | b"tool_choice"
            | b"verbosity"
            | b"voice"
            | b"size"
            | b"quality"
            | b"output_format"
            | b"mode"
            | b"jsonPath" => Self::Structure,
            _ => Self::Unknown,
        }
    }
}

/// The longest id or word of a format.
const LONGEST_WORD: usize = 128;
/// Shorter ones are read as text all the same: it costs nothing.
const SHORTEST_MEDIA: usize = 64;
/// There is no picture of fewer bytes.
const SHORTEST_PICTURE: usize = 2_048;

/// Whether it looks like an id or a word: one that does not is a text, whatever its name.
pub(super) fn is_word(raw: &[u8]) -> bool {
    raw.len() <= LONGEST_WORD
        && raw
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/+@".contains(byte))
}

/// Whether it is base64 (RFC 4648 §4 and §5), with slashes perhaps escaped.
pub(super) fn is_base64(raw: &[u8]) -> bool {
    raw.iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=\\".contains(byte))
}

/// Media in a string: base64, or a `data:` URL of it (RFC 2397).
pub(super) fn is_media(raw: &[u8]) -> bool {
    raw.len() >= SHORTEST_MEDIA && (is_base64(raw) || is_data_url(raw))
}

/// A picture without a word that says so: long, and nothing but base64.
pub(super) fn is_picture(raw: &[u8]) -> bool {
    raw.len() >= SHORTEST_PICTURE && is_base64(raw)
}

/// A `data:` URL in base64.
pub(super) fn is_data_url(raw: &[u8]) -> bool {
    const LONGEST_HEAD: usize = 128;
    let Some(rest) = raw.strip_prefix(b"data:") else {
        return false;
    };
    let head = rest.get(..LONGEST_HEAD).unwrap_or(rest);
    let Some(comma) = memchr::memchr(b',', head) else {
        return false;
    };
    let (head, data) = rest.split_at(comma);
    head.ends_with(b";base64") && is_base64(data.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_like_the_format_is_text() {
        assert!(is_word(b"call_abc-123") && is_word(b"models/gemini-2.5:x"));
        assert!(!is_word(b"two words") && !is_word(&[b'a'; 129]));
        let long = [b'Q'; 80];
        assert!(is_media(&long));
        assert!(!is_media(b"c2hvcnQ="));
        let url = [b"data:image/png;base64,", long.as_slice()].concat();
        assert!(is_media(&url) && is_data_url(&url));
        assert!(!is_data_url(b"data:text/plain,AKIA"));
        assert!(!is_media(
            b"https://example.test/a/long/path?with=a&query=of-more-than-64-bytes"
        ));
    }
}
