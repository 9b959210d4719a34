//! One file: what it is without us, what we want in it, and the way between.
//!
//! Whatever is in the file now, it is first taken back to what it would be without us, then all that is
//! wanted is done to that. So a pass always leads to the same file, from wherever it starts: another
//! policy, an edit by its owner, or a pass that was killed half way.

use std::path::{Path, PathBuf};

use tidegate_discovery::Format;

use crate::{
    disk::{self, DiskError, Step},
    op::Op,
    record::{self, Edit, Record, Store, digest},
    text::{Doc, TextError},
};

/// How often an edit is made anew when somebody else writes the file meanwhile.
const TRIES: usize = 4;

/// A file that is to carry something of ours.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// It, not through a link.
    pub(crate) file: PathBuf,
    /// How it is written.
    pub(crate) format: Format,
    /// Its mode, if it has to be made.
    pub(crate) mode: u32,
    /// All that we want in it, in order; nothing to have it as it was.
    pub(crate) edits: Vec<Edit>,
}

impl Target {
    /// A file as it was without us.
    pub(crate) fn none(file: &Path, format: Format) -> Self {
        Self {
            file: file.to_owned(),
            format,
            mode: 0o600,
            edits: Vec::new(),
        }
    }
}

/// What came of a pass over a file.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    /// It was written.
    pub(crate) changed: bool,
    /// For each edit that was wanted: since when it is in the file, or why it is not.
    pub(crate) edits: Vec<Result<u64, TextError>>,
}

