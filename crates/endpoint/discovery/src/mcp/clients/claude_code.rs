//! Claude Code (its documentation: "Connect Claude Code to tools via MCP", "Plugins", "Subagents").

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use tidegate_device_api::Scope;

use super::plugins;
use crate::{
    Format, formats,
    mcp::{
        paths::below,
        projects::keys,
        row::{ANY, Client, LINUX, MACOS, Row, Shape, USUAL, WINDOWS, json},
        scan::{Doc, Scan},
        walk::Origin,
    },
    reading::read,
    tree::Tree,
};

const SERVERS: Shape = Shape::Map(USUAL);
const STATE: &str = "${CLAUDE_CONFIG_DIR:-~}/.claude.json";
const SETTINGS: &str = "${CLAUDE_CONFIG_DIR:-~/.claude}/settings.json";
const LARGEST_AGENT: u64 = 1 << 20;

pub(super) const CLIENT: Client = Client {
    id: "claude-code",
    rows: ROWS,
    projects: Some(projects),
    more: Some(more),
    switches: Some(switches),
};

const ROWS: &[Row] = &[
    json(Scope::User, ANY, STATE, &["mcpServers"], SERVERS),
    json(
        Scope::Local,
        ANY,
        STATE,
        &["projects", "*", "mcpServers"],
        SERVERS,
    ),
    json(
        Scope::Project,
        ANY,
        "../.mcp.json",
        &["mcpServers"],
        SERVERS,
    ),
    json(
        Scope::Managed,
        LINUX,
        "/etc/claude-code/managed-mcp.json",
        &["mcpServers"],
        SERVERS,
    ),
    json(
        Scope::Managed,
        MACOS,
        "/Library/Application Support/ClaudeCode/managed-mcp.json",
        &["mcpServers"],
        SERVERS,
    ),
    json(
        Scope::Managed,
        WINDOWS,
        "C:/Program Files/ClaudeCode/managed-mcp.json",
        &["mcpServers"],
        SERVERS,
    ),
];

fn docs(scan: &mut Scan<'_>, pattern: &str) -> Vec<std::rc::Rc<Doc>> {
    let paths = scan.paths(pattern, None).into_iter();
    paths
        .filter_map(|path| scan.doc(&path, Format::Jsonc))
        .collect()
}

fn projects(scan: &mut Scan<'_>) -> Vec<String> {
    let docs = docs(scan, STATE);
    docs.iter()
        .flat_map(|doc| keys(doc.tree().get("projects")))
        .collect()
}

fn more(scan: &mut Scan<'_>) {
    let switched = Switched::read(scan);
    let mut bases = scan.paths("${CLAUDE_CONFIG_DIR:-~/.claude}/plugins", None);
    let moved = scan.paths("${CLAUDE_CODE_PLUGIN_CACHE_DIR}", None);
    bases.extend(moved);
    for base in bases {
        let installed = Installed::read(scan, &base);
        for folder in unpacked(&base) {
            let plugin = name(&base, &folder);
            if plugin
                .as_ref()
                .is_some_and(|plugin| installed.replaced(plugin, &folder))
            {
                continue;
            }
            let off = plugin.is_some_and(|plugin| switched.is_off(&plugin));
            plugins::servers(scan, &folder, ".claude-plugin/plugin.json", off);
        }
    }
    agents(scan);
}

/// The folders of unpacked plugins. `marketplaces` is what could be installed, and not looked at.
fn unpacked(base: &Path) -> BTreeSet<PathBuf> {
    let up = |path: PathBuf, levels: usize| path.ancestors().nth(levels).map(Path::to_path_buf);
    let mut folders = BTreeSet::new();
    for (pattern, levels) in [
        ("cache/**/.mcp.json", 1),
        ("repos/**/.mcp.json", 1),
        ("cache/**/.claude-plugin/plugin.json", 2),
        ("repos/**/.claude-plugin/plugin.json", 2),
    ] {
        let found = below(base, pattern).into_iter();
        folders.extend(found.filter_map(|path| up(path, levels)));
    }
    folders
}

/// `plugin@marketplace`, from `cache/<marketplace>/<plugin>/<version>`.
fn name(base: &Path, folder: &Path) -> Option<String> {
    let below = folder.strip_prefix(base).ok()?;
    let mut parts = below.iter().skip(1).filter_map(|part| part.to_str());
    let (marketplace, plugin) = (parts.next()?, parts.next()?);
    Some(format!("{plugin}@{marketplace}"))
}

/// `installed_plugins.json`: which version of a plugin is the one in use.
struct Installed(BTreeMap<String, Vec<PathBuf>>);

impl Installed {
    fn read(scan: &mut Scan<'_>, base: &Path) -> Self {
        let doc = scan.doc_if_there(&base.join("installed_plugins.json"), Format::Jsonc);
        let mut all = BTreeMap::new();
        let plugins = doc
            .as_ref()
            .and_then(|doc| doc.tree().get("plugins")?.map());
        for (name, installs) in plugins.into_iter().flatten() {
            // Version 1 has one object, version 2 a list of them, one for each scope.
            let installs = installs.list().unwrap_or(std::slice::from_ref(installs));
            let paths = installs
                .iter()
                .filter_map(|install| install.text_at("installPath"));
            let paths = paths.map(|path| scan.places.real(Path::new(path)));
            all.insert(name.clone(), paths.collect());
        }
        Self(all)
    }

