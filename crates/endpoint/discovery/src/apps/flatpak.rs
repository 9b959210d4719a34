//! Flatpaks, of the machine and of a home: `app/<id>/current/active` is what runs, and its metainfo
//! (freedesktop AppStream) names the release.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, sighting::Says};

const CLIENT: &str = "flatpak";
const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/var/lib/flatpak/app"),
    (Os::Linux, "~/.local/share/flatpak/app"),
];
const LARGEST: u64 = 1 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    for place in pass.places(PLACES) {
        let Some(ids) = pass.look.list(CLIENT, &place) else {
            continue;
        };
        pass.look.watch(&place);
        for id in ids {
            let marks = |known: Known| &*known.1.flatpaks;
            if let Some(known) = pass.with(marks, &id) {
                one(pass, known, &format!("{place}/{id}"), &id);
            }
        }
    }
}

fn one(pass: &mut Pass<'_>, known: Known, folder: &str, id: &str) {
    let active = format!("{folder}/current/active");
    if !pass.look.is_folder(&active) {
        pass.look.saw(
            CLIENT,
            folder,
            Looked::Broken,
            Some("nothing of it is active"),
        );
        return;
    }
    let share = format!("{active}/files/share");
    let version = [
        format!("{share}/metainfo/{id}.metainfo.xml"),
        format!("{share}/metainfo/{id}.appdata.xml"),
        format!("{share}/appdata/{id}.appdata.xml"),
    ]
    .iter()
    .find_map(|path| pass.look.head(CLIENT, path, LARGEST))
    .and_then(|bytes| first_release(&String::from_utf8_lossy(&bytes)));
    let says = Says::new(InstallSource::Flatpak, folder).version(version);
    pass.saw(known, says, []);
}

/// The version of the first `<release>`: the newest stands first.
fn first_release(xml: &str) -> Option<String> {
    let tag = xml.split("<release ").nth(1)?.split('>').next()?;
    let rest = tag.split("version=").nth(1)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let version = rest.get(1..)?.split(quote).next()?;
    (!version.is_empty()).then(|| version.to_owned())
}
