//! Calls that a device relays: which of them are calls that the gateway governs. An app speaks to its
//! provider's own host and path; where that is one of the dialects' APIs, the call is the same
//! operation as below the gateway's own mounts.

use crate::{
    Dialect, percent,
    route::{self, RouteError},
    surface::Surface,
};

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
        Dialect::Bedrock => "/bedrock",
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

/// Whether a target of that host that is no operation as it is written would be one if a provider read
/// it generously: with percent-encoding undone, empty and dot segments taken out (RFC 3986 §5.2.4), and
/// whatever its case. Such a call is no other thing to forward; it is a governed one in disguise.
#[must_use]
pub fn is_disguised(method: &str, host: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let plain = plainly(path);
    let is_operation = |plain: &str| {
        let native = (plain != path).then(|| native(host, plain)).flatten();
        native.is_some_and(|native| route::resolve(method, &native).is_ok())
    };
    is_operation(&plain) || is_operation(&in_usual_case(&plain))
}

/// A path in the letters that the operations are written in: small, but for Gemini's verbs.
fn in_usual_case(path: &str) -> String {
    let small = path.to_ascii_lowercase();
    let Some((before, verb)) = small.rsplit_once(':') else {
        return small;
    };
    let known = route::GEMINI_VERBS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(verb));
    known.map_or_else(|| small.clone(), |(name, _)| format!("{before}:{name}"))
}

/// The conversation that a call to that host belongs to. Read as generously as a provider might
/// ([`is_disguised`]): what is written in other letters is the same conversation.
#[must_use]
pub fn conversation(host: &str, method: &str, target: &str) -> Option<Surface> {
    let path = target.split('?').next().unwrap_or_default();
    let known = |path: &str| Surface::of(host, method, path);
    known(path).or_else(|| {
        let plain = plainly(path);
        known(&plain).or_else(|| known(&plain.to_ascii_lowercase()))
    })
}

/// Whether a WebSocket to this path and query of that host would carry prompts past the stages, which
/// read HTTP: OpenAI's Responses and Realtime, Gemini's Live, whatever is an operation of Anthropic's,
/// and the conversations of web pages. Read as generously as a provider might.
#[must_use]
pub fn socket_takes_prompts(host: &str, target: &str) -> bool {
    let path = plainly(target.split('?').next().unwrap_or_default());
    let known = |path: &str| {
        let Some(native) = native(host, path) else {
            return Surface::of(host, "POST", path).is_some();
        };
        match dialect_of(host) {
            // Besides, its API has sockets for sessions and for dictation.
            Dialect::Anthropic => {
                let route = route::resolve("POST", &native);
                !matches!(route, Err(RouteError::Unknown { .. }))
            }
            // These have sockets for nothing else.
            Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => true,
        }
    };
    known(&path) || known(&path.to_ascii_lowercase())
}

/// A path as a provider may read it: decoded, without empty and dot segments.
fn plainly(path: &str) -> String {
    let mut plain = path.to_owned();
    // A few rounds: what was encoded twice may be decoded twice.
    for _ in 0..3 {
        // What is no UTF-8 is no path of an API.
        plain = String::from_utf8(percent::decode(&plain)).unwrap_or_default();
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
    format!("/{}", segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::resolve;

    const GOOGLE: &str = "generativelanguage.googleapis.com";

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
        let known = |host, target: &str| {
            native(host, target).is_some_and(|native| resolve("POST", &native).is_ok())
        };
        for (host, target) in [
            ("api.anthropic.com", "/v1//messages"),
            ("api.anthropic.com", "/v1/messages/"),
            ("api.anthropic.com", "/v1/x/../messages?a=1"),
            ("api.anthropic.com", "/v1/%6dessages"),
            ("api.anthropic.com", "/v1/%256dessages"),
            ("api.anthropic.com", "/V1/Messages"),
            ("api.anthropic.com", "/v1\\messages"),
            (GOOGLE, "/v1beta//models/gemini-2.5-flash:generateContent"),
            (GOOGLE, "/v1beta/models/gemini-2.5-flash%3AgenerateContent"),
            (GOOGLE, "/v1beta/models/gemini-2.5-flash:%67enerateContent"),
            (
                GOOGLE,
                "/V1BETA/models/gemini-2.5-flash:STREAMGENERATECONTENT",
            ),
            // Where the provider's own prefix is what is disguised.
            ("api.groq.com", "/%6fpenai/v1/chat/completions"),
            ("openrouter.ai", "//api/v1/chat/completions"),
            ("chatgpt.com", "/Backend-API/codex/responses"),
            ("chatgpt.com", "/backend-api/%63odex/responses"),
        ] {
            assert!(!known(host, target), "{host}{target}");
            assert!(is_disguised("POST", host, target), "{host}{target}");
        }
        for target in [
            "/api/event_logging/batch",
            "/v1/%zz",
            "/api/oauth/a%20b",
            "/v1/messages",
        ] {
            assert!(
                !is_disguised("POST", "api.anthropic.com", target),
                "{target}"
            );
        }
        assert!(!is_disguised("POST", "claude.ai", "/v1//messages"));
    }

    #[test]
    fn a_socket_that_takes_prompts_is_known() {
        for (host, target) in [
            ("api.openai.com", "/v1/realtime?model=gpt-realtime"),
            ("api.openai.com", "/v1/responses"),
            ("chatgpt.com", "/backend-api/codex/responses"),
            ("chatgpt.com", "/backend-api//codex/./responses"),
            ("chatgpt.com", "/backend-api/%63odex/responses"),
            ("chatgpt.com", "/Backend-API/codex/responses"),
            ("chatgpt.com", "/backend-api/f/conversation"),
            (
                "claude.ai",
                "/api/organizations/o/chat_conversations/c/completion",
            ),
            ("api.anthropic.com", "/v1/messages"),
            ("api.anthropic.com", "/v1/x/..//messages?beta=true"),
            ("api.anthropic.com", "/v1/models"),
            ("api2.cursor.sh", "/agent.v1.AgentService/Run"),
            (
                "generativelanguage.googleapis.com",
                "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
            ),
            ("openrouter.ai", "/api/v1/responses"),
        ] {
            assert!(socket_takes_prompts(host, target), "{host}{target}");
        }
        for (host, target) in [
            ("claude.ai", "/api/ws/notifications"),
            ("chatgpt.com", "/ws/user/abc?verify=1-%2F"),
            ("chatgpt.com", "/backend-api/conversations"),
            ("ws.chatgpt.com", "/p3/ws/user/abc"),
            ("api.anthropic.com", "/v1/session_ingress/ws/session"),
            ("api2.cursor.sh", "/updates"),
        ] {
            assert!(!socket_takes_prompts(host, target), "{host}{target}");
        }
    }

    #[test]
    fn a_conversation_in_disguise_is_known() {
        for target in [
            "/backend-api/f/conversation?x=1",
            "/backend-api//f/./conversation",
            "/backend-api/f/%63onversation",
            "/Backend-API/f/conversation",
        ] {
            let surface = conversation("chatgpt.com", "POST", target);
            assert_eq!(surface, Some(Surface::ChatgptWeb), "{target}");
        }
        let list = conversation("chatgpt.com", "GET", "/backend-api/f/conversation");
        assert_eq!(list, None);
        let other = conversation("chatgpt.com", "POST", "/backend-api/conversations");
        assert_eq!(other, None);
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
