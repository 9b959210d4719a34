//! What a browser brings back from a provider (RFC 6749 §4.1.2): a code or an error, never trusted.

use url::form_urlencoded;

use crate::IdentityError;

/// The longest query, in bytes.
const LONGEST: usize = 16 * 1024;

/// The longest error code that is passed on, in characters.
const LONGEST_ERROR: usize = 64;

/// What came back, by parameter. Parameters of the provider's own are passed over (§4.1.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The code to redeem.
    pub code: Option<String>,
    /// What tells this sign-in from others.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// The query is too long, or has a parameter twice (RFC 6749 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer of the identity provider cannot be read")]
pub struct AnswerError;

impl Answer {
    /// Reads the query of a callback.
    ///
    /// # Errors
    /// It is too long, or one of these parameters is there twice.
    pub fn parse(query: &str) -> Result<Self, AnswerError> {
        if query.len() > LONGEST {
            return Err(AnswerError);
        }
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "code" => &mut answer.code,
                "state" => &mut answer.state,
                "iss" => &mut answer.issuer,
                "error" => &mut answer.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(AnswerError);
            }
        }
        Ok(answer)
    }

    /// The code, if the provider gave one and no error beside it.
    pub(crate) fn code(&self) -> Result<&str, IdentityError> {
        match (&self.error, &self.code) {
            (Some(error), _) => Err(IdentityError::Refused(error_code(error))),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            _ => Err(IdentityError::Refused("no_code".to_owned())),
        }
    }
}

/// An error code as it may stand in a log: RFC 6749 §5.2 allows more than is wanted there.
pub(crate) fn error_code(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.chars().filter(plain).take(LONGEST_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_passed_over_and_what_is_twice_is_refused() {
        let answer = Answer::parse("code=a%20b&state=s&session_state=x&session_state=y&iss=i");
        let answer = answer.unwrap();
        assert_eq!(answer.code(), Ok("a b"));
        assert_eq!(answer.state.as_deref(), Some("s"));
        assert_eq!(answer.issuer.as_deref(), Some("i"));
        for twice in [
            "code=a&code=b",
            "state=a&state=a",
            "iss=a&iss=b",
            "error=&error=",
        ] {
            assert_eq!(Answer::parse(twice), Err(AnswerError), "{twice}");
        }
        assert!(Answer::parse(&"x".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn an_error_beats_a_code_and_is_cleaned() {
        let both = Answer::parse("code=a&error=access_denied%0a%3Cscript%3E").unwrap();
        let refused = IdentityError::Refused("access_deniedscript".to_owned());
        assert_eq!(both.code(), Err(refused));
        for none in ["", "code="] {
            assert!(Answer::parse(none).unwrap().code().is_err());
        }
    }
}
