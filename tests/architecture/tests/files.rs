//! What every source file keeps to: size, head, name, and no shortcuts.

use anyhow::Result;
use tidegate_architecture::{
    expect_none,
    tree::{Source, files},
};

/// Longer files are split by subject.
const MOST_LINES: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "common.rs",
    "helper.rs",
    "helpers.rs",
    "misc.rs",
    "util.rs",
    "utils.rs",
];

/// Crates that take ports instead of touching the machine.
const DOMAIN: &[&str] = &[
    "crates/base/types",
    "crates/base/wire",
    "crates/gateway/provider",
    "crates/gateway/governance",
    "crates/gateway/pipeline",
];

/// Modules of `std` that touch it.
const MACHINE: &[&str] = &["env", "fs", "process"];

/// Types of `std::net` that are sockets; addresses are values and welcome.
const SOCKETS: &[&str] = &[
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "UnixListener",
    "UnixStream",
];

fn breaches(breach: impl Fn(&Source) -> Option<String>) -> Result<Vec<String>> {
    let found = files("", "rs")?;
    assert!(found.len() > 20, "the walk finds the tree");
    let breaches = found
        .iter()
        .filter_map(|source| Some(format!("{}: {}", source.path, breach(source)?)));
    Ok(breaches.collect())
}

#[test]
fn files_are_short() -> Result<()> {
    let long = breaches(|source| {
        let lines = source.text.lines().count();
        (lines > MOST_LINES)
            .then(|| format!("{lines} lines, at most {MOST_LINES}; split by subject"))
    })?;
    expect_none("files that are too long:", &long);
    Ok(())
}

#[test]
fn files_say_what_they_are() -> Result<()> {
    let silent = breaches(|source| {
        let head = source.text.lines().next().unwrap_or_default();
        let says = head
            .strip_prefix("//!")
            .is_some_and(|text| !text.trim().is_empty());
        (!says).then(|| "starts without a `//!` line that says what it is and why".into())
    })?;
    expect_none("files without a head:", &silent);
    Ok(())
}

#[test]
fn names_say_what_is_inside() -> Result<()> {
    let empty = breaches(|source| match source.name() {
        "mod.rs" => Some("write the module as `foo.rs` beside `foo/`".into()),
        name if EMPTY_NAMES.contains(&name) => Some("name it after what is inside".into()),
        _ => None,
    })?;
    expect_none("names that say nothing:", &empty);
    Ok(())
}

#[test]
fn imports_are_named() -> Result<()> {
    let starred = breaches(|source| {
        let line = source.text.lines().position(|line| {
            let line = line
                .trim()
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            line.starts_with("use crate::*")
        })?;
        Some(format!(
            "line {}: name what is used, not `crate::*`",
            line + 1
        ))
    })?;
    expect_none("imports of everything:", &starred);
    Ok(())
}

#[test]
fn nothing_is_left_for_later() -> Result<()> {
    // Put together here, so that this file does not hold them itself.
    let later = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[", "ignore"),
        concat!("unimpl", "emented!("),
    ];
    let left = breaches(|source| {
        let (line, what) = source.text.lines().enumerate().find_map(|(line, text)| {
            later
                .iter()
                .find(|word| text.contains(**word))
                .map(|word| (line, word))
        })?;
        Some(format!("line {}: `{what}`", line + 1))
    })?;
    expect_none("work left for later:", &left);
    Ok(())
}

#[test]
fn domain_crates_do_not_touch_the_machine() -> Result<()> {
    let mut touched = Vec::new();
    for folder in DOMAIN {
        for source in files(folder, "rs")? {
            if let Some(what) = touches(source.without_tests()) {
                touched.push(format!(
                    "{}: {what}; take a port or a value instead",
                    source.path
                ));
            }
        }
    }
    expect_none(
        "domain code that touches files, sockets, processes or the environment:",
        &touched,
    );
    Ok(())
}

/// The first name of the machine that a source uses, in `std::fs::read` as in `use std::{fs, io}`.
fn touches(text: &str) -> Option<String> {
    if let Some(socket) = SOCKETS.iter().find(|socket| text.contains(**socket)) {
        return Some((*socket).to_owned());
    }
    text.split("std::").skip(1).find_map(|rest| {
        let named = match rest.strip_prefix('{') {
            None => vec![word(rest)],
            Some(group) => group[..closing(group)]
                .split(',')
                .map(|part| word(part.trim()))
                .collect(),
        };
        named
            .into_iter()
            .find(|name| MACHINE.contains(name))
            .map(|name| format!("std::{name}"))
    })
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

/// Where the group that `text` is the inside of ends.
fn closing(text: &str) -> usize {
    let mut depth = 1_usize;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[test]
fn sees_the_machine_in_every_spelling() {
    assert_eq!(
        touches("let x = std::fs::read(p);").as_deref(),
        Some("std::fs")
    );
    assert_eq!(
        touches("use std::{\n    collections::{BTreeMap, HashMap},\n    env,\n};").as_deref(),
        Some("std::env")
    );
    assert_eq!(
        touches("use std::net::TcpStream;").as_deref(),
        Some("TcpStream")
    );
    assert_eq!(touches("use std::{fmt, net::IpAddr}; // fs, env"), None);
    assert_eq!(touches("use std::fsm::X; std::environment()"), None);
}
