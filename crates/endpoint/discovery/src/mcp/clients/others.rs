//! Clients that one or two places are all there is to say about.

use tidegate_device_api::Scope;

use crate::mcp::row::{ANY, Client, Row, Shape, URL_FIRST, USUAL, json};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];
const AMP_KEYS: &[&str] = &["amp.mcpServers"];

pub(super) const AMP: Client = Client::plain("amp", AMP_ROWS);
pub(super) const CRUSH: Client = Client::plain("crush", CRUSH_ROWS);
pub(super) const LM_STUDIO: Client = Client::plain("lm-studio", LM_STUDIO_ROWS);
pub(super) const QWEN: Client = Client::plain("qwen-code", QWEN_ROWS);

const AMP_ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/amp/settings.json",
        AMP_KEYS,
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "./.amp/settings.json",
        AMP_KEYS,
        SERVERS,
    ),
];

const CRUSH_ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "${XDG_CONFIG_HOME:-~/.config}/crush/crush.json",
        &["mcp"],
        SERVERS,
    ),
    json(Scope::Project, ANY, "./crush.json", &["mcp"], SERVERS),
    json(Scope::Project, ANY, "./.crush.json", &["mcp"], SERVERS),
];

const LM_STUDIO_ROWS: &[Row] = &[json(
    Scope::User,
    ANY,
    "~/.lmstudio/mcp.json",
    KEYS,
    SERVERS,
)];

const QWEN_ROWS: &[Row] = &[
    json(
        Scope::User,
        ANY,
        "~/.qwen/settings.json",
        KEYS,
        Shape::Map(URL_FIRST),
    ),
    json(
        Scope::Project,
        ANY,
        "./.qwen/settings.json",
        KEYS,
        Shape::Map(URL_FIRST),
    ),
];
