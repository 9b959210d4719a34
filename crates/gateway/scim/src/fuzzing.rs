//! The body of the fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use serde_json::{Value, json};

use crate::{Filter, Path, USER, apply, operations, read};

/// A filter and a path that can be read say the same when they are written and read again; a filter judges
/// any resource; a PATCH gives a resource that reads as itself.
pub fn request(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        filter(text);
        path(text);
    }
    let Ok(body) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let Ok(user) = read(someone(), &USER) else {
        return;
    };
    if let Ok(changed) = operations(body.clone()).and_then(|all| apply(user, &all, &USER)) {
        let again = read(Value::Object(changed.clone()), &USER);
        assert!(
            again == Ok(changed),
            "a changed user does not read as itself"
        );
    }
    if let Ok(user) = read(body, &USER) {
        let again = read(Value::Object(user.clone()), &USER);
        assert!(again == Ok(user), "a user does not read as itself");
    }
}

fn filter(text: &str) {
    let Ok(filter) = Filter::parse(text) else {
        return;
    };
    let printed = filter.to_string();
    // Texts may grow by what is escaped, and then be too long to be read.
    if printed.len() < text.len() + 64 {
        assert!(
            Filter::parse(&printed).as_ref() == Ok(&filter),
            "a filter does not survive its own text"
        );
    }
    let opposite = Filter::Not(Box::new(filter.clone()));
    let user = someone();
    assert!(
        filter.matches(&user, &USER) != opposite.matches(&user, &USER),
        "a filter and its opposite hold together"
    );
}

fn path(text: &str) {
    let Ok(path) = text.parse::<Path>() else {
        return;
    };
    let printed = path.to_string();
    if printed.len() < text.len() + 64 {
        assert!(
            printed.parse::<Path>().as_ref() == Ok(&path),
            "a path does not survive its own text"
        );
    }
}

fn someone() -> Value {
    json!({
        "userName": "ada@example.com",
        "externalId": "00u1",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "active": true,
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Engines", "manager": { "value": "user_1" },
        },
        "nobodyKnows": [1, "two", { "three": 3 }],
    })
}
