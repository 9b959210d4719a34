//! A resource as JSON: read from a body in the one form that is kept, and answered with what the server
//! adds and the client wants.

mod coerce;
mod projection;

use serde_json::{Map, Value};

pub(crate) use self::coerce::{coerce, one};
pub use self::projection::Projection;
use crate::{
    ScimError,
    schema::{Attribute, Mutability, ResourceType},
};

/// The most bytes of a resource that are kept, members not counted.
const MOST: usize = 32 * 1024;

/// The field of that name, in any case (RFC 7643 §2.1).
#[must_use]
pub fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = value.as_object()?;
    // Nearly always it is written as in the schema.
    fields.get(name).or_else(|| {
        let mut fields = fields.iter();
        fields
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// Takes the field of that name out, in any case.
pub fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = key_of(fields, name)?;
    fields.remove(&key)
}

pub(crate) fn key_of(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let mut keys = fields.keys();
    keys.find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// Reads a resource: names as in the schemas, values of the right type, what has no value left out, and
/// without what only the server says (`id`, `meta`, what is read-only) and what is not kept (`password`).
/// What no schema knows is kept as it is.
///
/// # Errors
/// `invalidSyntax` when it is no object, names a thing twice or is of another schema; `invalidValue` when a
/// value has the wrong type, a required one is missing, or the whole has more than 32 KiB.
pub fn read(value: Value, kind: &'static ResourceType) -> Result<Map<String, Value>, ScimError> {
    let Value::Object(fields) = value else {
        return Err(ScimError::syntax("the body must be a JSON object"));
    };
    let mut resource = Map::new();
    for (name, value) in fields {
        let known = kind.attribute(None, &name);
        let key = match known {
            Some(attribute) => attribute.name.to_owned(),
            None => kind
                .schemas()
                .find(|schema| schema.id.eq_ignore_ascii_case(&name))
                .map_or(name, |schema| schema.id.to_owned()),
        };
        let value = if key == "schemas" {
            check_schemas(&value, kind)?;
            None
        } else if !kept(&key, known) {
            None
        } else if let Some(extension) = kind.extension.filter(|extension| extension.id == key) {
            let Value::Object(fields) = value else {
                return Err(ScimError::value(format!("`{key}` must be an object")));
            };
            let mut inner = Map::new();
            for (name, value) in fields {
                let attribute = extension.attribute(&name);
                let name = attribute.map_or(name, |attribute| attribute.name.to_owned());
                if let Some(value) = coerce(value, attribute, &name)? {
                    unique(inner.insert(name, value))?;
                }
            }
            (!inner.is_empty()).then_some(Value::Object(inner))
        } else {
            coerce(value, known, &key)?
        };
        if let Some(value) = value {
            unique(resource.insert(key, value))?;
        }
    }
    for attribute in kind.schema.attributes.iter().filter(|one| one.required) {
        if !resource.contains_key(attribute.name) {
            let detail = format!("`{}` is required", attribute.name);
            return Err(ScimError::value(detail));
        }
    }
    bounded(&resource)?;
    Ok(resource)
}

/// Whether it is kept: not what the server says itself, and no password, since nobody signs in with it.
fn kept(name: &str, known: Option<&Attribute>) -> bool {
    known.is_none_or(|attribute| attribute.mutability != Mutability::ReadOnly)
        && !name.eq_ignore_ascii_case("password")
}

fn unique<T>(before: Option<T>) -> Result<(), ScimError> {
    match before {
        None => Ok(()),
        Some(_) => Err(ScimError::syntax(
            "an attribute is given twice; the case of its name makes no difference",
        )),
    }
}

fn bounded(resource: &Map<String, Value>) -> Result<(), ScimError> {
    let kept = |(name, value): (&String, &Value)| {
        if name == "members" {
            0
        } else {
            name.len() + value.to_string().len()
        }
    };
    if resource.iter().map(kept).sum::<usize>() <= MOST {
        return Ok(());
    }
    Err(ScimError::value("a resource has at most 32 KiB"))
}

/// A body may leave its schemas out; if it names some, the resource's own is among them.
fn check_schemas(value: &Value, kind: &'static ResourceType) -> Result<(), ScimError> {
    let own = |value: &Value| {
        value
            .as_str()
            .is_some_and(|urn| urn.eq_ignore_ascii_case(kind.schema.id))
    };
    match value {
        Value::Null => Ok(()),
        Value::Array(items) if items.iter().any(own) => Ok(()),
        _ => Err(ScimError::syntax(format!(
            "`schemas` must be a list with `{}` in it",
            kind.schema.id
        ))),
    }
}

/// Adds what the server says: the schemas in use, the id, and `meta`.
#[must_use]
pub fn complete(
    mut resource: Map<String, Value>,
    kind: &'static ResourceType,
    id: &str,
    meta: Value,
) -> Value {
    let mut schemas = vec![Value::from(kind.schema.id)];
    // Those that no one here knows are schemas too.
    schemas.extend(
        resource
            .keys()
            .filter(|name| {
                name.get(..4)
                    .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
            })
            .map(|name| Value::from(name.as_str())),
    );
    resource.insert("schemas".to_owned(), schemas.into());
    resource.insert("id".to_owned(), id.into());
    resource.insert("meta".to_owned(), meta);
    Value::Object(resource)
}

#[cfg(test)]
mod tests;
