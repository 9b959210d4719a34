//! A shim that no record of ours knows, because the record was lost or the configuration came from another
//! machine: it is taken out by what it runs, or the server would depend on us for ever.

use std::path::Path;

use tidegate_discovery::{Entry, Located};

use crate::{
    Outcome,
    disk::{self, DiskError},
    op::{Op, set_argv},
    record::{Record, Store},
    shape::{self, Shape},
    text::Doc,
};

/// Takes the shim out of an entry, unless a record knows it.
pub(super) fn unwrap(
    store: Store<'_>,
    records: &[Record],
    located: &Located,
    file: &Path,
    outcome: &mut Outcome,
) {
    let Some(entry) = located.entry.as_ref().filter(|entry| !entry.shared) else {
        return;
    };
    let is_known = |op: &Op| matches!(op, Op::Wrap { keys, .. } if *keys == entry.keys);
    let ours = records.iter().filter(|record| record.file == file);
    if ours
        .flat_map(|record| &record.edits)
        .any(|edit| is_known(&edit.op))
    {
        return;
    }
    match rewrite(store, entry, file) {
        Ok(true) => outcome.changed.push(file.to_owned()),
        Ok(false) => {}
        Err(error) => outcome
            .problems
            .push(format!("{}: {error}", file.display())),
    }
}

fn rewrite(store: Store<'_>, entry: &Entry, file: &Path) -> Result<bool, DiskError> {
    let Some((old, _)) = disk::read(file)? else {
        return Ok(false);
    };
    let broken = |_| DiskError::Kind("our shim cannot be taken out of it");
    let doc = Doc::read(entry.format, &old).map_err(broken)?;
    let value = doc.at(&entry.keys);
    let found = value.and_then(|value| Some((Shape::of(value)?, Shape::of(value)?.argv(value)?)));
    let Some((shape, argv)) = found else {
        return Ok(false);
    };
    let Some(inner) = shape::inside(&argv) else {
        return Ok(false);
    };
    let new = set_argv(&doc, &entry.keys, shape, inner).map_err(broken)?;
    disk::replace(file, Some(&old), Some(&new.text), 0o600, store.hook)?;
    Ok(true)
}
