//! What our shim saw: it writes down the tools that a server listed, by the launch's hash.

use std::path::Path;

use tidegate_device_api::ToolSource;

use super::{scan::Scan, walk::described};
use crate::{Format, formats, reading::read, tree::Tree};

const FOLDER: &str = ".local/state/tidegate/tools";
/// A server with hundreds of tools that describe themselves at length.
const LARGEST: u64 = 4 << 20;

/// Puts seen tools into the servers that were found. What was seen is better than what was configured.
pub(super) fn tools(scan: &mut Scan<'_>) {
    let Some(home) = scan.home else {
        return;
    };
    let folder = scan.places.real(&home.path).join(FOLDER);
    if !folder.is_dir() {
        return;
    }
    for located in &mut scan.servers {
        let note = folder.join(format!("{}.json", located.server.launch));
        if let Some(tools) = seen(&note, home.uid) {
            located.server.tools = tools;
            located.server.tool_source = Some(ToolSource::Shim);
        }
    }
}

fn seen(note: &Path, uid: u32) -> Option<Vec<tidegate_device_api::Tool>> {
    let bytes = read(note, Some(uid), LARGEST).ok()?;
    let parsed = formats::parse(Format::Jsonc, &bytes);
    let tools = parsed.tree.get("tools").and_then(Tree::list)?;
    let tools = described(tools);
    (!tools.is_empty()).then_some(tools)
}
