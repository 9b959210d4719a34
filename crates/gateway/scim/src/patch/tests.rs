//! PATCH: what the RFC says, what identity providers send, and that what is sent twice does no more.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{ENTERPRISE, USER};

fn user() -> Map<String, Value> {
    let user = json!({
        "userName": "ada@x.org", "active": true, "name": { "givenName": "Ada", "familyName": "L" },
        "emails": [
            { "value": "ada@x.org", "type": "work", "primary": true },
            { "value": "ada@home.org", "type": "home" },
        ],
    });
    read(user, &USER).unwrap()
}

fn patched(operations: Value) -> Result<Value, ScimError> {
    let operations = super::operations(json!({ "Operations": operations }))?;
    apply(user(), &operations, &USER).map(Value::Object)
}

fn one(verb: &str, path: &str, value: Value) -> Value {
    patched(json!([{ "op": verb, "path": path, "value": value }]))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn entra_sends_capitals_paths_and_texts() {
    assert_eq!(one("Replace", "active", json!("False"))["active"], false);
    let moved = one(
        "Replace",
        "emails[type eq \"work\"].value",
        json!("new@x.org"),
    );
    assert_eq!(
        moved["emails"][0],
        json!({ "value": "new@x.org", "type": "work", "primary": true })
    );
    let phone = one("Add", "phoneNumbers[type eq \"mobile\"].value", json!("1"));
    assert_eq!(
        phone["phoneNumbers"],
        json!([{ "type": "mobile", "value": "1" }])
    );
    let phone = one(
        "Replace",
        "phoneNumbers[type eq \"mobile\"].value",
        json!("1"),
    );
    assert_eq!(
        phone["phoneNumbers"],
        json!([{ "type": "mobile", "value": "1" }])
    );
    let manager = one(
        "Add",
        &format!("{}:manager", ENTERPRISE.id),
        json!("user_2"),
    );
    assert_eq!(
        manager[ENTERPRISE.id],
        json!({ "manager": { "value": "user_2" } })
    );
    let legacy = one(
        "Replace",
        "displayName",
        json!([{ "$ref": null, "value": "Ada L" }]),
    );
    assert_eq!(legacy["displayName"], "Ada L");
    let dotted = patched(json!([{ "op": "Add", "value": {
        "name.givenName": "A", format!("{}:department", ENTERPRISE.id): "D",
        "emails[type eq \"other\"].value": "o@x.org", ENTERPRISE.id: { "division": "V" },
    } }]))
    .unwrap();
    assert_eq!(
        dotted["name"],
        json!({ "givenName": "A", "familyName": "L" })
    );
    assert_eq!(
        dotted[ENTERPRISE.id],
        json!({ "department": "D", "division": "V" })
    );
    assert_eq!(
        dotted["emails"][2],
        json!({ "type": "other", "value": "o@x.org" })
    );
    let roles = one("Add", "roles", json!([{ "value": "r", "primary": "True" }]));
    assert_eq!(roles["roles"], json!([{ "value": "r", "primary": true }]));
}

#[test]
fn okta_sends_values_without_a_path() {
    let off = patched(json!([{ "op": "replace", "value": { "active": false } }])).unwrap();
    assert_eq!(off["active"], false);
    let whole = json!([{ "op": "replace", "value": {
        "id": "user_1", "schemas": [], "meta": {}, "groups": [], "password": "x", "title": "T",
    } }]);
    let whole = patched(whole).unwrap();
    assert_eq!(whole["title"], "T");
    assert!(whole.get("id").is_none() && whole.get("password").is_none());
}

#[test]
fn adding_sets_merges_or_appends() {
    assert_eq!(one("add", "title", json!("T"))["title"], "T");
    assert_eq!(
        one("add", "name", json!({ "middleName": "M" }))["name"],
        json!({ "givenName": "Ada", "familyName": "L", "middleName": "M" })
    );
    let three = one(
        "add",
        "emails",
        json!([{ "value": "o@x.org", "primary": true }]),
    );
    assert_eq!(three["emails"].as_array().unwrap().len(), 3);
    assert_eq!(
        three["emails"][0]["primary"], false,
        "there is one primary address"
    );
    let same = one(
        "add",
        "emails",
        json!({ "value": "ADA@x.org", "type": "work" }),
    );
    assert_eq!(same["emails"].as_array().unwrap().len(), 2);
    assert_eq!(one("add", "emails", json!([])), Value::Object(user()));
    assert_eq!(
        one("add", "emails[type eq \"home\"]", json!({ "display": "H" }))["emails"][1]["value"],
        "ada@home.org"
    );
}

#[test]
fn replacing_replaces() {
    assert_eq!(
        one("replace", "emails", json!([{ "value": "o@x.org" }]))["emails"],
        json!([{ "value": "o@x.org" }])
    );
    assert_eq!(
        one(
            "replace",
            "emails[type eq \"home\"]",
            json!({ "value": "h" })
        )["emails"][1],
        json!({ "value": "h" })
    );
    assert_eq!(
        one("replace", "emails.display", json!("D"))["emails"][1]["display"],
        "D"
    );
    assert!(
        one("replace", "emails", json!(null))
            .get("emails")
            .is_none()
    );
    assert!(
        one("replace", "name.givenName", json!(null))["name"]
            .get("givenName")
            .is_none()
    );
    let all = one("replace", ENTERPRISE.id, json!({ "department": "D" }));
    assert_eq!(all[ENTERPRISE.id], json!({ "department": "D" }));
    let unknown = one(
        "replace",
        "urn:example:extension:1.0:User:worksite",
        json!("180"),
    );
    assert_eq!(
        unknown["urn:example:extension:1.0:User"],
        json!({ "worksite": "180" })
    );
}

#[test]
fn removing_takes_away() {
    let gone = |path: &str| one("remove", path, json!(null));
    assert!(gone("name").get("name").is_none());
    assert_eq!(gone("name.givenName")["name"], json!({ "familyName": "L" }));
    assert_eq!(
        gone("emails[type eq \"work\"]")["emails"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(gone("emails[value pr]").get("emails").is_none());
    assert!(
        gone("emails[type eq \"home\"].type")["emails"][1]
            .get("type")
            .is_none()
    );
    let by_value = one("Remove", "emails", json!([{ "value": "ada@home.org" }]));
    assert_eq!(by_value["emails"].as_array().unwrap().len(), 1);
    for nothing in [
        "title",
        "emails[type eq \"x\"]",
        "nobodyKnows",
        "name.middleName",
    ] {
        assert_eq!(gone(nothing), Value::Object(user()), "{nothing}");
    }
    assert!(gone("active").get("active").is_none());
}

#[test]
fn what_may_not_be_is_refused_by_its_kind() {
    use ScimKind::{InvalidPath, InvalidSyntax, InvalidValue, Mutability, NoTarget};
    for (operation, kind) in [
        (
            json!({ "op": "replace", "path": "id", "value": "x" }),
            Mutability,
        ),
        (
            json!({ "op": "add", "path": "groups", "value": ["x"] }),
            Mutability,
        ),
        (
            json!({ "op": "replace", "path": "meta.created", "value": "x" }),
            Mutability,
        ),
        (json!({ "op": "remove", "path": "userName" }), Mutability),
        (
            json!({ "op": "replace", "path": "userName", "value": "" }),
            InvalidValue,
        ),
        (
            json!({ "op": "replace", "path": "userName", "value": null }),
            InvalidValue,
        ),
        (
            json!({ "op": "replace", "path": "emails[type eq \"x\"].value", "value": "y" }),
            NoTarget,
        ),
        (json!({ "op": "remove" }), NoTarget),
        (
            json!({ "op": "replace", "path": "emails[", "value": "y" }),
            InvalidPath,
        ),
        (
            json!({ "op": "replace", "path": "userName.x", "value": "y" }),
            InvalidPath,
        ),
        (
            json!({ "op": "replace", "path": 7, "value": "y" }),
            InvalidPath,
        ),
        (
            json!({ "op": "replace", "value": { "a b": 1 } }),
            InvalidPath,
        ),
        (json!({ "op": "replace", "value": "x" }), InvalidValue),
        (
            json!({ "op": "replace", "path": "active", "value": "maybe" }),
            InvalidValue,
        ),
        (json!({ "op": "move", "path": "title" }), InvalidSyntax),
        (json!({ "path": "title" }), InvalidSyntax),
        (json!("add"), InvalidSyntax),
    ] {
        let error = patched(json!([operation])).unwrap_err();
        assert_eq!(error.kind, kind, "{operation}: {error}");
    }
    for body in [
        json!({}),
        json!({ "Operations": [] }),
        json!({ "Operations": {} }),
        json!([]),
    ] {
        assert_eq!(operations(body).unwrap_err().kind, InvalidSyntax);
    }
    assert!(
        operations(json!({ "operations": [{ "OP": "ADD", "Path": "title", "VALUE": "x" }] }))
            .is_ok()
    );
}

fn settled() -> impl Strategy<Value = Value> {
    let text = "[a-c]{1,2}";
    let kind = || prop::sample::select(vec!["work", "home", "other"]);
    prop_oneof![
        (
            prop::sample::select(vec!["add", "replace", "Replace"]),
            prop::sample::select(vec!["title", "name.givenName", "nickName"]),
            text
        )
            .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value })),
        (kind(), text).prop_map(|(kind, value)| json!({
            "op": "Add", "path": format!("emails[type eq \"{kind}\"].value"), "value": value,
        })),
        (kind(), text).prop_map(|(kind, value)| json!({
            "op": "replace", "path": "emails", "value": [{ "type": kind, "value": value }],
        })),
        (kind(), text).prop_map(|(kind, value)| json!({
            "op": "add", "path": "roles", "value": [{ "type": kind, "value": value }],
        })),
        kind().prop_map(
            |kind| json!({ "op": "remove", "path": format!("roles[type eq \"{kind}\"]") })
        ),
        any::<bool>().prop_map(|active| json!({ "op": "replace", "value": { "active": active } })),
        text.prop_map(|value| json!({
            "op": "replace", "path": format!("{}:department", ENTERPRISE.id), "value": value,
        })),
    ]
}

