//! Claude's desktop app: a window around the web page, with its host and its routes, so requests
//! and answers are [`super::claude_web`]'s. Nothing in host, method or path tells the two apart; who
//! calls is known from the process that made the connection.

/// The app's name in the catalogue of apps.
pub(super) const APP: &str = "claude-desktop";

#[cfg(test)]
mod tests {
    use crate::surface::Surface;

    #[test]
    fn only_the_web_surface_becomes_the_apps() {
        let path = "/api/organizations/o1/chat_conversations/c1/completion";
        let web = Surface::of("claude.ai", "POST", path).unwrap();
        assert_eq!(web.of_app(super::APP), Surface::ClaudeDesktop);
        assert_eq!(web.of_app("chrome"), Surface::ClaudeWeb);
        assert_eq!(Surface::ChatgptWeb.of_app(super::APP), Surface::ChatgptWeb);
    }
}
