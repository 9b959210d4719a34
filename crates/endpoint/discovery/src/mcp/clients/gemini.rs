//! Gemini CLI (its `docs/reference/configuration.md` and `docs/extensions`).

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use tidegate_device_api::{Scope, Transport};

use crate::{
    Format,
    mcp::{
        paths::{below, fits},
        projects::keys,
        row::{ANY, Client, Dialect, LINUX, MACOS, Row, Shape, WINDOWS, json},
        scan::Scan,
        walk::Origin,
    },
    reading::read,
    tree::Tree,
};

/// A URL comes before a command; without a type it is tried as streamable HTTP first.
const SERVERS: Shape = Shape::Map(Dialect {
    url: Transport::Http,
    url_first: true,
});
const KEYS: &[&str] = &["mcpServers"];
const SETTINGS: &str = "${GEMINI_CLI_HOME:-~}/.gemini/settings.json";
const PROJECT: &str = "./.gemini/settings.json";

pub(super) const CLIENT: Client = Client {
    id: "gemini-cli",
    rows: ROWS,
    projects: Some(projects),
    more: Some(extensions),
    switches: Some(switches),
};

const ROWS: &[Row] = &[
    json(Scope::User, ANY, SETTINGS, KEYS, SERVERS),
    json(Scope::Project, ANY, PROJECT, KEYS, SERVERS),
    json(
        Scope::User,
        ANY,
        "${GEMINI_CLI_SYSTEM_SETTINGS_PATH}",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        LINUX,
        "/etc/gemini-cli/settings.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        LINUX,
        "/etc/gemini-cli/system-defaults.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        MACOS,
        "/Library/Application Support/GeminiCli/settings.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        MACOS,
        "/Library/Application Support/GeminiCli/system-defaults.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/gemini-cli/settings.json",
        KEYS,
        SERVERS,
    ),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/ProgramData/gemini-cli/system-defaults.json",
        KEYS,
        SERVERS,
    ),
];

fn folders(scan: &Scan<'_>) -> Vec<PathBuf> {
    scan.paths("${GEMINI_CLI_HOME:-~}/.gemini", None)
}

/// `projects.json`, `trustedFolders.json`, and what older versions note beside each history.
fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for folder in folders(scan) {
        if let Some(doc) = scan.doc_if_there(&folder.join("projects.json"), Format::Jsonc) {
            all.extend(keys(doc.tree().get("projects")));
        }
        if let Some(doc) = scan.doc_if_there(&folder.join("trustedFolders.json"), Format::Jsonc) {
            all.extend(keys(Some(doc.tree())));
        }
        let notes = ["history/*/.project_root", "tmp/*/.project_root"];
        for note in notes.iter().flat_map(|pattern| below(&folder, pattern)) {
            let bytes = read(&note, scan.home.map(|home| home.uid), 4096).unwrap_or_default();
            all.push(String::from_utf8_lossy(&bytes).trim().to_owned());
        }
    }
    all
}

fn extensions(scan: &mut Scan<'_>) {
    for folder in folders(scan) {
        let base = folder.join("extensions");
        let switched = scan.doc_if_there(&base.join("extension-enablement.json"), Format::Jsonc);
        for link in below(&base, "*/.gemini-extension-install.json") {
            // One that is worked on is not copied, only linked to.
            let doc = scan.doc_if_there(&link, Format::Jsonc);
            let source = doc.as_ref().and_then(|doc| {
                let linked = doc.tree().text_at("type") == Some("link");
                doc.tree().text_at("source").filter(|_| linked)
            });
            if let Some(source) = source {
                let source = scan.places.real(Path::new(source));
                extension(scan, &source, switched.as_deref().map(|doc| doc.tree()));
            }
        }
        for manifest in below(&base, "*/gemini-extension.json") {
            if let Some(own) = manifest.parent() {
                extension(scan, own, switched.as_deref().map(|doc| doc.tree()));
            }
        }
    }
}

fn extension(scan: &mut Scan<'_>, folder: &Path, switched: Option<&Tree>) {
    let manifest = folder.join("gemini-extension.json");
    let Some(doc) = scan.doc_if_there(&manifest, Format::Jsonc) else {
        return;
    };
    let name = doc.tree().text_at("name").unwrap_or_default();
    let home = scan
        .home
        .map(|home| home.path.to_string_lossy().into_owned());
    let rules = switched.and_then(|switched| switched.at([name, "overrides"]));
    let rules = rules.map(Tree::texts).unwrap_or_default();
    let origin = Origin {
        unpacked: Some(folder),
        off: is_off(&rules, &home.unwrap_or_default()),
        ..Origin::default()
    };
    scan.entries(Scope::Extension, &doc, KEYS, SERVERS, origin);
}

/// Rules are paths with stars, `!` in front of those where it is off; the last that fits holds. It counts
/// as off when it is off in the home and on nowhere.
fn is_off(rules: &[&str], home: &str) -> bool {
    let home = format!("{}/", home.trim_end_matches('/'));
    let fitting = rules.iter().rev().find(|rule| {
        let path = rule.trim_start_matches('!');
        fits(path, &home) || fits(path, home.trim_end_matches('/'))
    });
    let on_somewhere = rules.iter().any(|rule| !rule.starts_with('!'));
    fitting.is_some_and(|rule| rule.starts_with('!')) && !on_somewhere
}

/// `mcp.excluded` and `mcp.allowed` of the settings, and `gemini mcp disable`.
fn switches(scan: &mut Scan<'_>) {
    let mut excluded = BTreeSet::new();
    let mut allowed: Option<BTreeSet<String>> = None;
    let own = scan.paths(SETTINGS, None).into_iter();
    let own: Vec<_> = own
        .filter_map(|path| scan.doc_if_there(&path, Format::Jsonc))
        .collect();
    for doc in own {
        let names = |key: &str| Some(doc.tree().at(["mcp", key])?.texts());
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        excluded.extend(names("excluded").map(owned).unwrap_or_default());
        if let Some(names) = names("allowed") {
            allowed.get_or_insert_default().extend(owned(names));
        }
    }
    let mut disabled = BTreeMap::new();
    for folder in folders(scan) {
        let path = folder.join("mcp-server-enablement.json");
        let doc = scan.doc_if_there(&path, Format::Jsonc);
        let map = doc.as_ref().and_then(|doc| doc.tree().map());
        for (name, state) in map.into_iter().flatten() {
            disabled.insert(
                name.clone(),
                state.get("enabled").and_then(Tree::bool) == Some(false),
            );
        }
    }
    for located in scan.own() {
        let server = &mut located.server;
        let name = &server.name;
        let listed = allowed
            .as_ref()
            .is_none_or(|allowed| allowed.contains(name));
        let off = disabled
            .get(&name.to_lowercase())
            .or(disabled.get(name))
            .copied();
        server.enabled &= listed && !excluded.contains(name) && off != Some(true);
    }
}
