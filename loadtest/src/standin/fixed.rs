//! The benchmark's fast path: one ready-made answer per dialect, and no parsing of a
//! request that neither holds a marker nor asks for a stream.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response};
use serde_json::Value;

use super::ask::{Ask, Told};
use super::knobs::Knobs;
use super::reply::Reply;
use super::turn::Turn;
use super::{anthropic, gemini, openai};

/// Text of the ready-made answer, so that the whole body is about 1.4 KB.
const TEXT: usize = 900;
/// Prompt tokens it reports, whatever the prompt was.
const INPUT: u64 = 1000;

/// Ready-made bodies.
#[derive(Debug)]
pub(super) struct Fixed {
    anthropic: Bytes,
    chat: Bytes,
    gemini: Bytes,
    responses: Bytes,
}

impl Fixed {
    pub(super) fn new() -> Self {
        let mut knobs = Knobs {
            size: Some(TEXT),
            ..Knobs::default()
        };
        knobs.usage.input = Some(INPUT);
        let ask = Ask::new("standin", false, &Value::Null, Told::default());
        let turn = Turn::plan(ask, &knobs, 0);
        Self {
            anthropic: anthropic::message(&turn).to_string().into(),
            chat: openai::chat::completion(&turn).to_string().into(),
            gemini: gemini::whole(&turn).to_string().into(),
            responses: openai::responses::response(&turn, &Value::Null)
                .to_string()
                .into(),
        }
    }

    /// The ready-made answer, or `None` when this request needs a real one.
    pub(super) fn answer(&self, path: &str, body: &[u8]) -> Option<Response<Reply>> {
        let ready = match path.rsplit('/').next().unwrap_or_default() {
            "completions" => &self.chat,
            "messages" => &self.anthropic,
            "responses" => &self.responses,
            name if name.ends_with(":generateContent") => &self.gemini,
            _ => return None,
        };
        let real = |mark: &[u8]| memchr::memmem::find(body, mark).is_some();
        if real(b"[[") || real(b"\"stream\"") {
            return None;
        }
        let mut response = Response::new(Reply::bare(ready.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            HeaderName::from_static("x-request-id"),
            HeaderValue::from_static("req_standin"),
        );
        Some(response)
    }
}
