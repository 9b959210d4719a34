//! Claude Desktop, and the extensions (MCP bundles) in it.

use tidegate_device_api::{Looked, Scope};

use crate::mcp::{
    row::{Client, LINUX, MACOS, Row, Shape, USUAL, WINDOWS, json},
    scan::Scan,
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const CLIENT: Client = Client {
    id: "claude-desktop",
    rows: ROWS,
    projects: None,
    more: Some(settings),
    switches: None,
};

/// On Windows it may be packaged, and then its folder is one that Windows made up.
const ROWS: &[Row] = &[
    json(
        Scope::User,
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Claude/claude_desktop_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        MACOS,
        "~/Library/Application Support/Claude/claude_desktop_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        MACOS,
        "~/Library/Application Support/Claude-3p/claude_desktop_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        WINDOWS,
        "~/AppData/Roaming/Claude/claude_desktop_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        WINDOWS,
        "~/AppData/Local/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
        KEYS,
        SERVERS,
    ),
    bundles(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Claude/Claude Extensions/*/manifest.json",
    ),
    bundles(
        MACOS,
        "~/Library/Application Support/Claude/Claude Extensions/*/manifest.json",
    ),
    bundles(
        WINDOWS,
        "~/AppData/Roaming/Claude/Claude Extensions/*/manifest.json",
    ),
    bundles(
        WINDOWS,
        "~/AppData/Local/Packages/Claude_*/LocalCache/Roaming/Claude/Claude Extensions/*/manifest.json",
    ),
];

const fn bundles(os: &'static [crate::Os], path: &'static str) -> Row {
    json(Scope::Extension, os, path, &[], Shape::Bundle)
}

/// What a person entered for an extension is full of credentials: that it is there is all that is told.
const SETTINGS: &[(&[crate::Os], &str)] = &[
    (
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Claude/Claude Extensions Settings/*.json",
    ),
    (
        MACOS,
        "~/Library/Application Support/Claude/Claude Extensions Settings/*.json",
    ),
    (
        WINDOWS,
        "~/AppData/Roaming/Claude/Claude Extensions Settings/*.json",
    ),
];

fn settings(scan: &mut Scan<'_>) {
    for (os, pattern) in SETTINGS {
        if scan.is(os) {
            for path in scan.paths(pattern, None) {
                scan.cover_unread(
                    &path,
                    Looked::Found,
                    "it holds what a person entered; not read",
                );
            }
        }
    }
}
