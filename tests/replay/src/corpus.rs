//! The committed inputs of a target.

use std::{fs, path::PathBuf};

use anyhow::{Context, ensure};

/// Every input in the folder of this name, in the order of their names.
///
/// # Errors
/// The folder cannot be read, or is empty.
pub fn corpus(name: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let folder = folder.join(name);
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    ensure!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| Ok(fs::read(path)?)).collect()
}
