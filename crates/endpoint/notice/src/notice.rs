//! What a person is told, and how it is worded.

use serde::{Deserialize, Serialize};
use tidegate_policy::AppId;

use crate::text;

/// Most characters of a reason that are shown.
const REASON: usize = 300;
/// Most characters of the sentence that says how to ask.
const ASK: usize = 200;

/// Most characters of a server's name that are shown.
const SERVER: usize = 60;

/// An app or an MCP server was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The app, or the client of the server.
    pub app: AppId,
    /// The MCP server, as the person calls it; none where the app itself was refused.
    #[serde(default)]
    pub server: Option<String>,
    /// Why, in the organisation's words.
    pub reason: Option<String>,
    /// How to ask for it, as a sentence; none where nobody can be asked.
    pub ask: Option<String>,
    /// It is the answer to what the person asked for, a yes or a no; none where something was refused.
    #[serde(default)]
    pub granted: Option<bool>,
}

/// What a notification server can show (`GetCapabilities`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Abilities {
    /// There is a body at all.
    pub(crate) body: bool,
    /// The body is read as markup, so that `&` and `<` have to be escaped; elsewhere the escapes would
    /// be seen.
    pub(crate) markup: bool,
}

impl Notice {
    /// The same, no longer than it is shown.
    pub(crate) fn bounded(self) -> Self {
        let bounded = |text: Option<String>, most| {
            let text = text.map(|text| text::plain(&text, most));
            text.filter(|text| !text.is_empty())
        };
        Self {
            reason: bounded(self.reason, REASON),
            ask: bounded(self.ask, ASK),
            server: self.server.map(|name| text::plain(&name, SERVER)),
            app: self.app,
            granted: self.granted,
        }
    }

    /// Summary and body, for a server that can show this much. The summary is never markup.
    pub(crate) fn words(&self, abilities: Abilities) -> (String, String) {
        let what = || match &self.server {
            None => self.app.to_string(),
            Some(name) => format!("\u{201c}{}\u{201d}", text::plain(name, SERVER)),
        };
        let summary = match (&self.server, self.granted) {
            (_, Some(true)) => format!("Your request for {} was approved", what()),
            (_, Some(false)) => format!("Your request for {} was refused", what()),
            (None, None) => format!("{} was blocked", self.app),
            (Some(name), None) => {
                let name = text::plain(name, SERVER);
                format!(
                    "MCP server \u{201c}{name}\u{201d} was blocked in {}",
                    self.app
                )
            }
        };
        let reason = self.reason.as_deref().map(|text| text::plain(text, REASON));
        let reason = reason.filter(|text| !text.is_empty());
        if !abilities.body {
            let summary = match reason {
                Some(reason) => format!("{summary}: {reason}"),
                None => summary,
            };
            return (summary, String::new());
        }
        let first = match (&self.server, self.granted) {
            (_, Some(true)) => "What was decided is in force within a minute.",
            (_, Some(false)) => "It stays as it is.",
            (None, None) => "Your organisation does not allow this app to use AI services.",
            (Some(_), None) => "Your organisation does not allow this MCP server.",
        };
        let first = first.to_owned();
        let ask = self.ask.as_deref().map(|text| text::plain(text, ASK));
        let ask = ask.filter(|text| !text.is_empty());
        let label = if self.granted.is_some() {
            "Answer"
        } else {
            "Reason"
        };
        let reason = reason.map(|reason| format!("{label}: {reason}"));
        let lines: Vec<String> = [Some(first), reason, ask].into_iter().flatten().collect();
        let body = lines.join("\n");
        if abilities.markup {
            (summary, text::escaped(&body))
        } else {
            (summary, body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Abilities = Abilities {
        body: true,
        markup: true,
    };

    fn notice(reason: Option<&str>) -> Notice {
        Notice {
            app: "claude-code".parse().unwrap(),
            server: None,
            reason: reason.map(str::to_owned),
            ask: Some("Ask <it>.".into()),
            granted: None,
        }
    }

    #[test]
    fn markup_is_escaped_only_where_it_is_read() {
        let notice = notice(Some("R&D only <b>now</b>"));
        let (summary, body) = notice.words(ALL);
        assert_eq!(summary, "claude-code was blocked");
        assert_eq!(
            body,
            "Your organisation does not allow this app to use AI services.\n\
             Reason: R&amp;D only &lt;b&gt;now&lt;/b&gt;\nAsk &lt;it&gt;."
        );
        let (_, plain) = notice.words(Abilities {
            markup: false,
            ..ALL
        });
        assert!(plain.ends_with("R&D only <b>now</b>\nAsk <it>."), "{plain}");
    }

    #[test]
    fn an_answer_says_what_it_is_an_answer_to() {
        let answer = |granted| Notice {
            server: Some("npm:@acme/tool".into()),
            ask: None,
            granted: Some(granted),
            ..notice(Some("Use it well"))
        };
        let plain = Abilities {
            markup: false,
            ..ALL
        };
        assert_eq!(
            answer(true).words(plain),
            (
                "Your request for \u{201c}npm:@acme/tool\u{201d} was approved".into(),
                "What was decided is in force within a minute.\nAnswer: Use it well".into()
            )
        );
        let (summary, body) = answer(false).words(plain);
        assert!(summary.ends_with("was refused"), "{summary}");
        assert_eq!(body, "It stays as it is.\nAnswer: Use it well");
    }

    #[test]
    fn without_a_body_the_reason_is_in_the_summary() {
        let words = |reason| notice(reason).words(Abilities::default());
        let with = ("claude-code was blocked: why".to_owned(), String::new());
        assert_eq!(words(Some("why")), with);
        assert_eq!(words(Some(" \n ")).0, "claude-code was blocked");
        assert_eq!(words(None).0, "claude-code was blocked");
    }

    #[test]
    fn nobody_to_ask_and_no_reason_is_one_line() {
        let mut notice = notice(None);
        notice.ask = None;
        assert_eq!(notice.words(ALL).1.lines().count(), 1);
    }

    #[test]
    fn a_server_is_named_as_the_person_calls_it() {
        let mut notice = notice(Some("Leaks"));
        notice.server = Some(format!("my\nfiles {}", "x".repeat(1000)));
        let (summary, body) = notice.clone().bounded().words(ALL);
        assert!(
            summary.starts_with("MCP server \u{201c}my files x"),
            "{summary}"
        );
        assert!(
            summary.ends_with("\u{201d} was blocked in claude-code"),
            "{summary}"
        );
        assert!(summary.chars().count() < 120);
        assert!(body.starts_with("Your organisation does not allow this MCP server."));
        assert_eq!(notice.words(ALL), (summary, body));
    }
}
