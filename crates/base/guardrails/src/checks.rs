//! Checks that a rule of our secret files may name: checksums, structures and what is plainly a
//! placeholder. A pattern says what a thing looks like; these say that it cannot be one.
//!
//! Sources: GitHub's and npm's token formats (CRC-32, base 62), GitLab's routable tokens (CRC-32,
//! base 36), Grafana's service account tokens (CRC-32, hex), RFC 7515 and 7516 (JWT), RFC 7617 (Basic),
//! RFC 7468 and RFC 4716 (armour of keys).

mod checksums;
mod containers;
mod keys;
mod passwords;
mod plausible;

use crate::rule::Check;

/// Every check by the name that a rule file calls it.
const ALL: &[(&str, Check)] = &[
    ("aws-access-key-id", plausible::aws_access_key_id),
    ("basic-credentials", passwords::basic_credentials),
    ("discord-token", containers::discord_token),
    ("github-crc", checksums::github),
    ("gitlab-routable", checksums::gitlab_routable),
    ("grafana-crc", checksums::grafana),
    ("jwt-base64", containers::jwt_in_base64),
    ("jwt-header", containers::jwt_header),
    ("npm-crc", checksums::github),
    ("password-like", passwords::password_like),
    ("private-key", keys::private_key),
    ("private-key-base64", keys::private_key_in_base64),
    ("sentry-org", containers::sentry_org),
    ("token-like", plausible::token_like),
    ("url-password", passwords::url_password),
    ("user-password", passwords::user_password),
];

/// A check of a text that has nothing around it.
#[cfg(test)]
fn check(check: Check, text: &str) -> crate::rule::Checked {
    check(&crate::rule::Candidate {
        text,
        whole: text,
        before: "",
    })
}

/// The check of that name, if there is one.
#[must_use]
pub fn named(name: &str) -> Option<Check> {
    let found = ALL.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// The names of all checks.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_sorted_and_lead_to_their_check() {
        let names: Vec<_> = names().collect();
        assert!(names.is_sorted_by(|one, next| one < next));
        assert!(names.iter().all(|name| named(name).is_some()));
        assert!(named("no-such-check").is_none());
    }
}
