//! Which Debian package owns a program: `/var/lib/dpkg/info/*.list` (dpkg(1)), read once.

use std::{collections::HashMap, path::Path};

use crate::{
    Places,
    reading::{names, read},
};

/// The largest list of a real package (kernel headers) has some megabytes.
const LARGEST_LIST: u64 = 16 << 20;
/// All lists of a large desktop have some 40 MB.
const LARGEST_ALL: usize = 256 << 20;
const MOST_PROGRAMS: usize = 100_000;

/// Folders of programs; on a merged `/usr` the lists may still say the old path.
const FOLDERS: [&str; 6] = [
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/bin/",
    "/sbin/",
    "/usr/games/",
];

/// Owners (`dpkg:git`) of the programs in the folders of programs, by path.
pub(super) fn programs(places: &Places) -> HashMap<String, String> {
    let folder = places.real(Path::new("/var/lib/dpkg/info"));
    let (names, _) = names(&folder).unwrap_or_default();
    let mut owners = HashMap::new();
    let mut left = LARGEST_ALL;
    for name in names {
        let Some(package) = name.strip_suffix(".list") else {
            continue;
        };
        let Ok(bytes) = read(&folder.join(&name), None, LARGEST_LIST.min(left as u64)) else {
            continue;
        };
        left -= bytes.len().min(left);
        // A package of a foreign architecture has it behind a colon.
        let package = package.split(':').next().unwrap_or(package);
        let owner = format!("dpkg:{package}");
        for line in String::from_utf8_lossy(&bytes).lines() {
            if owners.len() < MOST_PROGRAMS && FOLDERS.iter().any(|f| line.starts_with(f)) {
                if line.starts_with("/bin/") || line.starts_with("/sbin/") {
                    owners.insert(format!("/usr{line}"), owner.clone());
                }
                owners.insert(line.to_owned(), owner.clone());
            }
        }
    }
    owners
}
