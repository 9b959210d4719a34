//! Plugins as Claude Code, Codex and Cursor unpack them: a folder with `.mcp.json`, or with a manifest
//! that has the servers in it or says where they stand.

use std::path::Path;

use tidegate_device_api::Scope;

use crate::{
    Format,
    mcp::{
        row::{Shape, USUAL},
        scan::Scan,
        walk::Origin,
    },
    tree::Tree,
};

/// The servers of the plugin in `folder`; `manifest` is the name of its manifest below it.
pub(super) fn servers(scan: &mut Scan<'_>, folder: &Path, manifest: &str, off: bool) {
    let origin = Origin {
        unpacked: Some(folder),
        off,
        ..Origin::default()
    };
    for name in [".mcp.json", "mcp.json"] {
        file(scan, &folder.join(name), origin);
    }
    let Some(doc) = scan.doc_if_there(&folder.join(manifest), Format::Jsonc) else {
        return;
    };
    match doc.tree().get("mcpServers") {
        Some(Tree::Map(_)) => {
            let shape = Shape::Map(USUAL);
            scan.entries(Scope::Plugin, &doc, &["mcpServers"], shape, origin);
        }
        Some(Tree::Text(path)) => named(scan, folder, path, origin),
        Some(Tree::List(paths)) => {
            for path in paths.iter().filter_map(Tree::text).take(32) {
                named(scan, folder, path, origin);
            }
        }
        _ => {}
    }
}

fn named(scan: &mut Scan<'_>, folder: &Path, path: &str, origin: Origin<'_>) {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("${CLAUDE_PLUGIN_ROOT}");
    let path = path.trim_start_matches("./").trim_start_matches('/');
    if !path.split('/').any(|part| part == "..") {
        file(scan, &folder.join(path), origin);
    }
}

fn file(scan: &mut Scan<'_>, path: &Path, origin: Origin<'_>) {
    if let Some(doc) = scan.doc_if_there(path, Format::Jsonc) {
        let shape = Shape::Flat(USUAL);
        scan.entries(Scope::Plugin, &doc, &["mcpServers"], shape, origin);
    }
}
