//! Cline and its descendants Roo Code and Kilo Code: extensions that keep their servers in the storage of
//! whatever editor they run in.

use tidegate_device_api::Scope;

use crate::{
    Os,
    mcp::row::{ANY, Client, LINUX, MACOS, Row, Shape, USUAL, WINDOWS, json},
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const CLINE: Client = Client::plain("cline", CLINE_ROWS);
pub(super) const ROO: Client = Client::plain("roo-code", ROO_ROWS);
pub(super) const KILO: Client = Client::plain("kilo-code", KILO_ROWS);

const fn user(os: &'static [Os], path: &'static str) -> Row {
    json(Scope::User, os, path, KEYS, SERVERS)
}

const fn project(path: &'static str) -> Row {
    json(Scope::Project, ANY, path, KEYS, SERVERS)
}

const CLINE_ROWS: &[Row] = &[
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/*/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    user(
        LINUX,
        "~/.vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    user(
        MACOS,
        "~/Library/Application Support/*/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/*/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    user(
        ANY,
        "${CLINE_DATA_DIR:-~/.cline/data}/settings/cline_mcp_settings.json",
    ),
    user(ANY, "${CLINE_MCP_SETTINGS_PATH}"),
    project("./.cline/mcp-servers.json"),
];

const ROO_ROWS: &[Row] = &[
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/*/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    user(
        LINUX,
        "~/.vscode-server/data/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    user(
        MACOS,
        "~/Library/Application Support/*/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/*/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    project("./.roo/mcp.json"),
];

const KILO_ROWS: &[Row] = &[
    user(
        LINUX,
        "${XDG_CONFIG_HOME:-~/.config}/*/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
    ),
    user(
        MACOS,
        "~/Library/Application Support/*/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
    ),
    user(
        WINDOWS,
        "~/AppData/Roaming/*/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
    ),
    project("./.kilocode/mcp.json"),
];
