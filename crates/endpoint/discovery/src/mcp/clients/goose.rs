//! Goose (its documentation: "Configuration files").

use tidegate_device_api::Scope;

use crate::{
    Format,
    mcp::row::{ANY, Client, Row, Shape, UNIX, USUAL, WINDOWS, json},
};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["extensions"];

pub(super) const CLIENT: Client = Client::plain("goose", ROWS);

const ROWS: &[Row] = &[
    json(
        Scope::User,
        UNIX,
        "${XDG_CONFIG_HOME:-~/.config}/goose/config.yaml",
        KEYS,
        SERVERS,
    )
    .written(Format::Yaml),
    json(
        Scope::User,
        WINDOWS,
        "~/AppData/Roaming/Block/goose/config/config.yaml",
        KEYS,
        SERVERS,
    )
    .written(Format::Yaml),
    json(
        Scope::User,
        ANY,
        "${GOOSE_PATH_ROOT}/config/config.yaml",
        KEYS,
        SERVERS,
    )
    .written(Format::Yaml),
];
