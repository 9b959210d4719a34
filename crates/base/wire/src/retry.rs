//! What a provider says when it cannot answer now: how long it asks to be left alone, and streams that begin with it.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};
use serde::Deserialize;
use serde_json::Value;
use tidegate_types::Timestamp;

use crate::translate::{Broken, sse::Events};

/// `OpenAI`'s finer form of `retry-after`, in milliseconds.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// From the headers of an answer: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3).
/// A date that is past is no wait. Nonsense is nothing.
#[must_use]
pub fn after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    if let Some(millis) = text(RETRY_AFTER_MS).and_then(number) {
        return Duration::try_from_secs_f64(millis / 1_000.0).ok();
    }
    let told = text(header::RETRY_AFTER)?;
    if let Some(seconds) = number(told) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(told).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?);
    Some(now.until(at))
}

/// Google's name of a wait among an error's details (`google/rpc/error_details.proto`).
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// From the body of an error: the `retryDelay` of a `google.rpc.RetryInfo`, seconds with an `s` behind (protobuf's
/// JSON form of a duration). Gemini has no header for it. An error of a stream stands in an array.
#[must_use]
pub fn in_body(body: &[u8]) -> Option<Duration> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let whole = value.get(0).unwrap_or(&value);
    let details = whole.get("error")?.get("details")?.as_array()?;
    let info = |detail: &&Value| detail.get("@type").and_then(Value::as_str) == Some(RETRY_INFO);
    let delay = details.iter().find(info)?.get("retryDelay")?.as_str()?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// How a stream of events begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// More has to be read to tell.
    Unknown,
    /// With an answer, a sign of life, or an error that is the client's own affair.
    Well,
    /// With an error: the provider has too much to do.
    Busy,
    /// With an error of the provider's own.
    Broken,
}

/// What errors are called that the client has brought about: another provider would say the same.
const OF_THE_CLIENT: &[&str] = &[
    "authentication_error",
    "billing_error",
    "content_filter",
    "context_length_exceeded",
    "invalid_prompt",
    "invalid_request_error",
    "not_found_error",
    "permission_error",
    "request_too_large",
];
const OF_LOAD: &[&str] = &[
    "overloaded",
    "overloaded_error",
    "rate_limit_error",
    "rate_limit_exceeded",
    "resource_exhausted",
    "server_is_overloaded",
    "slow_down",
    "too_many_requests",
    "unavailable",
];

#[derive(Deserialize)]
struct First {
    error: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What a stream of events (WHATWG HTML §9.2) begins with: an answer that has status 200 may still be none.
#[must_use]
pub fn opening(bytes: &[u8]) -> Opening {
    let mut first = Opening::Unknown;
    let read = Events::default().push(bytes, |name, data| {
        first = of_event(name, data);
        Err(Broken("the first says it"))
    });
    if read.is_ok() && is_sign_of_life(bytes) {
        return Opening::Well;
    }
    first
}

/// Whether something was said and ended that is no event: a comment, most often.
fn is_sign_of_life(bytes: &[u8]) -> bool {
    let said = bytes.trim_ascii_start();
    ["\n\n", "\r\n\r\n", "\r\r"]
        .iter()
        .any(|end| memchr::memmem::find(said, end.as_bytes()).is_some())
}

fn of_event(named: &str, data: &[u8]) -> Opening {
    let Ok(first) = serde_json::from_slice::<First>(data) else {
        return Opening::Well;
    };
    let error = match first.error {
        Some(error) if !error.is_null() => error,
        // Responses says `error` with its members beside it.
        _ if named == "error" || first.kind.as_deref() == Some("error") => {
            serde_json::from_slice(data).unwrap_or_default()
        }
        _ => return Opening::Well,
    };
    let said = ["type", "code", "status"].map(|name| match error.get(name) {
        Some(Value::String(text)) => text.to_ascii_lowercase(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    });
    let is = |known: &[&str]| said.iter().any(|said| known.contains(&said.as_str()));
    let mut codes = said.iter().filter_map(|said| said.parse::<u16>().ok());
    match codes.next() {
        Some(429 | 503 | 529) => Opening::Busy,
        Some(400..=499) => Opening::Well,
        _ if is(OF_LOAD) => Opening::Busy,
        _ if is(OF_THE_CLIENT) => Opening::Well,
        _ => Opening::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        // 1994-11-06 08:49:37, RFC 9110's own example.
        after(&headers, Timestamp::from_micros(784_111_777_000_000))
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read_and_nonsense_is_not() {
        let seconds = Duration::from_secs;
        assert_eq!(told("retry-after", "20"), Some(seconds(20)));
        assert_eq!(told("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(
            told("retry-after-ms", "1500"),
            Some(Duration::from_millis(1_500))
        );
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        assert_eq!(told("retry-after", later), Some(seconds(30)));
        let past = "Sun, 06 Nov 1994 08:00:00 GMT";
        assert_eq!(told("retry-after", past), Some(seconds(0)));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(told("retry-after", nonsense), None, "{nonsense}");
        }
        assert_eq!(after(&HeaderMap::new(), Timestamp::default()), None);
    }

    #[test]
    fn google_says_it_in_the_body() {
        let error = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
            {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[]},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}"#;
        let told = Some(Duration::from_millis(34_400));
        assert_eq!(in_body(error.as_bytes()), told);
        assert_eq!(in_body(format!("[{error}]").as_bytes()), told);
        for nonsense in ["34", "-1s", "infs", "s", "1e300s", "NaNs"] {
            let error = error.replace("34.4s", nonsense);
            assert_eq!(in_body(error.as_bytes()), None, "{nonsense}");
        }
        for other in [
            "",
            "{}",
            "[]",
            "{\"error\":\"no\"}",
            "{\"error\":{\"details\":[1]}}",
        ] {
            assert_eq!(in_body(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_stream_that_begins_with_an_error_is_none() {
        let said = [
            (
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"\"}}\n\n",
                Opening::Busy,
            ),
            (
                ": ping\ndata: {\"error\":{\"message\":\"x\",\"code\":429}}\r\n\r\n",
                Opening::Busy,
            ),
            (
                "data: {\"error\":{\"message\":\"x\",\"type\":\"server_error\"}}\n\n",
                Opening::Broken,
            ),
            (
                "\n\ndata: {\"error\":{\"code\":500,\"status\":\"INTERNAL\"}}\n\n",
                Opening::Broken,
            ),
            (
                "event: error\ndata: {\"type\":\"error\",\"code\":\"server_is_overloaded\"}\n\n",
                Opening::Busy,
            ),
            (
                "data: {\"error\":{\"type\":\"invalid_request_error\"}}\n\n",
                Opening::Well,
            ),
            (
                "data: {\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\"}}\n\n",
                Opening::Well,
            ),
            ("data: {\"choices\":[],\"error\":null}\n\n", Opening::Well),
            (
                "event: message_start\ndata: {\"type\":\"message_start\"}\n\n",
                Opening::Well,
            ),
            (": OPENROUTER PROCESSING\n\n", Opening::Well),
            ("data: [DONE]\n\n", Opening::Well),
            ("data: {\"error\":{\"code\":500}}\n", Opening::Unknown),
            ("data: {\"err", Opening::Unknown),
            ("", Opening::Unknown),
        ];
        for (text, wanted) in said {
            assert_eq!(opening(text.as_bytes()), wanted, "{text}");
            for end in 0..text.len() {
                let early = opening(&text.as_bytes()[..end]);
                assert!(
                    early == Opening::Unknown || early == wanted,
                    "{text:?} to {end}"
                );
            }
        }
    }
}
