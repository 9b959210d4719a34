//! Errors in the words of each dialect, so that every SDK raises its own exception class.

mod render;
#[cfg(test)]
mod tests;

use crate::{Dialect, Operation, eventstream};

/// What went wrong, as far as clients can tell the cases apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No valid key.
    Authentication,
    /// A budget is used up.
    Billing,
    /// The gateway failed.
    Internal,
    /// The request is wrong.
    Invalid,
    /// No such route, model or object.
    NotFound,
    /// The gateway or the provider has no capacity.
    Overloaded,
    /// The key may not do this.
    Permission,
    /// A policy forbids the content.
    Policy,
    /// A rate limit is reached.
    RateLimit,
    /// The provider took too long.
    Timeout,
    /// The body is too large.
    TooLarge,
    /// The gateway does not do this.
    Unsupported,
    /// The provider failed or could not be reached.
    Upstream,
}

/// An error to be shown to a client.
#[derive(Debug, Clone, Copy)]
pub struct ErrorView<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The kind, from which each dialect's own type follows.
    pub kind: ErrorKind,
    /// One word from the gateway's closed list.
    pub code: &'a str,
    /// A sentence for people.
    pub message: &'a str,
    /// The part of the request that is at fault.
    pub param: Option<&'a str>,
    /// The id of the request.
    pub request_id: &'a str,
}

/// The body of an error answer: `application/json`.
#[must_use]
pub fn render(dialect: Dialect, view: &ErrorView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + view.message.len());
    match dialect {
        Dialect::Anthropic => render::anthropic(&mut out, view),
        Dialect::Bedrock => render::bedrock(&mut out, view),
        Dialect::Gemini => render::gemini(&mut out, view),
        Dialect::OpenAi => render::openai(&mut out, view),
    }
    out
}

/// An error in the middle of a stream that has already begun, as one event of its dialect. The stream
/// ends after it; there is no `[DONE]`, so that no client takes what it has for the whole.
#[must_use]
pub fn render_event(dialect: Dialect, view: &ErrorView<'_>) -> Vec<u8> {
    if dialect == Dialect::Bedrock {
        let mut out = Vec::with_capacity(256);
        let (name, body) = (render::bedrock_exception(view.kind), render(dialect, view));
        eventstream::write(&mut out, eventstream::Kind::Exception, name, &body);
        return out;
    }
    let start: &[u8] = match dialect {
        Dialect::Anthropic => b"event: error\ndata: ",
        Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => b"data: ",
    };
    let mut out = start.to_vec();
    out.append(&mut render(dialect, view));
    out.extend_from_slice(b"\n\n");
    out
}

/// As [`render_event`], for a known operation: the Responses API has an event of its own shape.
#[must_use]
pub fn render_event_for(operation: Operation, view: &ErrorView<'_>) -> Vec<u8> {
    match operation {
        Operation::Responses | Operation::ResponsesGet => {
            let mut out = b"event: error\ndata: ".to_vec();
            render::responses_event(&mut out, view);
            out.extend_from_slice(b"\n\n");
            out
        }
        other => render_event(other.dialect(), view),
    }
}

/// An error as a message over a WebSocket of the Realtime API: its event `error`, whose id is that of the request.
#[must_use]
pub fn render_realtime_message(view: &ErrorView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + view.message.len());
    render::realtime_message(&mut out, view);
    out
}

/// An error as a message over a WebSocket of the Responses API: its event, with the status that the answer
/// would have had over HTTP, which is how Codex tells errors apart.
#[must_use]
pub fn render_message(view: &ErrorView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + view.message.len());
    render::responses_message(&mut out, view);
    out
}
