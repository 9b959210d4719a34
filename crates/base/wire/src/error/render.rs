//! The envelopes, written by hand: they are small, fixed, and must not fail.

use super::{ErrorKind, ErrorView};
use crate::json::push_string;

fn field(out: &mut Vec<u8>, before: &str, value: &str) {
    out.extend_from_slice(before.as_bytes());
    push_string(out, value);
}

/// `{"error":{"message","type","code","param"}}`, as the SDK's `APIError` reads it.
pub(super) fn openai(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    out.extend_from_slice(b"{\"error\":");
    openai_object(out, view);
    out.push(b'}');
}

fn openai_object(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    field(out, "{\"message\":", view.message);
    field(out, ",\"type\":", openai_type(view.kind));
    param(out, view);
    field(out, ",\"code\":", view.code);
    field(out, ",\"request_id\":", view.request_id);
    out.push(b'}');
}

fn param(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    match view.param {
        Some(param) => field(out, ",\"param\":", param),
        None => out.extend_from_slice(b",\"param\":null"),
    }
}

/// The `error` event of the Responses API, which has its fields at the top; the object `error`
/// is there too, because the SDKs raise on nothing else.
pub(super) fn responses_event(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    out.extend_from_slice(b"{\"type\":\"error\"");
    responses_members(out, view);
}

/// The same over a WebSocket, where it says its status too.
pub(super) fn responses_message(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    out.extend_from_slice(b"{\"type\":\"error\",\"status\":");
    out.extend_from_slice(itoa::Buffer::new().format(view.status).as_bytes());
    responses_members(out, view);
}

/// An event `error` of the Realtime API, which its SDK expects to have an id.
pub(super) fn realtime_message(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    field(out, "{\"type\":\"error\",\"event_id\":", view.request_id);
    out.extend_from_slice(b",\"error\":");
    openai_object(out, view);
    out.push(b'}');
}

fn responses_members(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    field(out, ",\"code\":", view.code);
    field(out, ",\"message\":", view.message);
    param(out, view);
    out.extend_from_slice(b",\"sequence_number\":0,\"error\":");
    openai_object(out, view);
    out.push(b'}');
}

/// `{"type":"error","error":{"type","message"},"request_id"}`, as the SDK and Claude Code read it.
pub(super) fn anthropic(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    field(
        out,
        "{\"type\":\"error\",\"error\":{\"type\":",
        anthropic_type(view.kind),
    );
    field(out, ",\"message\":", view.message);
    field(out, ",\"code\":", view.code);
    if let Some(param) = view.param {
        field(out, ",\"param\":", param);
    }
    field(out, "},\"request_id\":", view.request_id);
    out.push(b'}');
}

/// `{"error":{"code","message","status","details"}}` (google.rpc.Status in JSON, AIP-193).
pub(super) fn gemini(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    out.extend_from_slice(b"{\"error\":{\"code\":");
    out.extend_from_slice(itoa::Buffer::new().format(view.status).as_bytes());
    field(out, ",\"message\":", view.message);
    field(out, ",\"status\":", gemini_status(view));
    out.extend_from_slice(b",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\"");
    field(out, ",\"reason\":", view.code);
    out.extend_from_slice(b",\"domain\":\"tidegate\"");
    if let Some(param) = view.param {
        field(out, ",\"metadata\":{\"param\":", param);
        out.push(b'}');
    }
    out.extend_from_slice(b"},{\"@type\":\"type.googleapis.com/google.rpc.RequestInfo\"");
    field(out, ",\"requestId\":", view.request_id);
    out.extend_from_slice(b"}]}}");
}

/// `{"__type","message"}`, as AWS' SDKs read it where no header names the error; the rest is for people.
pub(super) fn bedrock(out: &mut Vec<u8>, view: &ErrorView<'_>) {
    field(out, "{\"__type\":", bedrock_type(view.kind));
    field(out, ",\"message\":", view.message);
    field(out, ",\"reason\":", view.code);
    if let Some(param) = view.param {
        field(out, ",\"param\":", param);
    }
    field(out, ",\"requestId\":", view.request_id);
    out.push(b'}');
}

/// The errors that the API lists. AWS' SDKs repeat what is throttled, unavailable or an internal error; a used-up
/// budget is none of those.
const fn bedrock_type(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication | ErrorKind::Permission => "AccessDeniedException",
        ErrorKind::Billing => "ServiceQuotaExceededException",
        ErrorKind::Internal | ErrorKind::Upstream => "InternalServerException",
        ErrorKind::Invalid | ErrorKind::Policy | ErrorKind::TooLarge | ErrorKind::Unsupported => {
            "ValidationException"
        }
        ErrorKind::NotFound => "ResourceNotFoundException",
        ErrorKind::Overloaded => "ServiceUnavailableException",
        ErrorKind::RateLimit => "ThrottlingException",
        ErrorKind::Timeout => "ModelTimeoutException",
    }
}

/// Those that may come in the middle of a stream.
pub(super) const fn bedrock_exception(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::RateLimit | ErrorKind::Billing => "throttlingException",
        ErrorKind::Invalid | ErrorKind::Policy | ErrorKind::TooLarge | ErrorKind::Unsupported => {
            "validationException"
        }
        ErrorKind::Overloaded => "serviceUnavailableException",
        ErrorKind::Timeout | ErrorKind::Upstream => "modelStreamErrorException",
        _ => "internalServerException",
    }
}

/// `insufficient_quota` is what `OpenAI` clients know not to retry.
const fn openai_type(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::Internal | ErrorKind::Overloaded | ErrorKind::Upstream => "server_error",
        ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::TooLarge | ErrorKind::Unsupported => {
            "invalid_request_error"
        }
        ErrorKind::Permission => "permission_error",
        ErrorKind::Policy => "policy_blocked",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Timeout => "timeout_error",
    }
}

const fn anthropic_type(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "billing_error",
        ErrorKind::Internal | ErrorKind::Upstream => "api_error",
        ErrorKind::Invalid => "invalid_request_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::Overloaded => "overloaded_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::Policy => "policy_blocked",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::TooLarge => "request_too_large",
        ErrorKind::Unsupported => "not_supported",
    }
}

/// The canonical code (google.rpc.Code). A 5xx keeps a code that clients may retry on.
const fn gemini_status(view: &ErrorView<'_>) -> &'static str {
    match view.kind {
        ErrorKind::Authentication => "UNAUTHENTICATED",
        ErrorKind::Billing | ErrorKind::RateLimit => "RESOURCE_EXHAUSTED",
        ErrorKind::Internal => "INTERNAL",
        ErrorKind::Invalid | ErrorKind::TooLarge => "INVALID_ARGUMENT",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::Overloaded | ErrorKind::Upstream => "UNAVAILABLE",
        ErrorKind::Permission => "PERMISSION_DENIED",
        ErrorKind::Policy => "FAILED_PRECONDITION",
        ErrorKind::Timeout => "DEADLINE_EXCEEDED",
        ErrorKind::Unsupported => "UNIMPLEMENTED",
    }
}