/// Brings a file to where it should be.
///
/// # Errors
/// It cannot be read or written; it is then as it was.
pub(crate) fn pass(store: Store<'_>, target: &Target) -> Result<Passed, DiskError> {
    let mut tries = 1;
    loop {
        match attempt(store, target) {
            Err(DiskError::Raced) if tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

fn attempt(store: Store<'_>, target: &Target) -> Result<Passed, DiskError> {
    let record = store.load(&target.file)?;
    if record.is_none() && target.edits.is_empty() {
        return Ok(Passed::default());
    }
    let read = disk::read(&target.file)?;
    let (current, written) = match &read {
        Some((text, at)) => (Some(text.as_str()), *at),
        None => (None, 0),
    };
    if let Some(record) = record
        .as_ref()
        .filter(|record| is_settled(record, target, current))
    {
        let edits = record
            .edits
            .iter()
            .map(|edit| Ok(edit.since.unwrap_or(written)));
        return Ok(Passed {
            changed: false,
            edits: edits.collect(),
        });
    }
    let base = base(record.as_ref(), current, target.format)?;
    let (mut wanted, done, mut results) = apply(target, record.as_ref(), base.as_deref());
    // What already says the same stays as it is written.
    if record.is_some() && says_the_same(target, current, wanted.as_deref()) {
        wanted = current.map(str::to_owned);
    }
    let changed = wanted.as_deref() != current;
    let mut next = Record {
        file: target.file.clone(),
        format: target.format,
        base,
        edits: done,
        ours: vec![digest(wanted.as_deref())],
        folders: record
            .as_ref()
            .map(|old| old.folders.clone())
            .unwrap_or_default(),
    };
    let mut at = written;
    if changed {
        write(
            store,
            target,
            record.as_ref(),
            &mut next,
            current,
            wanted.as_deref(),
        )?;
        at = disk::read(&target.file)?.map_or(0, |(_, at)| at);
    }
    close(store, record.as_ref(), &mut next, changed, at)?;
    fill(&mut results, &target.edits, &next, written);
    Ok(Passed {
        changed,
        edits: results,
    })
}

/// Everything is done, and nobody touched the file since: nothing has to be read.
fn is_settled(record: &Record, target: &Target, current: Option<&str>) -> bool {
    let ops = |edits: &[Edit]| edits.iter().map(|edit| edit.op.clone()).collect::<Vec<_>>();
    !record.edits.is_empty()
        && record.edits.iter().all(|edit| edit.since.is_some())
        && record.ours == [digest(current)]
        && ops(&record.edits) == ops(&target.edits)
}

/// All that is wanted, done to what is there without us: the text, what was done, and how each went.
type Applied = (Option<String>, Vec<Edit>, Vec<Result<u64, TextError>>);

fn apply(target: &Target, record: Option<&Record>, base: Option<&str>) -> Applied {
    let (mut done, mut results) = (Vec::new(), Vec::new());
    let whole = target
        .edits
        .iter()
        .any(|edit| matches!(edit.op, Op::Whole { .. }));
    // What was in a file that is ours alone need not be readable.
    let start = if whole { "" } else { base.unwrap_or_default() };
    let mut doc = match Doc::read(target.format, start) {
        Ok(doc) => doc,
        Err(error) => {
            let failed = target.edits.iter().map(|_| Err(error.clone()));
            return (base.map(str::to_owned), done, failed.collect());
        }
    };
    for edit in &target.edits {
        let after = edit.op.apply(&doc);
        results.push(after.as_ref().map(|_| 0).map_err(Clone::clone));
        // What is so without us is none of ours.
        if let Ok(after) = after
            && after.text != doc.text
        {
            doc = after;
            let since = since(record, &edit.op);
            done.push(Edit {
                since,
                ..edit.clone()
            });
        }
    }
    let text = if done.is_empty() {
        base.map(str::to_owned)
    } else {
        Some(doc.text)
    };
    (text, done, results)
}

/// Writes the file, its record first: with what may be in the file until this is over.
fn write(
    store: Store<'_>,
    target: &Target,
    old: Option<&Record>,
    next: &mut Record,
    current: Option<&str>,
    wanted: Option<&str>,
) -> Result<(), DiskError> {
    if wanted.is_some() {
        for folder in disk::missing_folders(&target.file) {
            if !next.folders.contains(&folder) {
                next.folders.push(folder);
            }
        }
    }
    let mut ahead = next.clone();
    ahead.ours.push(digest(current));
    for edit in old.map(|old| old.edits.as_slice()).unwrap_or_default() {
        if !ahead.edits.iter().any(|new| new.op == edit.op) {
            ahead.edits.push(edit.clone());
        }
    }
    store.save(&ahead)?;
    if wanted.is_some() {
        disk::make_folders(
            &target.file,
            if target.mode == 0o644 { 0o755 } else { 0o700 },
        )?;
    }
    disk::replace(&target.file, current, wanted, target.mode, store.hook)?;
    (store.hook)(Step::Close, &target.file)?;
    Ok(())
}

/// The record as it is once the file is as it should be.
fn close(
    store: Store<'_>,
    old: Option<&Record>,
    next: &mut Record,
    changed: bool,
    at: u64,
) -> Result<(), DiskError> {
    for edit in &mut next.edits {
        edit.since.get_or_insert(at);
    }
    match old {
        _ if next.edits.is_empty() => store.forget(next),
        Some(old) if !changed && old == next => Ok(()),
        _ => store.save(next),
    }
}

/// The text without anything of ours.
fn base(
    record: Option<&Record>,
    current: Option<&str>,
    format: Format,
) -> Result<Option<String>, DiskError> {
    let Some(record) = record else {
        return Ok(current.map(str::to_owned));
    };
    if record.ours.contains(&digest(current)) {
        return Ok(record.base.clone());
    }
    let Some(current) = current else {
        // Its owner removed it, and what we kept of it.
        return Ok(None);
    };
    if record.base.as_deref() == Some(current) {
        return Ok(record.base.clone());
    }
    if record
        .edits
        .iter()
        .any(|edit| matches!(edit.op, Op::Whole { .. }))
    {
        return Ok(record.base.clone());
    }
    let read = |text: &str| Doc::read(format, text);
    let doc = read(current).ok().filter(|doc| doc.value.is_object());
    let Some(mut doc) = doc else {
        return match record.base {
            // The file is ours, and somebody broke it: a client that reads it would not start.
            None => Ok(None),
            Some(_) => Err(DiskError::Kind("it cannot be read as what it should be")),
        };
    };
    let lost = |_| DiskError::Kind("what we did to it cannot be taken back");
    let old = read(record.base.as_deref().unwrap_or_default()).map_err(lost)?;
    for edit in record.edits.iter().rev() {
        doc = edit.op.retract(&doc, &old).map_err(lost)?;
    }
    let ours = record.base.is_none() && doc.value == serde_json::json!({});
    Ok((!ours).then_some(doc.text))
}

/// What a file says without us; none when it is not there then, or cannot be told.
pub(crate) fn without_us(store: Store<'_>, file: &Path, format: Format) -> Option<String> {
    let record = store.load(file).ok()?;
    let current = disk::read(file).ok()?.map(|(text, _)| text);
    base(record.as_ref(), current.as_deref(), format).ok()?
}

/// Whether a file says something at a place only because we wrote it. What cannot be told is not ours.
pub(crate) fn is_ours(store: Store<'_>, file: &Path, format: Format, keys: &[String]) -> bool {
    let (Ok(Some(record)), Ok(current)) = (store.load(file), disk::read(file)) else {
        return false;
    };
    let current = current.map(|(text, _)| text);
    let without = base(Some(&record), current.as_deref(), format);
    let doc = without.map(|text| Doc::read(format, &text.unwrap_or_default()));
    matches!(doc, Ok(Ok(doc)) if doc.at(keys).is_none())
}

fn since(record: Option<&Record>, op: &Op) -> Option<u64> {
    let same = record?.edits.iter().find(|edit| edit.op == *op);
    same.and_then(|edit| edit.since)
}

fn says_the_same(target: &Target, current: Option<&str>, wanted: Option<&str>) -> bool {
    let whole = target
        .edits
        .iter()
        .any(|edit| matches!(edit.op, Op::Whole { .. }));
    let (Some(current), Some(wanted), false) = (current, wanted, whole) else {
        return false;
    };
    let said = |text| Doc::read(target.format, text).map(|doc| doc.value);
    !target.edits.is_empty() && said(current).is_ok_and(|now| said(wanted) == Ok(now))
}

fn fill(results: &mut [Result<u64, TextError>], wanted: &[Edit], record: &Record, at: u64) {
    for (result, edit) in results.iter_mut().zip(wanted) {
        let done = record.edits.iter().find(|done| done.op == edit.op);
        if let Ok(since) = result {
            *since = done.and_then(|done| done.since).unwrap_or(at);
        }
    }
}

/// Takes everything of ours out of every file of a store.
pub(crate) fn undo(store: Store<'_>, outcome: &mut crate::Outcome) {
    let (records, problems) = store.all();
    outcome.problems.extend(problems);
    let made = record::folders(&records);
    for record in records {
        let target = Target::none(&record.file, record.format);
        note(outcome, &target.file, pass(store, &target).as_ref());
    }
    store.sweep(&made);
}

/// Puts what came of a file into an outcome.
pub(crate) fn note(outcome: &mut crate::Outcome, file: &Path, passed: Result<&Passed, &DiskError>) {
    match passed {
        Ok(passed) if passed.changed => outcome.changed.push(file.to_owned()),
        Ok(_) => {}
        Err(error) => outcome
            .problems
            .push(format!("{}: {error}", file.display())),
    }
}

#[cfg(test)]
mod tests;