proptest! {
    #[test]
    fn a_request_that_is_sent_twice_does_no_more(operation in settled()) {
        let once = operations(json!({ "Operations": [operation] })).unwrap();
        let first = apply(user(), &once, &USER).unwrap();
        prop_assert_eq!(apply(first.clone(), &once, &USER), Ok(first));
    }

    #[test]
    fn what_is_added_and_removed_was_never_there(
        values in prop::collection::btree_set("[a-z]{1,4}", 1..6),
        kind in prop::sample::select(vec!["x", "y"]),
    ) {
        let list: Vec<Value> = values.iter().map(|value| json!({ "value": value, "type": kind })).collect();
        let away = json!({ "op": "remove", "path": "roles", "value": list });
        let filters: Vec<Value> = values.iter()
            .map(|value| json!({ "op": "remove", "path": format!("roles[value eq \"{value}\"]") }))
            .collect();
        for removal in [vec![away], filters] {
            let mut all = vec![json!({ "op": "add", "path": "roles", "value": list })];
            all.extend(removal);
            let all = operations(json!({ "Operations": all })).unwrap();
            prop_assert_eq!(apply(user(), &all, &USER), Ok(user()));
        }
    }

    #[test]
    fn many_at_once_are_one_after_the_other(list in prop::collection::vec(settled(), 1..6)) {
        let all = operations(json!({ "Operations": list })).unwrap();
        let mut single = user();
        for operation in &all {
            single = apply(single, std::slice::from_ref(operation), &USER).unwrap();
        }
        prop_assert_eq!(apply(user(), &all, &USER), Ok(single));
    }
}
