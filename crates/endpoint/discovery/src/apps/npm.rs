//! Packages that npm, pnpm, yarn or bun installed for use from anywhere. A package's folder has its name,
//! so none is listed: each name that the catalogue has is asked for.

use tidegate_device_api::{InstallSource, Looked};

use crate::{Os, tree::Tree};

use super::{Known, Pass, sighting::Says, without_address};

const CLIENT: &str = "npm";
const LARGEST: u64 = 1 << 20;

/// Where `node_modules` of global packages are, by package manager and by what manages its versions.
const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/usr/lib/node_modules"),
    (Os::Linux, "/usr/local/lib/node_modules"),
    (Os::Linux, "/opt/*/lib/node_modules"),
    (Os::Linux, "/home/linuxbrew/.linuxbrew/lib/node_modules"),
    (Os::Macos, "/usr/local/lib/node_modules"),
    (Os::Macos, "/opt/homebrew/lib/node_modules"),
    (Os::Windows, "/Program Files/nodejs/node_modules"),
    (Os::Linux, "~/.npm-global/lib/node_modules"),
    (Os::Linux, "~/.npm-packages/lib/node_modules"),
    (Os::Linux, "~/.local/lib/node_modules"),
    (Os::Linux, "~/.claude/local/node_modules"),
    (Os::Linux, "~/.nvm/versions/node/*/lib/node_modules"),
    (Os::Linux, "~/.config/nvm/versions/node/*/lib/node_modules"),
    (Os::Linux, "~/.volta/tools/image/node/*/lib/node_modules"),
    (
        Os::Linux,
        "~/.volta/tools/image/packages/*/lib/node_modules",
    ),
    (
        Os::Linux,
        "~/.volta/tools/image/packages/*/*/lib/node_modules",
    ),
    (
        Os::Linux,
        "~/.local/share/fnm/node-versions/*/installation/lib/node_modules",
    ),
    (
        Os::Linux,
        "~/.fnm/node-versions/*/installation/lib/node_modules",
    ),
    (Os::Linux, "~/.asdf/installs/nodejs/*/lib/node_modules"),
    (Os::Linux, "~/.asdf/installs/nodejs/*/.npm/lib/node_modules"),
    (
        Os::Linux,
        "~/.local/share/mise/installs/node/*/lib/node_modules",
    ),
    (
        Os::Linux,
        "~/.local/share/mise/installs/npm-*/*/lib/node_modules",
    ),
    (Os::Linux, "~/.nodenv/versions/*/lib/node_modules"),
    (Os::Linux, "~/n/lib/node_modules"),
    (Os::Linux, "~/.bun/install/global/node_modules"),
    (Os::Linux, "~/.local/share/pnpm/global/*/node_modules"),
    (Os::Linux, "~/.config/yarn/global/node_modules"),
    (Os::Linux, "~/.linuxbrew/lib/node_modules"),
    // What `npx` ran once, it keeps.
    (Os::Linux, "~/.npm/_npx/*/node_modules"),
    (Os::Macos, "~/.npm/_npx/*/node_modules"),
    (Os::Windows, "~/AppData/Local/npm-cache/_npx/*/node_modules"),
    (Os::Macos, "~/.npm-global/lib/node_modules"),
    (Os::Macos, "~/.claude/local/node_modules"),
    (Os::Macos, "~/.nvm/versions/node/*/lib/node_modules"),
    (Os::Macos, "~/.volta/tools/image/node/*/lib/node_modules"),
    (
        Os::Macos,
        "~/.volta/tools/image/packages/*/lib/node_modules",
    ),
    (
        Os::Macos,
        "~/.volta/tools/image/packages/*/*/lib/node_modules",
    ),
    (
        Os::Macos,
        "~/Library/Application Support/fnm/node-versions/*/installation/lib/node_modules",
    ),
    (Os::Macos, "~/.asdf/installs/nodejs/*/lib/node_modules"),
    (
        Os::Macos,
        "~/.local/share/mise/installs/node/*/lib/node_modules",
    ),
    (
        Os::Macos,
        "~/.local/share/mise/installs/npm-*/*/lib/node_modules",
    ),
    (Os::Macos, "~/.bun/install/global/node_modules"),
    (Os::Macos, "~/Library/pnpm/global/*/node_modules"),
    (Os::Macos, "~/.config/yarn/global/node_modules"),
    (Os::Windows, "~/AppData/Roaming/npm/node_modules"),
    (Os::Windows, "~/AppData/Roaming/nvm/*/node_modules"),
    (Os::Windows, "~/AppData/Local/nvm/*/node_modules"),
    (
        Os::Windows,
        "~/AppData/Local/Volta/tools/image/packages/*/node_modules",
    ),
    (
        Os::Windows,
        "~/AppData/Local/Volta/tools/image/packages/*/*/node_modules",
    ),
    (
        Os::Windows,
        "~/AppData/Roaming/fnm/node-versions/*/installation/node_modules",
    ),
    (Os::Windows, "~/.bun/install/global/node_modules"),
    (Os::Windows, "~/AppData/Local/pnpm/global/*/node_modules"),
    (Os::Windows, "~/AppData/Local/Yarn/Data/global/node_modules"),
];

