//! Windsurf, and Codeium's plugin for JetBrains' editors.

use tidegate_device_api::Scope;

use super::vscode;
use crate::mcp::{
    row::{ANY, Client, Row, Shape, USUAL, json},
    scan::Scan,
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const CLIENT: Client = Client {
    id: "windsurf",
    rows: ROWS,
    projects: Some(|scan| vscode::workspaces(scan, &["Windsurf", "Windsurf - Next"])),
    more: Some(more),
    switches: None,
};

const ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "~/.codeium/windsurf/mcp_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "~/.codeium/windsurf-next/mcp_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "~/.codeium/mcp_config.json",
        KEYS,
        SERVERS,
    ),
];

/// Claude Code's file, which it reads too. Where there is no Windsurf, nobody does.
const SHARED: Row = json(Scope::Project, ANY, "./.mcp.json", KEYS, SERVERS);

fn more(scan: &mut Scan<'_>) {
    if scan.is_there("~/.codeium/windsurf") {
        scan.row(&SHARED);
    }
}
