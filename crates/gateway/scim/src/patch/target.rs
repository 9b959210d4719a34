//! What one operation changes: an attribute, a part of it, or those of its values that a filter selects.

use serde_json::{Map, Value};

use super::{Verb, change};
use crate::{
    Filter, ScimError, ScimKind,
    filter::element_matches,
    resource::{coerce, key_of, one, take},
    schema::{Attribute, Kind},
};

/// The place of a change.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    /// `None`: no schema knows it. It is kept all the same.
    pub(super) attribute: Option<&'static Attribute>,
    pub(super) part: Option<&'a str>,
    pub(super) filter: Option<&'a Filter>,
    /// Whether what the filter does not find is made.
    pub(super) sets: bool,
}

impl Target<'_> {
    pub(super) fn change(
        &self,
        fields: &mut Map<String, Value>,
        verb: Verb,
        value: Value,
    ) -> Result<(), ScimError> {
        let key = key_of(fields, self.name).unwrap_or_else(|| self.name.to_owned());
        match (verb, self.filter, self.part) {
            (Verb::Remove, filter, part) => self.remove(fields, &key, filter, part, value),
            (_, Some(filter), _) => {
                let mut items = change::taken(fields, &key);
                self.selected(&mut items, filter, verb, value)?;
                fields.insert(key, items.into());
                Ok(())
            }
            (_, None, Some(part)) => self.part(fields, key, part, value),
            (verb, None, None) => self.whole(fields, key, verb, value),
        }
    }

    fn many(&self, now: Option<&Value>) -> bool {
        match self.attribute {
            Some(attribute) => attribute.many,
            None => now.is_some_and(Value::is_array),
        }
    }

    fn whole(
        &self,
        fields: &mut Map<String, Value>,
        key: String,
        verb: Verb,
        value: Value,
    ) -> Result<(), ScimError> {
        let Some(value) = coerce(value, self.attribute, self.name)? else {
            if verb == Verb::Replace {
                fields.remove(&key);
            }
            return Ok(());
        };
        if verb == Verb::Add && self.many(fields.get(&key)) {
            let new = match value {
                Value::Array(new) => new,
                single => vec![single],
            };
            let mut items = change::taken(fields, &key);
            change::add(&mut items, new, self.attribute);
            fields.insert(key, items.into());
            return Ok(());
        }
        match (fields.get_mut(&key), value) {
            // Parts that are not named stay as they are (RFC 7644 §3.5.2.1, §3.5.2.3).
            (Some(Value::Object(now)), Value::Object(new)) if !self.many(None) => now.extend(new),
            (_, value) => drop(fields.insert(key, value)),
        }
        Ok(())
    }

    fn part(
        &self,
        fields: &mut Map<String, Value>,
        key: String,
        part: &str,
        value: Value,
    ) -> Result<(), ScimError> {
        if !self.many(fields.get(&key)) {
            if self.attribute.is_some_and(|one| one.kind != Kind::Complex) {
                return Err(ScimError::path(format!("`{}` has no parts", self.name)));
            }
            let entry = fields.entry(key).or_insert_with(|| Map::new().into());
            return match entry {
                Value::Object(inner) => self.set(inner, part, value),
                _ => Err(ScimError::path(format!("`{}` has no parts", self.name))),
            };
        }
        let mut items = change::taken(fields, &key);
        if items.is_empty() {
            items.push(Map::new().into());
        }
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            self.set(item, part, value.clone())?;
        }
        fields.insert(key, items.into());
        Ok(())
    }

    /// Sets one part of a value; nothing takes it away.
    fn set(
        &self,
        inner: &mut Map<String, Value>,
        part: &str,
        value: Value,
    ) -> Result<(), ScimError> {
        let sub = self.attribute.and_then(|attribute| attribute.sub(part));
        let name = sub.map_or(part, |sub| sub.name);
        let value = coerce(value, sub, name)?;
        take(inner, name);
        if let Some(value) = value {
            inner.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn selected(
        &self,
        items: &mut Vec<Value>,
        filter: &Filter,
        verb: Verb,
        value: Value,
    ) -> Result<(), ScimError> {
        let mut found: Vec<usize> = (0..items.len())
            .filter(|&place| {
                let item = items.get(place);
                item.is_some_and(|item| element_matches(filter, item, self.attribute))
            })
            .collect();
        if found.is_empty() {
            if !self.sets {
                return Err(ScimError::new(
                    ScimKind::NoTarget,
                    format!("no value of `{}` is selected by {filter}", self.name),
                ));
            }
            found.push(items.len());
            let made = change::wanted(filter);
            items.push(match self.attribute {
                Some(attribute) => one(made, attribute, self.name)?.unwrap_or_default(),
                None => made,
            });
        }
        for &place in &found {
            let Some(item) = items.get_mut(place) else {
                continue;
            };
            if let Some(part) = self.part {
                if !item.is_object() {
                    *item = Map::new().into();
                }
                if let Value::Object(inner) = item {
                    self.set(inner, part, value.clone())?;
                }
            } else {
                let new = match self.attribute {
                    Some(attribute) => one(value.clone(), attribute, self.name)?,
                    None => Some(value.clone()),
                };
                match (verb, item, new) {
                    (Verb::Add, Value::Object(now), Some(Value::Object(new))) => now.extend(new),
                    (_, item, new) => *item = new.unwrap_or_default(),
                }
            }
            change::prefer(items, place);
        }
        items.retain(|item| !item.is_null());
        Ok(())
    }

    fn remove(
        &self,
        fields: &mut Map<String, Value>,
        key: &str,
        filter: Option<&Filter>,
        part: Option<&str>,
        value: Value,
    ) -> Result<(), ScimError> {
        // What is not there is gone already: a removal that is sent twice is fine.
        let Some(now) = fields.get_mut(key) else {
            return Ok(());
        };
        match (now, filter, part) {
            (Value::Object(inner), None, Some(part)) => drop(take(inner, part)),
            (Value::Array(items), filter, Some(part)) => {
                for item in items {
                    let selected =
                        filter.is_none_or(|filter| element_matches(filter, item, self.attribute));
                    if let (true, Value::Object(inner)) = (selected, item) {
                        take(inner, part);
                    }
                }
            }
            (Value::Array(items), Some(filter), None) => {
                items.retain(|item| !element_matches(filter, item, self.attribute));
            }
            // Entra ID names what goes by its value.
            (Value::Array(items), None, None) if !value.is_null() => {
                let gone = match coerce(value, self.attribute, self.name)? {
                    Some(Value::Array(gone)) => gone,
                    gone => gone.into_iter().collect(),
                };
                items.retain(|item| {
                    !gone
                        .iter()
                        .any(|gone| change::is_it(item, gone, self.attribute))
                });
            }
            (_, None, None) => drop(fields.remove(key)),
            (_, Some(_), _) | (_, _, Some(_)) => {}
        }
        Ok(())
    }
}
