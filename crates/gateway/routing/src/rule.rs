//! Rules that send calls elsewhere, or refuse them, by an expression over the call.

use tidegate_condition::{Condition, ConditionError, Field, Variables};

/// Why a rule cannot be used.
pub type RuleError = ConditionError;

/// What a rule does to the calls for which its condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Another model is asked: a virtual one, `provider/model`, or a bare name.
    Use(Box<str>),
    /// The call is refused, with this sentence.
    Refuse(Box<str>),
}

/// What is known of a call when rules are asked. Texts are empty where there is nothing.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The operation's name.
    pub operation: &'a str,
    /// The model as the caller wrote it.
    pub model: &'a str,
    /// Ids.
    pub key: String,
    /// Of the key's team.
    pub team: String,
    /// Of the key's user.
    pub user: String,
    /// Of the device that relayed it.
    pub device: String,
    /// Whether a stream is asked for.
    pub streamed: bool,
    /// The prompt, in tokens, over-estimated.
    pub input_tokens: u64,
    /// How much of the tightest budget that applies is used, 0 to 1 and, with debt, above; 0 where none applies.
    pub budget_used: f64,
    /// The request's headers by their names in lower case; credentials are not among them.
    pub headers: Vec<(&'a str, &'a str)>,
}

impl Asked<'_> {
    fn variables(&self, with_headers: bool) -> Variables {
        let text = |name: &str, value: &str| (name.to_owned(), Field::Text(value.to_owned()));
        let number = |name: &str, value: f64| (name.to_owned(), Field::Number(value));
        #[expect(clippy::cast_precision_loss, reason = "tokens of a call fit by far")]
        let input_tokens = self.input_tokens as f64;
        let call = vec![
            text("operation", self.operation),
            text("model", self.model),
            text("key", &self.key),
            text("team", &self.team),
            text("user", &self.user),
            text("device", &self.device),
            ("streamed".to_owned(), Field::Flag(self.streamed)),
            ("relayed".to_owned(), Field::Flag(!self.device.is_empty())),
            number("input_tokens", input_tokens),
            number("budget_used", self.budget_used),
        ];
        let mut variables = vec![("call", call)];
        let headers = self.headers.iter().filter(|_| with_headers);
        variables.push((
            "headers",
            headers.map(|(name, value)| text(name, value)).collect(),
        ));
        variables
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for log and errors.
    pub name: Box<str>,
    /// What it does.
    pub then: Then,
    when: Condition,
    reads_headers: bool,
}

impl Rule {
    /// A rule by its condition's text.
    ///
    /// # Errors
    /// The condition cannot be used.
    pub fn new(name: &str, when: &str, then: Then) -> Result<Self, RuleError> {
        Ok(Self {
            name: name.into(),
            then,
            when: Condition::compile(when, Asked::default().variables(true))?,
            reads_headers: when.contains("headers"),
        })
    }

    /// Whether it concerns a call. One that cannot be worked out for a call does not.
    #[must_use]
    pub fn concerns(&self, call: &Asked<'_>) -> bool {
        self.when.holds(call.variables(self.reads_headers)) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_headers_numbers_and_names() {
        let text = "'x-tier' in headers && headers['x-tier'] == 'cheap' || call.budget_used > 0.9";
        let then = Then::Use("openai/gpt-4o-mini".into());
        let rule = Rule::new("cheap", text, then).unwrap();
        let mut call = Asked {
            model: "gpt-4o",
            ..Asked::default()
        };
        assert!(!rule.concerns(&call));
        call.headers = vec![("x-tier", "cheap")];
        assert!(rule.concerns(&call));
        call.headers.clear();
        call.budget_used = 0.95;
        assert!(rule.concerns(&call));
        let refuse = Then::Refuse("no".into());
        assert!(Rule::new("bad", "call.model", refuse).is_err());
    }
}
