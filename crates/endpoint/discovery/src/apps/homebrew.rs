//! Homebrew: `Cellar/<formula>/<version>` and `Caskroom/<cask>/<version>`, the folders' names being all
//! that is needed. A cask's folder links to the app that it put elsewhere.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, look::Stands, sighting::Says, version::newest};

const CLIENT: &str = "homebrew";
const PREFIXES: &[(Os, &str)] = &[
    (Os::Linux, "/home/linuxbrew/.linuxbrew"),
    (Os::Macos, "/opt/homebrew"),
    (Os::Macos, "/usr/local"),
    (Os::Linux, "~/.linuxbrew"),
    (Os::Macos, "~/homebrew"),
];

pub(super) fn look(pass: &mut Pass<'_>) {
    for prefix in pass.places(PREFIXES) {
        let cellar = format!("{prefix}/Cellar");
        for name in pass.look.list(CLIENT, &cellar).unwrap_or_default() {
            let marks = |known: Known| &*known.1.formulae;
            if let Some(known) = pass.with(marks, &name) {
                formula(pass, known, &prefix, &name);
            }
        }
        let casks = format!("{prefix}/Caskroom");
        for name in pass.look.list(CLIENT, &casks).unwrap_or_default() {
            let marks = |known: Known| &*known.1.casks;
            if let Some(known) = pass.with(marks, &name) {
                cask(pass, known, &format!("{casks}/{name}"));
            }
        }
    }
}

fn formula(pass: &mut Pass<'_>, known: Known, prefix: &str, name: &str) {
    let folder = format!("{prefix}/Cellar/{name}");
    let names = pass.look.names(&folder);
    // Old versions stay until a clean-up; the link says which one is used.
    let linked = match pass.look.stands(&format!("{prefix}/opt/{name}")) {
        Stands::Link(target) => target.rsplit('/').next().map(str::to_owned),
        _ => None,
    };
    let linked = linked.filter(|version| names.contains(version));
    let Some(version) = linked.or_else(|| newest(&names).cloned()) else {
        pass.look
            .saw(CLIENT, &folder, Looked::Broken, Some("no version in it"));
        return;
    };
    let programs = known.0.executables().iter();
    let programs: Vec<String> = programs
        .map(|name| format!("{prefix}/bin/{name}"))
        .collect();
    let says = Says::new(InstallSource::Homebrew, format!("{folder}/{version}"));
    pass.saw(
        known,
        says.version(Some(version)),
        programs.into_iter().chain([folder]),
    );
}

fn cask(pass: &mut Pass<'_>, known: Known, folder: &str) {
    let names = pass.look.names(folder);
    let Some(version) = newest(&names) else {
        pass.look
            .saw(CLIENT, folder, Looked::Broken, Some("no version in it"));
        return;
    };
    let staged = format!("{folder}/{version}");
    let mut targets = Vec::new();
    let (mut links, mut files) = (0, 0);
    for name in pass.look.names(&staged) {
        match pass.look.stands(&format!("{staged}/{name}")) {
            Stands::Link(target) => {
                links += 1;
                if pass.look.is_there(&target) {
                    targets.push(target);
                }
            }
            Stands::Nothing => {}
            _ => files += 1,
        }
    }
    // Whoever throws an app away by hand leaves its cask.
    if links > 0 && files == 0 && targets.is_empty() {
        return;
    }
    let path = targets.first().cloned().unwrap_or_else(|| staged.clone());
    let version = version.split(',').next().map(str::to_owned);
    let says = Says::new(InstallSource::Homebrew, path).version(version);
    targets.push(folder.to_owned());
    pass.saw(known, says, targets);
}
