//! Zed (its `docs/src/ai/mcp.md`). Servers of Zed's own extensions have no launch in the settings.

use tidegate_device_api::Scope;

use crate::mcp::row::{ANY, Client, LINUX, Row, Shape, UNIX, USUAL, WINDOWS, json};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["context_servers"];

pub(super) const CLIENT: Client = Client::plain("zed", ROWS);

const ROWS: &[Row] = &[
    json(
        Scope::User,
        UNIX,
        "${XDG_CONFIG_HOME:-~/.config}/zed/settings.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        LINUX,
        "~/.var/app/dev.zed.Zed/config/zed/settings.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::User,
        WINDOWS,
        "~/AppData/Roaming/Zed/settings.json",
        KEYS,
        SERVERS,
    ),
    json(Scope::Project, ANY, "./.zed/settings.json", KEYS, SERVERS),
];
