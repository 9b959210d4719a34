//! What a user resource says about a person, as far as Tidegate has a column for it.

use serde_json::{Map, Value};

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// What a user resource comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What identifies the user, in any case.
    pub user_name: String,
    /// The id at the identity provider.
    pub external_id: Option<String>,
    /// The e-mail address: the primary one for work before other ones for work, other primary ones, and a
    /// user name that is an address.
    pub email: Option<String>,
    /// The name to show: 1 to 100 characters, none of them a control character.
    pub name: String,
    /// Whether they may use anything; `None` where nothing is said.
    pub active: Option<bool>,
}

impl Person {
    /// What a resource that was [read](crate::read) says.
    #[must_use]
    pub fn of(user: &Map<String, Value>) -> Self {
        let text = |name: &str| user.get(name).and_then(Value::as_str);
        let user_name = text("userName").unwrap_or_default().trim().to_owned();
        Self {
            external_id: text("externalId").map(str::to_owned),
            email: email(user, &user_name),
            name: derived_name(user),
            active: user.get("active").and_then(Value::as_bool),
            user_name,
        }
    }
}

/// The name to show: the display name, the formatted one, its parts, or what identifies the user.
#[must_use]
pub fn derived_name(user: &Map<String, Value>) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).and_then(printable);
    let parts = user.get("name").and_then(Value::as_object);
    let part = |name: &str| text(parts.and_then(|parts| parts.get(name)));
    text(user.get("displayName"))
        .or_else(|| part("formatted"))
        .or_else(|| match (part("givenName"), part("familyName")) {
            (Some(given), Some(family)) => printable(&format!("{given} {family}")),
            (given, family) => given.or(family),
        })
        .or_else(|| text(user.get("userName")))
        .unwrap_or_else(|| "unnamed".to_owned())
}

/// The text as a name, if something is left of it.
fn printable(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn email(user: &Map<String, Value>, user_name: &str) -> Option<String> {
    let emails = user.get("emails").and_then(Value::as_array);
    let mut best: Option<(u8, &str)> = None;
    for email in emails.into_iter().flatten() {
        let text = |name: &str| email.get(name).and_then(Value::as_str);
        let Some(address) = text("value").filter(|text| is_address(text)) else {
            continue;
        };
        let work = text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        let primary = email.get("primary") == Some(&Value::Bool(true));
        let rank = match (work, primary) {
            (true, true) => 4,
            (true, false) => 3,
            (false, true) => 2,
            (false, false) => 0,
        };
        if best.is_none_or(|(before, _)| rank > before) {
            best = Some((rank, address));
        }
    }
    if best.is_none_or(|(rank, _)| rank < 1) && is_address(user_name) {
        best = Some((1, user_name));
    }
    best.map(|(_, address)| address.trim().to_lowercase())
}

/// Whether the text has the shape of an address that the store takes.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let sides = text.rsplit_once('@');
    sides.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && text.len() <= 254
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(user: Value) -> Person {
        Person::of(&crate::read(user, &crate::USER).unwrap())
    }

    #[test]
    fn the_primary_address_for_work_comes_first() {
        let work = json!({ "value": "W@x.org", "type": "work" });
        let home = json!({ "value": "h@x.org", "type": "home", "primary": true });
        let first = json!({ "value": "p@x.org", "type": "Work", "primary": "True" });
        for (emails, expected) in [
            (vec![&home, &work], Some("w@x.org")),
            (vec![&work, &first], Some("p@x.org")),
            (vec![&home], Some("h@x.org")),
            (vec![], Some("ada@x.org")),
        ] {
            let user = json!({ "userName": "Ada@x.org", "emails": emails });
            assert_eq!(of(user).email.as_deref(), expected);
        }
        assert_eq!(of(json!({ "userName": "ada" })).email, None);
        let strange = json!({ "userName": "ada", "emails": [{ "value": "not an address" }] });
        assert_eq!(of(strange).email, None);
    }

    #[test]
    fn a_name_is_found_and_fits() {
        for (user, name) in [
            (json!({ "userName": "a", "displayName": " Ada " }), "Ada"),
            (
                json!({ "userName": "a", "name": { "formatted": "A. L." } }),
                "A. L.",
            ),
            (
                json!({ "userName": "a", "name": { "givenName": "Ada", "familyName": "L" } }),
                "Ada L",
            ),
            (
                json!({ "userName": "a", "name": { "familyName": "L" } }),
                "L",
            ),
            (json!({ "userName": "a", "displayName": "\n" }), "a"),
            (json!({ "userName": "\u{1}" }), "unnamed"),
        ] {
            assert_eq!(of(user).name, name);
        }
        let long = of(json!({ "userName": "a", "displayName": "ä".repeat(500) }));
        assert_eq!(long.name.chars().count(), 100);
    }

    #[test]
    fn whether_someone_is_active_is_said_or_not() {
        assert_eq!(of(json!({ "userName": "a" })).active, None);
        let off = json!({ "userName": "a", "active": "False" });
        assert_eq!(of(off).active, Some(false));
    }
}
