//! JSON with comments and trailing commas, edited by its spans.

use std::ops::Range;

use jsonc_parser::{
    ParseOptions,
    ast::{Object, Value as Node},
    common::Ranged,
};
use serde_json::Value;

use super::{
    Change, TextError, at,
    spans::{Comments, Members},
};

const BOM: char = '\u{feff}';

/// What the clients take in their own files: comments and trailing commas, and nothing looser.
fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: true,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// What it says, and whether it is JSON as RFC 8259 has it.
pub(super) fn value(text: &str) -> Result<(Value, bool), TextError> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok((value, true));
    }
    let text = text.strip_prefix(BOM).unwrap_or(text);
    if text.trim().is_empty() {
        return Ok((Value::Object(serde_json::Map::new()), false));
    }
    let value = jsonc_parser::parse_to_serde_value(text, &options());
    Ok((value.map_err(|_| TextError::Broken)?, false))
}

fn parse(text: &str) -> Result<Node<'_>, TextError> {
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &options());
    parsed
        .ok()
        .and_then(|parsed| parsed.value)
        .ok_or(TextError::Broken)
}

pub(super) fn edit(text: &str, change: &Change<'_>, before: &Value) -> Result<String, TextError> {
    if let Some(rest) = text.strip_prefix(BOM) {
        return edit(rest, change, before).map(|text| format!("{BOM}{text}"));
    }
    if text.trim().is_empty() {
        return edit("{}\n", change, before);
    }
    match change {
        Change::Set(keys, new) => set(text, keys, &written(new)?),
        Change::Remove(keys) => remove(text, keys),
        Change::Add(keys, item) => match at(before, keys) {
            Some(Value::Array(items)) => {
                let list = list(text, keys)?;
                let last = items.len().checked_sub(1);
                list.with(text, &written(item)?, last)
                    .ok_or(TextError::Place)
            }
            _ => set(text, keys, &written(&serde_json::json!([item]))?),
        },
        Change::Drop(keys, item) => drop_item(text, keys, item),
        Change::Restore(keys, other) => restore(text, keys, &other.text),
    }
}

fn written(value: &Value) -> Result<String, TextError> {
    serde_json::to_string(value).map_err(|_| TextError::Check)
}

/// An object's properties of one name: JSON's readers take the last.
fn last(object: &Object<'_>, key: &str) -> Option<usize> {
    object
        .properties
        .iter()
        .rposition(|property| property.name.as_str() == key)
}

