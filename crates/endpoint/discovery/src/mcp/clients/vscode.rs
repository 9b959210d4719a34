//! Visual Studio Code and what is built on it, and GitHub Copilot's command line (VS Code's documentation:
//! "Use MCP servers"; Copilot CLI's "mcp-config.json").

use std::path::PathBuf;

use tidegate_device_api::Scope;

use crate::{
    Format, Os,
    mcp::{
        paths::below,
        projects::{from_uri, keys},
        row::{ANY, Client, LINUX, MACOS, Row, Shape, USUAL, WINDOWS, json},
        scan::Scan,
    },
    tree::Tree,
};

const SERVERS: Shape = Shape::Map(USUAL);
const FILE: &[&str] = &["servers"];
const SETTINGS: &[&str] = &["mcp", "servers"];
const CONTAINER: &[&str] = &["customizations", "vscode", "mcp", "servers"];
const WORKSPACE: &[&str] = &["settings", "mcp", "servers"];

pub(super) const CODE: Client = Client {
    id: "vscode",
    rows: CODE_ROWS,
    projects: Some(|scan| workspaces(scan, &["Code", "Code - Insiders"])),
    more: Some(more),
    switches: None,
};

pub(super) const CODIUM: Client = Client {
    id: "vscodium",
    rows: CODIUM_ROWS,
    projects: Some(|scan| workspaces(scan, &["VSCodium"])),
    more: None,
    switches: None,
};

pub(super) const COPILOT: Client = Client::plain("copilot-cli", COPILOT_ROWS);

const fn user(os: &'static [Os], path: &'static str, keys: &'static [&'static str]) -> Row {
    json(Scope::User, os, path, keys, SERVERS)
}

const CODE_ROWS: &[Row] = &[
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code/User/mcp.json",
        FILE,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code/User/settings.json",
        SETTINGS,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code/User/profiles/*/mcp.json",
        FILE,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code - Insiders/User/mcp.json",
        FILE,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code - Insiders/User/settings.json",
        SETTINGS,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/Code - Insiders/User/profiles/*/mcp.json",
        FILE,
    ),
    user(LINUX, "~/.vscode-server/data/User/mcp.json", FILE),
    user(
        LINUX,
        "~/.vscode-server/data/Machine/settings.json",
        SETTINGS,
    ),
    user(
        MACOS,
        "~/Library/Application Support/Code/User/mcp.json",
        FILE,
    ),
    user(
        MACOS,
        "~/Library/Application Support/Code/User/settings.json",
        SETTINGS,
    ),
    user(
        MACOS,
        "~/Library/Application Support/Code/User/profiles/*/mcp.json",
        FILE,
    ),
    user(
        MACOS,
        "~/Library/Application Support/Code - Insiders/User/mcp.json",
        FILE,
    ),
    user(
        MACOS,
        "~/Library/Application Support/Code - Insiders/User/settings.json",
        SETTINGS,
    ),
    user(WINDOWS, "~/AppData/Roaming/Code/User/mcp.json", FILE),
    user(
        WINDOWS,
        "~/AppData/Roaming/Code/User/settings.json",
        SETTINGS,
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/Code/User/profiles/*/mcp.json",
        FILE,
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/Code - Insiders/User/mcp.json",
        FILE,
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/Code - Insiders/User/settings.json",
        SETTINGS,
    ),
    json(Scope::Project, ANY, "./.vscode/mcp.json", FILE, SERVERS),
    json(
        Scope::Project,
        ANY,
        "./.vscode/settings.json",
        SETTINGS,
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "./.devcontainer/devcontainer.json",
        CONTAINER,
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "./.devcontainer.json",
        CONTAINER,
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "./*.code-workspace",
        WORKSPACE,
        SERVERS,
    ),
];

const CODIUM_ROWS: &[Row] = &[
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/VSCodium/User/mcp.json",
        FILE,
    ),
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/VSCodium/User/settings.json",
        SETTINGS,
    ),
    user(
        MACOS,
        "~/Library/Application Support/VSCodium/User/mcp.json",
        FILE,
    ),
    user(
        MACOS,
        "~/Library/Application Support/VSCodium/User/settings.json",
        SETTINGS,
    ),
    user(WINDOWS, "~/AppData/Roaming/VSCodium/User/mcp.json", FILE),
    user(
        WINDOWS,
        "~/AppData/Roaming/VSCodium/User/settings.json",
        SETTINGS,
    ),
];

const COPILOT_ROWS: &[Row] = &[
    user(
        ANY,
        "${COPILOT_HOME:-~/.copilot}/mcp-config.json",
        &["mcpServers"],
    ),
    user(
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/github-copilot/mcp.json",
        FILE,
    ),
    user(
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/github-copilot/intellij/mcp.json",
        FILE,
    ),
    json(
        Scope::Project,
        ANY,
        "./.github/mcp.json",
        &["mcpServers"],
        SERVERS,
    ),
];

/// Claude Code's file, which it reads too. Where there is no Visual Studio Code, nobody does.
const SHARED: Row = json(Scope::Project, ANY, "./.mcp.json", &["mcpServers"], SERVERS);

fn more(scan: &mut Scan<'_>) {
    if folders(scan, &["Code", "Code - Insiders"])
        .iter()
        .any(|folder| folder.is_dir())
    {
        scan.row(&SHARED);
    }
}

/// The folders of settings of editors that are built on VS Code.
fn folders(scan: &Scan<'_>, products: &[&str]) -> Vec<PathBuf> {
    let pattern = match scan.places.os {
        Os::Linux => "${XDG_CONFIG_HOME:-~/.config}",
        Os::Macos => "~/Library/Application Support",
        Os::Windows => "~/AppData/Roaming",
    };
    let starts = scan.paths(pattern, None);
    let starts = starts.iter();
    let product = |start: &PathBuf| {
        let users = products
            .iter()
            .map(|product| start.join(product).join("User"));
        users.collect::<Vec<_>>()
    };
    starts.flat_map(product).collect()
}

/// The folders that such editors were opened in (`workspaceStorage`, `globalStorage/storage.json`).
pub(super) fn workspaces(scan: &mut Scan<'_>, products: &[&str]) -> Vec<String> {
    let mut uris = Vec::new();
    for folder in folders(scan, products) {
        for path in below(&folder, "workspaceStorage/*/workspace.json") {
            let Some(doc) = scan.doc_quietly(&path, Format::Jsonc) else {
                continue;
            };
            uris.extend(doc.tree().text_at("folder").map(str::to_owned));
            // A workspace file stands in the folder that it is for.
            let file = doc
                .tree()
                .text_at("workspace")
                .or(doc.tree().text_at("configuration"));
            let parent = file
                .and_then(|file| file.rsplit_once('/'))
                .map(|(parent, _)| parent);
            uris.extend(parent.map(str::to_owned));
        }
        let storage = folder.join("globalStorage/storage.json");
        if let Some(doc) = scan.doc_quietly(&storage, Format::Jsonc) {
            let tree = doc.tree();
            uris.extend(keys(tree.at(["profileAssociations", "workspaces"])));
            let open = tree
                .at(["backupWorkspaces", "folders"])
                .and_then(Tree::list);
            let open = open.into_iter().flatten();
            uris.extend(open.filter_map(|f| f.text_at("folderUri").map(str::to_owned)));
        }
    }
    uris.iter().filter_map(|uri| from_uri(uri)).collect()
}
