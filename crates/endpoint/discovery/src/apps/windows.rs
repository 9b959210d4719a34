//! Windows, as far as files tell: folders of programs, and MSIX packages. The list of installed programs
//! is in the registry, which is not read here; coverage says so.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, sighting::Says, version::newest};

const CLIENT: &str = "windows";
const PROGRAMS: &[(Os, &str)] = &[
    (Os::Windows, "/Program Files"),
    (Os::Windows, "/Program Files (x86)"),
    (Os::Windows, "~/AppData/Local/Programs"),
    (Os::Windows, "~/AppData/Local"),
];
/// Its names are those of Homebrew, as far as both have an app.
const SCOOP: &[(Os, &str)] = &[
    (Os::Windows, "/ProgramData/scoop/apps"),
    (Os::Windows, "~/scoop/apps"),
];
const STORE: &[(Os, &str)] = &[
    (Os::Windows, "/Program Files/WindowsApps"),
    (Os::Windows, "~/AppData/Local/Packages"),
];
const LARGEST: u64 = 1 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    let registry = "Software/Microsoft/Windows/CurrentVersion/Uninstall";
    let why = Some("the registry is not read");
    pass.look.saw(CLIENT, registry, Looked::Unreadable, why);
    for folder in pass.places(PROGRAMS) {
        for name in pass.look.list(CLIENT, &folder).unwrap_or_default() {
            let marks = |known: Known| &*known.1.programs;
            if let Some(known) = pass.with(marks, &name) {
                program(pass, known, &format!("{folder}/{name}"));
            }
        }
    }
    for folder in pass.places(SCOOP) {
        for name in pass.look.list("scoop", &folder).unwrap_or_default() {
            let marks = |known: Known| &*known.1.formulae;
            let casks = |known: Known| &*known.1.casks;
            if let Some(known) = pass.with(marks, &name).or_else(|| pass.with(casks, &name)) {
                scoop(pass, known, &format!("{folder}/{name}/current"));
            }
        }
    }
    for folder in pass.places(STORE) {
        for name in pass.look.list(CLIENT, &folder).unwrap_or_default() {
            let (family, version) = family(&name);
            let marks = |known: Known| &*known.1.msix;
            if let Some(known) = pass.with(marks, &family) {
                let says = Says::new(InstallSource::Msix, format!("{folder}/{name}"));
                pass.saw(known, says.version(version), []);
            }
        }
    }
}

fn program(pass: &mut Pass<'_>, known: Known, folder: &str) {
    let names = pass.look.names(folder);
    let is_program = |name: &String| name.to_ascii_lowercase().ends_with(".exe");
    // A folder without a program is what an uninstaller leaves.
    if !names.iter().any(is_program) {
        return;
    }
    let manifest = format!("{folder}/resources/app/package.json");
    let manifest = pass.look.json(CLIENT, &manifest, LARGEST);
    let manifest = manifest.and_then(|tree| tree.text_at("version").map(str::to_owned));
    // Squirrel keeps each version in a folder of its own.
    let squirrel: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_prefix("app-").map(str::to_owned))
        .collect();
    let version = manifest.or_else(|| newest(&squirrel).cloned());
    let says = Says::new(InstallSource::Vendor, folder).version(version);
    pass.saw(known, says, []);
}

fn scoop(pass: &mut Pass<'_>, known: Known, folder: &str) {
    let manifest = format!("{folder}/manifest.json");
    if let Some(manifest) = pass.look.json("scoop", &manifest, LARGEST) {
        let version = manifest.text_at("version").map(str::to_owned);
        let says = Says::new(InstallSource::Vendor, folder).version(version);
        pass.saw(known, says, []);
    }
}

/// `Name_1.2.3.0_x64__hash` is of the family `Name_hash`; a person's folder has the family's name.
fn family(name: &str) -> (String, Option<String>) {
    match name.split('_').collect::<Vec<_>>()[..] {
        [name, version, _, .., hash] if hash.len() > 8 => {
            (format!("{name}_{hash}"), Some(version.to_owned()))
        }
        _ => (name.to_owned(), None),
    }
}
