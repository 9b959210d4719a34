//! Goes through a client's rows: from a row to its files, from a file to its entries.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use tidegate_device_api::{Scope, Tool, ToolSource};

use super::{
    paths::{self, Start},
    record::{Stands, clean_name, cut},
    row::{Dialect, Row, Shape, USUAL},
    scan::{Doc, Scan},
    spec::{self, Spec, Wrong},
};
use crate::tree::Tree;

/// A tool's description, in bytes.
const LONGEST_DESCRIPTION: usize = 300;
const MOST_TOOLS: usize = 1_000;

/// Whose an entry is, beyond its file.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin<'o> {
    pub(crate) project: Option<&'o Path>,
    pub(crate) unpacked: Option<&'o Path>,
    /// Whether its plugin or extension is switched on.
    pub(crate) off: bool,
}

impl Scan<'_> {
    /// One row, wherever it leads.
    pub(crate) fn row(&mut self, row: &Row) {
        if !self.is(row.os) {
            return;
        }
        match paths::start(row.path) {
            Some((Start::Project { above }, _)) => self.in_projects(row, above),
            Some(_) => {
                for path in self.paths(row.path, None) {
                    self.file(row, &path, Origin::default(), true);
                }
            }
            None => {}
        }
    }

    fn in_projects(&mut self, row: &Row, above: bool) {
        let mut folders: BTreeSet<PathBuf> = self.projects.iter().cloned().collect();
        if above {
            let root = self.places.root.clone();
            let up = self.projects.iter().flat_map(|project| {
                let ancestors = project.ancestors().skip(1).take(32);
                ancestors.take_while(|folder| folder.starts_with(&root))
            });
            folders.extend(up.map(Path::to_path_buf));
        }
        let mut found = 0;
        for folder in &folders {
            let mut there = false;
            for path in self.paths(row.path, Some(folder)) {
                let origin = Origin {
                    project: Some(folder),
                    ..Origin::default()
                };
                let found = self.file(row, &path, origin, false);
                // What lies above projects is not theirs, and much goes on there.
                if !found && self.projects.contains(folder) {
                    self.wait_for(&path);
                }
                there |= found;
            }
            found += usize::from(there);
        }
        self.cover_projects(row.path, found, folders.len());
    }

    /// One file of a row; whether it is there.
    fn file(&mut self, row: &Row, path: &Path, origin: Origin<'_>, told: bool) -> bool {
        let doc = if told {
            self.doc(path, row.format)
        } else {
            self.doc_if_there(path, row.format)
        };
        if let Some(doc) = &doc {
            self.entries(row.scope, doc, row.keys, row.shape, origin);
        }
        doc.is_some()
    }

    /// The servers below some keys of a file.
    pub(crate) fn entries(
        &mut self,
        scope: Scope,
        doc: &Doc,
        keys: &[&str],
        shape: Shape,
        origin: Origin<'_>,
    ) {
        if let Shape::Bundle = shape {
            return self.bundle(doc, origin);
        }
        let mut at = Vec::new();
        find(doc.tree(), keys, &mut Vec::new(), None, &mut at);
        let flat = matches!(shape, Shape::Flat(_)) && doc.tree().get("mcpServers").is_none();
        if let (true, Some(_)) = (flat, doc.tree().map()) {
            at = vec![(Vec::new(), None, doc.tree())];
        }
        for (keys, project, tree) in at {
            let local = project.map(|project| self.places.real(Path::new(&project)));
            let origin = Origin {
                project: local.as_deref().or(origin.project),
                ..origin
            };
            self.servers_of(scope, doc, &keys, tree, shape, origin);
        }
    }

    fn servers_of(
        &mut self,
        scope: Scope,
        doc: &Doc,
        keys: &[String],
        tree: &Tree,
        shape: Shape,
        origin: Origin<'_>,
    ) {
        let (dialect, list) = match shape {
            Shape::Map(dialect) | Shape::Nested(dialect) | Shape::Flat(dialect) => (dialect, false),
            Shape::Either(dialect) => (dialect, true),
            Shape::Bundle => (USUAL, false),
        };
        let below = |key: String| [keys, &[key]].concat();
        if let (Shape::Nested(dialect), Some(inner)) = (shape, nested(tree)) {
            let keys = below("servers".to_owned());
            return self.servers_of(scope, doc, &keys, inner, Shape::Map(dialect), origin);
        }
        match tree {
            Tree::Map(map) => {
                for (name, entry) in map {
                    let keys = below(name.clone());
                    self.entry(scope, doc, name, keys, entry, &dialect, origin);
                }
            }
            Tree::List(entries) if list => {
                for (number, entry) in entries.iter().enumerate() {
                    let name = entry.text_at("name").unwrap_or_default().to_owned();
                    let keys = below(number.to_string());
                    self.entry(scope, doc, &name, keys, entry, &dialect, origin);
                }
            }
            Tree::Null => {}
            _ => self.broken(&doc.path, "its servers are no object".to_owned()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what an entry is told by")]
    fn entry(
        &mut self,
        scope: Scope,
        doc: &Doc,
        name: &str,
        keys: Vec<String>,
        entry: &Tree,
        dialect: &Dialect,
        origin: Origin<'_>,
    ) {
        if !doc.parsed.is_whole(&keys) {
            return self.wrong(doc, name, "the file ends inside of it");
        }
        match spec::read(entry, dialect) {
            Ok(Some(mut spec)) => {
                spec.enabled &= !origin.off;
                let stands = Stands {
                    scope,
                    name,
                    file: &doc.path,
                    format: doc.format,
                    keys: Some(keys),
                    project: origin.project,
                    unpacked: origin.unpacked,
                    bundle: None,
                };
                self.record(&stands, spec);
            }
            Ok(None) => {}
            Err(wrong) => self.wrong(doc, name, wrong),
        }
    }

    fn wrong(&mut self, doc: &Doc, name: &str, wrong: Wrong) {
        let name = cut(clean_name(name), 64);
        self.broken(&doc.path, format!("entry \"{name}\": {wrong}"));
    }

    /// An MCP bundle (MANIFEST.md of `mcpb`, versions 0.1 to 0.3), unpacked by Claude Desktop.
    fn bundle(&mut self, doc: &Doc, origin: Origin<'_>) {
        let manifest = doc.tree();
        let name = manifest.text_at("name").unwrap_or_default().to_owned();
        let config = manifest.at(["server", "mcp_config"]).unwrap_or(manifest);
        let read = spec::read(config, &USUAL);
        let mut spec = match read {
            Ok(Some(spec)) if !name.is_empty() => spec,
            Ok(_) => return self.wrong(doc, &name, "it has no name"),
            Err(wrong) => return self.wrong(doc, &name, wrong),
        };
        let tools = manifest
            .get("tools")
            .and_then(Tree::list)
            .unwrap_or_default();
        spec.tools = described(tools);
        spec.tool_source = (!spec.tools.is_empty()).then_some(ToolSource::Manifest);
        spec.enabled &= !origin.off;
        let shown = manifest.text_at("display_name").unwrap_or(&name);
        let stands = Stands {
            scope: Scope::Extension,
            name: shown,
            file: &doc.path,
            format: doc.format,
            keys: None,
            project: None,
            unpacked: doc.path.parent(),
            bundle: Some(&name),
        };
        self.record_bundle(&stands, spec, manifest.text_at("version"));
    }

    fn record_bundle(&mut self, stands: &Stands<'_>, spec: Spec, version: Option<&str>) {
        let before = self.servers.len();
        self.record(stands, spec);
        let sane = |text: &&str| (1..=64).contains(&text.len()) && !text.contains(char::is_control);
        if let Some(added) = self.servers.get_mut(before)
            && let Some(version) = version.filter(sane)
        {
            added.server.version = Some(version.to_owned());
        }
    }
}

/// Tools as manifests and the protocol list them.
pub(crate) fn described(tools: &[Tree]) -> Vec<Tool> {
    let tool = |tree: &Tree| {
        let name = tree.text_at("name")?.to_owned();
        let mut tool = spec::named([name]).pop()?;
        let description = tree.text_at("description").map(str::trim);
        tool.description = description
            .filter(|text| !text.is_empty())
            .map(|text| cut(text.replace(char::is_control, " "), LONGEST_DESCRIPTION));
        Some(tool)
    };
    let mut tools: Vec<_> = tools.iter().filter_map(tool).take(MOST_TOOLS).collect();
    tools.sort_unstable();
    tools.dedup_by(|a, b| a.name == b.name);
    tools
}

/// The map of servers below `servers`, unless that is the name of a server.
fn nested(tree: &Tree) -> Option<&Tree> {
    let inner = tree.get("servers")?;
    let entry = ["type", "command", "url", "enabled"];
    let is_entry = entry
        .iter()
        .any(|key| inner.get(key).is_some_and(|v| v.map().is_none()));
    (inner.map().is_some() && !is_entry).then_some(inner)
}

type At<'t> = (Vec<String>, Option<String>, &'t Tree);

/// Everything that a row's keys lead to; the key at a star is a project's path where it is one.
fn find<'t>(
    tree: &'t Tree,
    keys: &[&str],
    walked: &mut Vec<String>,
    project: Option<&str>,
    found: &mut Vec<At<'t>>,
) {
    let Some((key, rest)) = keys.split_first() else {
        found.push((walked.clone(), project.map(str::to_owned), tree));
        return;
    };
    let Some(map) = tree.map() else {
        return;
    };
    let any = *key == "*";
    let fits = map.iter().filter(|(name, _)| any || name == key);
    for (name, below) in fits {
        let path = any && (name.starts_with('/') || name.as_bytes().get(1) == Some(&b':'));
        walked.push(name.clone());
        find(
            below,
            rest,
            walked,
            if path { Some(name) } else { project },
            found,
        );
        walked.pop();
    }
}
