//! The npm package that a file belongs to: the nearest `package.json` above it that says a name.

use std::path::Path;

use serde::Deserialize;
use tidegate_policy::{Package, PackageSource};

use crate::view::View;

/// Real ones are some kilobytes.
const LARGEST: u64 = 256 * 1024;
const HIGHEST_WALK: usize = 12;
/// npm allows 214 characters.
const LONGEST_NAME: usize = 214;

#[derive(Deserialize)]
struct Manifest {
    name: Option<String>,
    version: Option<String>,
}

/// `file` is resolved. The walk ends at a `node_modules` folder: above it another project begins.
pub(crate) fn package(view: &View, file: &Path) -> Option<Package> {
    for folder in file.ancestors().skip(1).take(HIGHEST_WALK) {
        if folder
            .file_name()
            .is_some_and(|name| name == "node_modules")
        {
            return None;
        }
        // Packages have nameless ones too, which only say `"type": "module"`.
        let text = view.read(&folder.join("package.json"), LARGEST);
        let manifest = text.and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
        if let Some(manifest) = manifest
            && let Some(name) = manifest.name.filter(|name| is_sane(name, LONGEST_NAME))
        {
            return Some(Package {
                source: PackageSource::Npm,
                name,
                version: manifest.version.filter(|version| is_sane(version, 64)),
            });
        }
    }
    None
}

/// Whether a text from someone's file may be shown and logged.
pub(crate) fn is_sane(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
