//! Who somebody is, from what an ID token and the userinfo endpoint say.

use serde_json::{Map, Value};

use crate::{ClaimPath, EmailFault};

/// The longest address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
const LONGEST_EMAIL: usize = 254;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// Which addresses of a provider's count as a person's own. What somebody may do hangs on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EmailRule {
    /// Those that it says it verified: `email_verified` is true.
    #[default]
    Verified,
    /// All but those that it says it did not verify: for a provider whose addresses only the
    /// organisation's admins set, and that sends no `email_verified`.
    Trusted,
}

/// A person whom a provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is at the provider, for good: 1 to 255 characters.
    pub subject: String,
    /// Their address, in lower case.
    pub email: String,
    /// Their name for people, at most 100 characters; may be empty.
    pub name: String,
    /// Their groups, as the provider writes them; none where it says nothing about groups, which is not the
    /// same as saying that there are none.
    pub groups: Option<Vec<String>>,
}

/// What was said about somebody: by the ID token, and by userinfo where it was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) token: &'a Map<String, Value>,
    pub(crate) userinfo: Option<&'a Map<String, Value>>,
}

/// Whether the ID token leaves something open that userinfo may tell.
pub(crate) fn incomplete(token: &Map<String, Value>, groups: &ClaimPath) -> bool {
    let absent = |name: &str| !token.contains_key(name);
    absent("email") || absent("email_verified") || groups.groups(token).is_none()
}

impl Said<'_> {
    /// The person.
    pub(crate) fn person(
        self,
        subject: String,
        groups: &ClaimPath,
        rule: EmailRule,
    ) -> Result<Identity, EmailFault> {
        let sources = || [Some(self.token), self.userinfo].into_iter().flatten();
        let name = sources().find_map(|claims| claims.get("name")?.as_str());
        let groups = sources().find_map(|claims| groups.groups(claims));
        // An address and its verification come from the same source, or one could vouch for the
        // other's address.
        let mut emails = sources().filter_map(|claims| email(claims, rule));
        let email = match (emails.next(), emails.next()) {
            (None, _) => return Err(EmailFault::Missing),
            (Some(Err(_)), Some(Ok(email))) => email,
            (Some(first), _) => first?,
        };
        Ok(Identity {
            subject,
            email,
            name: name.map(printable).unwrap_or_default(),
            groups,
        })
    }
}

fn email(claims: &Map<String, Value>, rule: EmailRule) -> Option<Result<String, EmailFault>> {
    let text = claims.get("email")?.as_str()?;
    let (local, host) = text.rsplit_once('@')?;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if local.is_empty() || host.is_empty() || !plain || text.len() > LONGEST_EMAIL {
        return None;
    }
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        // Some providers send it as text.
        Some(Value::String(text)) => text == "true",
        Some(_) => false,
        None => rule == EmailRule::Trusted,
    };
    Some(if verified {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(EmailFault::Unverified)
    })
}

fn printable(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let short: String = name.trim().chars().take(LONGEST_NAME).collect();
    short.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(
        rule: EmailRule,
        token: Value,
        userinfo: Option<Value>,
    ) -> Result<Identity, EmailFault> {
        let userinfo = userinfo.as_ref().and_then(Value::as_object);
        let said = Said {
            token: token.as_object().unwrap(),
            userinfo,
        };
        said.person("s".into(), &"groups".parse().unwrap(), rule)
    }

    #[test]
    fn an_address_counts_when_the_provider_says_that_it_is_theirs() {
        use EmailRule::{Trusted, Verified};
        let missing = Err(EmailFault::Missing);
        let unverified = Err(EmailFault::Unverified);
        let ada = Ok("ada@example.com".to_owned());
        let address = |rule, claims| person(rule, claims, None).map(|found| found.email);
        let with =
            |verified: Value| json!({ "email": "Ada@Example.com", "email_verified": verified });
        let without = || json!({ "email": "ada@example.com" });
        assert_eq!(address(Verified, with(json!(true))), ada);
        assert_eq!(address(Verified, with(json!("true"))), ada);
        for no in [
            json!(false),
            json!("false"),
            json!("True"),
            json!(1),
            json!(null),
        ] {
            assert_eq!(address(Verified, with(no.clone())), unverified, "{no}");
            assert_eq!(address(Trusted, with(no.clone())), unverified, "{no}");
        }
        assert_eq!(address(Verified, without()), unverified);
        assert_eq!(address(Trusted, without()), ada);
        assert_eq!(address(Trusted, json!({})), missing);
        for bad in ["", "ada", "@b.c", "a@", "a b@c.d", "ä@example.com"] {
            let claims = json!({ "email": bad, "email_verified": true });
            assert_eq!(address(Trusted, claims), missing, "{bad}");
        }
    }

    #[test]
    fn userinfo_tells_what_the_token_does_not_and_never_vouches_for_its_address() {
        let verified = |email: &str| json!({ "email": email, "email_verified": true });
        let found = person(
            EmailRule::Verified,
            json!({ "name": "Ada" }),
            Some(json!({ "email": "a@b.c", "email_verified": true, "name": "B", "groups": "g" })),
        );
        let found = found.unwrap();
        assert_eq!(
            (found.email.as_str(), found.name.as_str()),
            ("a@b.c", "Ada")
        );
        assert_eq!(found.groups.unwrap(), ["g"]);
        let mixed = person(
            EmailRule::Verified,
            json!({ "email": "victim@b.c" }),
            Some(verified("own@b.c")),
        );
        assert_eq!(mixed.unwrap().email, "own@b.c");
        let split = person(
            EmailRule::Verified,
            json!({ "email": "victim@b.c" }),
            Some(json!({ "email_verified": true })),
        );
        assert_eq!(split.unwrap_err(), EmailFault::Unverified);
    }

    #[test]
    fn names_are_short_and_printable() {
        let long = "x".repeat(300);
        let claims = json!({ "email": "a@b.c", "email_verified": true, "name": long });
        let found = person(EmailRule::Verified, claims, None).unwrap();
        assert_eq!(found.name.len(), LONGEST_NAME);
        assert_eq!(printable(" A\u{0}da\n "), "Ada");
    }
}
