//! JetBrains' Junie. Their AI Assistant keeps its servers in the settings of each editor, in XML, and is
//! not read.

use tidegate_device_api::Scope;

use crate::{
    Os,
    mcp::{
        paths::below,
        row::{ANY, Client, Row, Shape, USUAL, json},
        scan::Scan,
    },
    reading::read,
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];
const LARGEST: u64 = 2 << 20;

pub(super) const CLIENT: Client = Client {
    id: "jetbrains",
    rows: ROWS,
    projects: Some(projects),
    more: None,
    switches: None,
};

const ROWS: &[Row] = &[
    json(Scope::User, ANY, "~/.junie/mcp/mcp.json", KEYS, SERVERS),
    json(Scope::Project, ANY, "./.junie/mcp/mcp.json", KEYS, SERVERS),
];

/// `recentProjects.xml` of every editor: the entries of its one map are keys that are paths.
fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let pattern = match scan.places.os {
        Os::Linux => "${XDG_CONFIG_HOME:-~/.config}/JetBrains",
        Os::Macos => "~/Library/Application Support/JetBrains",
        Os::Windows => "~/AppData/Roaming/JetBrains",
    };
    let Some(home) = scan.home else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for base in scan.paths(pattern, None) {
        for path in below(&base, "*/options/recentProjects.xml") {
            let bytes = read(&path, Some(home.uid), LARGEST).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let keys = text.split("<entry key=\"").skip(1);
            let keys = keys.filter_map(|rest| Some(rest.split_once('"')?.0));
            let own = home.path.to_string_lossy();
            all.extend(keys.map(|key| key.replace("$USER_HOME$", &own).replace("&amp;", "&")));
        }
    }
    all
}
