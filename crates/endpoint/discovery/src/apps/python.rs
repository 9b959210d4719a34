//! Python distributions that pip, pipx or uv installed: `<name>-<version>.dist-info/METADATA`
//! (PyPA "Recording installed projects").

use tidegate_device_api::InstallSource;
use tidegate_policy::App;

use crate::Os;

use super::{Pass, sighting::Says, without_address};

const CLIENT: &str = "python";
/// The header of a `METADATA` stands before the project's whole README.
const HEAD: u64 = 64 << 10;

const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/usr/lib/python3/dist-packages"),
    (Os::Linux, "/usr/lib/python3.*/site-packages"),
    (Os::Linux, "/usr/local/lib/python3.*/dist-packages"),
    (Os::Linux, "/usr/local/lib/python3.*/site-packages"),
    (Os::Linux, "/opt/pipx/venvs/*/lib/python3.*/site-packages"),
    (Os::Linux, "/opt/*/lib/python3.*/site-packages"),
    (Os::Macos, "/opt/homebrew/lib/python3.*/site-packages"),
    (Os::Macos, "/usr/local/lib/python3.*/site-packages"),
    (
        Os::Macos,
        "/Library/Frameworks/Python.framework/Versions/*/lib/python3.*/site-packages",
    ),
    (Os::Linux, "~/.local/lib/python3.*/site-packages"),
    (
        Os::Linux,
        "~/.local/share/pipx/venvs/*/lib/python3.*/site-packages",
    ),
    (
        Os::Linux,
        "~/.local/pipx/venvs/*/lib/python3.*/site-packages",
    ),
    (
        Os::Linux,
        "~/.local/share/uv/tools/*/lib/python3.*/site-packages",
    ),
    (Os::Linux, "~/.pyenv/versions/*/lib/python3.*/site-packages"),
    (Os::Linux, "~/miniconda3/lib/python3.*/site-packages"),
    (Os::Linux, "~/miniconda3/envs/*/lib/python3.*/site-packages"),
    (Os::Linux, "~/anaconda3/lib/python3.*/site-packages"),
    (Os::Linux, "~/anaconda3/envs/*/lib/python3.*/site-packages"),
    (Os::Macos, "~/Library/Python/3.*/lib/python/site-packages"),
    (
        Os::Macos,
        "~/.local/pipx/venvs/*/lib/python3.*/site-packages",
    ),
    (
        Os::Macos,
        "~/.local/share/uv/tools/*/lib/python3.*/site-packages",
    ),
    (Os::Macos, "~/.pyenv/versions/*/lib/python3.*/site-packages"),
    (Os::Macos, "~/miniconda3/lib/python3.*/site-packages"),
    (Os::Windows, "~/AppData/Roaming/Python/*/site-packages"),
    (
        Os::Windows,
        "~/AppData/Local/Programs/Python/*/Lib/site-packages",
    ),
    (Os::Windows, "~/pipx/venvs/*/Lib/site-packages"),
    (
        Os::Windows,
        "~/AppData/Roaming/uv/tools/*/Lib/site-packages",
    ),
];

pub(super) fn look(pass: &mut Pass<'_>) {
    for pattern in pass.places(PLACES) {
        for packages in pass.look.folders(CLIENT, &pattern) {
            for name in pass.look.list(CLIENT, &packages).unwrap_or_default() {
                one(pass, &packages, &name);
            }
        }
    }
}

fn one(pass: &mut Pass<'_>, packages: &str, name: &str) {
    let Some((distribution, version)) = name
        .strip_suffix(".dist-info")
        .and_then(|stem| stem.split_once('-'))
    else {
        return;
    };
    let wanted = App::canonical_python(distribution);
    let Some(known) = pass.with(|known| known.0.python(), &wanted) else {
        return;
    };
    let folder = format!("{packages}/{name}");
    let metadata = pass.look.head(CLIENT, &format!("{folder}/METADATA"), HEAD);
    let metadata = metadata.unwrap_or_default();
    let text = String::from_utf8_lossy(&metadata);
    let header = |name: &str| {
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let publisher = header("Author").or_else(|| header("Author-email"));
    let says = Says::new(InstallSource::Python, folder)
        .version(header("Version").or_else(|| Some(version.to_owned())))
        .publisher(publisher.and_then(|author| without_address(&author)));
    pass.saw(known, says, []);
}
