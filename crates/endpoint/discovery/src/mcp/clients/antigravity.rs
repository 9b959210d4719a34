//! Google's Antigravity.

use tidegate_device_api::Scope;

use super::vscode;
use crate::{
    Format,
    mcp::{
        row::{ANY, Client, Row, Shape, USUAL, json},
        scan::Scan,
    },
    tree::Tree,
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const CLIENT: Client = Client {
    id: "antigravity",
    rows: ROWS,
    projects: Some(projects),
    more: None,
    switches: None,
};

const ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "~/.gemini/antigravity/mcp_config.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        ANY,
        "~/.gemini/config/mcp_config.json",
        KEYS,
        SERVERS,
    ),
];

/// A file for each project; what key the folder has is not written down anywhere, so every text in it
/// that is a path counts.
fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let mut all = vscode::workspaces(scan, &["Antigravity"]);
    for path in scan.paths("~/.gemini/config/projects/*.json", None) {
        if let Some(doc) = scan.doc_quietly(&path, Format::Jsonc) {
            texts(doc.tree(), &mut all);
        }
    }
    all
}

fn texts(tree: &Tree, found: &mut Vec<String>) {
    match tree {
        Tree::Text(text) if text.starts_with('/') => found.push(text.clone()),
        Tree::Text(text) => found.extend(crate::mcp::projects::from_uri(text)),
        Tree::List(list) => list.iter().for_each(|tree| texts(tree, found)),
        Tree::Map(map) => map.values().for_each(|tree| texts(tree, found)),
        _ => {}
    }
}
