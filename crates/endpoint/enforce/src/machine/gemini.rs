//! Gemini CLI's settings and policies for the machine, by name. They are advisory: a variable of the user's
//! environment points the client elsewhere.

use serde_json::{Value, json};
use tidegate_discovery::Format;

use super::{
    opencode::mixed,
    work::{Holds, Seen, Work},
};
use crate::{
    lever::{self, Native},
    op::Op,
    overlay::Target,
};

const ADVISORY: &str =
    "advisory: the client takes other settings when GEMINI_CLI_SYSTEM_SETTINGS_PATH says so";

pub(super) fn targets(work: &Work<'_>) -> Vec<Target> {
    vec![settings(work), rules(work)]
}

/// `mcp.excluded`, merged into what the organisation has there, and in an allow-list `mcp.allowed`.
fn settings(work: &Work<'_>) -> Target {
    let denied = work.denied_names(Native::Gemini);
    let mut ops: Vec<Op> = denied.keys().map(|name| excluded(name)).collect();
    let file = Native::Gemini.file(work.places, "settings.json");
    let own_list = work
        .base(&file, Format::Jsonc)
        .pointer("/mcp/allowed")
        .is_some();
    if work.is_allow_list() && work.has(Native::Gemini) && !own_list {
        let mut allowed = work.allowed_names(Native::Gemini);
        if allowed.is_empty() {
            // An empty list would mean that there is none.
            allowed.push("none-is-approved");
        }
        ops.push(Op::Set {
            keys: keys("allowed"),
            value: json!(allowed),
        });
    }
    work.target(file, Format::Jsonc, ops)
}

fn excluded(name: &str) -> Op {
    Op::Add {
        keys: keys("excluded"),
        item: Value::from(name),
    }
}

fn keys(name: &str) -> Vec<String> {
    vec!["mcp".to_owned(), name.to_owned()]
}

/// A rule for each name: it is what tells the person why.
fn rules(work: &Work<'_>) -> Target {
    let mut text = String::from("# Written by Tidegate; changes are undone.\n");
    let denied = work.denied_names(Native::Gemini);
    for (name, seen) in &denied {
        let note = seen.iter().find_map(|one| one.verdict.note.as_deref());
        let message = match note {
            Some(note) => format!("Your organisation denied this MCP server: {note}"),
            None => "Your organisation denied this MCP server.".to_owned(),
        };
        let string = |text: &str| toml_edit::Value::from(text).to_string();
        text += &format!(
            "\n[[rule]]\nmcpName = {}\ntoolName = \"*\"\ndecision = \"deny\"\npriority = 999\ndenyMessage = {}\n",
            string(name),
            string(&message),
        );
    }
    let ops = if denied.is_empty() {
        Vec::new()
    } else {
        vec![Op::Whole { text }]
    };
    work.target(
        Native::Gemini.file(work.places, "policies/tidegate.toml"),
        Format::Toml,
        ops,
    )
}

pub(super) fn holds(work: &Work<'_>, seen: &Seen<'_>) -> Holds {
    let name = lever::name(seen.located);
    if !work.denied_names(Native::Gemini).contains_key(name) {
        return mixed(seen);
    }
    let file = Native::Gemini.file(work.places, "settings.json");
    match work.stands(
        &work.target(file, Format::Jsonc, Vec::new()),
        &excluded(name),
    ) {
        Some(since) => Holds::Yes {
            since,
            detail: Some(ADVISORY),
        },
        None => Holds::No,
    }
}
