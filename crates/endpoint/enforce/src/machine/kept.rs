//! When a home could not be looked at, nobody knows what is in it: whoever makes the look at their home
//! fail must not get free what was denied there. So what was denied by an earlier pass stays, unless
//! somebody else is now known to use it by right.

use serde_json::{Value, json};

use super::{launches, work::Work};
use crate::{lever::Native, op::Op, overlay::Target, record::Edit};

/// Adds to what is wanted in a file what an earlier pass put there to deny something.
pub(super) fn keep(work: &Work<'_>, native: Native, target: &mut Target) {
    let Ok(Some(record)) = work.store.load(&target.file) else {
        return;
    };
    let allowed = work.allowed_names(native);
    for old in record.edits {
        if let Op::Whole { text } = &old.op {
            keep_whole(work, native, target, text);
        } else if denies(&old.op)
            && !is_used(work, &old.op, &allowed)
            && !target.edits.iter().any(|edit| edit.op == old.op)
        {
            target.edits.push(old);
        }
    }
}

/// Whether an edit denies something; others make up an allow-list.
fn denies(op: &Op) -> bool {
    match op {
        Op::Add { .. } => true,
        Op::Set { value, keys } => {
            *value == json!(false)
                || (keys.len() == 2 && value.get("enabled") == Some(&json!(false)))
        }
        _ => false,
    }
}

/// Whether somebody is known to use by right what an edit denies.
fn is_used(work: &Work<'_>, op: &Op, allowed: &[&str]) -> bool {
    match op {
        Op::Add { item, .. } if item.is_object() => launches::may_run(work, item),
        _ => name(op).is_some_and(|name| allowed.contains(&name)),
    }
}

/// The name that an edit denies, where it goes by name.
fn name(op: &Op) -> Option<&str> {
    match op {
        Op::Add { item, .. } => item.as_str(),
        Op::Set { keys, value } if *value == json!(false) => {
            keys.iter().rev().nth(1).map(String::as_str)
        }
        Op::Set { keys, .. } => keys.last().map(String::as_str),
        _ => None,
    }
}

/// Claude Code's lists: the old denials join the new ones.
fn keep_whole(work: &Work<'_>, native: Native, target: &mut Target, old: &str) {
    if native != Native::ClaudeCode {
        return;
    }
    let new = target.edits.iter().find_map(|edit| match &edit.op {
        Op::Whole { text } => Some(text.clone()),
        _ => None,
    });
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!({}));
    let mut lists: Value = read(new.as_deref().unwrap_or("{}"));
    let old: Value = read(old);
    let denied = |value: &Value| value["deniedMcpServers"].as_array().cloned();
    let mut all = denied(&lists).unwrap_or_default();
    let more = denied(&old).unwrap_or_default().into_iter();
    all.extend(more.filter(|entry| !launches::may_run(work, entry)));
    all.sort_by_key(Value::to_string);
    all.dedup();
    if all.is_empty() {
        return;
    }
    if let Some(map) = lists.as_object_mut() {
        map.insert("deniedMcpServers".into(), Value::Array(all));
    }
    let text = serde_json::to_string_pretty(&lists).unwrap_or_default() + "\n";
    let op = Op::Whole { text };
    target.edits = vec![Edit {
        op,
        since: None,
        server: None,
    }];
}
