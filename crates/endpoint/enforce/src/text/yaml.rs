//! YAML in block style, edited line by line. What is written in flow style, with anchors or with several
//! documents is left alone: the check on the model refuses what a line edit cannot do.

use std::ops::Range;

use serde_json::Value;

use super::{Change, TextError, at};

pub(super) fn value(text: &str) -> Result<Value, TextError> {
    let value = tidegate_discovery::yaml_value(text).ok_or(TextError::Broken)?;
    Ok(match value {
        Value::Null => Value::Object(serde_json::Map::new()),
        value => value,
    })
}

pub(super) fn edit(text: &str, change: &Change<'_>, before: &Value) -> Result<String, TextError> {
    match change {
        Change::Set(keys, new) => set(text, keys, new, before),
        Change::Remove(keys) => remove(text, keys),
        Change::Restore(keys, other) => restore(text, keys, &other.text, before),
        Change::Add(..) | Change::Drop(..) => Err(TextError::Place),
    }
}

/// A member of a mapping or list: its lines, and where its key or dash stands.
struct Block {
    lines: Range<usize>,
    indent: usize,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line that says nothing.
fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// What follows `key:` on a line that begins with it.
fn after_key<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let quoted = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")];
    quoted.iter().find_map(|key| {
        let rest = line.strip_prefix(key.as_str())?.strip_prefix(':')?;
        (rest.is_empty() || rest.starts_with([' ', '\r', '\n'])).then_some(rest)
    })
}

/// The members in a range whose lines all stand at the indent of the first, in order.
fn blocks(text: &str, within: Range<usize>) -> Vec<(Block, usize)> {
    let mut found: Vec<(Block, usize)> = Vec::new();
    let mut start = within.start;
    while start < within.end {
        let stop = super::line_stop(text, start).min(within.end);
        let line = &text[start..stop];
        let column = indent(line);
        let first = found.first().map(|(block, _)| block.indent);
        let is_doc = line.starts_with("---") || line.starts_with('%');
        if !is_blank(line) && !is_doc && first.is_none_or(|first| column == first) {
            let lines = start..stop;
            found.push((
                Block {
                    lines,
                    indent: column,
                },
                start + column,
            ));
        } else if let (Some((block, _)), false) = (found.last_mut(), is_blank(line)) {
            block.lines.end = stop;
        }
        start = stop;
    }
    found
}

/// The block at a place.
fn find(text: &str, keys: &[String]) -> Option<Block> {
    let (key, parents) = keys.split_last()?;
    let within = find_inner(text, parents)?;
    let list = |at: usize| text[at..].starts_with("- ");
    let all = blocks(text, within);
    match key.parse::<usize>() {
        Ok(nth) if all.first().is_some_and(|(_, at)| list(*at)) => {
            all.into_iter().nth(nth).map(|(block, _)| block)
        }
        _ => all
            .into_iter()
            .find(|(_, at)| after_key(&text[*at..], key).is_some())
            .map(|(block, _)| block),
    }
}

/// What is inside a block: the lines below its key.
fn find_inner(text: &str, keys: &[String]) -> Option<Range<usize>> {
    if keys.is_empty() {
        return Some(0..text.len());
    }
    let block = find(text, keys)?;
    let first = super::line_stop(text, block.lines.start);
    let line = &text[block.lines.start..first];
    let inner = first.min(block.lines.end)..block.lines.end;
    // `- key: value`, `key: value` and `key: {…}` have something on their first line.
    let bare = line.trim_end().ends_with(':') || line.contains(": #");
    (bare && !line.trim_start().starts_with("- ")).then_some(inner)
}

fn written(value: &Value) -> Result<String, TextError> {
    // JSON is YAML, and unambiguous.
    serde_json::to_string(value).map_err(|_| TextError::Check)
}

