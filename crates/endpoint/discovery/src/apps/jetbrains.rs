//! Plugins of `JetBrains` IDEs: a folder for each, with its version in the name of a library.

use tidegate_device_api::{InstallSource, InstalledKind, Looked};

use crate::Os;

use super::{Pass, sighting::Says};

const CLIENT: &str = "jetbrains";
const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/opt/*/plugins"),
    (Os::Linux, "/snap/*/current/plugins"),
    (Os::Macos, "/Applications/*.app/Contents/plugins"),
    (Os::Linux, "~/.local/share/JetBrains/*"),
    (Os::Linux, "~/.local/share/JetBrains/Toolbox/apps/*/plugins"),
    (Os::Linux, "~/.local/share/Google/AndroidStudio*"),
    (
        Os::Macos,
        "~/Library/Application Support/JetBrains/*/plugins",
    ),
    (
        Os::Macos,
        "~/Library/Application Support/Google/AndroidStudio*/plugins",
    ),
    (Os::Windows, "~/AppData/Roaming/JetBrains/*/plugins"),
    (
        Os::Windows,
        "~/AppData/Roaming/Google/AndroidStudio*/plugins",
    ),
];

pub(super) fn look(pass: &mut Pass<'_>) {
    for pattern in pass.places(PLACES) {
        for plugins in pass.look.folders(CLIENT, &pattern) {
            pass.look.saw(CLIENT, &plugins, Looked::Found, None);
            for known in pass.known() {
                for name in &known.1.jetbrains {
                    let folder = format!("{plugins}/{name}");
                    if pass.look.is_folder(&format!("{folder}/lib")) {
                        let libraries = pass.look.names(&format!("{folder}/lib"));
                        let mut says = Says::new(InstallSource::Extension, folder);
                        says.kind = Some(InstalledKind::EditorExtension);
                        let version = libraries.iter().find_map(|file| version(file, name));
                        pass.saw(known, says.version(version), []);
                    }
                }
            }
        }
    }
}

/// `name-1.2.3.jar`.
fn version(file: &str, name: &str) -> Option<String> {
    let version = file
        .strip_prefix(name)?
        .strip_prefix('-')?
        .strip_suffix(".jar")?;
    let numbered = version.starts_with(|c: char| c.is_ascii_digit());
    numbered.then(|| version.to_owned())
}
