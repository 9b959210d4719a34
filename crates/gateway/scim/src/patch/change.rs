//! Lists of values: adding what is not there, finding what is meant, preferring one.

use serde_json::{Map, Value};

use crate::{Filter, filter::same, find, schema::Attribute};

/// Takes the list behind a name out; a single value is a list of one. The caller puts it back.
pub(super) fn taken(fields: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match fields.remove(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(single) => vec![single],
    }
}

/// Adds values that are not there yet (RFC 7644 §3.5.2.1).
pub(super) fn add(items: &mut Vec<Value>, new: Vec<Value>, attribute: Option<&'static Attribute>) {
    for value in new {
        if items.contains(&value) {
            continue;
        }
        let place = items
            .iter()
            .position(|item| is_it(item, &value, attribute))
            .unwrap_or(items.len());
        match (items.get_mut(place), value) {
            (Some(Value::Object(now)), Value::Object(more)) => now.extend(more),
            (Some(_), _) => continue,
            (None, value) => items.push(value),
        }
        prefer(items, place);
    }
}

/// Whether a value in the list is the one that is meant: the same `value`, and the same `type` where one is
/// said.
pub(super) fn is_it(item: &Value, meant: &Value, attribute: Option<&'static Attribute>) -> bool {
    let sub = |name: &str| attribute.and_then(|attribute| attribute.sub(name));
    match (find(item, "value"), find(meant, "value")) {
        (Some(ours), Some(theirs)) => {
            let typed = match (find(item, "type"), find(meant, "type")) {
                (Some(ours), Some(theirs)) => same(ours, theirs, sub("type")),
                (_, None) => true,
                (None, Some(_)) => false,
            };
            typed && same(ours, theirs, sub("value"))
        }
        _ => item == meant,
    }
}

/// If the value at a place is now the primary one, the others are no longer.
pub(super) fn prefer(items: &mut [Value], place: usize) {
    let primary = |item: &Value| item.get("primary") == Some(&Value::Bool(true));
    if !items.get(place).is_some_and(primary) {
        return;
    }
    for (other, item) in items.iter_mut().enumerate() {
        if other != place && primary(item) {
            item["primary"] = false.into();
        }
    }
}

/// The value that a filter in brackets would select: `type eq "work"` makes one for work.
pub(super) fn wanted(filter: &Filter) -> Value {
    let fields = filter.equalities().into_iter();
    fields
        .map(|(attr, text)| (attr.name, Value::from(text)))
        .collect::<Map<_, _>>()
        .into()
}
