//! Codex: names switched off by `managed_config.toml`, and an allow-list by `requirements.toml`.
//!
//! A name that a user does not have, or has with another transport, stops Codex for that user unless the
//! entry is whole. So ours are whole, and a name that stands for different transports is left to the edits
//! in the homes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tidegate_device_api::Transport;
use tidegate_discovery::Format;

use super::{
    opencode::mixed,
    work::{Holds, Seen, Work},
};
use crate::{
    lever::{self, Native},
    op::Op,
    overlay::Target,
    shape,
    verdict::Duty,
};

const MANAGED: &str = "managed_config.toml";
const REQUIREMENTS: &str = "requirements.toml";

pub(super) fn targets(work: &Work<'_>) -> Vec<Target> {
    let ops = denied(work).into_values().collect();
    let file = Native::Codex.file(work.places, MANAGED);
    vec![work.target(file, Format::Toml, ops), requirements(work)]
}

/// What switches off each name that may be.
fn denied<'w>(work: &'w Work<'_>) -> BTreeMap<&'w str, Op> {
    let base = work.base(&Native::Codex.file(work.places, MANAGED), Format::Toml);
    let names = work.denied_names(Native::Codex).into_iter();
    let ops = names.filter_map(|(name, seen)| {
        let stdio = |one: &&Seen<'_>| one.located.server.transport == Transport::Stdio;
        let local = seen.first().is_some_and(stdio);
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        // Codex stops at a name that it does not take.
        let fit = name.bytes().all(known) && seen.iter().all(|one| stdio(one) == local);
        let keys = vec!["mcp_servers".to_owned(), name.to_owned()];
        let op = if base.pointer(&format!("/mcp_servers/{name}")).is_some() {
            Op::Set {
                keys: [keys, vec!["enabled".to_owned()]].concat(),
                value: json!(false),
            }
        } else if local {
            Op::Set {
                keys,
                value: json!({"command": "/bin/false", "enabled": false}),
            }
        } else {
            Op::Set {
                keys,
                value: json!({"url": "https://denied.invalid/", "enabled": false}),
            }
        };
        fit.then_some((name, op))
    });
    ops.collect()
}

/// Names with what each has to be, when nothing else may run.
fn requirements(work: &Work<'_>) -> Target {
    let file = Native::Codex.file(work.places, REQUIREMENTS);
    let own_list = work.base(&file, Format::Toml).get("mcp_servers").is_some();
    let wanted = work.is_allow_list() && work.has(Native::Codex) && !own_list;
    let value = wanted.then(|| allowed(work)).flatten();
    let op = value.map(|value| Op::Set {
        keys: vec!["mcp_servers".to_owned()],
        value,
    });
    work.target(file, Format::Toml, op.into_iter().collect())
}

/// None when one name stands for different servers that may run: then unknown ones are only denied by
/// name, once they are seen.
fn allowed(work: &Work<'_>) -> Option<Value> {
    let mut list = Map::new();
    for (name, seen) in work.names(Native::Codex) {
        for one in seen.into_iter().filter(|one| one.duty != Duty::Stop) {
            let identity = json!({"identity": identity(work, one)?});
            if list
                .insert(name.to_owned(), identity.clone())
                .is_some_and(|old| old != identity)
            {
                return None;
            }
        }
    }
    Some(Value::Object(list))
}

/// What a server has to be: its exact argv but for secrets, or its URL.
fn identity(work: &Work<'_>, seen: &Seen<'_>) -> Option<Value> {
    let (raw, server) = (&seen.located.raw, &seen.located.server);
    if let Some(url) = &raw.url {
        return Some(match seen.located.secret {
            false => json!({"url": url}),
            true => {
                json!({"url": {"match": "prefix", "value": crate::spelling::url(seen.located)?}})
            }
        });
    }
    let argv: Vec<String> = raw.command.iter().chain(&raw.args).cloned().collect();
    let shown: Vec<&String> = server.command.iter().chain(&server.args).collect();
    if seen.located.secret && shown.len() != argv.len() {
        return None;
    }
    let word = |(at, word): (usize, &String)| match shown.get(at) {
        Some(shown) if seen.located.secret && *shown != word => {
            json!({"match": "regex", "expression": "(?s).*"})
        }
        _ => json!({"match": "exact", "value": word}),
    };
    let mut words: Vec<Value> = argv.iter().enumerate().map(word).collect();
    let mut executable = raw.command.clone()?;
    if seen.duty == Duty::Filter {
        let ours = shape::wrapped(
            &work.settings.shim,
            server.client.as_str(),
            &server.name,
            &[],
        );
        let ours = ours
            .iter()
            .map(|word| json!({"match": "exact", "value": word}));
        words = ours.chain(words).collect();
        executable.clone_from(&work.settings.shim);
    }
    let args = words.get(1..).unwrap_or_default();
    Some(json!({"command": {"executable": executable, "args": args}}))
}

pub(super) fn holds(work: &Work<'_>, seen: &Seen<'_>) -> Holds {
    let names = denied(work);
    let Some(op) = names.get(lever::name(seen.located)) else {
        return mixed(seen);
    };
    let file = Native::Codex.file(work.places, MANAGED);
    match work.stands(&work.target(file, Format::Toml, Vec::new()), op) {
        Some(since) => Holds::Yes {
            since,
            detail: None,
        },
        None => Holds::No,
    }
}
