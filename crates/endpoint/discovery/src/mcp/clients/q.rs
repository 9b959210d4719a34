//! Amazon's clients: Amazon Q Developer and Kiro.

use tidegate_device_api::Scope;

use super::vscode;
use crate::mcp::row::{ANY, Client, Row, Shape, USUAL, json};

const SERVERS: Shape = Shape::Map(USUAL);
const KEYS: &[&str] = &["mcpServers"];

pub(super) const AMAZON_Q: Client = Client::plain("amazon-q", Q_ROWS);

pub(super) const KIRO: Client = Client {
    id: "kiro",
    rows: KIRO_ROWS,
    projects: Some(|scan| vscode::workspaces(scan, &["Kiro"])),
    more: None,
    switches: None,
};

const fn own(path: &'static str) -> Row {
    json(Scope::User, ANY, path, KEYS, SERVERS)
}

const fn shared(path: &'static str) -> Row {
    json(Scope::Project, ANY, path, KEYS, SERVERS)
}

const Q_ROWS: &[Row] = &[
    own("~/.aws/amazonq/mcp.json"),
    own("~/.aws/amazonq/default.json"),
    own("~/.aws/amazonq/cli-agents/*.json"),
    own("~/.aws/amazonq/agents/*.json"),
    shared("./.amazonq/mcp.json"),
    shared("./.amazonq/default.json"),
    shared("./.amazonq/cli-agents/*.json"),
];

const KIRO_ROWS: &[Row] = &[
    own("~/.kiro/settings/mcp.json"),
    json(
        Scope::User,
        ANY,
        "~/.kiro/settings/mcp.json",
        &["powers", "mcpServers"],
        SERVERS,
    ),
    own("~/.kiro/agents/*.json"),
    json(
        Scope::Plugin,
        ANY,
        "~/.kiro/powers/installed/*/mcp.json",
        KEYS,
        SERVERS,
    ),
    shared("./.kiro/settings/mcp.json"),
    shared("./.kiro/agents/*.json"),
];
