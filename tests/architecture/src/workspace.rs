//! The crates of the workspace and what each asks for, as `cargo metadata` tells it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A crate of ours.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its package name.
    pub name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// For what a dependency is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// By the crate itself, or its build script.
    Normal,
    /// By its tests only.
    Tests,
}

/// The folder of the workspace. Asked at run time: a target folder that several copies of the tree
/// share holds a test that was compiled in another one.
#[must_use]
pub fn root() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    here.ancestors().nth(2).unwrap_or(&here).to_path_buf()
}

/// All crates of the workspace.
///
/// # Errors
/// `cargo metadata` failed, or said what cannot be read.
pub fn packages() -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .context("cargo metadata cannot be run")?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed: {message}");
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    Ok(metadata.packages)
}

impl Package {
    /// Its folder, relative to the workspace, with `/` between the parts.
    #[must_use]
    pub fn folder(&self) -> String {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        let folder = folder.strip_prefix(root()).unwrap_or(folder);
        folder.to_string_lossy().replace('\\', "/")
    }

    /// The packages it depends on, for one use.
    #[must_use]
    pub fn dependencies(&self, used: Use) -> BTreeSet<&str> {
        let wanted = |dependency: &&Dependency| {
            let tests = dependency.kind.as_deref() == Some("dev");
            (used == Use::Tests) == tests
        };
        self.dependencies
            .iter()
            .filter(wanted)
            .map(|dependency| dependency.name.as_str())
            .collect()
    }

    /// The source files where its library and its binaries start, each with the number of words
    /// that its `//!` head has at least: a library explains itself, a binary names itself.
    pub fn heads(&self) -> impl Iterator<Item = (&Path, usize)> {
        self.targets.iter().filter_map(|target| {
            let least = match target.kind.first().map(String::as_str) {
                Some("lib") => 8,
                Some("bin") => 3,
                _ => return None,
            };
            Some((target.src_path.as_path(), least))
        })
    }
}
