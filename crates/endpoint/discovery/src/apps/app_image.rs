//! AppImages: one file that people keep where they like. The places where they usually do are looked at,
//! and what desktop entries start. A file is one when its head says so.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, sighting::Says};

const CLIENT: &str = "appimage";
const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/opt"),
    (Os::Linux, "/usr/local/bin"),
    (Os::Linux, "~/Applications"),
    (Os::Linux, "~/AppImages"),
    (Os::Linux, "~/.local/bin"),
    (Os::Linux, "~/bin"),
    (Os::Linux, "~/Downloads"),
    (Os::Linux, "~/Desktop"),
    (Os::Linux, "~"),
];

pub(super) fn look(pass: &mut Pass<'_>) {
    for folder in pass.places(PLACES) {
        for name in pass.look.list(CLIENT, &folder).unwrap_or_default() {
            one(pass, &format!("{folder}/{name}"), None);
        }
    }
}

/// Keeps a file if it is an AppImage of an app that is known. A desktop entry may tell the version.
pub(super) fn one(pass: &mut Pass<'_>, path: &str, version: Option<String>) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(stem) = stem(name) else {
        return;
    };
    let Some((known, named)) = pass
        .known()
        .find_map(|known| Some((known, told(known, stem)?)))
    else {
        return;
    };
    match pass.look.head(CLIENT, path, 16) {
        Some(head) if is_app_image(&head) => {
            let says = Says::new(InstallSource::AppImage, path).version(version.or(named));
            pass.saw(known, says, []);
        }
        Some(_) => pass
            .look
            .saw(CLIENT, path, Looked::Broken, Some("no AppImage")),
        None => {}
    }
}

/// A name without `.AppImage`.
pub(super) fn stem(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    ending.eq_ignore_ascii_case("appimage").then_some(stem)
}

/// Whether the words of a name are those of the app, followed by nothing but a version and a platform;
/// then its version, where the name has one.
#[expect(
    clippy::option_option,
    reason = "whether it is the app, and which version of it"
)]
fn told((_, install): Known, stem: &str) -> Option<Option<String>> {
    let stem = stem.to_ascii_lowercase();
    let words: Vec<&str> = stem
        .split(['-', '_', ' ', '(', ')'])
        .filter(|word| !word.is_empty())
        .collect();
    let rest = install.appimages.iter().find_map(|name| {
        let mut rest = words.iter();
        name.split(' ')
            .all(|word| rest.next() == Some(&word))
            .then_some(rest)
    })?;
    if !rest
        .clone()
        .all(|word| is_version(word) || is_platform(word))
    {
        return None;
    }
    let version = rest
        .copied()
        .find(|word| is_version(word) && word.contains('.'));
    Some(version.map(|version| version.trim_start_matches('v').to_owned()))
}

fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

fn is_platform(word: &str) -> bool {
    const WORDS: [&str; 13] = [
        "linux", "x86", "x64", "amd64", "arm64", "aarch64", "armv7l", "latest", "stable", "beta",
        "nightly", "preview", "desktop",
    ];
    WORDS.contains(&word)
}

/// An ELF file with `AI` and a type where ELF has padding (AppImage specification, type 1 and 2).
fn is_app_image(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF") && matches!(head.get(8..11), Some([b'A', b'I', 1 | 2]))
}
