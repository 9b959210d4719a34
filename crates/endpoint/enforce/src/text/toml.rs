//! TOML, edited by its spans: a key in a table, and a table of ours at the end.

use std::ops::Range;

use serde_json::Value;
use toml_edit::{Document, Item};

use super::{
    Change, TextError, at,
    spans::{Comments, Members},
};

type Doc<'a> = Document<&'a str>;

fn parse(text: &str) -> Result<Doc<'_>, TextError> {
    Document::parse(text).map_err(|_| TextError::Broken)
}

pub(super) fn value(text: &str) -> Result<Value, TextError> {
    toml::from_str(text).map_err(|_| TextError::Broken)
}

pub(super) fn edit(text: &str, change: &Change<'_>, before: &Value) -> Result<String, TextError> {
    match change {
        Change::Set(keys, new) => set(text, keys, new),
        Change::Remove(keys) => remove(text, keys),
        Change::Restore(keys, other) => {
            let doc = parse(&other.text)?;
            let old = find(doc.as_item(), keys);
            match (old, at(before, keys)) {
                (None, _) => remove(text, keys),
                (Some(old), Some(_)) => {
                    let raw = old.as_value().and_then(|_| other.text.get(old.span()?));
                    replace(text, keys, raw.ok_or(TextError::Place)?)
                }
                (Some(_), None) => set(text, keys, other.at(keys).ok_or(TextError::Place)?),
            }
        }
        Change::Add(..) | Change::Drop(..) => Err(TextError::Place),
    }
}

fn find<'a>(root: &'a Item, keys: &[String]) -> Option<&'a Item> {
    keys.iter()
        .try_fold(root, |item, key| item.as_table_like()?.get(key))
}

/// A value as inline TOML: what JSON can say and TOML cannot is refused.
fn written(value: &Value) -> Result<String, TextError> {
    inline(value)
        .map(|value| value.to_string())
        .ok_or(TextError::Check)
}

fn inline(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => {
            let items = items.iter().map(inline).collect::<Option<Vec<_>>>()?;
            toml_edit::Array::from_iter(items).into()
        }
        Value::Object(map) => {
            let mut table = toml_edit::InlineTable::new();
            for (key, value) in map {
                table.insert(key, inline(value)?);
            }
            table.into()
        }
    })
}

fn key_text(key: &str) -> String {
    toml_edit::Key::new(key).to_string()
}

fn replace(text: &str, keys: &[String], raw: &str) -> Result<String, TextError> {
    let doc = parse(text)?;
    let item = find(doc.as_item(), keys).filter(|item| item.is_value());
    let span = item.and_then(Item::span).ok_or(TextError::Place)?;
    let mut out = text.to_owned();
    out.replace_range(span, raw);
    Ok(out)
}

fn set(text: &str, keys: &[String], new: &Value) -> Result<String, TextError> {
    let doc = parse(text)?;
    if find(doc.as_item(), keys).is_some() {
        return replace(text, keys, &written(new)?);
    }
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let end = super::line_end(text);
    match (find(doc.as_item(), parents), new) {
        // A new table, whatever stands before it.
        (Some(Item::Table(_)) | None, Value::Object(map)) => append(text, keys, map, end),
        (Some(Item::Table(table)), _) => {
            let line = format!("{} = {}{end}", key_text(key), written(new)?);
            let mut out = text.to_owned();
            if parents.is_empty() {
                out.insert_str(0, &line);
            } else if table.is_dotted() {
                let first = table.iter().next().and_then(|(name, _)| table.key(name));
                let at = first
                    .and_then(|key| key.span())
                    .ok_or(TextError::Place)?
                    .start;
                let start = super::line_start(text, at);
                let prefix = text.get(start..at).ok_or(TextError::Place)?;
                out.insert_str(start, &format!("{prefix}{line}"));
            } else if let Some(span) = table.span().filter(|_| !table.is_implicit()) {
                let stop = super::line_stop(text, span.start);
                if !text[..stop].ends_with('\n') {
                    out.push_str(end);
                }
                let stop = stop + out.len() - text.len();
                out.insert_str(stop, &line);
            } else {
                let map = serde_json::Map::from_iter([(key.clone(), new.clone())]);
                return append(text, parents, &map, end);
            }
            Ok(out)
        }
        (Some(item), _) => {
            let list = members(text, item).ok_or(TextError::Place)?;
            let member = format!("{} = {}", key_text(key), written(new)?);
            let last = list.each.len().checked_sub(1);
            let spaced = if last.is_none() {
                format!(" {member} ")
            } else {
                member
            };
            list.with(text, &spaced, last).ok_or(TextError::Place)
        }
        (None, _) => {
            let map = serde_json::Map::from_iter([(key.clone(), new.clone())]);
            append(text, parents, &map, end)
        }
    }
}

