//! OpenCode's managed configuration: it is merged over every other, by name.

use serde_json::Value;
use tidegate_discovery::Format;

use super::work::{Holds, Seen, Work};
use crate::{
    lever::{self, Native},
    op::Op,
    overlay::Target,
};

pub(super) fn target(work: &Work<'_>) -> Target {
    let denied = work.denied_names(Native::OpenCode);
    let ops = denied
        .iter()
        .filter(|(name, _)| is_fit(name))
        .filter_map(|(_, seen)| seen.first().map(|one| op(one)));
    bare(work, ops.collect())
}

/// OpenCode puts files and variables in for `{file:…}` and `{env:…}` before it reads the text, names included, and
/// ends where a file is not there: such a name of one person's would stop it for everybody.
fn is_fit(name: &str) -> bool {
    !name.contains("{file:") && !name.contains("{env:")
}

fn bare(work: &Work<'_>, ops: Vec<Op>) -> Target {
    // With both, the one with comments is read last.
    let commented = Native::OpenCode.file(work.places, "opencode.jsonc");
    let file = match commented.exists() {
        true => commented,
        false => Native::OpenCode.file(work.places, "opencode.json"),
    };
    work.target(file, Format::Jsonc, ops)
}

fn op(seen: &Seen<'_>) -> Op {
    let keys = seen
        .located
        .entry
        .as_ref()
        .map(|entry| entry.keys.as_slice());
    let second = keys.is_some_and(|keys| keys.len() > 2 && keys[..2] == ["mcp", "servers"]);
    let above: &[&str] = if second {
        &["mcp", "servers"]
    } else {
        &["mcp"]
    };
    let keys = above
        .iter()
        .copied()
        .chain([lever::name(seen.located), "enabled"]);
    Op::Set {
        keys: keys.map(str::to_owned).collect(),
        value: Value::Bool(false),
    }
}

pub(super) fn holds(work: &Work<'_>, seen: &Seen<'_>) -> Holds {
    let name = lever::name(seen.located);
    if !is_fit(name) {
        return match &seen.located.entry {
            Some(entry) if entry.shared || seen.home.is_none() => Holds::Cannot(
                "its name cannot stand in the client's policy: the client would read it as a file's",
            ),
            _ => Holds::Elsewhere,
        };
    }
    if !work.denied_names(Native::OpenCode).contains_key(name) {
        return mixed(seen);
    }
    match work.stands(&bare(work, Vec::new()), &op(seen)) {
        Some(since) => Holds::Yes {
            since,
            detail: None,
        },
        None => Holds::No,
    }
}

/// One name stands for a denied server here and for one that may run there.
pub(super) fn mixed(seen: &Seen<'_>) -> Holds {
    match &seen.located.entry {
        Some(entry) if !entry.shared && seen.home.is_some() => Holds::Elsewhere,
        Some(_) => Holds::Cannot(
            "the client's policy goes by name, and under this name others at this machine have a server \
             that may run",
        ),
        None => Holds::Elsewhere,
    }
}