    /// Another version than this folder's is in use.
    fn replaced(&self, plugin: &str, folder: &Path) -> bool {
        let paths = self.0.get(plugin);
        paths.is_some_and(|paths| !paths.is_empty() && !paths.iter().any(|p| folder.starts_with(p)))
    }
}

/// `enabledPlugins` of all settings.
struct Switched(Option<BTreeMap<String, bool>>);

impl Switched {
    fn read(scan: &mut Scan<'_>) -> Self {
        let mut all: Option<BTreeMap<String, bool>> = None;
        let mut docs = docs(scan, SETTINGS);
        for (_, doc) in project_settings(scan) {
            docs.push(doc);
        }
        for doc in docs {
            for (name, on) in doc
                .tree()
                .get("enabledPlugins")
                .and_then(Tree::map)
                .into_iter()
                .flatten()
            {
                // On in one project is on.
                *all.get_or_insert_default().entry(name.clone()).or_default() |=
                    on.bool().unwrap_or(true);
            }
        }
        Self(all)
    }

    fn is_off(&self, plugin: &str) -> bool {
        let all = self.0.as_ref();
        all.is_some_and(|all| !all.get(plugin).copied().unwrap_or_default())
    }
}

/// The settings that a project keeps, shared and private, with the project.
fn project_settings(scan: &mut Scan<'_>) -> Vec<(PathBuf, std::rc::Rc<Doc>)> {
    let mut found = Vec::new();
    for project in scan.projects.clone() {
        for name in ["settings.json", "settings.local.json"] {
            let path = project.join(".claude").join(name);
            if let Some(doc) = scan.doc_if_there(&path, Format::Jsonc) {
                found.push((project.clone(), doc));
            }
        }
    }
    found
}

/// Subagents are Markdown with a head in YAML, which may have servers of its own.
fn agents(scan: &mut Scan<'_>) {
    let own = scan.paths("${CLAUDE_CONFIG_DIR:-~/.claude}/agents/**/*.md", None);
    let own = own.into_iter().map(|path| (Scope::User, None, path));
    let projects = scan.projects.clone();
    let shared = projects.iter().flat_map(|project| {
        let paths = below(project, ".claude/agents/*.md").into_iter();
        paths.map(|path| (Scope::Project, Some(project.as_path()), path))
    });
    for (scope, project, path) in own.chain(shared).collect::<Vec<_>>() {
        let uid = scan.home.map(|home| home.uid);
        let Ok(bytes) = read(&path, uid, LARGEST_AGENT) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let head = text.trim_start_matches('\u{feff}').strip_prefix("---");
        let Some(head) = head.and_then(|rest| rest.split("\n---").next()) else {
            continue;
        };
        if !head.contains("mcpServers") {
            continue;
        }
        let mut parsed = formats::parse(Format::Yaml, head.as_bytes());
        // A list has names of servers that are defined elsewhere, and servers of its own.
        let servers = match parsed.tree.get("mcpServers") {
            Some(Tree::List(list)) => {
                let maps = list.iter().filter_map(Tree::map).flatten();
                maps.map(|(name, entry)| (name.clone(), entry.clone()))
                    .collect()
            }
            Some(Tree::Map(map)) => map.clone(),
            _ => continue,
        };
        parsed.tree = Tree::Map(BTreeMap::from([(
            "mcpServers".to_owned(),
            Tree::Map(servers),
        )]));
        let doc = Doc {
            path,
            format: Format::Yaml,
            parsed,
        };
        scan.cover(&doc.path, tidegate_device_api::Looked::Found);
        let origin = Origin {
            project,
            ..Origin::default()
        };
        let before = scan.servers.len();
        scan.entries(scope, &doc, &["mcpServers"], SERVERS, origin);
        // The head of a Markdown file is no file of its own that could be edited.
        scan.servers
            .iter_mut()
            .skip(before)
            .for_each(|located| located.entry = None);
    }
}

/// `disabledMcpServers` and `disabledMcpjsonServers`, by project.
fn switches(scan: &mut Scan<'_>) {
    let mut off: BTreeSet<(Scope, Option<String>, String)> = BTreeSet::new();
    for doc in docs(scan, STATE) {
        let projects = doc.tree().get("projects").and_then(Tree::map);
        for (project, state) in projects.into_iter().flatten() {
            let shown = scan.shown(&scan.places.real(Path::new(project)));
            let lists = [
                (Scope::Local, "disabledMcpServers"),
                (Scope::Project, "disabledMcpServers"),
                (Scope::Project, "disabledMcpjsonServers"),
            ];
            for (scope, key) in lists {
                let names = state.get(key).map(Tree::texts).unwrap_or_default();
                off.extend(
                    names
                        .into_iter()
                        .map(|n| (scope, Some(shown.clone()), n.to_owned())),
                );
            }
        }
    }
    let own = docs(scan, SETTINGS).into_iter().map(|doc| (None, doc));
    let shared = project_settings(scan).into_iter();
    let shared = shared.map(|(project, doc)| (Some(scan.shown(&project)), doc));
    for (project, doc) in own.chain(shared.collect::<Vec<_>>()) {
        let names = doc.tree().get("disabledMcpjsonServers").map(Tree::texts);
        let names = names.unwrap_or_default().into_iter();
        off.extend(names.map(|name| (Scope::Project, project.clone(), name.to_owned())));
    }
    for located in scan.own() {
        let server = &mut located.server;
        let is_off =
            |project: Option<String>| off.contains(&(server.scope, project, server.name.clone()));
        if is_off(server.project.clone()) || is_off(None) {
            server.enabled = false;
        }
    }
}
