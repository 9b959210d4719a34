//! The Python distribution that a file belongs to, from the `*.dist-info` folders of its environment
//! (PyPA, "Recording installed projects").

use std::path::{Path, PathBuf};

use tidegate_policy::{Package, PackageSource};

use super::is_sane;
use crate::{
    mcp::paths::below,
    reading::{names, read},
};

const LARGEST: u64 = 64 * 1024;

/// For a command of an environment (`PREFIX/bin/NAME`) or a module below `site-packages`.
pub(super) fn package(file: &Path, uid: Option<u32>) -> Option<Package> {
    if let Some((site, top)) = module(file) {
        return find(&site, |folder, name| {
            let lists = read_text(&folder.join("top_level.txt"), uid);
            name.replace(['-', '.'], "_").eq_ignore_ascii_case(&top)
                || lists.is_some_and(|text| text.lines().any(|line| line.trim() == top))
        });
    }
    let command = file.file_name()?.to_str()?;
    let folder = file.parent()?;
    if folder.file_name()? != "bin" && folder.file_name()? != "Scripts" {
        return None;
    }
    let prefix = folder.parent()?;
    let sites = [
        "lib/python3*/site-packages",
        "lib/python3*/dist-packages",
        "Lib/site-packages",
    ];
    let mut sites = sites.iter().flat_map(|pattern| below(prefix, pattern));
    sites.find_map(|site| {
        find(&site, |folder, _| {
            let points = read_text(&folder.join("entry_points.txt"), uid);
            points.is_some_and(|text| installs(&text, command))
        })
    })
}

/// The folder of packages that a file lies in, and the name below it.
fn module(file: &Path) -> Option<(PathBuf, String)> {
    let mut below = None;
    for folder in file.ancestors() {
        let name = folder.file_name()?.to_str()?;
        if matches!(name, "site-packages" | "dist-packages") {
            let top: &str = below?;
            let top = top.strip_suffix(".py").unwrap_or(top);
            return Some((folder.to_path_buf(), top.to_owned()));
        }
        below = Some(name);
    }
    None
}

fn find(site: &Path, fits: impl Fn(&Path, &str) -> bool) -> Option<Package> {
    let (names, _) = names(site).ok()?;
    for entry in names {
        let stem = entry.strip_suffix(".dist-info");
        let Some((name, version)) = stem.and_then(|stem| stem.rsplit_once('-')) else {
            continue;
        };
        if is_sane(name, 128) && is_sane(version, 64) && fits(&site.join(&entry), name) {
            return Some(Package {
                source: PackageSource::Python,
                name: name.to_owned(),
                version: Some(version.to_owned()),
            });
        }
    }
    None
}

fn read_text(path: &Path, uid: Option<u32>) -> Option<String> {
    let bytes = read(path, uid, LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether `entry_points.txt` has a console script of this name.
fn installs(text: &str, command: &str) -> bool {
    let after = text.split("[console_scripts]").nth(1).unwrap_or_default();
    let lines = after.lines();
    let mut lines = lines.take_while(|line| !line.trim_start().starts_with('['));
    lines.any(|line| {
        let name = line.split_once('=').map(|(name, _)| name.trim());
        name == Some(command)
    })
}
