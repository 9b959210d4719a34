//! Claude Code and Copilot: lists of exact commands and URL patterns, whatever a server is called.
//!
//! Everybody reads these files, so a command that holds a credential is never written there: its name is,
//! and the pass over the home takes its entry out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tidegate_discovery::Format;
use tidegate_policy::{Decision, Scheme};

use super::work::{Holds, Seen, Work};
use crate::{
    Shadow, disk,
    lever::{self, Native},
    op::Op,
    overlay::Target,
    shape, spelling,
    text::Doc,
    verdict::Duty,
};

/// A list that a client reads at every start stays short.
const MOST: usize = 4000;
const DROP_IN: &str = "managed-settings.d/50-tidegate.json";
const EXACT: &str = "the client compares whole commands: one that is written differently is met when a look finds it in a file or running";

pub(super) fn claude_code(work: &Work<'_>) -> Target {
    let lists = Lists::of(work, Native::ClaudeCode);
    let file = Native::ClaudeCode.file(work.places, DROP_IN);
    let map = lists.map();
    let text = serde_json::to_string_pretty(&map).unwrap_or_default() + "\n";
    let ops = if map.is_empty() {
        Vec::new()
    } else {
        vec![Op::Whole { text }]
    };
    work.target(file, Format::Jsonc, ops)
}

pub(super) fn copilot(work: &Work<'_>) -> Target {
    let lists = Lists::of(work, Native::Copilot);
    let keys = |name: &str| vec![name.to_owned()];
    let mut ops: Vec<Op> = Vec::new();
    for item in lists.denied {
        ops.push(Op::Add {
            keys: keys("deniedMcpServers"),
            item,
        });
    }
    if let Some(allowed) = lists.allowed {
        ops.push(Op::Set {
            keys: keys("allowedMcpServers"),
            value: json!(allowed),
        });
        ops.push(Op::Set {
            keys: keys("allowManagedMcpServersOnly"),
            value: json!(true),
        });
    }
    work.target(
        Native::Copilot.file(work.places, "managed-settings.json"),
        Format::Jsonc,
        ops,
    )
}

/// What may not run, and in an allow-list what may.
struct Lists {
    denied: Vec<Value>,
    allowed: Option<Vec<Value>>,
}

impl Lists {
    fn of(work: &Work<'_>, native: Native) -> Self {
        if !work.has(native) {
            return Self {
                denied: Vec::new(),
                allowed: None,
            };
        }
        let wanted = work.is_allow_list() && !has_own_list(work, native);
        Self {
            denied: denied(work, native),
            allowed: if wanted { allowed(work, native) } else { None },
        }
    }

    fn map(&self) -> Map<String, Value> {
        let mut map = Map::new();
        if !self.denied.is_empty() {
            map.insert("deniedMcpServers".into(), json!(self.denied));
        }
        if let Some(allowed) = &self.allowed {
            map.insert("allowedMcpServers".into(), json!(allowed));
            map.insert("allowManagedMcpServersOnly".into(), json!(true));
        }
        map
    }
}

/// The organisation's own allow-list stands: ours beside it would allow more than it does.
fn has_own_list(work: &Work<'_>, native: Native) -> bool {
    let mut files = vec![native.file(work.places, "managed-settings.json")];
    let drop_ins = std::fs::read_dir(native.file(work.places, "managed-settings.d"));
    files.extend(
        drop_ins
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path()),
    );
    files.retain(|file| !file.ends_with(DROP_IN));
    files.iter().any(|file| {
        work.base(file, Format::Jsonc)
            .get("allowedMcpServers")
            .is_some()
    })
}

/// Everything denied that anybody at this machine has, in any client: it may be copied to this one. And
/// every denied URL of the policy, so that it does not run even once.
fn denied(work: &Work<'_>, native: Native) -> Vec<Value> {
    let may_run = commands_that_may_run(work);
    let mut list = BTreeSet::new();
    for seen in work.seen.iter().filter(|seen| seen.duty == Duty::Stop) {
        if let Some(url) = spelling::target(seen.located) {
            let patterns = spelling::patterns(url, is_alone(work, url));
            list.extend(patterns.into_iter().map(Item::Url));
        }
        if spelling::url(seen.located).is_some() {
            continue;
        }
        match spelling::commands(seen.located, seen.home) {
            Some(commands) => {
                let commands = commands.into_iter().filter(|argv| !may_run.contains(argv));
                list.extend(commands.map(Item::Command));
            }
            None if Native::of(&seen.located.server.client) == Some(native) => {
                let name = lever::name(seen.located);
                let other = |one: &&Seen<'_>| one.duty != Duty::Stop;
                let all = work.names(native);
                if all.get(name).is_none_or(|all| !all.iter().any(other)) {
                    list.insert(Item::Name(name.to_owned()));
                }
            }
            None => {}
        }
    }
    for rule in &work.document.mcp_servers {
        let target = &rule.target;
        let whole = target.arguments.is_none() && target.launch.is_none();
        if rule.decision == Decision::Denied && whole && target.identity.scheme() == Scheme::Url {
            let url = target.identity.rest();
            list.extend(
                spelling::patterns(url, is_alone(work, url))
                    .into_iter()
                    .map(Item::Url),
            );
        }
    }
    list.into_iter().take(MOST).map(Item::entry).collect()
}

