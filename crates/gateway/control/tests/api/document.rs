//! The OpenAPI document: committed, fresh, complete.

use std::collections::BTreeSet;

use serde_json::Value;

const COMMITTED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../docs/openapi/admin.json"
);

fn document() -> Value {
    serde_json::from_str(tidegate_control::openapi_json()).unwrap()
}

/// To regenerate: `UPDATE_OPENAPI=1 cargo test -p tidegate-control --test api is_fresh`.
#[test]
fn the_committed_document_is_fresh() {
    let fresh = tidegate_control::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, fresh).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/openapi/admin.json is stale; set UPDATE_OPENAPI=1 and run again"
    );
}

#[test]
fn every_operation_is_named_described_and_says_how_it_fails() {
    let document = document();
    let mut names = BTreeSet::new();
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| text.len() > 10),
                "{name}"
            );
            assert!(tags.contains(&&operation["tags"][0]), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses
                    .keys()
                    .any(|status| status.starts_with(['2', '3'])),
                "{name}"
            );
            if path.starts_with("/api/") && operation["security"].is_null() {
                assert!(responses.contains_key("401"), "{name}");
            }
            assert_eq!(path.contains('{'), responses.contains_key("404"), "{name}");
            let body = operation["requestBody"].is_object();
            assert_eq!(body, responses.contains_key("413"), "{name}");
            assert!(!(body && method == "get"), "{name}");
            for (status, response) in responses {
                if status.starts_with('4') {
                    let schema = &response["content"]["application/problem+json"]["schema"];
                    assert_eq!(
                        schema["$ref"], "#/components/schemas/Problem",
                        "{name} {status}"
                    );
                }
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let text = parameter["description"].as_str();
                assert!(
                    text.is_some_and(|text| !text.is_empty()),
                    "{name} {}",
                    parameter["name"]
                );
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_described() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut open = vec![&document];
    let mut used = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref") {
                    let name = target.strip_prefix("#/components/schemas/").unwrap();
                    assert!(schemas.contains_key(name), "{target}");
                    used.insert(name.to_owned());
                }
                open.extend(fields.values());
            }
            Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
        }
    }
    for (name, schema) in schemas {
        assert!(used.contains(name), "{name} is not used");
        assert!(
            schema["description"].is_string(),
            "{name} has no description"
        );
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        assert!(
            plain
                && !["Body", "Name", "View"]
                    .iter()
                    .any(|end| name.ends_with(end)),
            "{name}"
        );
    }
}

#[test]
fn bodies_that_are_sent_refuse_unknown_fields_by_schema_too_at_any_depth() {
    let document = document();
    let mut open: Vec<(&str, &Value)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            open.push((path, &operation["requestBody"]));
        }
    }
    assert!(!open.is_empty());
    let mut seen = BTreeSet::new();
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (place, item))),
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref")
                    && seen.insert(target)
                {
                    let schema = document.pointer(target.strip_prefix('#').unwrap());
                    open.push((target, schema.unwrap()));
                }
                // The generator does not close what stands in a `oneOf` itself.
                for (name, field) in fields {
                    let chosen = field.as_array().filter(|_| name == "oneOf");
                    for choice in chosen.into_iter().flatten() {
                        let reference = choice["$ref"].is_string();
                        open.push((
                            place,
                            if reference {
                                choice
                            } else {
                                &choice["properties"]
                            },
                        ));
                    }
                    if chosen.is_none() {
                        open.push((place, field));
                    }
                }
                if value["properties"].is_object() {
                    assert_eq!(value["additionalProperties"], false, "{place}: {value}");
                }
            }
            Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// An answer that the throttle gives is one that callers are told of.
#[test]
fn whoever_tries_codes_and_passwords_is_told_of_the_limit() {
    let document = document();
    for (path, method) in [
        ("/sessions", "post"),
        ("/accounts/current/password", "put"),
        ("/accounts/current/totp", "post"),
        ("/accounts/current/totp", "put"),
        ("/accounts/current/totp", "delete"),
    ] {
        let responses = &document["paths"][format!("/api/v1{path}")][method]["responses"];
        let wait = &responses["429"]["headers"]["retry-after"]["description"];
        assert!(wait.is_string(), "{method} {path}");
    }
}
