//! Application bundles of macOS, by their `Info.plist`. Receipts of installers are not asked: they stay
//! when the app goes.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, plist, sighting::Says};

const CLIENT: &str = "bundles";
const PLACES: &[(Os, &str)] = &[(Os::Macos, "/Applications"), (Os::Macos, "~/Applications")];
const LARGEST: u64 = 4 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    for folder in pass.places(PLACES) {
        for name in pass.look.list(CLIENT, &folder).unwrap_or_default() {
            let path = format!("{folder}/{name}");
            if name.ends_with(".app") {
                one(pass, &path, &name);
                continue;
            }
            // Suites and shops put theirs one folder further down.
            for inner in pass.look.names(&path) {
                if inner.ends_with(".app") {
                    one(pass, &format!("{path}/{inner}"), &inner);
                }
            }
        }
    }
}

fn one(pass: &mut Pass<'_>, path: &str, name: &str) {
    let info = format!("{path}/Contents/Info.plist");
    let Some(bytes) = pass.look.file(CLIENT, &info, LARGEST) else {
        return;
    };
    let Some(info_texts) = plist::texts(&bytes) else {
        pass.look
            .saw(CLIENT, &info, Looked::Broken, Some("no property list"));
        return;
    };
    let Some(id) = info_texts.get("CFBundleIdentifier") else {
        return;
    };
    let name = name.strip_suffix(".app").unwrap_or(name);
    let Some(known) = by_bundle(pass, id, name) else {
        return;
    };
    let version = info_texts
        .get("CFBundleShortVersionString")
        .or_else(|| info_texts.get("CFBundleVersion"));
    let says = Says::new(InstallSource::Bundle, path).version(version.cloned());
    pass.saw(known, says, []);
}

/// Where several apps have one identifier, the bundle's name tells them.
fn by_bundle(pass: &Pass<'_>, id: &str, name: &str) -> Option<Known> {
    let has = |known: &Known| known.1.bundles.iter().any(|bundle| bundle == id);
    let named = |known: &Known| known.1.bundle_names.iter().any(|bundle| bundle == name);
    let all = || pass.known().filter(has);
    let by_id = || all().find(|known| known.1.bundle_names.is_empty());
    all().find(named).or_else(by_id).or_else(|| all().next())
}
