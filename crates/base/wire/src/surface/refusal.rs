//! Refusals as the clients of surfaces show them. None of these protocols is published: what is written here
//! is what their clients read out of their own services' errors.

use serde_json::{Value, json};

use super::{Surface, essence, frames::HEAD};
use crate::{
    Dialect,
    error::{self, ErrorKind, ErrorView},
};

/// An answer in place of a service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status. Streams of the Connect protocol have their errors in the body, after a 200.
    pub status: u16,
    /// The body's `content-type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

const JSON: &str = "application/json";
const CONNECT: &str = "application/connect+proto";
/// The flags of Connect's end-of-stream message.
const CONNECT_END: u8 = 0x02;

impl Surface {
    /// A refusal of a request of this `content-type`.
    #[must_use]
    pub fn refusal(self, content_type: &str, view: &ErrorView<'_>) -> Refused {
        let status = match view.kind {
            // What makes the tools of the public APIs show a sentence is nothing to these.
            ErrorKind::Policy => 403,
            _ => view.status,
        };
        let refused = |body: Value| Refused {
            status,
            content_type: JSON,
            body: body.to_string().into_bytes(),
        };
        match self {
            Self::ChatgptWeb => refused(json!({
                "detail": view.message, "code": view.code, "request_id": view.request_id,
            })),
            Self::ClaudeDesktop | Self::ClaudeWeb => Refused {
                status,
                content_type: JSON,
                body: error::render(Dialect::Anthropic, view),
            },
            Self::Cursor(_) if is_connect(content_type) => Refused {
                status: 200,
                content_type: CONNECT,
                body: end_of_stream(view),
            },
            Self::Cursor(_) => refused(connect_error(view)),
        }
    }

    /// The end of a stream of this `content-type` that has begun: an event that says why. `None` where only
    /// a broken connection says it.
    #[must_use]
    pub fn error_event(self, content_type: &str, view: &ErrorView<'_>) -> Option<Vec<u8>> {
        match self {
            Self::ChatgptWeb => {
                let event = json!({ "message": null, "error": view.message, "code": view.code });
                Some(format!("data: {event}\n\n").into_bytes())
            }
            Self::ClaudeDesktop | Self::ClaudeWeb => {
                Some(error::render_event(Dialect::Anthropic, view))
            }
            Self::Cursor(_) => is_connect(content_type).then(|| end_of_stream(view)),
        }
    }
}

/// A stream of the Connect protocol in Protocol Buffers.
fn is_connect(content_type: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case(CONNECT)
}

/// Connect's end-of-stream message ("Error End-Stream").
fn end_of_stream(view: &ErrorView<'_>) -> Vec<u8> {
    let message = json!({ "error": connect_error(view) }).to_string();
    let length = u32::try_from(message.len()).unwrap_or_default();
    let mut out = Vec::with_capacity(HEAD + message.len());
    out.push(CONNECT_END);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(message.as_bytes());
    out
}

/// Connect's error ("Error Codes").
fn connect_error(view: &ErrorView<'_>) -> Value {
    let code = match view.kind {
        ErrorKind::Permission | ErrorKind::Policy => "permission_denied",
        ErrorKind::Authentication => "unauthenticated",
        ErrorKind::Invalid => "invalid_argument",
        ErrorKind::TooLarge => "resource_exhausted",
        _ => "unavailable",
    };
    json!({ "code": code, "message": view.message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::Service;

    const VIEW: ErrorView<'_> = ErrorView {
        status: 400,
        kind: ErrorKind::Policy,
        code: "prompt_blocked",
        message: "No \"keys\".",
        param: None,
        request_id: "req_1",
    };

    fn json(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap()
    }

    #[test]
    fn each_client_finds_the_sentence_where_it_looks() {
        let chatgpt = Surface::ChatgptWeb.refusal("application/json", &VIEW);
        assert_eq!((chatgpt.status, chatgpt.content_type), (403, JSON));
        assert_eq!(json(&chatgpt.body)["detail"], VIEW.message);
        let claude = Surface::ClaudeWeb.refusal("application/json", &VIEW);
        assert_eq!(claude.status, 403);
        assert_eq!(json(&claude.body)["error"]["message"], VIEW.message);
        let cursor = Surface::Cursor(Service::Append);
        let single = cursor.refusal("application/proto", &VIEW);
        assert_eq!(single.status, 403);
        assert_eq!(json(&single.body)["code"], "permission_denied");
        let stream = Surface::Cursor(Service::Agent).refusal(CONNECT, &VIEW);
        assert_eq!((stream.status, stream.content_type), (200, CONNECT));
        let (head, message) = stream.body.split_at(HEAD);
        assert_eq!(head[0], 2);
        assert_eq!(usize::from(head[4]), message.len());
        assert_eq!(json(message)["error"]["message"], VIEW.message);
    }

    #[test]
    fn a_stream_that_has_begun_ends_with_the_sentence() {
        for surface in [Surface::ChatgptWeb, Surface::ClaudeWeb] {
            let event = surface.error_event("text/event-stream", &VIEW).unwrap();
            let event = String::from_utf8(event).unwrap();
            assert!(
                event.ends_with("\n\n") && !event.contains("[DONE]"),
                "{event}"
            );
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data = json(data.unwrap().as_bytes());
            let said = data["error"].as_str().or(data["error"]["message"].as_str());
            assert_eq!(said, Some(VIEW.message));
        }
        let cursor = Surface::Cursor(Service::Agent);
        assert!(cursor.error_event(CONNECT, &VIEW).is_some());
        assert_eq!(cursor.error_event("application/grpc", &VIEW), None);
    }

    #[test]
    fn which_bodies_are_streams() {
        let cursor = Surface::Cursor(Service::Agent);
        assert!(cursor.is_stream("application/connect+proto"));
        assert!(!cursor.is_stream("application/proto"));
        assert!(Surface::ChatgptWeb.is_stream("text/event-stream; charset=utf-8"));
        assert!(!Surface::ClaudeWeb.is_stream("application/json"));
    }
}