pub(super) fn look(pass: &mut Pass<'_>) {
    let mut places = pass.places(PLACES);
    places.extend(prefix(pass));
    for pattern in places {
        for modules in pass.look.folders(CLIENT, &pattern) {
            pass.look.saw(CLIENT, &modules, Looked::Found, None);
            pass.look.watch(&modules);
            self::modules(pass, &modules);
        }
    }
}

/// The apps in one `node_modules`.
pub(super) fn modules(pass: &mut Pass<'_>, modules: &str) {
    for known in pass.known() {
        for name in known.0.npm() {
            one(pass, known, modules, name);
        }
    }
}

/// The folder that a person gave npm for global packages. The file may hold tokens: only this one line
/// of it is kept.
fn prefix(pass: &mut Pass<'_>) -> Option<String> {
    let home = pass.look.here("~")?;
    let bytes = pass
        .look
        .place(CLIENT, &format!("{home}/.npmrc"), LARGEST)?;
    let text = String::from_utf8_lossy(&bytes);
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "prefix").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let home_first = ["~/", "${HOME}/", "$HOME/"];
    let below = home_first
        .iter()
        .find_map(|start| value.strip_prefix(start));
    let folder = below.map_or_else(|| value.clone(), |rest| format!("{home}/{rest}"));
    let good = folder.starts_with('/') && !folder.contains(['*', '\0']);
    let modules = format!("{}/lib/node_modules", folder.trim_end_matches('/'));
    // Outside of the home it is the machine's, and looked at there.
    (good && pass.look.in_home(&modules)).then_some(modules)
}

fn one(pass: &mut Pass<'_>, known: Known, modules: &str, name: &str) {
    let folder = format!("{modules}/{name}");
    let manifest = format!("{folder}/package.json");
    let Some(tree) = pass.look.json(CLIENT, &manifest, LARGEST) else {
        return;
    };
    // The folder alone may be left over from a package that went.
    if tree.text_at("name") != Some(name) {
        pass.look.saw(
            CLIENT,
            &manifest,
            Looked::Broken,
            Some("another package's name"),
        );
        return;
    }
    // pnpm links to where it keeps the package.
    let chain = pass.look.chain(&folder);
    let says = Says::new(InstallSource::Npm, folder)
        .version(tree.text_at("version").map(str::to_owned))
        .publisher(author(&tree));
    pass.saw(known, says, chain);
}

/// `"Name <address>"`, or an object with the name in it.
fn author(tree: &Tree) -> Option<String> {
    let author = tree.get("author")?;
    without_address(author.text().or_else(|| author.text_at("name"))?)
}
