//! An inventory for people. Names in it were chosen by whoever wrote the files, so nothing that a terminal
//! would obey is printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde::Serialize;
use tidegate_device_api::{Coverage, InstalledApp, Inventory, Looked, McpServer};
use tidegate_policy::{AppId, Catalogue};

use crate::doctor::table::Table;

/// All of it, by client.
pub(super) fn text(inventory: &Inventory, everything: bool) -> String {
    let mut text = String::new();
    let apps = inventory.apps.iter().map(|app| &app.app);
    let servers = inventory.mcp_servers.iter().map(|server| &server.client);
    let clients: BTreeSet<&AppId> = apps.chain(servers).collect();
    if clients.is_empty() {
        text.push_str("No AI app and no MCP server was found.\n");
    }
    for client in clients {
        let apps = inventory.apps.iter().filter(|app| app.app == *client);
        let servers = inventory.mcp_servers.iter();
        let servers = servers.filter(|server| server.client == *client);
        add(&mut text, &heading(client));
        add_table(&mut text, apps.map(app), &APP);
        add_table(&mut text, servers.map(server), &SERVER);
        text.push('\n');
    }
    if inventory.truncated {
        text.push_str("There is more than an inventory holds; the rest was left out.\n\n");
    }
    add(&mut text, &summary(&inventory.coverage));
    let told = inventory.coverage.iter();
    let told = told.filter(|place| everything || is_trouble(place.looked));
    add_table(&mut text, told.map(place), &PLACE);
    text.trim_end().to_owned()
}

fn add(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Rows under their heading, moved in; nothing where there are no rows.
fn add_table<const N: usize>(
    text: &mut String,
    rows: impl Iterator<Item = [String; N]>,
    heading: &[&str; N],
) {
    let mut table = Table::new(heading);
    let mut any = false;
    for row in rows {
        let row = row.map(|cell| clean(&cell));
        table.row(&row.each_ref().map(String::as_str), None);
        any = true;
    }
    if any {
        for line in table.to_string().lines() {
            // Writing to a string cannot fail.
            let _written = writeln!(text, "  {line}");
        }
    }
}

fn heading(client: &AppId) -> String {
    let known = Catalogue::builtin().describe(client);
    match known.and_then(|app| app.install.as_ref()) {
        Some(install) => format!("{} ({client})", install.title),
        None => client.to_string(),
    }
}

const APP: [&str; 7] = [
    "APP",
    "VERSION",
    "KIND",
    "PUBLISHER",
    "SOURCE",
    "USER",
    "PATH",
];

fn app(app: &InstalledApp) -> [String; 7] {
    [
        app.name.clone(),
        or_dash(app.version.as_deref()),
        word(&app.kind),
        or_dash(app.publisher.as_deref()),
        word(&app.source),
        or_everybody(app.user.as_deref()),
        app.path.clone(),
    ]
}

const SERVER: [&str; 8] = [
    "SERVER",
    "SCOPE",
    "IDENTITY",
    "TRANSPORT",
    "ON",
    "TOOLS",
    "USER",
    "FILE",
];

fn server(server: &McpServer) -> [String; 8] {
    let version = server
        .version
        .as_deref()
        .map(|version| format!("@{version}"));
    let tools = match server.tool_source {
        Some(source) => format!("{} ({})", server.tools.len(), word(&source)),
        None => "unknown".to_owned(),
    };
    let project = server
        .project
        .as_deref()
        .map(|project| format!(" for {project}"));
    [
        server.name.clone(),
        word(&server.scope),
        format!("{}{}", server.identity, version.unwrap_or_default()),
        word(&server.transport),
        if server.enabled { "yes" } else { "no" }.to_owned(),
        tools,
        or_everybody(server.user.as_deref()),
        format!("{}{}", server.config_path, project.unwrap_or_default()),
    ]
}

const PLACE: [&str; 5] = ["PLACE", "FOR", "LOOKED", "USER", "WHY"];

fn place(place: &Coverage) -> [String; 5] {
    [
        place.path.clone(),
        place.client.to_string(),
        word(&place.looked),
        or_everybody(place.user.as_deref()),
        place.detail.clone().unwrap_or_default(),
    ]
}

const fn is_trouble(looked: Looked) -> bool {
    !matches!(looked, Looked::Found | Looked::Absent)
}

fn summary(coverage: &[Coverage]) -> String {
    let mut counts: BTreeMap<Looked, usize> = BTreeMap::new();
    for place in coverage {
        *counts.entry(place.looked).or_default() += 1;
    }
    let counted = |(looked, count): (&Looked, &usize)| {
        let word = word(looked).replace('_', " ");
        format!("{count} {word}")
    };
    let counts: Vec<String> = counts.iter().map(counted).collect();
    format!("Looked at {} places: {}", coverage.len(), counts.join(", "))
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn or_everybody(user: Option<&str>) -> String {
    user.unwrap_or("(all)").to_owned()
}

/// The word that JSON has for it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Without control characters, and without those that turn the direction of writing.
pub(super) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if hidden(c) { '\u{fffd}' } else { c })
        .collect()
}
