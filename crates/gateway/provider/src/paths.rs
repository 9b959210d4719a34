//! How a provider's paths differ from those of its dialect's owner: another version, the deployment or the project in
//! them, a query that every call has.

use std::borrow::Cow;

/// How the paths below a provider's root are spelled. Cloning is cheap only where nothing differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    rules: Vec<Rule>,
    query: Option<String>,
}

/// One beginning of a path and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    ours: Cow<'static, str>,
    theirs: String,
}

/// Stands in a rule for the model's name.
const MODEL: &str = "{model}";
/// Stands in a rule for what Vertex AI calls a call that is answered in one piece, or as a stream.
const PREDICT: &str = "{predict}";

impl Paths {
    /// Paths that begin with this instead of their version: `""` or `/v4`.
    #[must_use]
    pub fn by_version(version: &str) -> Self {
        Self::default()
            .with("/v1/", format!("{version}/"))
            .with("/v1beta/", format!("{version}/"))
    }

    /// One more rule; the first that fits counts. `{model}` is the model's name, percent-encoded; a rule with it holds
    /// for calls that name one. `{predict}` is `rawPredict`, or `streamRawPredict` for streams.
    #[must_use]
    pub fn with(mut self, ours: impl Into<Cow<'static, str>>, theirs: impl Into<String>) -> Self {
        let (ours, theirs) = (ours.into(), theirs.into());
        self.rules.push(Rule { ours, theirs });
        self
    }

    /// The same with a query that every call has.
    #[must_use]
    pub fn with_query(mut self, query: Option<String>) -> Self {
        self.query = query;
        self
    }

    /// Whether nothing differs.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        self.rules.is_empty() && self.query.is_none()
    }

    /// A path, query included, as it is spelled there, after `prefix`.
    #[must_use]
    pub fn spell(&self, prefix: &str, path: &str, model: Option<&str>, stream: bool) -> String {
        let fits = |rule: &&Rule| model.is_some() || !rule.theirs.contains(MODEL);
        let found = self
            .rules
            .iter()
            .filter(fits)
            .find_map(|rule| Some((rule, path.strip_prefix(&*rule.ours)?)));
        let mut out = String::with_capacity(prefix.len() + path.len());
        out.push_str(prefix);
        match found {
            None => out.push_str(path),
            Some((rule, rest)) => {
                write(&rule.theirs, model.unwrap_or_default(), stream, &mut out);
                out.push_str(rest);
            }
        }
        if let Some(query) = &self.query {
            out.push(if out.contains('?') { '&' } else { '?' });
            out.push_str(query);
        }
        out
    }
}

fn write(mut theirs: &str, model: &str, stream: bool, out: &mut String) {
    while let Some(at) = theirs.find('{') {
        out.push_str(&theirs[..at]);
        theirs = &theirs[at..];
        if let Some(rest) = theirs.strip_prefix(MODEL) {
            encode(model, out);
            theirs = rest;
        } else if let Some(rest) = theirs.strip_prefix(PREDICT) {
            out.push_str(if stream {
                "streamRawPredict"
            } else {
                "rawPredict"
            });
            theirs = rest;
        } else {
            out.push('{');
            theirs = &theirs[1..];
        }
    }
    out.push_str(theirs);
}

/// One segment of a path (RFC 3986 §3.3).
fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_counts() {
        let version = Paths::by_version("/v4");
        assert_eq!(
            version.spell("/api", "/v1/models", None, false),
            "/api/v4/models"
        );
        assert_eq!(
            Paths::by_version("").spell("", "/v1beta/models/m:x", None, false),
            "/models/m:x"
        );
        let usual = Paths::default();
        assert!(usual.is_usual());
        assert_eq!(
            usual.spell("/a", "/v1/models?x=1", Some("m"), true),
            "/a/v1/models?x=1"
        );
    }

    #[test]
    fn models_and_verbs_stand_where_they_are_wanted() {
        let azure = Paths::default()
            .with("/v1/", "/deployments/{model}/")
            .with_query(Some("api-version=2024-10-21".to_owned()));
        assert_eq!(
            azure.spell("/openai", "/v1/chat/completions", Some("gpt 4/o"), false),
            "/openai/deployments/gpt%204%2Fo/chat/completions?api-version=2024-10-21"
        );
        assert_eq!(
            azure.spell("/openai", "/v1/models?limit=2", None, false),
            "/openai/v1/models?limit=2&api-version=2024-10-21"
        );
        let vertex = Paths::default()
            .with(
                "/v1/messages/count_tokens",
                "/v1/p/models/count-tokens:rawPredict",
            )
            .with("/v1/messages", "/v1/p/models/{model}:{predict}");
        for (path, stream, wanted) in [
            ("/v1/messages", false, "/v1/p/models/claude@1:rawPredict"),
            (
                "/v1/messages",
                true,
                "/v1/p/models/claude@1:streamRawPredict",
            ),
            (
                "/v1/messages/count_tokens",
                false,
                "/v1/p/models/count-tokens:rawPredict",
            ),
        ] {
            assert_eq!(vertex.spell("", path, Some("claude@1"), stream), wanted);
        }
        let odd = Paths::default().with("/v1/", "/{x}{model}");
        assert_eq!(odd.spell("", "/v1/a", Some("m"), false), "/{x}ma");
    }
}
