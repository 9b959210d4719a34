//! Which endpoint a path names, and the answer's parts before they are put on the wire.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::ask::Ask;
use super::turn::Turn;
use super::{anthropic, bedrock, gemini, openai};

/// Whose shapes to answer in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialect {
    Anthropic,
    Bedrock,
    Gemini,
    OpenAi,
}

/// The endpoints that generate text; everything else is answered by path in its dialect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Endpoint {
    AnthropicMessages,
    BedrockConverse,
    BedrockConverseStream,
    BedrockInvoke,
    BedrockInvokeStream,
    GeminiGenerate,
    GeminiStream,
    OpenAiChat,
    OpenAiCompletions,
    OpenAiResponses,
    Other(Dialect),
    /// Not an API path: telemetry of clients, health checks.
    Outside,
}

/// A request as the answering functions see it.
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    /// Below the version: `chat/completions`, `files/file_1/content`.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) raw: &'a Bytes,
    /// `Null` when the body is no JSON.
    pub(super) body: &'a Value,
    pub(super) serial: u64,
}

/// Splits a path into its version (`v1`, `v1beta`) and what is below; any prefix may come
/// before, so that `/openai/v1/models` is `/v1/models`.
pub(super) fn below_version(path: &str) -> Option<(&str, &str)> {
    for version in ["v1beta", "v1alpha", "v1"] {
        let mark = format!("/{version}/");
        if let Some(at) = path.find(&mark) {
            return Some((&path[at + 1..=at + version.len()], &path[at + mark.len()..]));
        }
    }
    None
}

impl Endpoint {
    pub(super) fn find(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let post = method == Method::POST;
        if let Some(rest) = bedrock::below_model(path).filter(|_| post) {
            return match rest.split('/').next_back().unwrap_or_default() {
                "converse" => Self::BedrockConverse,
                "converse-stream" => Self::BedrockConverseStream,
                "invoke" => Self::BedrockInvoke,
                "invoke-with-response-stream" => Self::BedrockInvokeStream,
                _ => Self::Other(Dialect::Bedrock),
            };
        }
        let Some((version, rest)) = below_version(path) else {
            return Self::Outside;
        };
        match rest {
            "chat/completions" if post => Self::OpenAiChat,
            "completions" if post => Self::OpenAiCompletions,
            "responses" if post => Self::OpenAiResponses,
            "messages" if post => Self::AnthropicMessages,
            _ if rest.starts_with("messages") || headers.contains_key("anthropic-version") => {
                Self::Other(Dialect::Anthropic)
            }
            _ if post && rest.ends_with(":generateContent") => Self::GeminiGenerate,
            _ if post && rest.ends_with(":streamGenerateContent") => Self::GeminiStream,
            _ if version != "v1"
                || rest.contains(':')
                || headers.contains_key("x-goog-api-key") =>
            {
                Self::Other(Dialect::Gemini)
            }
            _ => Self::Other(Dialect::OpenAi),
        }
    }

    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::AnthropicMessages => Dialect::Anthropic,
            Self::BedrockConverse
            | Self::BedrockConverseStream
            | Self::BedrockInvoke
            | Self::BedrockInvokeStream => Dialect::Bedrock,
            Self::GeminiGenerate | Self::GeminiStream => Dialect::Gemini,
            Self::OpenAiChat | Self::OpenAiCompletions | Self::OpenAiResponses | Self::Outside => {
                Dialect::OpenAi
            }
            Self::Other(dialect) => dialect,
        }
    }

    /// What a generation request asks for; `None` for the other endpoints.
    pub(super) fn ask(self, call: &Call<'_>) -> Option<Ask> {
        match self {
            Self::AnthropicMessages => Some(anthropic::ask(call.body)),
            Self::BedrockConverse => Some(bedrock::ask(call, false)),
            Self::BedrockConverseStream => Some(bedrock::ask(call, true)),
            Self::BedrockInvoke => Some(bedrock::ask_invoked(call, false)),
            Self::BedrockInvokeStream => Some(bedrock::ask_invoked(call, true)),
            Self::GeminiGenerate => Some(gemini::ask(call, false)),
            Self::GeminiStream => Some(gemini::ask(call, true)),
            Self::OpenAiChat => Some(openai::chat::ask(call.body)),
            Self::OpenAiCompletions => Some(openai::completions::ask(call.body)),
            Self::OpenAiResponses => Some(openai::responses::ask(call.body)),
            Self::Other(_) | Self::Outside => None,
        }
    }

    /// Writes a turn in the endpoint's shape.
    pub(super) fn write(self, call: &Call<'_>, turn: &Turn, stream: bool) -> Answer {
        match self {
            Self::AnthropicMessages if stream => Answer::sse(anthropic::events(turn)),
            Self::AnthropicMessages => Answer::json(&anthropic::message(turn)),
            Self::BedrockConverse => Answer::json(&bedrock::whole(turn)),
            Self::BedrockConverseStream => {
                Answer::streamed(bedrock::events(turn), bedrock::stream_kind())
            }
            Self::BedrockInvoke => Answer::json(&anthropic::message(turn)),
            Self::BedrockInvokeStream => {
                let events = bedrock::invoked(&anthropic::events(turn));
                Answer::streamed(events, bedrock::stream_kind())
            }
            Self::GeminiStream => gemini::stream(call, turn),
            Self::OpenAiChat if stream => Answer::sse(openai::chat::events(turn, call.body)),
            Self::OpenAiChat => Answer::json(&openai::chat::completion(turn)),
            Self::OpenAiCompletions if stream => {
                Answer::sse(openai::completions::events(turn, call.body))
            }
            Self::OpenAiCompletions => Answer::json(&openai::completions::completion(turn)),
            Self::OpenAiResponses if stream => {
                Answer::sse(openai::responses::events(turn, call.body))
            }
            Self::OpenAiResponses => Answer::json(&openai::responses::response(turn, call.body)),
            Self::GeminiGenerate | Self::Other(_) | Self::Outside => {
                Answer::json(&gemini::whole(turn))
            }
        }
    }
}

