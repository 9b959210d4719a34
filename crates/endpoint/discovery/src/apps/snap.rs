//! Snaps: `/snap/<name>/current` points to the revision in use, and `meta/snap.yaml` in it says which
//! version that is (snapcraft.yaml reference).

use tidegate_device_api::{InstallSource, Looked};

use super::{Known, Pass, look::Stands, sighting::Says};

const CLIENT: &str = "snap";
/// Fedora and Arch mount them elsewhere.
const MOUNTS: [&str; 2] = ["/snap", "/var/lib/snapd/snap"];
const LARGEST: u64 = 1 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    if pass.look.is_home() {
        return;
    }
    for mount in MOUNTS {
        let Some(names) = pass.look.list(CLIENT, mount) else {
            continue;
        };
        pass.look.watch(mount);
        for name in names {
            let marks = |known: Known| &*known.1.snaps;
            if let Some(known) = pass.with(marks, &name) {
                one(pass, known, &format!("{mount}/{name}"));
            }
        }
        // Where both are, the second is the first.
        return;
    }
}

fn one(pass: &mut Pass<'_>, known: Known, folder: &str) {
    // A snap that is switched off keeps its revisions, and nothing is current.
    let Stands::Link(current) = pass.look.stands(&format!("{folder}/current")) else {
        return;
    };
    let meta = format!("{current}/meta/snap.yaml");
    let yaml = pass.look.file(CLIENT, &meta, LARGEST);
    let text = yaml.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let version = text.as_deref().and_then(|text| scalar(text, "version"));
    if text.is_some() && version.is_none() {
        pass.look
            .saw(CLIENT, &meta, Looked::Broken, Some("no version"));
    }
    let says = Says::new(InstallSource::Snap, folder).version(version);
    pass.saw(known, says, []);
}

/// A plain value at the top of a YAML file.
fn scalar(yaml: &str, key: &str) -> Option<String> {
    let value = |line: &str| {
        let value = line.strip_prefix(key)?.strip_prefix(':')?.trim();
        let value = value.split(" #").next()?.trim();
        Some(value.trim_matches(['\'', '"']).to_owned())
    };
    yaml.lines()
        .find_map(value)
        .filter(|value| !value.is_empty())
}
