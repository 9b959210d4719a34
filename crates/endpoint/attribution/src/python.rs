//! The Python distribution that a command or module belongs to, from the `*.dist-info` folders of its
//! environment (PyPA specification "Recording installed projects").

use std::path::{Path, PathBuf};

use tidegate_policy::{Package, PackageSource};

use crate::{npm::is_sane, view::View};

const MOST_PACKAGES: usize = 4096;
const MOST_VERSIONS: usize = 16;
const LARGEST: u64 = 64 * 1024;

/// The distribution that installed the command `script` (`PREFIX/bin/NAME`, resolved).
pub(crate) fn of_script(view: &View, script: &Path) -> Option<Package> {
    let name = script.file_name()?.to_str()?;
    let prefix = script.parent()?.parent()?;
    find(view, prefix, |folder, _| {
        let points = read(view, &folder.join("entry_points.txt"))?;
        installs(&points, name).then_some(())
    })
}

/// The distribution of the module that `python -m NAME` runs; `prefix` is the environment's.
pub(crate) fn of_module(view: &View, prefix: &Path, module: &str) -> Option<Package> {
    let top = module.split('.').next().unwrap_or(module);
    find(view, prefix, |folder, name| {
        let lists = |text: String| text.lines().any(|line| line.trim() == top);
        let fits = name.replace(['-', '.'], "_").eq_ignore_ascii_case(top)
            || read(view, &folder.join("top_level.txt")).is_some_and(lists)
            || read(view, &folder.join("entry_points.txt"))
                .is_some_and(|text| points_to(&text, top));
        fits.then_some(())
    })
}

fn find(view: &View, prefix: &Path, fits: impl Fn(&Path, &str) -> Option<()>) -> Option<Package> {
    for site in sites(view, prefix) {
        for entry in view.names(&site, MOST_PACKAGES) {
            let Some((name, version)) = entry
                .strip_suffix(".dist-info")
                .and_then(|stem| stem.rsplit_once('-'))
            else {
                continue;
            };
            if is_sane(name, 128)
                && is_sane(version, 64)
                && fits(&site.join(&entry), name).is_some()
            {
                return Some(Package {
                    source: PackageSource::Python,
                    name: name.to_owned(),
                    version: Some(version.to_owned()),
                });
            }
        }
    }
    None
}

/// Where an environment keeps its packages: virtual environments and Debian's own folders.
fn sites(view: &View, prefix: &Path) -> Vec<PathBuf> {
    let mut sites = Vec::new();
    for lib in [prefix.join("lib"), prefix.join("local/lib")] {
        let versions = view.names(&lib, 1024).into_iter();
        let versions = versions
            .filter(|name| name.starts_with("python3"))
            .take(MOST_VERSIONS);
        for version in versions {
            for kind in ["site-packages", "dist-packages"] {
                sites.extend(view.resolve(&lib.join(&version).join(kind)));
            }
        }
    }
    sites
}

fn read(view: &View, path: &Path) -> Option<String> {
    let bytes = view.read(path, LARGEST)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether `entry_points.txt` has a console script of this name.
fn installs(text: &str, name: &str) -> bool {
    scripts(text).any(|(left, _)| left == name)
}

/// Whether it has a console script of this module.
fn points_to(text: &str, module: &str) -> bool {
    let top = |target: &str| target.split([':', '.']).next().map(str::to_owned);
    scripts(text).any(|(_, target)| top(target).as_deref() == Some(module))
}

/// The lines `NAME = MODULE:FUNCTION` below `[console_scripts]`.
fn scripts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let after = text.split("[console_scripts]").nth(1).unwrap_or_default();
    let lines = after
        .lines()
        .take_while(|line| !line.trim_start().starts_with('['));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, target)| (name.trim(), target.trim()))
}
