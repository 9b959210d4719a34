//! The rules for what people type: names and addresses.

use crate::StoreError;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// The longest address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
const MAX_EMAIL: usize = 254;

/// A name for people: trimmed, not empty, without control characters.
pub(crate) fn name(text: &str) -> Result<String, StoreError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
        return Err(StoreError::invalid(
            "name",
            "it is 1 to 100 printable characters",
        ));
    }
    Ok(text.to_owned())
}

/// An address in lower case. Whether mail arrives there is not for us to say.
pub(crate) fn email(text: &str) -> Result<String, StoreError> {
    let text = text.trim().to_lowercase();
    let parts = text
        .rsplit_once('@')
        .filter(|(local, host)| !local.is_empty() && !host.is_empty());
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if parts.is_none() || !plain || text.len() > MAX_EMAIL {
        return Err(StoreError::invalid(
            "email",
            "it is an address like `name@example.com`",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(name(" Team Ä ").as_deref(), Ok("Team Ä"));
        for bad in ["", "  ", "a\nb", "a\0b", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_lower_case_and_have_two_sides() {
        assert_eq!(email("Ada@Example.COM").as_deref(), Ok("ada@example.com"));
        for bad in ["", "ada", "@example.com", "ada@", "a da@example.com"] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }
}
