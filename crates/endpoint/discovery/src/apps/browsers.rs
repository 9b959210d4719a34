//! Extensions of browsers that come from Chromium: `<profile>/Extensions/<id>/<version>/manifest.json`.
//! Only the ids in the catalogue are asked for; what else somebody has in a browser is nobody's business.

use tidegate_device_api::{InstallSource, InstalledKind, Looked};

use crate::{Os, tree::Tree};

use super::{Known, Pass, sighting::Says, version::newest};

/// The browser, and the folder of its profiles.
const PLACES: &[(Os, &str, &str)] = &[
    (Os::Linux, "chrome", "~/.config/google-chrome"),
    (Os::Linux, "chrome", "~/.config/google-chrome-beta"),
    (Os::Linux, "chrome", "~/.config/google-chrome-unstable"),
    (
        Os::Linux,
        "chrome",
        "~/.var/app/com.google.Chrome/config/google-chrome",
    ),
    (Os::Linux, "chromium", "~/.config/chromium"),
    (Os::Linux, "chromium", "~/snap/chromium/common/chromium"),
    (
        Os::Linux,
        "chromium",
        "~/.var/app/org.chromium.Chromium/config/chromium",
    ),
    (Os::Linux, "edge-browser", "~/.config/microsoft-edge"),
    (Os::Linux, "edge-browser", "~/.config/microsoft-edge-beta"),
    (Os::Linux, "edge-browser", "~/.config/microsoft-edge-dev"),
    (
        Os::Linux,
        "edge-browser",
        "~/.var/app/com.microsoft.Edge/config/microsoft-edge",
    ),
    (Os::Linux, "brave", "~/.config/BraveSoftware/Brave-Browser"),
    (
        Os::Linux,
        "brave",
        "~/snap/brave/current/.config/BraveSoftware/Brave-Browser",
    ),
    (
        Os::Linux,
        "brave",
        "~/.var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
    ),
    (Os::Linux, "vivaldi", "~/.config/vivaldi"),
    (
        Os::Linux,
        "vivaldi",
        "~/.var/app/com.vivaldi.Vivaldi/config/vivaldi",
    ),
    (
        Os::Macos,
        "chrome",
        "~/Library/Application Support/Google/Chrome",
    ),
    (
        Os::Macos,
        "chromium",
        "~/Library/Application Support/Chromium",
    ),
    (
        Os::Macos,
        "edge-browser",
        "~/Library/Application Support/Microsoft Edge",
    ),
    (
        Os::Macos,
        "brave",
        "~/Library/Application Support/BraveSoftware/Brave-Browser",
    ),
    (
        Os::Macos,
        "vivaldi",
        "~/Library/Application Support/Vivaldi",
    ),
    (
        Os::Macos,
        "arc",
        "~/Library/Application Support/Arc/User Data",
    ),
    (
        Os::Macos,
        "dia",
        "~/Library/Application Support/Dia/User Data",
    ),
    (Os::Macos, "comet", "~/Library/Application Support/Comet"),
    (
        Os::Windows,
        "chrome",
        "~/AppData/Local/Google/Chrome/User Data",
    ),
    (
        Os::Windows,
        "chromium",
        "~/AppData/Local/Chromium/User Data",
    ),
    (
        Os::Windows,
        "edge-browser",
        "~/AppData/Local/Microsoft/Edge/User Data",
    ),
    (
        Os::Windows,
        "brave",
        "~/AppData/Local/BraveSoftware/Brave-Browser/User Data",
    ),
    (Os::Windows, "vivaldi", "~/AppData/Local/Vivaldi/User Data"),
    (
        Os::Windows,
        "comet",
        "~/AppData/Local/Perplexity/Comet/User Data",
    ),
];
const LARGEST: u64 = 4 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    for (os, browser, place) in PLACES {
        if *os == pass.look.os()
            && let Some(folder) = pass.look.here(place)
        {
            for profile in pass.look.list(browser, &folder).unwrap_or_default() {
                let extensions = format!("{folder}/{profile}/Extensions");
                if pass.look.is_folder(&extensions) {
                    pass.look.saw(browser, &extensions, Looked::Found, None);
                    pass.look.watch(&extensions);
                    profile_of(pass, browser, &extensions);
                }
            }
        }
    }
}

fn profile_of(pass: &mut Pass<'_>, browser: &str, extensions: &str) {
    for known in pass.known() {
        for id in &known.1.chromium_extensions {
            one(pass, known, browser, &format!("{extensions}/{id}"));
        }
    }
}

fn one(pass: &mut Pass<'_>, known: Known, browser: &str, folder: &str) {
    let names = pass.look.names(folder);
    // What is removed leaves its folder for a while, empty.
    let Some(newest) = newest(&names) else {
        return;
    };
    let path = format!("{folder}/{newest}");
    let manifest = pass
        .look
        .json(browser, &format!("{path}/manifest.json"), LARGEST);
    let manifest = manifest.unwrap_or_default();
    let version = manifest.text_at("version").map(str::to_owned);
    let by_name = || newest.split('_').next().map(str::to_owned);
    let mut says = Says::new(InstallSource::Extension, folder);
    says.kind = Some(InstalledKind::BrowserExtension);
    says.name = name(pass, browser, &path, &manifest);
    says.publisher = author(&manifest);
    pass.saw(known, says.version(version.or_else(by_name)), []);
}

/// Its name, which may stand in the messages of its own language.
fn name(pass: &mut Pass<'_>, browser: &str, path: &str, manifest: &Tree) -> Option<String> {
    let name = manifest.text_at("name")?;
    let Some(key) = name
        .strip_prefix("__MSG_")
        .and_then(|rest| rest.strip_suffix("__"))
    else {
        return Some(name.to_owned());
    };
    let language = manifest.text_at("default_locale")?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !language.chars().all(word) {
        return None;
    }
    let messages = format!("{path}/_locales/{language}/messages.json");
    let messages = pass.look.json(browser, &messages, LARGEST)?;
    // Names of messages do not tell case.
    let (_, message) = messages
        .map()?
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    message.text_at("message").map(str::to_owned)
}

fn author(manifest: &Tree) -> Option<String> {
    let author = manifest.get("author")?;
    author
        .text()
        .or_else(|| author.text_at("name"))
        .map(str::to_owned)
}
