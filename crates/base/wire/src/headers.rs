//! Which headers cross the gateway, and where a caller's key stands.

mod credential;
#[cfg(test)]
mod tests;

use http::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

pub use credential::{CredentialError, credential};

/// Headers that a `Connection` header names: they end here, whatever they are
/// (RFC 9110 §7.6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nominated(SmallVec<[HeaderName; 2]>);

/// More names than this in `Connection` are not looked at: no honest client has them.
const MOST_NOMINATED: usize = 32;

/// Reads all `Connection` headers.
#[must_use]
pub fn nominated(headers: &HeaderMap) -> Nominated {
    let mut names = SmallVec::new();
    for value in headers.get_all(http::header::CONNECTION) {
        for token in value.as_bytes().split(|&byte| byte == b',') {
            let token = token.trim_ascii();
            let usual = token.eq_ignore_ascii_case(b"keep-alive")
                || token.eq_ignore_ascii_case(b"close")
                || token.eq_ignore_ascii_case(b"upgrade");
            if usual || names.len() == MOST_NOMINATED {
                continue;
            }
            if let Ok(name) = HeaderName::from_bytes(token) {
                names.push(name);
            }
        }
    }
    Nominated(names)
}

impl Nominated {
    /// Whether a header is named.
    #[must_use]
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.0.contains(name)
    }
}

/// The features that a client of Messages asks for by name, separated by commas.
pub const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// A header as text; empty where it is missing or no text.
#[must_use]
pub fn text(value: Option<&HeaderValue>) -> &str {
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Connection-level headers (RFC 9110 §7.6.1, and the old `proxy-connection`).
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
    )
}

/// Whether a request header may hold a credential: nothing but authentication reads it.
#[must_use]
pub fn is_credential(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "api-key"
            | "authorization"
            | "cookie"
            | "proxy-authorization"
            | "x-api-key"
            | "x-goog-api-key"
            | "x-tidegate-device-key"
            | "x-tidegate-key"
    )
}

/// Whether a request header may go to the provider. Everything unknown may (new features come as
/// new headers) but for what identifies the caller, steers the connection, or would bend the call
/// around governance. Trace context is written anew by telemetry.
#[must_use]
pub fn forward_to_upstream(name: &HeaderName) -> bool {
    let name = name.as_str();
    let denied = matches!(
        name,
        "accept-encoding"
            | "api-key"
            | "authorization"
            | "baggage"
            | "content-length"
            | "cookie"
            | "expect"
            | "forwarded"
            | "host"
            | "openai-organization"
            | "openai-project"
            // Of a Smithy service it names another protocol than the path does.
            | "smithy-protocol"
            | "traceparent"
            | "tracestate"
            | "via"
            // Parts of a signature of the caller's own, and the operation of older protocols.
            | "x-amz-content-sha256"
            | "x-amz-date"
            | "x-amz-security-token"
            | "x-amz-target"
            | "x-api-key"
            | "x-goog-api-key"
            | "x-goog-user-project"
            // Google's front ends take the method from here, and leave fields out of answers.
            | "x-goog-fieldmask"
            | "x-http-method"
            | "x-http-method-override"
            | "x-method-override"
            | "x-original-url"
            | "x-real-ip"
            | "x-rewrite-url"
    );
    !denied
        && !is_hop_by_hop(name)
        && !name.starts_with("x-forwarded-")
        && !name.starts_with("x-tidegate-")
        && !name.starts_with("sec-websocket-")
        && !name.starts_with("cf-")
}

/// Whether a request header may go to a provider of another dialect than the caller's: what is said of the
/// call, and nothing that means something in the caller's dialect only.
#[must_use]
pub fn forward_translated(name: &HeaderName) -> bool {
    matches!(name.as_str(), "accept" | "user-agent" | "x-request-id")
}

/// Whether a header of a relayed call may pass, either way. The app speaks to its own provider, so
/// everything may but for what belongs to one connection, what is ours, and invitations to go around
/// the gateway.
#[must_use]
pub fn pass_through(name: &HeaderName) -> bool {
    let name = name.as_str();
    !is_hop_by_hop(name)
        && !name.starts_with("x-tidegate-")
        && !matches!(name, "alt-svc" | "expect" | "host")
}

/// Whether an answer header may go to a client of another dialect than the provider's.
#[must_use]
pub fn return_translated(name: &HeaderName) -> bool {
    matches!(name.as_str(), "cache-control" | "date" | "retry-after")
}

/// Whether an answer header may go to the client. The provider's quota, identity and account, and
/// what belongs to its own edge, stay behind; the answer's length is the sender's business.
#[must_use]
pub fn forward_to_client(name: &HeaderName) -> bool {
    let name = name.as_str();
    let denied = matches!(
        name,
        "alt-svc"
            | "anthropic-organization-id"
            | "content-length"
            | "nel"
            | "openai-organization"
            | "openai-project"
            | "report-to"
            | "reporting-endpoints"
            | "server"
            | "server-timing"
            | "set-cookie"
            | "strict-transport-security"
            | "traceparent"
            | "tracestate"
            | "via"
            | "x-powered-by"
    );
    !denied
        && !is_hop_by_hop(name)
        && !name.starts_with("x-ratelimit-")
        && !name.starts_with("anthropic-ratelimit-")
        && !name.starts_with("anthropic-priority-")
        && !name.starts_with("anthropic-fast-")
        && !name.starts_with("cf-")
        && !name.starts_with("x-envoy-")
        && !name.starts_with("x-goog-quota")
        && !name.starts_with("x-tidegate-")
        && !name.starts_with("access-control-")
}
