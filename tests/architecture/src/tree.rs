//! The files of the source tree, without what is built or installed into it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::workspace::root;

/// Folders that hold nothing of ours.
const NOT_OURS: &[&str] = &["target", "node_modules", "artifacts", "corpus"];

/// A text file of ours.
#[derive(Debug)]
pub struct Source {
    /// Its path relative to the workspace, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Every file with this extension below a folder of the workspace; `""` is all of it.
///
/// # Errors
/// A file or folder cannot be read.
pub fn files(below: &str, extension: &str) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    walk(&root().join(below), extension, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<Source>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !NOT_OURS.contains(&name.as_ref()) {
                walk(&path, extension, found)?;
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(Source {
                text: read(&path)?,
                path: relative(&path),
            });
        }
    }
    Ok(())
}

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is no text.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

impl Source {
    /// The name of the file, without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The folder it lies in, as a full path.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let path = root().join(&self.path);
        path.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// The part that is not tests: up to the `mod tests` at its end; nothing of a test file.
    #[must_use]
    pub fn without_tests(&self) -> &str {
        if self.name() == "tests.rs"
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
        {
            return "";
        }
        self.text
            .find("#[cfg(test)]\nmod ")
            .map_or(self.text.as_str(), |end| &self.text[..end])
    }
}
