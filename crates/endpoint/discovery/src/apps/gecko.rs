//! Extensions of browsers that come from Firefox: `extensions.json` of each profile.

use tidegate_device_api::{InstallSource, InstalledKind, Looked};

use crate::{Os, tree::Tree};

use super::{Known, Pass, sighting::Says};

/// The browser, and its profiles.
const PLACES: &[(Os, &str, &str)] = &[
    (Os::Linux, "firefox", "~/.mozilla/firefox/*"),
    (Os::Linux, "firefox", "~/.config/mozilla/firefox/*"),
    (
        Os::Linux,
        "firefox",
        "~/snap/firefox/common/.mozilla/firefox/*",
    ),
    (
        Os::Linux,
        "firefox",
        "~/.var/app/org.mozilla.firefox/.mozilla/firefox/*",
    ),
    (Os::Linux, "librewolf", "~/.librewolf/*"),
    (Os::Linux, "zen", "~/.zen/*"),
    (
        Os::Macos,
        "firefox",
        "~/Library/Application Support/Firefox/Profiles/*",
    ),
    (
        Os::Macos,
        "zen",
        "~/Library/Application Support/zen/Profiles/*",
    ),
    (
        Os::Windows,
        "firefox",
        "~/AppData/Roaming/Mozilla/Firefox/Profiles/*",
    ),
    (Os::Windows, "zen", "~/AppData/Roaming/zen/Profiles/*"),
];
const LARGEST: u64 = 32 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    for (os, browser, place) in PLACES {
        if *os == pass.look.os()
            && let Some(pattern) = pass.look.here(place)
        {
            for profile in pass.look.folders(browser, &pattern) {
                profile_of(pass, browser, &profile);
            }
        }
    }
}

fn profile_of(pass: &mut Pass<'_>, browser: &str, profile: &str) {
    let path = format!("{profile}/extensions.json");
    let Some(tree) = pass.look.json(browser, &path, LARGEST) else {
        return;
    };
    pass.look.saw(browser, &path, Looked::Found, None);
    for addon in tree.get("addons").and_then(Tree::list).unwrap_or_default() {
        let marks = |known: Known| &*known.1.gecko_extensions;
        let Some(id) = addon.text_at("id") else {
            continue;
        };
        if let Some(known) = pass.with(marks, id) {
            let text = |keys: [&str; 2]| addon.at(keys).and_then(Tree::text).map(str::to_owned);
            let mut says = Says::new(
                InstallSource::Extension,
                format!("{profile}/extensions/{id}.xpi"),
            );
            says.kind = Some(InstalledKind::BrowserExtension);
            says.name = text(["defaultLocale", "name"]);
            says.publisher = text(["defaultLocale", "creator"]);
            let version = addon.text_at("version").map(str::to_owned);
            pass.saw(known, says.version(version), []);
        }
    }
}