fn set(text: &str, keys: &[String], new: &Value, before: &Value) -> Result<String, TextError> {
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let end = super::line_end(text);
    let mut out = text.to_owned();
    if at(before, keys).is_some() {
        let block = find(text, keys).ok_or(TextError::Place)?;
        let first = super::line_stop(text, block.lines.start);
        let line = text[block.lines.start..first].trim_end_matches(['\r', '\n']);
        let colon = line.find(':').ok_or(TextError::Place)?;
        let eol = &text[block.lines.start + line.len()..first];
        let line = format!("{}: {}{eol}", &line[..colon], written(new)?);
        out.replace_range(block.lines, &line);
        return Ok(out);
    }
    let inner = find_inner(text, parents).ok_or(TextError::Place)?;
    let all = blocks(text, inner);
    let (first, _) = all.first().ok_or(TextError::Place)?;
    let line = format!("{}{key}: {}{end}", " ".repeat(first.indent), written(new)?);
    out.insert_str(first.lines.start, &line);
    Ok(out)
}

fn remove(text: &str, keys: &[String]) -> Result<String, TextError> {
    let mut out = text.to_owned();
    let Some(block) = find(text, keys) else {
        return Ok(out);
    };
    let is_list = text[block.lines.start + block.indent..].starts_with("- ");
    out.replace_range(block.lines, "");
    let parents = keys.split_last().map_or(&[][..], |(_, parents)| parents);
    let last = find_inner(text, parents).is_some_and(|inner| blocks(text, inner).len() == 1);
    // A key with nothing below it says null, which clients refuse where they want a list.
    if let (true, Some((colon, _))) = (last, opening(text, parents)) {
        out.insert_str(colon, if is_list { " []" } else { " {}" });
    }
    Ok(out)
}

/// Where a block's own line goes on behind its `key:`, and what stands there.
fn opening<'a>(text: &'a str, keys: &[String]) -> Option<(usize, &'a str)> {
    let block = find(text, keys)?;
    let line = &text[block.lines.start..super::line_stop(text, block.lines.start)];
    let rest = after_key(line.get(block.indent..)?, keys.last()?)?;
    Some((block.lines.start + line.len() - rest.len(), rest))
}

/// The same text with an empty list or mapping opened, so that something can stand below its key.
fn opened(text: &str, keys: &[String]) -> String {
    let mut out = text.to_owned();
    if let Some((at, rest)) = opening(text, keys) {
        let is_empty = |rest: &str| rest.starts_with(" []") || rest.starts_with(" {}");
        if is_empty(rest) {
            out.replace_range(at..at + 3, "");
        }
    }
    out
}

fn restore(text: &str, keys: &[String], other: &str, before: &Value) -> Result<String, TextError> {
    let Some(old) = find(other, keys) else {
        return remove(text, keys);
    };
    let raw = &other[old.lines];
    let (key, parents) = keys.split_last().ok_or(TextError::Place)?;
    let text = opened(text, parents);
    let text = text.as_str();
    let mut out = text.to_owned();
    let in_list = at(before, parents).is_some_and(Value::is_array);
    if let (false, Some(now)) = (in_list, find(text, keys)) {
        out.replace_range(now.lines, raw);
        return Ok(out);
    }
    let inner = find_inner(text, parents).ok_or(TextError::Place)?;
    let all = blocks(text, inner.clone());
    let place = match key.parse::<usize>() {
        Ok(nth) if in_list => all
            .get(nth)
            .map_or(inner.end, |(block, _)| block.lines.start),
        _ => {
            let was = find_inner(other, parents).ok_or(TextError::Place)?;
            let was = blocks(other, was);
            let later = was
                .iter()
                .skip_while(|(_, at)| after_key(&other[*at..], key).is_none());
            let mut names = later
                .skip(1)
                .filter_map(|(_, at)| other[*at..].split(':').next());
            let next = names.find_map(|name| {
                all.iter()
                    .find(|(_, at)| after_key(&text[*at..], name).is_some())
            });
            next.map_or(inner.end, |(block, _)| block.lines.start)
        }
    };
    let gap = if text[..place].is_empty() || text[..place].ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let tail = if raw.ends_with('\n') { "" } else { "\n" };
    out.insert_str(place, &format!("{gap}{raw}{tail}"));
    Ok(out)
}
