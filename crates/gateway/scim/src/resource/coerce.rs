//! Values in the one form that is kept.

use serde_json::{Map, Value};
use tidegate_types::Timestamp;

use super::unique;
use crate::{
    ScimError,
    schema::{Attribute, Kind, Mutability},
};

/// The most values of an attribute, members not counted.
const MOST: usize = 200;

/// The value of an attribute as it is kept; `None` where it has none (RFC 7643 §2.5).
pub(crate) fn coerce(
    value: Value,
    attribute: Option<&'static Attribute>,
    name: &str,
) -> Result<Option<Value>, ScimError> {
    let Some(attribute) = attribute else {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        return Ok((!empty).then_some(value));
    };
    if !attribute.many {
        return one(value, attribute, name);
    }
    let items = match value {
        Value::Array(items) => items,
        single => vec![single],
    };
    if items.len() > MOST && name != "members" {
        return Err(ScimError::value(format!(
            "`{name}` has at most {MOST} values"
        )));
    }
    let mut list = Vec::with_capacity(items.len());
    let mut preferred = false;
    for item in items {
        let Some(mut item) = one(item, attribute, name)? else {
            continue;
        };
        // At most one is (RFC 7643 §2.4): the first that says so.
        if item.get("primary") == Some(&Value::Bool(true))
            && std::mem::replace(&mut preferred, true)
        {
            item["primary"] = false.into();
        }
        list.push(item);
    }
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

/// One value of an attribute.
pub(crate) fn one(
    value: Value,
    attribute: &'static Attribute,
    name: &str,
) -> Result<Option<Value>, ScimError> {
    let value = match value {
        Value::Null => return Ok(None),
        // Entra ID has sent `[{ "value": … }]` for a single value.
        Value::Array(mut items) if items.len() == 1 => match items.pop() {
            Some(Value::Object(mut fields)) if attribute.kind != Kind::Complex => {
                super::take(&mut fields, "value").unwrap_or(Value::Object(fields))
            }
            Some(item) => item,
            None => return Ok(None),
        },
        Value::Array(items) if items.is_empty() => return Ok(None),
        value => value,
    };
    let wrong = |wanted: &str| Err(ScimError::value(format!("`{name}` must be {wanted}")));
    match (attribute.kind, value) {
        (Kind::Boolean, Value::Bool(value)) => Ok(Some(value.into())),
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
            Ok(Some(true.into()))
        }
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            Ok(Some(false.into()))
        }
        (Kind::Boolean, Value::String(text)) if text.is_empty() => Ok(None),
        (Kind::Boolean, _) => wrong("true or false"),
        (Kind::Complex, Value::Object(fields)) => complex(fields, attribute),
        (Kind::Complex, Value::String(text)) if attribute.sub("value").is_some() => {
            let fields = Map::from_iter([("value".to_owned(), Value::String(text))]);
            complex(fields, attribute)
        }
        (Kind::Complex, _) => wrong("an object"),
        (Kind::DateTime, Value::String(text)) if text.parse::<Timestamp>().is_ok() => {
            Ok(Some(text.into()))
        }
        (Kind::DateTime, _) => wrong("a time like 2026-11-26T12:00:00Z"),
        (Kind::Binary | Kind::Reference | Kind::String, Value::String(text)) => {
            if attribute.required && text.trim().is_empty() {
                return wrong("text that is not empty");
            }
            Ok(Some(text.into()))
        }
        (Kind::String, Value::Number(number)) => Ok(Some(number.to_string().into())),
        (Kind::Binary | Kind::Reference | Kind::String, _) => wrong("text"),
    }
}

fn complex(
    fields: Map<String, Value>,
    attribute: &'static Attribute,
) -> Result<Option<Value>, ScimError> {
    let mut inner = Map::new();
    for (name, value) in fields {
        let sub = attribute.sub(&name);
        let name = sub.map_or(name, |sub| sub.name.to_owned());
        let ours = sub.is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
        if ours {
            continue;
        }
        if let Some(value) = coerce(value, sub, &name)? {
            unique(inner.insert(name, value))?;
        }
    }
    Ok((!inner.is_empty()).then_some(Value::Object(inner)))
}
