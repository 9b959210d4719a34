//! Error answers in the shape of each dialect.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::bedrock;
use super::route::{Answer, Dialect};

/// An error answer. `retry_after` goes into the header, and for Gemini into the body too.
pub(super) fn failure(
    dialect: Dialect,
    code: u16,
    message: &str,
    retry_after: Option<&str>,
) -> Answer {
    let body = match dialect {
        Dialect::Bedrock => return bedrock::refused(code, message),
        Dialect::Anthropic => json!({
            "type": "error", "error": {"type": anthropic(code), "message": message},
            "request_id": "req_standin",
        }),
        Dialect::Gemini => {
            let details = retry_after.map(|seconds| {
                json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")}])
            });
            let mut error = json!({"code": code, "message": message, "status": gemini(code)});
            if let Some(details) = details {
                error["details"] = details;
            }
            json!({ "error": error })
        }
        Dialect::OpenAi => {
            let (kind, code) = openai(code);
            json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
        }
    };
    let mut headers = HeaderMap::new();
    if let Some(value) = retry_after.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert("retry-after", value);
    }
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::json(&body).with(status, headers)
}

/// A bare text answer for what is no API at all.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Answer {
    Answer::whole(Bytes::from_static(text.as_bytes()), "text/plain").with(status, HeaderMap::new())
}

fn anthropic(code: u16) -> &'static str {
    match code {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

fn gemini(code: u16) -> &'static str {
    match code {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}

fn openai(code: u16) -> (&'static str, Option<&'static str>) {
    match code {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        403 => (
            "invalid_request_error",
            Some("unsupported_country_region_territory"),
        ),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        500.. => ("server_error", None),
        _ => ("invalid_request_error", None),
    }
}
