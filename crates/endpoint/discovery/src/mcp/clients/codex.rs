//! Codex: command line, editor extension and desktop app share one configuration (`codex-rs/config`).

use std::path::Path;

use tidegate_device_api::Scope;

use super::plugins;
use crate::{
    Format,
    mcp::{
        projects::keys,
        row::{ANY, Client, Row, Shape, UNIX, USUAL, WINDOWS, json},
        scan::Scan,
    },
    tree::Tree,
};

const SERVERS: Shape = Shape::Map(USUAL);
const CONFIG: &str = "${CODEX_HOME:-~/.codex}/config.toml";
const KEYS: &[&str] = &["mcp_servers"];
const PROFILES: &[&str] = &["profiles", "*", "mcp_servers"];

pub(super) const CLIENT: Client = Client {
    id: "codex",
    rows: ROWS,
    projects: Some(projects),
    more: Some(more),
    switches: Some(switches),
};

const ROWS: &[Row] = &[
    json(Scope::User, ANY, CONFIG, KEYS, SERVERS).written(Format::Toml),
    json(Scope::User, ANY, CONFIG, PROFILES, SERVERS).written(Format::Toml),
    json(
        Scope::User,
        ANY,
        "${CODEX_HOME:-~/.codex}/*.config.toml",
        KEYS,
        SERVERS,
    )
    .written(Format::Toml),
    json(Scope::Project, ANY, "./.codex/config.toml", KEYS, SERVERS).written(Format::Toml),
    json(
        Scope::Managed,
        UNIX,
        "/etc/codex/config.toml",
        KEYS,
        SERVERS,
    )
    .written(Format::Toml),
    json(
        Scope::Managed,
        UNIX,
        "/etc/codex/managed_config.toml",
        KEYS,
        SERVERS,
    )
    .written(Format::Toml),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/OpenAI/Codex/config.toml",
        KEYS,
        SERVERS,
    )
    .written(Format::Toml),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/OpenAI/Codex/managed_config.toml",
        KEYS,
        SERVERS,
    )
    .written(Format::Toml),
];

/// A table of the user's configuration, as keys and values, of all the places it may stand in.
fn table(scan: &mut Scan<'_>, key: &str) -> Vec<(String, Tree)> {
    let paths = scan.paths(CONFIG, None).into_iter();
    let docs: Vec<_> = paths
        .filter_map(|path| scan.doc(&path, Format::Toml))
        .collect();
    let maps = docs.iter().filter_map(|doc| doc.tree().get(key)?.map());
    maps.flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let paths = scan.paths(CONFIG, None).into_iter();
    let docs: Vec<_> = paths
        .filter_map(|path| scan.doc(&path, Format::Toml))
        .collect();
    docs.iter()
        .flat_map(|doc| keys(doc.tree().get("projects")))
        .collect()
}

fn more(scan: &mut Scan<'_>) {
    let switched = table(scan, "plugins");
    for folder in scan.paths("${CODEX_HOME:-~/.codex}/plugins/cache/*/*/*", None) {
        let mut parts = folder.iter().rev().skip(1).filter_map(|part| part.to_str());
        let (plugin, marketplace) = (parts.next(), parts.next());
        let name = format!(
            "{}@{}",
            plugin.unwrap_or_default(),
            marketplace.unwrap_or_default()
        );
        let state = switched.iter().find(|(key, _)| *key == name);
        let on = state.map(|(_, state)| state.get("enabled").and_then(Tree::bool));
        plugins::servers(
            scan,
            &folder,
            ".codex-plugin/plugin.json",
            on == Some(Some(false)),
        );
    }
}

/// A project's own servers count only where the project is trusted.
fn switches(scan: &mut Scan<'_>) {
    let projects = table(scan, "projects").into_iter();
    let trusted = projects.filter(|(_, state)| state.text_at("trust_level") == Some("trusted"));
    let trusted = trusted.map(|(path, _)| scan.shown(&scan.places.real(Path::new(&path))));
    let trusted: Vec<_> = trusted.collect();
    for located in scan.own() {
        let server = &mut located.server;
        if server.scope == Scope::Project {
            let project = server.project.as_ref();
            server.enabled &= project.is_some_and(|project| trusted.contains(project));
        }
    }
}
