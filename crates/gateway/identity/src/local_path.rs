//! Where a browser goes after signing in: a page of this console, and nowhere else (open redirect).

use std::fmt;

use url::Url;

/// The longest path with its query, in bytes.
const LONGEST: usize = 1_024;

/// A path of our own origin, with its query: safe to send a browser to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl Default for LocalPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl LocalPath {
    /// The path, if no browser could take it for anything else. It begins with one slash; it has no
    /// second one beside another, no backslash, no `@`, no colon in front of a query, nothing that is
    /// not printable ASCII; and it is not the API's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let path = text.split(['?', '#']).next()?;
        let odd = text.contains(['\\', '@']) || text.contains("//") || path.contains(':');
        let api = path == "/api" || path.starts_with("/api/");
        if !text.starts_with('/') || !plain || odd || api || text.len() > LONGEST {
            return None;
        }
        // The rules above are ours; this is what a browser makes of it.
        let here = Url::parse("https://console.invalid/sign-in").ok()?;
        let there = here.join(text).ok()?;
        (there.origin() == here.origin() && there.path() == path).then(|| Self(text.to_owned()))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_of_the_console_are_gone_to() {
        for good in [
            "/",
            "/devices",
            "/devices?platform=linux&q=a%40b.example",
            "/devices/dev_01jdg8s6f7e2m9v4k3x5q8w0zr#apps",
            "/audit?from=2026-11-26T00:00:00Z",
        ] {
            assert_eq!(LocalPath::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn nothing_else_is() {
        for bad in [
            "",
            "devices",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/%09/evil.example/..//x",
            "/./\\evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/../..//evil.example",
            "/x/../y",
            "https://evil.example",
            "https:evil.example",
            "HTTPS://evil.example",
            "javascript:alert(1)",
            "/javascript:alert(1)",
            "data:text/html,x",
            " /devices",
            "/devices ",
            "/de vices",
            "/devices\r\nset-cookie: a=b",
            "/@evil.example",
            "@evil.example",
            "/\u{ff0f}evil.example",
            "/\u{2028}",
            "/\0",
            "/?next=//evil.example",
            "/?next=https://evil.example",
            "/api/v1/sign-in/idp_x",
            "/api",
            "?x",
            "#x",
            ".",
            "..//evil.example",
        ] {
            assert_eq!(LocalPath::parse(bad), None, "{bad:?}");
        }
        let long = format!("/{}", "x".repeat(LONGEST));
        assert_eq!(LocalPath::parse(&long), None);
    }

    proptest! {
        #[test]
        fn whatever_passes_stays_on_our_origin(text in "[/\\\\@:.?#%a-z0-9 \t\r\n]{0,24}") {
            if let Some(path) = LocalPath::parse(&text) {
                let here = Url::parse("https://console.example/x/y").unwrap();
                prop_assert_eq!(here.join(path.as_str()).unwrap().origin(), here.origin());
            }
        }
    }
}
