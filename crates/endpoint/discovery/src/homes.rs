//! Whose homes are on a machine: people's, not services'.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{
    Home, Os, Places, mcp,
    reading::{self, names, read},
};

/// Below it are services (login.defs(5), `UID_MIN`).
const FIRST_PERSON: u32 = 1000;
/// `nobody`, and what systemd hands out for a moment (systemd's "Users, Groups, UIDs and GIDs").
const NOBODY: u32 = 65_534;
const DYNAMIC: std::ops::RangeInclusive<u32> = 61_184..=65_519;
/// Folders that are nobody's home.
const NOT_HOMES: [&str; 9] = [
    "Shared",
    "Guest",
    "Public",
    "Default",
    "Default User",
    "All Users",
    "defaultuser0",
    "WDAGUtilityAccount",
    "lost+found",
];
const MOST: usize = 10_000;

/// The homes of the people of a machine, by path. A person whose shell is `nologin` may use a desktop all
/// the same; root counts when an AI client keeps settings in its home.
#[must_use]
pub fn homes(places: &Places) -> Vec<Home> {
    let mut homes = match places.os {
        Os::Linux => linux(places),
        Os::Macos => folders(places, "/Users"),
        Os::Windows => folders(places, "C:/Users"),
    };
    homes.sort_by(|a, b| (&a.path, a.uid).cmp(&(&b.path, b.uid)));
    homes.dedup_by(|a, b| a.path == b.path && a.uid == b.uid);
    homes.truncate(MOST);
    homes
}

/// passwd(5), and the folders of `/home` for people of a directory service, who are not in it.
fn linux(places: &Places) -> Vec<Home> {
    let passwd = read(
        &places.real(Path::new("/etc/passwd")),
        None,
        reading::LARGEST,
    );
    let passwd = passwd.unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd);
    let all: Vec<_> = passwd.lines().filter_map(line).collect();
    let known: BTreeSet<_> = all.iter().map(|home| home.path.clone()).collect();
    let is_home = |home: &Home| {
        let person = is_person(home.uid) || (home.uid == 0 && mcp::has_settings(places, home));
        person && home.path != Path::new("/") && places.real(&home.path).is_dir()
    };
    let mut homes: Vec<_> = all.into_iter().filter(is_home).collect();
    let others = folders(places, "/home").into_iter();
    homes.extend(others.filter(|home| is_person(home.uid) && !known.contains(&home.path)));
    homes
}

fn is_person(uid: u32) -> bool {
    uid >= FIRST_PERSON && uid != NOBODY && !DYNAMIC.contains(&uid)
}

fn line(line: &str) -> Option<Home> {
    let mut fields = line.split(':');
    let user = fields.next()?;
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    let path = fields.nth(1)?;
    let sane = !user.is_empty() && path.starts_with('/') && !path.contains("/../");
    sane.then(|| Home {
        user: user.to_owned(),
        uid,
        gid,
        path: PathBuf::from(path),
    })
}

fn folders(places: &Places, parent: &str) -> Vec<Home> {
    let real = places.real(Path::new(parent));
    let (names, _) = names(&real).unwrap_or_default();
    let home = |name: String| {
        let found = fs::symlink_metadata(real.join(&name)).ok()?;
        let is_home = found.is_dir() && !name.starts_with('.');
        let (uid, gid) = match places.os {
            Os::Windows => (0, 0),
            Os::Linux | Os::Macos => (found.uid(), found.gid()),
        };
        (is_home && !NOT_HOMES.contains(&name.as_str())).then(|| Home {
            path: Path::new(parent).join(&name),
            user: name,
            uid,
            gid,
        })
    };
    names.into_iter().filter_map(home).collect()
}

#[cfg(test)]
mod tests;
