//! Continue: extension and command line share their settings (its documentation: "MCP blocks").

use tidegate_device_api::Scope;

use crate::{
    Format,
    mcp::row::{ANY, Client, Row, Shape, USUAL, json},
};

const SERVERS: Shape = Shape::Either(USUAL);
const KEYS: &[&str] = &["mcpServers"];
const OLD: &[&str] = &["experimental", "modelContextProtocolServers"];

pub(super) const CLIENT: Client = Client::plain("continue-cli", ROWS);

const fn own(path: &'static str) -> Row {
    json(Scope::User, ANY, path, KEYS, SERVERS)
}

const fn shared(path: &'static str) -> Row {
    json(Scope::Project, ANY, path, KEYS, SERVERS)
}

const ROWS: &[Row] = &[
    own("${CONTINUE_GLOBAL_DIR:-~/.continue}/config.yaml").written(Format::Yaml),
    own("${CONTINUE_GLOBAL_DIR:-~/.continue}/config.json"),
    json(
        Scope::User,
        ANY,
        "${CONTINUE_GLOBAL_DIR:-~/.continue}/config.json",
        OLD,
        SERVERS,
    ),
    own("${CONTINUE_GLOBAL_DIR:-~/.continue}/mcpServers/*.yaml").written(Format::Yaml),
    own("${CONTINUE_GLOBAL_DIR:-~/.continue}/mcpServers/*.yml").written(Format::Yaml),
    own("${CONTINUE_GLOBAL_DIR:-~/.continue}/mcpServers/*.json"),
    shared("./.continue/mcpServers/*.yaml").written(Format::Yaml),
    shared("./.continue/mcpServers/*.yml").written(Format::Yaml),
    shared("./.continue/mcpServers/*.json"),
];
