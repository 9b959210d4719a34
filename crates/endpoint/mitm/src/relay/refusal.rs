//! What an app gets when its call is refused: an error in the shape that its host's clients can read,
//! with a sentence for the person in front of it.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use tidegate_policy::{HostName, Why};

use super::body::Answer;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The app is denied, by the policy of this revision.
    Denied(Why, u64),
    /// The gateway cannot be reached, and the policy fails closed.
    Closed(String),
    /// The gateway, or the host in its stead, broke off.
    Broken,
    /// An HTTP/2 tunnel, or anything else that is not a call to a path.
    NotACall,
    /// The call is for another host than the connection, one that is not governed here.
    Misdirected,
}

impl Refusal {
    /// Status, the word in Anthropic's errors, the type and the code in OpenAI's.
    fn parts(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        let request = "invalid_request_error";
        match self {
            Self::Denied(..) => (
                StatusCode::FORBIDDEN,
                "permission_error",
                "permission_error",
                "app_denied",
            ),
            Self::Closed(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "api_error",
                "server_error",
                "gateway_unreachable",
            ),
            Self::Broken => (
                StatusCode::BAD_GATEWAY,
                "api_error",
                "server_error",
                "gateway_broke_off",
            ),
            Self::NotACall => (
                StatusCode::NOT_IMPLEMENTED,
                request,
                request,
                "method_unsupported",
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                request,
                request,
                "misdirected",
            ),
        }
    }

    fn message(&self, host: &HostName) -> String {
        match self {
            Self::Denied(why, revision) => {
                let note = why.note.as_deref().map(str::trim).unwrap_or_default();
                let note = if note.is_empty() {
                    String::new()
                } else {
                    format!(" Reason: {}.", note.trim_end_matches('.'))
                };
                format!(
                    "Your organisation's policy (revision {revision}) does not allow the app \"{}\" to \
                     use {host}.{note} To ask for it, contact your IT or security team and name the \
                     app; `tidegate-edge status` shows the policy.",
                    why.app
                )
            }
            Self::Closed(why) => format!(
                "Your organisation's policy sends calls to {host} through its AI gateway only, and {why}. \
                 Try again shortly; `tidegate-edge doctor` shows what is wrong."
            ),
            Self::Broken => format!(
                "The AI gateway broke off the call to {host} before it was answered. Try again."
            ),
            Self::NotACall => format!("Only plain HTTP calls to {host} are carried."),
            Self::Misdirected => {
                "This call does not belong on this connection. Open another one for its host."
                    .into()
            }
        }
    }

    /// The answer.
    pub(crate) fn answer(&self, host: &HostName) -> Response<Answer> {
        let (status, word, kind, code) = self.parts();
        let body = document(host, word, kind, code, &self.message(host)).to_string();
        let length = HeaderValue::from(body.len());
        let mut response = Response::new(Answer::Fixed(Some(body.into())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert(header::CONTENT_LENGTH, length);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::Closed(_)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

fn document(host: &HostName, word: &str, kind: &str, code: &str, message: &str) -> Value {
    let text = host.as_str();
    let anthropic = ["anthropic.com", "claude.ai", "claude.com"]
        .iter()
        .any(|name| text == *name || text.ends_with(&format!(".{name}")));
    if anthropic {
        json!({"type": "error", "error": {"type": word, "message": message}})
    } else {
        json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
    }
}
