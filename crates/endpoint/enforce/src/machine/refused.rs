//! What a client refused is not tried again and again: every try would stop the client for a moment.

use std::{fs, path::Path};

use crate::{disk, overlay::Target, record::digest};

const END: &str = "refused";
const DOUBTED: &str = "doubted";

fn path(folder: &Path, target: &Target) -> std::path::PathBuf {
    let name = digest(Some(&target.file.to_string_lossy()));
    folder.join(name).with_extension(END)
}

/// What was wanted, as one digest.
fn wanted(target: &Target) -> String {
    let ops: Vec<_> = target.edits.iter().map(|edit| &edit.op).collect();
    digest(serde_json::to_string(&ops).ok().as_deref())
}

/// Why a client refused exactly this before.
pub(super) fn why(folder: &Path, target: &Target) -> Option<String> {
    let (text, _) = disk::read(&path(folder, target)).ok()??;
    let (digest, reason) = text.split_once('\n')?;
    (digest == wanted(target)).then(|| reason.to_owned())
}

/// The client does not start with exactly this, and without it neither: it is not tried again.
pub(super) fn doubt(folder: &Path, target: &Target) {
    let path = path(folder, target).with_extension(DOUBTED);
    drop(disk::make_folders(&path, 0o700).map(|()| disk::overwrite(&path, &wanted(target), 0o600)));
}

/// Whether exactly this is not tried again.
pub(super) fn is_doubted(folder: &Path, target: &Target) -> bool {
    let path = path(folder, target).with_extension(DOUBTED);
    matches!(disk::read(&path), Ok(Some((digest, _))) if digest == wanted(target))
}

/// Remembers it until something else is wanted.
pub(super) fn remember(folder: &Path, target: &Target, reason: &str) {
    let path = path(folder, target);
    let text = format!("{}\n{reason}", wanted(target));
    // Without it the client is tried once more, which is no harm.
    drop(disk::make_folders(&path, 0o700).map(|()| disk::overwrite(&path, &text, 0o600)));
}

/// For an uninstall.
pub(super) fn forget_all(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path
            .extension()
            .is_some_and(|end| end == END || end == DOUBTED)
        {
            drop(fs::remove_file(path));
        }
    }
    drop(fs::remove_dir(folder));
}