/// An answer before it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) kind: &'static str,
    pub(super) content: Content,
}

/// Its body.
#[derive(Debug)]
pub(super) enum Content {
    Events(Vec<Bytes>),
    Whole(Bytes),
}

impl Answer {
    pub(super) fn json(body: &Value) -> Self {
        Self::whole(Bytes::from(body.to_string()), "application/json")
    }

    pub(super) fn whole(body: Bytes, kind: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            kind,
            content: Content::Whole(body),
        }
    }

    pub(super) fn sse(events: Vec<Bytes>) -> Self {
        Self::streamed(events, "text/event-stream; charset=utf-8")
    }

    pub(super) fn streamed(events: Vec<Bytes>, kind: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            kind,
            content: Content::Events(events),
        }
    }

    pub(super) fn with(mut self, status: StatusCode, headers: HeaderMap) -> Self {
        self.status = status;
        self.headers = headers;
        self
    }

    /// The request id, and the account's quota and identity headers, which a gateway must
    /// not pass on.
    pub(super) fn account(&mut self, dialect: Dialect, serial: u64) {
        let fixed: &[(&str, &str)] = match dialect {
            Dialect::Anthropic => &[
                ("anthropic-organization-id", "org-standin"),
                ("anthropic-ratelimit-requests-limit", "4000"),
                ("anthropic-ratelimit-requests-remaining", "3999"),
            ],
            Dialect::Bedrock => &[("x-amzn-bedrock-invocation-latency", "12")],
            Dialect::Gemini => &[("server-timing", "gfet4t7; dur=1")],
            Dialect::OpenAi => &[
                ("openai-organization", "org-standin"),
                ("openai-version", "2020-10-01"),
                ("x-ratelimit-limit-requests", "10000"),
                ("x-ratelimit-remaining-requests", "9999"),
            ],
        };
        for (name, value) in fixed {
            self.headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let name = if dialect == Dialect::Anthropic {
            "request-id"
        } else {
            "x-request-id"
        };
        if let Ok(id) = HeaderValue::from_str(&format!("req_standin_{serial}")) {
            self.headers.insert(name, id);
        }
    }
}

/// One server-sent event.
pub(super) fn sse(event: Option<&str>, data: &Value) -> Bytes {
    Bytes::from(match event {
        Some(event) => format!("event: {event}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_their_endpoint() {
        let none = HeaderMap::new();
        let mut anthropic = HeaderMap::new();
        anthropic.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        let cases = [
            (
                Method::POST,
                "/v1/chat/completions",
                &none,
                Endpoint::OpenAiChat,
            ),
            (
                Method::POST,
                "/openai/v1/responses",
                &none,
                Endpoint::OpenAiResponses,
            ),
            (
                Method::GET,
                "/v1/responses",
                &none,
                Endpoint::Other(Dialect::OpenAi),
            ),
            (
                Method::POST,
                "/v1/messages",
                &anthropic,
                Endpoint::AnthropicMessages,
            ),
            (
                Method::GET,
                "/v1/models",
                &anthropic,
                Endpoint::Other(Dialect::Anthropic),
            ),
            (
                Method::GET,
                "/v1/models",
                &none,
                Endpoint::Other(Dialect::OpenAi),
            ),
            (
                Method::POST,
                "/v1beta/models/g:generateContent",
                &none,
                Endpoint::GeminiGenerate,
            ),
            (
                Method::POST,
                "/v1beta/models/g:streamGenerateContent",
                &none,
                Endpoint::GeminiStream,
            ),
            (
                Method::POST,
                "/v1beta/models/g:countTokens",
                &none,
                Endpoint::Other(Dialect::Gemini),
            ),
            (
                Method::POST,
                "/model/eu.anthropic.claude-v1%3A0/converse-stream",
                &none,
                Endpoint::BedrockConverseStream,
            ),
            (Method::HEAD, "/", &none, Endpoint::Outside),
        ];
        for (method, path, headers, endpoint) in cases {
            assert_eq!(
                Endpoint::find(&method, path, headers),
                endpoint,
                "{method} {path}"
            );
        }
    }
}