/// A table of its own at the end.
fn append(
    text: &str,
    keys: &[String],
    map: &serde_json::Map<String, Value>,
    end: &str,
) -> Result<String, TextError> {
    let name: Vec<String> = keys.iter().map(|key| key_text(key)).collect();
    let mut out = text.to_owned();
    if !out.is_empty() {
        out.push_str(if out.ends_with('\n') { end } else { "" });
        if !text.ends_with('\n') {
            out.push_str(&end.repeat(2));
        }
    }
    out.push_str(&format!("[{}]{end}", name.join(".")));
    for (key, value) in map {
        out.push_str(&format!("{} = {}{end}", key_text(key), written(value)?));
    }
    Ok(out)
}

/// The members of an inline table.
fn members(text: &str, item: &Item) -> Option<Members> {
    let table = item.as_inline_table()?;
    let span = table.span()?;
    let each = table.iter().map(|(name, value)| {
        let key = table.key(name)?.span()?;
        Some(key.start..value.span()?.end)
    });
    let inner = span.start + 1..span.end.checked_sub(1)?;
    text.get(inner.clone())?;
    Some(Members {
        inner,
        each: each.collect::<Option<Vec<_>>>()?,
        comments: Comments::None,
    })
}

fn remove(text: &str, keys: &[String]) -> Result<String, TextError> {
    let doc = parse(text)?;
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let Some(parent) = find(doc.as_item(), parents) else {
        return Ok(text.to_owned());
    };
    let Some((name, item)) = parent.as_table_like().and_then(|t| t.get_key_value(key)) else {
        return Ok(text.to_owned());
    };
    if let Some(list) = members(text, parent) {
        let start = name.span().ok_or(TextError::Place)?.start;
        let at = list.each.iter().position(|each| each.start == start);
        return at
            .and_then(|at| list.without(text, at))
            .ok_or(TextError::Place);
    }
    let span = match item {
        Item::Table(table) if !table.is_dotted() => table_lines(text, table)?,
        _ => {
            let start = super::line_start(text, name.span().ok_or(TextError::Place)?.start);
            let end = item.span().ok_or(TextError::Place)?.end;
            start..super::line_stop(text, end)
        }
    };
    let mut out = text.to_owned();
    out.replace_range(span, "");
    Ok(out)
}

/// From a table's header to the next one, with the blank line before it.
fn table_lines(text: &str, table: &toml_edit::Table) -> Result<Range<usize>, TextError> {
    // A table with tables in it is no stub of ours.
    let span = table.span().filter(|_| !table.is_implicit());
    let mut start = super::line_start(text, span.ok_or(TextError::Place)?.start);
    let mut stop = super::line_stop(text, start);
    while stop < text.len() && !text[stop..].trim_start().starts_with('[') {
        stop = super::line_stop(text, stop);
    }
    for blank in ["\r\n", "\n"] {
        if text[..start].ends_with(&format!("\n{blank}")) || &text[..start] == blank {
            start -= blank.len();
            break;
        }
    }
    Ok(start..stop)
}
