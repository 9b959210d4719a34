//! Cursor: editor and command line.

use std::collections::BTreeSet;

use tidegate_device_api::Scope;

use super::{plugins, vscode};
use crate::mcp::{
    paths::below,
    row::{ANY, Client, Row, Shape, URL_FIRST, json},
    scan::Scan,
};

const SERVERS: Shape = Shape::Map(URL_FIRST);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const CLIENT: Client = Client {
    id: "cursor",
    rows: ROWS,
    projects: Some(|scan| vscode::workspaces(scan, &["Cursor"])),
    more: Some(more),
    switches: None,
};

const ROWS: &[Row] = &[
    json(Scope::User, ANY, "~/.cursor/mcp.json", KEYS, SERVERS),
    json(Scope::Project, ANY, "./.cursor/mcp.json", KEYS, SERVERS),
];

/// Claude Code's file, which it reads too. Where there is no Cursor, nobody does.
const SHARED: Row = json(Scope::Project, ANY, "./.mcp.json", KEYS, SERVERS);

fn more(scan: &mut Scan<'_>) {
    if scan.is_there("~/.cursor") {
        scan.row(&SHARED);
    }
    for base in scan.paths("~/.cursor/plugins", None) {
        let patterns = [
            ("cache/**/mcp.json", 1),
            ("cache/**/.mcp.json", 1),
            ("local/**/mcp.json", 1),
            ("local/**/.mcp.json", 1),
            ("cache/**/.cursor-plugin/plugin.json", 2),
            ("local/**/.cursor-plugin/plugin.json", 2),
        ];
        let mut folders = BTreeSet::new();
        for (pattern, levels) in patterns {
            let found = below(&base, pattern).into_iter();
            folders.extend(found.filter_map(|p| p.ancestors().nth(levels).map(Into::into)));
        }
        let folders: BTreeSet<std::path::PathBuf> = folders;
        for folder in folders {
            plugins::servers(scan, &folder, ".cursor-plugin/plugin.json", false);
        }
    }
}