/// What stands at a place.
fn find<'n, 'a>(node: &'n Node<'a>, keys: &[String]) -> Option<&'n Node<'a>> {
    keys.iter().try_fold(node, |node, key| match node {
        Node::Object(object) => object
            .properties
            .get(last(object, key)?)
            .map(|property| &property.value),
        Node::Array(array) => array.elements.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

fn members(node: &Node<'_>) -> Option<Members> {
    let each: Vec<Range<usize>> = match node {
        Node::Object(object) => object.properties.iter().map(range).collect(),
        Node::Array(array) => array.elements.iter().map(range).collect(),
        _ => return None,
    };
    Some(Members {
        inner: node.start() + 1..node.end() - 1,
        each,
        comments: Comments::Slashes,
    })
}

fn range(node: &impl Ranged) -> Range<usize> {
    node.start()..node.end()
}

fn list(text: &str, keys: &[String]) -> Result<Members, TextError> {
    let root = parse(text)?;
    let list = find(&root, keys).and_then(members);
    list.ok_or(TextError::Place)
}

fn set(text: &str, keys: &[String], new: &str) -> Result<String, TextError> {
    let root = parse(text)?;
    if let Some(old) = find(&root, keys) {
        let mut out = text.to_owned();
        out.replace_range(range(old), new);
        return Ok(out);
    }
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let member = format!("{}: {new}", written(&Value::from(key.as_str()))?);
    match find(&root, parents) {
        Some(Node::Object(object)) => {
            let members = members(&Node::Object(object.clone())).ok_or(TextError::Place)?;
            let end = members.each.len().checked_sub(1);
            members.with(text, &member, end).ok_or(TextError::Place)
        }
        Some(_) => Err(TextError::Place),
        None => set(text, parents, &format!("{{{member}}}")),
    }
}

fn remove(text: &str, keys: &[String]) -> Result<String, TextError> {
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let mut text = text.to_owned();
    loop {
        let root = parse(&text)?;
        let parent = find(&root, parents);
        let at = match parent {
            Some(Node::Object(object)) => last(object, key),
            Some(Node::Array(array)) => key.parse().ok().filter(|at| *at < array.elements.len()),
            _ => None,
        };
        let (Some(parent), Some(at)) = (parent, at) else {
            return Ok(text);
        };
        let once = parent.as_array().is_some();
        let members = members(parent).ok_or(TextError::Place)?;
        let out = members.without(&text, at).ok_or(TextError::Place)?;
        text = out;
        if once {
            return Ok(text);
        }
        // The same name may stand there again.
    }
}

fn drop_item(text: &str, keys: &[String], item: &Value) -> Result<String, TextError> {
    let mut text = text.to_owned();
    loop {
        let root = parse(&text)?;
        let Some(Node::Array(array)) = find(&root, keys) else {
            return Ok(text);
        };
        let is_it = |node: &Node<'_>| value(&text[range(node)]).is_ok_and(|(it, _)| it == *item);
        let Some(at) = array.elements.iter().position(is_it) else {
            return Ok(text);
        };
        let list = members(&Node::Array(array.clone())).ok_or(TextError::Place)?;
        text = list.without(&text, at).ok_or(TextError::Place)?;
    }
}

fn restore(text: &str, keys: &[String], other: &str) -> Result<String, TextError> {
    let other = other.strip_prefix(BOM).unwrap_or(other);
    let there = if other.trim().is_empty() { "{}" } else { other };
    let old_root = parse(there)?;
    let Some(old) = find(&old_root, keys) else {
        return remove(text, keys);
    };
    let root = parse(text)?;
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    match (find(&root, parents), find(&old_root, parents)) {
        (Some(now @ Node::Array(array)), Some(Node::Array(_))) => {
            let at: usize = key.parse().map_err(|_| TextError::Place)?;
            let after = at.min(array.elements.len()).checked_sub(1);
            let list = members(now).ok_or(TextError::Place)?;
            list.with(text, &there[range(old)], after)
                .ok_or(TextError::Place)
        }
        (Some(now @ Node::Object(object)), Some(Node::Object(was))) => {
            if let Some(at) = last(object, key) {
                let now = object.properties.get(at).ok_or(TextError::Place)?;
                let mut out = text.to_owned();
                out.replace_range(range(&now.value), &there[range(old)]);
                return Ok(out);
            }
            let at = last(was, key).ok_or(TextError::Place)?;
            let member = &there[range(was.properties.get(at).ok_or(TextError::Place)?)];
            // After the nearest neighbour from before that still stands.
            let mut earlier = was.properties.iter().take(at).rev();
            let after = earlier.find_map(|one| last(object, one.name.as_str()));
            let members = members(now).ok_or(TextError::Place)?;
            let mut member = member.to_owned();
            if let (true, Some(first)) = (members.each.is_empty(), was.properties.first()) {
                // With the line and indent that the first one had.
                let lead = &there[was.range.start + 1..first.range.start];
                let lead = if lead.trim().is_empty() { lead } else { "" };
                member.insert_str(0, lead);
            }
            members.with(text, &member, after).ok_or(TextError::Place)
        }
        // Its parents went, with all that was in them: they come back for it alone.
        (None, Some(Node::Object(was))) => {
            let at = last(was, key).ok_or(TextError::Place)?;
            let member = &there[range(was.properties.get(at).ok_or(TextError::Place)?)];
            set(text, parents, &format!("{{{member}}}"))
        }
        _ => Err(TextError::Place),
    }
}