/// Whether no server that may run is at the host of a URL.
fn is_alone(work: &Work<'_>, url: &str) -> bool {
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split(['/', '?'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let other = |seen: &&Seen<'_>| seen.duty != Duty::Stop;
    let mut others = work.seen.iter().filter(other);
    !others.any(|seen| spelling::target(seen.located).is_some_and(|one| host(one) == host(url)))
}

/// Whether somebody who is known may use what an entry denies.
pub(super) fn may_run(work: &Work<'_>, entry: &Value) -> bool {
    let argv = |argv: &Value| {
        commands_that_may_run(work)
            .iter()
            .any(|one| json!(one) == *argv)
    };
    let url = |pattern: &str| {
        let allowed = work.seen.iter().filter(|seen| seen.duty != Duty::Stop);
        allowed
            .filter_map(|seen| spelling::target(seen.located))
            .any(|url| spelling::matches(pattern, url))
    };
    entry.get("serverCommand").is_some_and(argv)
        || entry
            .get("serverUrl")
            .and_then(Value::as_str)
            .is_some_and(url)
}

fn commands_that_may_run(work: &Work<'_>) -> BTreeSet<Vec<String>> {
    let allowed = work.seen.iter().filter(|seen| seen.duty != Duty::Stop);
    allowed
        .filter_map(|seen| spelling::commands(seen.located, seen.home))
        .flatten()
        .collect()
}

/// Everything that may run in this client. None when it cannot be said: a command that holds a credential
/// would have to be in it.
fn allowed(work: &Work<'_>, native: Native) -> Option<Vec<Value>> {
    let mut list = BTreeSet::new();
    for seen in work.seen.iter().filter(|seen| seen.duty != Duty::Stop) {
        let server = &seen.located.server;
        if Native::of(&server.client) != Some(native) {
            continue;
        }
        if let Some(url) = spelling::url(seen.located) {
            list.extend(spelling::patterns(url, false).into_iter().map(Item::Url));
            continue;
        }
        for argv in spelling::commands(seen.located, seen.home)? {
            if seen.duty == Duty::Filter {
                let shim = &work.settings.shim;
                list.insert(Item::Command(shape::wrapped(
                    shim,
                    server.client.as_str(),
                    &server.name,
                    &argv,
                )));
            }
            list.insert(Item::Command(argv));
        }
    }
    for rule in &work.document.mcp_servers {
        let identity = &rule.target.identity;
        if rule.decision != Decision::Denied && identity.scheme() == Scheme::Url {
            list.extend(
                spelling::patterns(identity.rest(), false)
                    .into_iter()
                    .map(Item::Url),
            );
        }
    }
    (list.len() <= MOST).then(|| list.into_iter().map(Item::entry).collect())
}

/// An entry of a list, in an order that does not depend on who was looked at first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Command(Vec<String>),
    Url(String),
    Name(String),
}

impl Item {
    fn entry(self) -> Value {
        match self {
            Self::Command(argv) => json!({"serverCommand": argv}),
            Self::Url(pattern) => json!({"serverUrl": pattern}),
            Self::Name(name) => json!({"serverName": name}),
        }
    }
}

fn shadow(work: &Work<'_>, native: Native, seen: &Seen<'_>) -> Option<String> {
    let here = |shadow: &&Shadow| {
        Native::of(&shadow.client) == Some(native)
            && seen.home.is_some_and(|home| home.uid == shadow.uid)
    };
    let home = work.settings.shadowed.iter().find(here);
    let machine = lever::shadow(work.places, native).map(str::to_owned);
    machine.or_else(|| home.map(|shadow| shadow.by.clone()))
}

/// Looks in the file whether it denies a server, as the client would read it.
pub(super) fn holds(work: &Work<'_>, native: Native, seen: &Seen<'_>) -> Holds {
    let url = spelling::url(seen.located);
    let commands = spelling::commands(seen.located, seen.home);
    if url.is_none() && commands.is_none() && seen.home.is_some() {
        return Holds::Elsewhere;
    }
    if let Some(by) = shadow(work, native, seen) {
        return Holds::Shadowed(by);
    }
    if url.is_none() && commands.is_none() {
        return Holds::Cannot(
            "its command holds a credential, and everybody reads the client's policy",
        );
    }
    let name = if native == Native::Copilot {
        "managed-settings.json"
    } else {
        DROP_IN
    };
    let read = disk::read(&native.file(work.places, name));
    let Ok(Some((text, since))) = read else {
        return Holds::No;
    };
    let doc = Doc::read(Format::Jsonc, &text);
    let list = doc.map(|doc| doc.value).unwrap_or_default();
    let list = list
        .get("deniedMcpServers")
        .and_then(Value::as_array)
        .cloned();
    let list = list.unwrap_or_default();
    let says = |key: &str, fits: &dyn Fn(&Value) -> bool| {
        list.iter().filter_map(|entry| entry.get(key)).any(fits)
    };
    let denied = match (url, commands) {
        (Some(url), _) => {
            let raw = seen
                .located
                .raw
                .url
                .as_deref()
                .filter(|raw| raw.contains("://"));
            says("serverUrl", &|pattern| {
                pattern
                    .as_str()
                    .is_some_and(|pattern| spelling::matches(pattern, raw.unwrap_or(url)))
            })
        }
        (None, Some(commands)) => commands
            .iter()
            .all(|argv| says("serverCommand", &|command| *command == json!(argv))),
        (None, None) => false,
    };
    match denied {
        true => Holds::Yes {
            since,
            detail: url.is_none().then_some(EXACT),
        },
        false => Holds::No,
    }
}
