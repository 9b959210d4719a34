//! Resources: what is kept of a body, and what is shown of a resource.

use serde_json::json;

use super::*;
use crate::{GROUP, ScimKind, USER};

#[test]
fn names_and_values_come_into_one_form() {
    let read = read(
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "ID": "theirs", "meta": { "resourceType": "User" }, "groups": [], "password": "hunter2",
            "USERNAME": "ada", "Active": "True", "title": [{ "$ref": null, "value": "Countess" }],
            "roles": ["admin"], "emails": { "Value": "a@x.org", "PRIMARY": "true", "kept": 1 },
            "phoneNumbers": [], "nickName": null, "name": { "givenName": null },
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {
                "EmployeeNumber": 7, "manager": "user_2",
            },
            "urn:example:extension:1.0:User": { "worksite": "180" }, "nobodyKnows": [1],
        }),
        &USER,
    );
    let expected = json!({
        "userName": "ada", "active": true, "title": "Countess", "roles": [{ "value": "admin" }],
        "emails": [{ "value": "a@x.org", "primary": true, "kept": 1 }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "7", "manager": { "value": "user_2" },
        },
        "urn:example:extension:1.0:User": { "worksite": "180" }, "nobodyKnows": [1],
    });
    assert_eq!(read.map(Value::Object), Ok(expected));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    for (body, kind) in [
        (json!([]), ScimKind::InvalidSyntax),
        (json!({}), ScimKind::InvalidValue),
        (json!({ "userName": " " }), ScimKind::InvalidValue),
        (
            json!({ "userName": "a", "USERNAME": "b" }),
            ScimKind::InvalidSyntax,
        ),
        (
            json!({ "userName": "a", "schemas": ["urn:x"] }),
            ScimKind::InvalidSyntax,
        ),
        (
            json!({ "userName": "a", "active": "yes" }),
            ScimKind::InvalidValue,
        ),
        (
            json!({ "userName": "a", "emails": [7] }),
            ScimKind::InvalidValue,
        ),
        (
            json!({ "userName": "a", "title": { "x": 1 } }),
            ScimKind::InvalidValue,
        ),
        (
            json!({ "userName": "a", "name": "Ada" }),
            ScimKind::InvalidValue,
        ),
        (
            json!({ "userName": "a", "emails": vec!["a@x.org"; 201] }),
            ScimKind::InvalidValue,
        ),
        (
            json!({ "userName": "a", "notes": "x".repeat(40_000) }),
            ScimKind::InvalidValue,
        ),
    ] {
        assert_eq!(
            read(body.clone(), &USER).unwrap_err().kind,
            kind,
            "{body:.60}"
        );
    }
    assert!(read(json!({ "externalId": "x" }), &GROUP).is_err());
}

#[test]
fn one_value_is_primary_at_most() {
    let body = json!({ "userName": "a", "emails": [
        { "value": "a@x.org", "primary": true }, { "value": "b@x.org", "primary": true },
    ] });
    let read = read(body, &USER).unwrap();
    assert_eq!(
        (&read["emails"][0]["primary"], &read["emails"][1]["primary"]),
        (&json!(true), &json!(false))
    );
}

fn shown(only: Option<&str>, but: Option<&str>) -> Value {
    let user = json!({
        "userName": "ada", "name": { "givenName": "Ada", "familyName": "L" },
        "emails": [{ "value": "a@x.org", "type": "work" }, { "value": "b@x.org" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "D", "division": "V" },
    });
    let user = read(user, &USER).unwrap();
    let user = complete(user, &USER, "user_1", json!({ "resourceType": "User" }));
    Projection::read(only, but).unwrap().of(user, &USER)
}

#[test]
fn a_client_sees_what_it_wants() {
    let schemas = json!([USER.schema.id, crate::ENTERPRISE.id]);
    assert_eq!(
        shown(Some("username, emails.value,name.GIVENNAME,absent"), None),
        json!({
            "schemas": schemas, "id": "user_1", "userName": "ada", "name": { "givenName": "Ada" },
            "emails": [{ "value": "a@x.org" }, { "value": "b@x.org" }],
        })
    );
    let department = format!("{}:department", crate::ENTERPRISE.id);
    assert_eq!(
        shown(Some(&department), None)[crate::ENTERPRISE.id],
        json!({ "department": "D" })
    );
    assert_eq!(
        shown(Some(crate::ENTERPRISE.id), None)[crate::ENTERPRISE.id]["division"],
        "V"
    );
    let without = shown(
        None,
        Some(
            "id,emails.type,name,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
        ),
    );
    assert_eq!(
        without,
        json!({
            "schemas": schemas, "id": "user_1", "userName": "ada", "meta": { "resourceType": "User" },
            "emails": [{ "value": "a@x.org" }, { "value": "b@x.org" }], crate::ENTERPRISE.id: { "department": "D" },
        })
    );
    for (only, but) in [
        (Some("a"), Some("b")),
        (Some("1"), None),
        (None, Some("a b")),
    ] {
        assert_eq!(
            Projection::read(only, but).unwrap_err().kind,
            ScimKind::InvalidValue
        );
    }
}
