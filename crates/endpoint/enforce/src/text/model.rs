//! The same changes on a value: what an edited text has to say.

use serde_json::{Map, Value};

use super::{Change, at};

/// The value with the change.
pub(super) fn apply(before: &Value, change: &Change<'_>) -> Value {
    let mut value = before.clone();
    match change {
        Change::Set(keys, new) => set(&mut value, keys, (*new).clone()),
        Change::Remove(keys) => remove(&mut value, keys),
        Change::Add(keys, item) => {
            let mut items = list(&value, keys);
            if !items.contains(item) {
                items.push((*item).clone());
                set(&mut value, keys, Value::Array(items));
            }
        }
        Change::Drop(keys, item) => {
            let mut items = list(&value, keys);
            let all = items.len();
            items.retain(|old| old != *item);
            if items.len() < all {
                set(&mut value, keys, Value::Array(items));
            }
        }
        Change::Restore(keys, other) => match other.at(keys) {
            Some(old) => restore(&mut value, keys, old.clone()),
            None => remove(&mut value, keys),
        },
    }
    value
}

fn list(value: &Value, keys: &[String]) -> Vec<Value> {
    match at(value, keys) {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    }
}

fn set(value: &mut Value, keys: &[String], new: Value) {
    let Some((key, rest)) = keys.split_first() else {
        *value = new;
        return;
    };
    if let (Value::Array(items), Ok(at)) = (&mut *value, key.parse::<usize>()) {
        if let Some(item) = items.get_mut(at) {
            set(item, rest, new);
        } else if rest.is_empty() && at == items.len() {
            items.push(new);
        }
        return;
    }
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    if let Value::Object(map) = value {
        set(map.entry(key.clone()).or_insert(Value::Null), rest, new);
    }
}

/// As [`set`], but a list gets its item back and keeps those that it has.
fn restore(value: &mut Value, keys: &[String], old: Value) {
    let parents = keys.split_last();
    let list = parents.and_then(|(key, up)| Some((key.parse::<usize>().ok()?, find(value, up)?)));
    match list {
        Some((at, Value::Array(items))) => items.insert(at.min(items.len()), old),
        _ => set(value, keys, old),
    }
}

fn find<'a>(value: &'a mut Value, keys: &[String]) -> Option<&'a mut Value> {
    keys.iter().try_fold(value, |value, key| match value {
        Value::Object(map) => map.get_mut(key),
        Value::Array(items) => key.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
        _ => None,
    })
}

fn remove(value: &mut Value, keys: &[String]) {
    let Some((key, rest)) = keys.split_first() else {
        return;
    };
    match (value, rest.is_empty()) {
        (Value::Object(map), true) => {
            map.remove(key);
        }
        (Value::Array(items), true) => {
            if let Some(at) = key.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        (Value::Object(map), false) => {
            if let Some(inner) = map.get_mut(key) {
                remove(inner, rest);
            }
        }
        (Value::Array(items), false) => {
            if let Some(inner) = key.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                remove(inner, rest);
            }
        }
        _ => {}
    }
}

/// Takes away what is empty above a place.
pub(super) fn prune(value: &mut Value, keys: &[String]) {
    for depth in (1..keys.len()).rev() {
        let parents = keys.get(..depth).unwrap_or_default();
        if at(value, parents) == Some(&Value::Object(Map::new())) {
            remove(value, parents);
        }
    }
}
