//! Extensions of editors that come from VS Code. `extensions.json` lists what is installed; where it
//! cannot be read to its end, the folders' names tell it (`publisher.name-1.2.3`).

use std::collections::BTreeSet;

use tidegate_device_api::{InstallSource, InstalledKind, Looked};

use crate::tree::Tree;

use super::{Known, Pass, sighting::Says, version::without_platform};

/// The editor, and where it keeps a person's extensions.
const HOMES: &[(&str, &str)] = &[
    ("vscode", "~/.vscode/extensions"),
    ("vscode", "~/.vscode-insiders/extensions"),
    ("vscode", "~/.vscode-server/extensions"),
    ("vscode", "~/.vscode-server-insiders/extensions"),
    (
        "vscode",
        "~/.var/app/com.visualstudio.code/data/vscode/extensions",
    ),
    ("vscodium", "~/.vscode-oss/extensions"),
    (
        "vscodium",
        "~/.var/app/com.vscodium.codium/data/codium/extensions",
    ),
    ("cursor", "~/.cursor/extensions"),
    ("cursor", "~/.cursor-server/extensions"),
    ("windsurf", "~/.windsurf/extensions"),
    ("windsurf", "~/.windsurf-server/extensions"),
    ("antigravity", "~/.antigravity/extensions"),
    ("kiro", "~/.kiro/extensions"),
    ("trae", "~/.trae/extensions"),
];
/// Where the extensions are that come with an editor.
const BUILT_IN: &[(&str, &str)] = &[
    ("vscode", "/usr/share/code/resources/app/extensions"),
    (
        "vscode",
        "/usr/share/code-insiders/resources/app/extensions",
    ),
    (
        "vscode",
        "/snap/code/current/usr/share/code/resources/app/extensions",
    ),
    (
        "vscode",
        "/Applications/Visual Studio Code.app/Contents/Resources/app/extensions",
    ),
    ("vscodium", "/usr/share/codium/resources/app/extensions"),
    ("cursor", "/usr/share/cursor/resources/app/extensions"),
    ("windsurf", "/usr/share/windsurf/resources/app/extensions"),
    (
        "antigravity",
        "/usr/share/antigravity/resources/app/extensions",
    ),
    ("kiro", "/usr/share/kiro/resources/app/extensions"),
];
const LARGEST_LIST: u64 = 16 << 20;
const LARGEST_MANIFEST: u64 = 4 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    for (editor, place) in HOMES {
        if let Some(folder) = pass.look.here(place)
            && let Some(names) = pass.look.list(editor, &folder)
        {
            pass.look.watch(&folder);
            of_home(pass, editor, &folder, &names);
        }
    }
    for (editor, place) in BUILT_IN {
        if let Some(folder) = pass.look.here(place) {
            for name in pass.look.list(editor, &folder).unwrap_or_default() {
                built_in(pass, editor, &format!("{folder}/{name}"));
            }
        }
    }
}

fn of_home(pass: &mut Pass<'_>, editor: &str, folder: &str, names: &[String]) {
    let path = format!("{folder}/extensions.json");
    let bytes = pass.look.file(editor, &path, LARGEST_LIST);
    let parsed = bytes.map(|bytes| crate::formats::parse(crate::Format::Jsonc, &bytes));
    let list = parsed.as_ref().and_then(|parsed| parsed.tree.list());
    for entry in list.unwrap_or_default() {
        listed(pass, folder, entry);
    }
    let whole = parsed.as_ref().is_some_and(|parsed| parsed.fault.is_none());
    if whole && list.is_some() {
        return;
    }
    if parsed.is_some() {
        pass.look.saw(
            editor,
            &path,
            Looked::Broken,
            Some("not the list that belongs here"),
        );
    }
    let gone = pass
        .look
        .json(editor, &format!("{folder}/.obsolete"), LARGEST_LIST);
    let gone: BTreeSet<String> = gone
        .as_ref()
        .and_then(Tree::map)
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    for name in names.iter().filter(|name| !gone.contains(*name)) {
        if let Some((id, version)) = by_name(name) {
            saw(pass, &id, format!("{folder}/{name}"), Some(version), None);
        }
    }
}

fn listed(pass: &mut Pass<'_>, folder: &str, entry: &Tree) {
    let Some(id) = entry.at(["identifier", "id"]).and_then(Tree::text) else {
        return;
    };
    let location = entry.at(["location", "path"]).and_then(Tree::text);
    let last = location.and_then(|path| path.rsplit(['/', '\\']).next());
    let Some(name) = entry.text_at("relativeLocation").or(last) else {
        return;
    };
    if name.is_empty() || name.contains(['/', '\\']) || name == ".." {
        return;
    }
    let path = format!("{folder}/{name}");
    let version = entry.text_at("version").map(str::to_owned);
    let publisher = entry
        .at(["metadata", "publisherDisplayName"])
        .and_then(Tree::text);
    saw(pass, id, path, version, publisher.map(str::to_owned));
}

fn built_in(pass: &mut Pass<'_>, editor: &str, folder: &str) {
    let manifest = format!("{folder}/package.json");
    let Some(tree) = pass.look.json(editor, &manifest, LARGEST_MANIFEST) else {
        return;
    };
    if let (Some(publisher), Some(name)) = (tree.text_at("publisher"), tree.text_at("name")) {
        let version = tree.text_at("version").map(str::to_owned);
        saw(
            pass,
            &format!("{publisher}.{name}"),
            folder.to_owned(),
            version,
            None,
        );
    }
}

fn saw(
    pass: &mut Pass<'_>,
    id: &str,
    path: String,
    version: Option<String>,
    publisher: Option<String>,
) {
    let marks = |known: Known| &*known.1.editor_extensions;
    if let Some(known) = pass.with(marks, &id.to_ascii_lowercase())
        && pass.look.is_folder(&path)
    {
        let mut says = Says::new(InstallSource::Extension, path);
        says.kind = Some(InstalledKind::EditorExtension);
        pass.saw(known, says.version(version).publisher(publisher), []);
    }
}

/// `publisher.name-1.2.3-linux-x64`.
fn by_name(name: &str) -> Option<(String, String)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let dash = name.match_indices('-').find(|(at, _)| {
        name.get(at + 1..)
            .is_some_and(|rest| rest.starts_with(is_digit))
    })?;
    let version = without_platform(name.get(dash.0 + 1..)?);
    Some((name.get(..dash.0)?.to_owned(), version))
}
