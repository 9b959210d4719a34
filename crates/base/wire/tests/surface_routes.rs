//! Which calls are conversations of a surface, and which are the gateway's own operations: never
//! both.

use tidegate_wire::{
    relayed, route,
    surface::{Service, Surface},
};

#[test]
fn conversations_are_known_by_host_method_and_path() {
    let claude = "/api/organizations/5b0e/chat_conversations/77aa/completion";
    let again = "/api/organizations/5b0e/chat_conversations/77aa/retry_completion?a=b";
    for (host, path, surface) in [
        (
            "chatgpt.com",
            "/backend-api/conversation",
            Surface::ChatgptWeb,
        ),
        (
            "chatgpt.com",
            "/backend-api/f/conversation?x=1",
            Surface::ChatgptWeb,
        ),
        (
            "www.chatgpt.com",
            "/backend-anon/conversation",
            Surface::ChatgptWeb,
        ),
        (
            "chat.openai.com",
            "/backend-api/conversation",
            Surface::ChatgptWeb,
        ),
        ("claude.ai", claude, Surface::ClaudeWeb),
        ("claude.com", again, Surface::ClaudeWeb),
        (
            "api2.cursor.sh",
            "/aiserver.v1.ChatService/StreamUnifiedChatWithToolsSSE",
            Surface::Cursor(Service::Chat),
        ),
        (
            "agent.api5.cursor.sh",
            "/agent.v1.AgentService/RunSSE",
            Surface::Cursor(Service::Agent),
        ),
        (
            "api2.cursor.sh",
            "/aiserver.v1.BidiService/BidiAppend",
            Surface::Cursor(Service::Append),
        ),
    ] {
        assert_eq!(
            Surface::of(host, "POST", path),
            Some(surface),
            "{host}{path}"
        );
        assert_eq!(Surface::of(host, "GET", path), None, "{host}{path}");
        assert_eq!(Surface::of("evil.example", "POST", path), None);
        assert_eq!(relayed::native(host, path), None, "{host}{path}");
    }
}

#[test]
fn everything_else_is_not() {
    for (host, path) in [
        ("chatgpt.com", "/backend-api/conversations"),
        ("chatgpt.com", "/backend-api/f/conversation/prepare"),
        ("chatgpt.com", "/backend-api/conversation/"),
        ("chatgpt.com.evil.example", "/backend-api/conversation"),
        ("claude.ai", "/api/organizations/o/chat_conversations"),
        (
            "claude.ai",
            "/api/organizations/o/chat_conversations/c/title",
        ),
        (
            "claude.ai",
            "/api/organizations//chat_conversations/c/completion",
        ),
        (
            "claude.ai",
            "/api/organizations/o/chat_conversations/c/completion/x",
        ),
        (
            "claude.ai",
            "/x/api/organizations/o/chat_conversations/c/completion",
        ),
        ("api2.cursor.sh", "/aiserver.v1.AiService/AvailableModels"),
        ("api2.cursor.sh", "/aiserver.v1.AnalyticsService/SubmitLogs"),
        ("authenticate.cursor.sh", "/agent.v1.AgentService/Run"),
        ("api.cursor.sh", "/agent.v1.AgentService/Run"),
        ("apix.cursor.sh", "/agent.v1.AgentService/Run"),
        ("cursor.sh", "/agent.v1.AgentService/Run"),
        ("", ""),
        ("api2.cursor.sh", "/"),
    ] {
        assert_eq!(Surface::of(host, "POST", path), None, "{host}{path}");
    }
}

/// Codex speaks the Responses API at the web page's host.
#[test]
fn codex_is_an_operation_and_no_surface() {
    let path = "/backend-api/codex/responses";
    assert_eq!(Surface::of("chatgpt.com", "POST", path), None);
    let native = relayed::native("chatgpt.com", path).unwrap_or_default();
    let route = route::resolve("POST", &native).map(|route| route.operation.name());
    assert_eq!(route.ok(), Some("responses"));
}
