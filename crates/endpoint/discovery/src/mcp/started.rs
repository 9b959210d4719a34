//! Servers that stand in no file of settings: what running clients were given on their command line or in
//! their environment.

use std::path::{Path, PathBuf};

use tidegate_device_api::Scope;

use super::{
    environment::CONTENT,
    row::{Shape, USUAL},
    scan::{Doc, Scan},
    walk::Origin,
};
use crate::{Format, formats};

const MOST_FILES: usize = 64;

pub(super) fn servers(scan: &mut Scan<'_>) {
    scan.client = "opencode";
    for content in scan.environment.contents.clone() {
        inline(scan, CONTENT, &content, &["mcp"]);
    }
    for (client, process) in scan.environment.clients.clone() {
        if client.as_str() != "claude-code" {
            continue;
        }
        scan.client = "claude-code";
        let given = after(&process.argv, "--mcp-config");
        for given in given.into_iter().take(MOST_FILES) {
            if given.trim_start().starts_with('{') {
                inline(scan, "--mcp-config", given, &["mcpServers"]);
                continue;
            }
            let folder = process.cwd.clone().unwrap_or_else(|| PathBuf::from("/"));
            let path = scan.places.real(&folder.join(given));
            if let Some(doc) = scan.doc_if_there(&path, Format::Jsonc) {
                let shape = Shape::Map(USUAL);
                scan.entries(
                    Scope::Process,
                    &doc,
                    &["mcpServers"],
                    shape,
                    Origin::default(),
                );
            }
        }
    }
}

/// What stands behind a flag that takes one or more values.
fn after<'w>(words: &'w [String], flag: &str) -> Vec<&'w str> {
    let mut found = Vec::new();
    let mut taking = false;
    for word in words {
        if let Some(value) = word.strip_prefix(flag) {
            taking = value.is_empty();
            found.extend(value.strip_prefix('='));
        } else if word.starts_with('-') {
            taking = false;
        } else if taking {
            found.push(word);
        }
    }
    found
}

/// A configuration that stands in a word; it has no file, so there is nothing to edit.
fn inline(scan: &mut Scan<'_>, name: &str, text: &str, keys: &[&str]) {
    let doc = Doc {
        path: scan.places.real(Path::new("/proc/self")).join(name),
        format: Format::Jsonc,
        parsed: formats::parse(Format::Jsonc, text.as_bytes()),
    };
    let before = scan.servers.len();
    scan.entries(
        Scope::Process,
        &doc,
        keys,
        Shape::Nested(USUAL),
        Origin::default(),
    );
    for located in scan.servers.iter_mut().skip(before) {
        located.entry = None;
        located.server.config_path = name.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_takes_every_word_up_to_the_next() {
        let words = "claude -p x --mcp-config a.json b.json --debug --mcp-config=c.json d";
        let words: Vec<_> = words.split(' ').map(str::to_owned).collect();
        assert_eq!(
            after(&words, "--mcp-config"),
            ["a.json", "b.json", "c.json"]
        );
    }
}
