//! Which attributes a client wants in an answer (RFC 7644 §3.9).

use serde_json::{Map, Value};

use crate::{
    Attr, ScimError, ScimKind,
    path::Named,
    resource::{key_of, take},
    schema::{ResourceType, Returned},
};

/// The most attributes that are named.
const MOST: usize = 100;

/// What a client wants to see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Projection {
    /// What is shown by default.
    #[default]
    All,
    /// That, but for these.
    But(Vec<Attr>),
    /// These, and what is always shown.
    Only(Vec<Attr>),
}

impl Projection {
    /// Reads `attributes` and `excludedAttributes`: names, with commas between them.
    ///
    /// # Errors
    /// `invalidValue` when both are given, or one names no attribute.
    pub fn read(only: Option<&str>, but: Option<&str>) -> Result<Self, ScimError> {
        let [only, but] = [only, but].map(|text| text.map(str::trim).filter(|t| !t.is_empty()));
        match (only, but) {
            (None, None) => Ok(Self::All),
            (Some(only), None) => names(only).map(Self::Only),
            (None, Some(but)) => names(but).map(Self::But),
            (Some(_), Some(_)) => Err(ScimError::value(
                "`attributes` and `excludedAttributes` exclude each other",
            )),
        }
    }

    /// Whether an attribute of the resource itself is shown, in part or as a whole.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::But(these) => !these.iter().any(|attr| attr.is(name, None)),
            Self::Only(these) => these
                .iter()
                .any(|attr| attr.name.eq_ignore_ascii_case(name)),
        }
    }

    /// The resource as it is shown.
    #[must_use]
    pub fn of(&self, resource: Value, kind: &'static ResourceType) -> Value {
        let Value::Object(mut fields) = resource else {
            return resource;
        };
        match self {
            Self::All => Value::Object(fields),
            Self::But(these) => {
                these
                    .iter()
                    .for_each(|attr| drop_from(&mut fields, attr, kind));
                Value::Object(fields)
            }
            Self::Only(these) => {
                let mut shown = Map::new();
                for name in always() {
                    if let Some(value) = take(&mut fields, name) {
                        shown.insert(name.to_owned(), value);
                    }
                }
                these
                    .iter()
                    .for_each(|attr| copy(&fields, &mut shown, attr, kind));
                Value::Object(shown)
            }
        }
    }
}

fn names(text: &str) -> Result<Vec<Attr>, ScimError> {
    let wrong = |name: &str| {
        ScimError::new(
            ScimKind::InvalidValue,
            format!("`{name}` is no attribute's name"),
        )
    };
    let mut these = Vec::new();
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        if these.len() == MOST {
            return Err(ScimError::value("at most 100 attributes can be named"));
        }
        these.push(match Attr::named(name) {
            Some(Named::Attr(attr)) => attr,
            // An extension as a whole is a field of the resource.
            Some(Named::Schema(urn)) => Attr::plain(&urn),
            None => return Err(wrong(name)),
        });
    }
    Ok(these)
}

fn always() -> impl Iterator<Item = &'static str> {
    crate::schema::COMMON
        .iter()
        .filter(|attribute| attribute.returned == Returned::Always)
        .map(|attribute| attribute.name)
}

/// The extension's own field in a resource; `None` when it is the resource itself.
fn extension<'a>(attr: &'a Attr, kind: &'static ResourceType) -> Option<&'a str> {
    let urn = attr.schema.as_deref()?;
    (!urn.eq_ignore_ascii_case(kind.schema.id)).then_some(urn)
}

fn drop_from(fields: &mut Map<String, Value>, attr: &Attr, kind: &'static ResourceType) {
    if always().any(|name| attr.is(name, None)) {
        return;
    }
    if let Some(urn) = extension(attr, kind) {
        let inner = key_of(fields, urn).and_then(|key| fields.get_mut(&key));
        if let Some(Value::Object(inner)) = inner {
            drop_named(inner, attr);
        }
        return;
    }
    drop_named(fields, attr);
}

fn drop_named(fields: &mut Map<String, Value>, attr: &Attr) {
    let Some(sub) = &attr.sub else {
        take(fields, &attr.name);
        return;
    };
    let found = key_of(fields, &attr.name).and_then(|key| fields.get_mut(&key));
    match found {
        Some(Value::Object(inner)) => drop(take(inner, sub)),
        Some(Value::Array(items)) => {
            for item in items.iter_mut().filter_map(Value::as_object_mut) {
                take(item, sub);
            }
        }
        _ => {}
    }
}

fn copy(
    from: &Map<String, Value>,
    to: &mut Map<String, Value>,
    attr: &Attr,
    kind: &'static ResourceType,
) {
    if let Some(urn) = extension(attr, kind) {
        let Some(key) = key_of(from, urn) else { return };
        if let Some(Value::Object(inner)) = from.get(&key) {
            let shown = to.entry(key).or_insert_with(|| Map::new().into());
            if let Some(shown) = shown.as_object_mut() {
                copy_named(inner, shown, attr);
            }
        }
        return;
    }
    copy_named(from, to, attr);
}

fn copy_named(from: &Map<String, Value>, to: &mut Map<String, Value>, attr: &Attr) {
    let Some(key) = key_of(from, &attr.name) else {
        return;
    };
    let Some(value) = from.get(&key) else { return };
    let Some(sub) = &attr.sub else {
        to.insert(key, value.clone());
        return;
    };
    let part = |item: &Value| {
        let fields = item.as_object()?;
        let key = key_of(fields, sub)?;
        fields.get(&key).map(|value| (key, value.clone()))
    };
    match value {
        Value::Array(items) => {
            let shown = to
                .entry(key)
                .or_insert_with(|| vec![Value::Object(Map::new()); items.len()].into());
            let Some(shown) = shown.as_array_mut() else {
                return;
            };
            for (item, shown) in items.iter().zip(shown) {
                if let (Some((key, value)), Some(shown)) = (part(item), shown.as_object_mut()) {
                    shown.insert(key, value);
                }
            }
        }
        item => {
            let shown = to.entry(key).or_insert_with(|| Map::new().into());
            if let (Some((key, value)), Some(shown)) = (part(item), shown.as_object_mut()) {
                shown.insert(key, value);
            }
        }
    }
}
