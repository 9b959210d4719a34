//! Calls that a device relays: which of them are calls that the gateway governs. An app speaks to its
//! provider's own host and path; where that is one of the dialects' APIs, the call is the same
//! operation as below the gateway's own mounts.

use crate::{Dialect, percent};

/// An API as it lies at its provider's own host.
struct Api {
    host: &'static str,
    /// What its paths begin with, up to the version path that the gateway's mount has too.
    prefix: &'static str,
    dialect: Dialect,
    mount: &'static str,
}

const fn api(host: &'static str, prefix: &'static str, dialect: Dialect) -> Api {
    let mount = match dialect {
        Dialect::Anthropic => "/anthropic",
        Dialect::Gemini => "/genai",
        Dialect::OpenAi => "/openai",
    };
    Api {
        host,
        prefix,
        dialect,
        mount,
    }
}

/// Hosts whose API is one of the dialects, most specific path first.
const APIS: &[Api] = &[
    api("api.anthropic.com", "", Dialect::Anthropic),
    api("api.openai.com", "", Dialect::OpenAi),
    api("generativelanguage.googleapis.com", "", Dialect::Gemini),
    api("api.mistral.ai", "", Dialect::OpenAi),
    api("api.deepseek.com", "", Dialect::OpenAi),
    api("api.groq.com", "/openai", Dialect::OpenAi),
    api("api.x.ai", "", Dialect::OpenAi),
    api("api.together.xyz", "", Dialect::OpenAi),
    api("api.cerebras.ai", "", Dialect::OpenAi),
    api("openrouter.ai", "/api", Dialect::OpenAi),
];

/// Where Codex speaks the Responses API with a ChatGPT account.
const CODEX: (&str, &str) = ("chatgpt.com", "/backend-api/codex/");

/// The hosts that have an API of a dialect, and which.
pub fn hosts() -> impl Iterator<Item = (&'static str, Dialect)> {
    let codex = (CODEX.0, Dialect::OpenAi);
    APIS.iter()
        .map(|api| (api.host, api.dialect))
        .chain(std::iter::once(codex))
}

/// In whose error shape an app of that host understands a refusal.
#[must_use]
pub fn dialect_of(host: &str) -> Dialect {
    if host.ends_with("anthropic.com") || host == "claude.ai" {
        return Dialect::Anthropic;
    }
    let api = hosts().find(|(name, _)| *name == host);
    api.map_or(Dialect::OpenAi, |(_, dialect)| dialect)
}

/// The target below the gateway's mounts that stands for this path and query of that host; `None`
/// where the host has no such API. Whether it is an operation at all is for
/// [`crate::route::resolve`] to say.
#[must_use]
pub fn native(host: &str, target: &str) -> Option<String> {
    if let (true, Some(rest)) = (host == CODEX.0, target.strip_prefix(CODEX.1)) {
        return Some(format!("/openai/v1/{rest}"));
    }
    let api = APIS.iter().find(|api| api.host == host)?;
    let rest = target.strip_prefix(api.prefix)?;
    Some(format!("{}{rest}", api.mount))
}

/// Whether a target that is no operation as it is written would be one if a provider read it
/// generously: with percent-encoding undone, empty and dot segments taken out (RFC 3986 §5.2.4), and
/// whatever its case. Such a call is no other thing to forward; it is a governed one in disguise.
#[must_use]
pub fn is_disguised(method: &str, native: &str) -> bool {
    let path = native.split('?').next().unwrap_or_default();
    let mut plain = path.to_ascii_lowercase();
    // A few rounds: what was encoded twice may be decoded twice.
    for _ in 0..3 {
        // What is no UTF-8 is no path of an API.
        plain = String::from_utf8(percent::decode(&plain)).unwrap_or_default();
        plain.make_ascii_lowercase();
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in plain.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let plain = format!("/{}", segments.join("/"));
    plain != path && crate::route::resolve(method, &plain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::resolve;

    #[test]
    fn an_apps_own_call_is_an_operation_of_the_gateway() {
        for (host, target, operation) in [
            ("api.anthropic.com", "/v1/messages?beta=true", "messages"),
            ("api.openai.com", "/v1/responses", "responses"),
            ("chatgpt.com", "/backend-api/codex/responses", "responses"),
            (
                "api.groq.com",
                "/openai/v1/chat/completions",
                "chat.completions",
            ),
            (
                "openrouter.ai",
                "/api/v1/chat/completions",
                "chat.completions",
            ),
            (
                "generativelanguage.googleapis.com",
                "/v1beta/models/gemini-2.5-flash:generateContent",
                "generate_content",
            ),
        ] {
            let native = native(host, target).unwrap();
            let route = resolve("POST", &native).unwrap();
            assert_eq!(route.operation.name(), operation, "{host}{target}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        assert_eq!(native("claude.ai", "/api/organizations"), None);
        assert_eq!(native("evil.example", "/v1/messages"), None);
        assert_eq!(native("chatgpt.com", "/backend-api/conversation"), None);
        assert_eq!(native("api.groq.com", "/v1/models"), None);
        let telemetry = native("api.anthropic.com", "/api/event_logging/batch").unwrap();
        assert!(resolve("POST", &telemetry).is_err());
    }

    #[test]
    fn a_governed_call_in_disguise_is_known() {
        for target in [
            "/anthropic/v1//messages",
            "/anthropic/v1/messages/",
            "/anthropic/v1/x/../messages?a=1",
            "/anthropic/v1/%6dessages",
            "/anthropic/v1/%256dessages",
            "/anthropic/V1/Messages",
            "/anthropic/v1\\messages",
        ] {
            assert!(resolve("POST", target).is_err(), "{target}");
            assert!(is_disguised("POST", target), "{target}");
        }
        for target in [
            "/anthropic/api/event_logging/batch",
            "/anthropic/v1/%zz",
            "/anthropic/api/oauth/a%20b",
            "/anthropic/v1/messages",
        ] {
            assert!(!is_disguised("POST", target), "{target}");
        }
    }

    #[test]
    fn refusals_speak_the_hosts_dialect() {
        assert_eq!(dialect_of("api.anthropic.com"), Dialect::Anthropic);
        assert_eq!(dialect_of("claude.ai"), Dialect::Anthropic);
        assert_eq!(dialect_of("chatgpt.com"), Dialect::OpenAi);
        let gemini = dialect_of("generativelanguage.googleapis.com");
        assert_eq!(gemini, Dialect::Gemini);
    }
}
