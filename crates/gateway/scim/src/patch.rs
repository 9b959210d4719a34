//! PATCH (RFC 7644 §3.5.2): operations as they were sent, and what they do to a resource.

mod change;
mod target;

use serde_json::{Map, Value};

use self::target::Target;
use crate::{
    Attr, Path, ScimError, ScimKind, read,
    resource::take,
    schema::{Mutability, ResourceType},
};

/// The most operations of a request.
const MOST: usize = 1_000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Adds a value, or sets one.
    Add,
    /// Takes values away.
    Remove,
    /// Puts a value in the place of what is there.
    Replace,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What it does.
    pub verb: Verb,
    /// Where; without a path the value says it.
    pub path: Option<Path>,
    /// What it puts there; null where nothing was sent.
    pub value: Value,
    /// Whether a replacement may make what is not there yet: Entra ID, known by its capital letter, replaces
    /// the work address of somebody who has none.
    pub sets: bool,
}

/// Reads the body of a PATCH.
///
/// # Errors
/// `invalidSyntax` when it has not the form of one, or more than 1000 operations; `invalidPath`; `noTarget`
/// when a removal has no path.
pub fn operations(body: Value) -> Result<Vec<Operation>, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(ScimError::syntax("the body must be a JSON object"));
    };
    let Some(Value::Array(list)) = take(&mut body, "Operations") else {
        return Err(ScimError::syntax("`Operations` must be a list"));
    };
    if list.is_empty() || list.len() > MOST {
        return Err(ScimError::syntax("there must be 1 to 1000 operations"));
    }
    list.into_iter().map(operation).collect()
}

fn operation(value: Value) -> Result<Operation, ScimError> {
    let Value::Object(mut fields) = value else {
        return Err(ScimError::syntax("an operation must be an object"));
    };
    let verb = take(&mut fields, "op");
    let verb = verb.as_ref().and_then(Value::as_str).unwrap_or_default();
    let sets = verb == "Replace";
    let verb = match verb.to_ascii_lowercase().as_str() {
        "add" => Verb::Add,
        "remove" => Verb::Remove,
        "replace" => Verb::Replace,
        _ => return Err(ScimError::syntax("`op` must be add, remove or replace")),
    };
    let path = match take(&mut fields, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(text.parse()?),
        Some(_) => return Err(ScimError::path("`path` must be text")),
    };
    let value = take(&mut fields, "value").unwrap_or_default();
    if verb == Verb::Remove && path.is_none() {
        return Err(ScimError::new(ScimKind::NoTarget, "a removal needs a path"));
    }
    Ok(Operation {
        verb,
        path,
        value,
        sets,
    })
}

/// Does what the operations say to a resource that was [read]; all of it, or nothing.
///
/// # Errors
/// `mutability` for what only the server says, and for the removal of what is required; `noTarget` when a
/// replacement's filter selects nothing; `invalidValue`, `invalidPath`.
pub fn apply(
    resource: Map<String, Value>,
    operations: &[Operation],
    kind: &'static ResourceType,
) -> Result<Map<String, Value>, ScimError> {
    let mut resource = resource;
    for operation in operations {
        let verb = (operation.verb, operation.sets);
        let value = operation.value.clone();
        match &operation.path {
            None => merge(&mut resource, None, verb, value, kind)?,
            Some(Path::Schema(urn)) if operation.verb == Verb::Remove => {
                take(&mut resource, urn);
            }
            Some(Path::Schema(urn)) => merge(&mut resource, Some(urn), verb, value, kind)?,
            Some(path) => {
                refuse_read_only(path, kind)?;
                at(&mut resource, path, verb, value, kind)?;
            }
        }
    }
    read(Value::Object(resource), kind)
}

/// A value without a path: each of its fields says where, by a name, by a path, or by a schema's URN.
fn merge(
    resource: &mut Map<String, Value>,
    schema: Option<&String>,
    verb: (Verb, bool),
    value: Value,
    kind: &'static ResourceType,
) -> Result<(), ScimError> {
    let Value::Object(fields) = value else {
        return Err(ScimError::value(
            "without a path the value must be an object of attributes",
        ));
    };
    for (name, value) in fields {
        match (schema, name.parse::<Path>()?) {
            (None, Path::Schema(urn)) => merge(resource, Some(&urn), verb, value, kind)?,
            (Some(_), Path::Schema(_)) => {
                return Err(ScimError::path("a schema does not lie within another"));
            }
            (schema, Path::Attribute { mut attr, filter }) => {
                attr.schema = attr.schema.or_else(|| schema.cloned());
                let path = Path::Attribute { attr, filter };
                // What was answered is sent back whole: what only the server says is passed over.
                if refuse_read_only(&path, kind).is_ok() {
                    at(resource, &path, verb, value, kind)?;
                }
            }
        }
    }
    Ok(())
}

fn refuse_read_only(path: &Path, kind: &'static ResourceType) -> Result<(), ScimError> {
    let Path::Attribute { attr, .. } = path else {
        return Ok(());
    };
    let attribute = kind.attribute(attr.schema.as_deref(), &attr.name);
    let part = attr.sub.as_deref().and_then(|sub| attribute?.sub(sub));
    let ours = [attribute, part]
        .into_iter()
        .flatten()
        .any(|attribute| attribute.mutability == Mutability::ReadOnly);
    if ours {
        return Err(ScimError::mutability(format!("`{attr}` is read-only")));
    }
    Ok(())
}

fn at(
    resource: &mut Map<String, Value>,
    path: &Path,
    (verb, sets): (Verb, bool),
    value: Value,
    kind: &'static ResourceType,
) -> Result<(), ScimError> {
    let Path::Attribute { attr, filter } = path else {
        return Ok(());
    };
    // What is never kept cannot be changed either: schemas follow from the attributes.
    if attr.is("schemas", None) || attr.is("password", None) {
        return Ok(());
    }
    let attribute = kind.attribute(attr.schema.as_deref(), &attr.name);
    let whole = attr.sub.is_none() && filter.is_none();
    if verb == Verb::Remove && whole && attribute.is_some_and(|attribute| attribute.required) {
        return Err(ScimError::mutability(format!("`{attr}` is required")));
    }
    let target = Target {
        name: attribute.map_or(attr.name.as_str(), |attribute| attribute.name),
        attribute,
        part: attr.sub.as_deref(),
        filter: filter.as_ref(),
        sets: sets || verb == Verb::Add,
    };
    let Some(urn) = foreign(attr, kind) else {
        return target.change(resource, verb, value);
    };
    let key = crate::resource::key_of(resource, urn).unwrap_or_else(|| urn.to_owned());
    let entry = resource.entry(key).or_insert_with(|| Map::new().into());
    match entry {
        Value::Object(fields) => target.change(fields, verb, value),
        _ => Err(ScimError::path(format!("`{urn}` has no attributes"))),
    }
}

/// The schema that an attribute belongs to, unless that is the resource's own.
fn foreign<'a>(attr: &'a Attr, kind: &'static ResourceType) -> Option<&'a str> {
    let urn = attr.schema.as_deref()?;
    if urn.eq_ignore_ascii_case(kind.schema.id) {
        return None;
    }
    let known = kind.extension.map(|extension| extension.id);
    let same = known.filter(|id| id.eq_ignore_ascii_case(urn));
    Some(same.unwrap_or(urn))
}

#[cfg(test)]
mod tests;
