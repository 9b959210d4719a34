//! A table of the file that is read key by key. Whatever is wrong is noted and reading goes on, and
//! keys that nobody asked for are reported at the end: so one run shows every problem.

use std::{cell::RefCell, net::SocketAddr, path::Path, time::Duration};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use toml::{Table, Value};

use super::{Files, Problem, units};

/// Where problems are noted, and which files were read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: RefCell<Vec<Problem>>,
    files: RefCell<Files>,
}

impl Notes {
    /// Files that were read already.
    pub(super) fn after(files: Files) -> Self {
        Self {
            problems: RefCell::default(),
            files: RefCell::new(files),
        }
    }

    pub(super) fn add(&self, key: impl Into<String>, text: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::new(key, text));
    }

    pub(super) fn into_parts(self) -> (Vec<Problem>, Files) {
        (self.problems.into_inner(), self.files.into_inner())
    }
}

/// One table, its path, and the keys that were asked for.
#[derive(Debug)]
pub(super) struct Section<'n> {
    path: String,
    table: Table,
    asked: Vec<&'static str>,
    notes: &'n Notes,
}

impl<'n> Section<'n> {
    pub(super) const fn new(path: String, table: Table, notes: &'n Notes) -> Self {
        Self {
            path,
            table,
            asked: Vec::new(),
            notes,
        }
    }

    /// The full path of a key in this table.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(super) fn note(&self, key: &str, text: impl Into<String>) {
        self.notes.add(self.key(key), text);
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.table.remove(key)
    }

    /// Whether a key that was not asked for yet is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn mismatch(&self, key: &str, wanted: &str, found: &Value) {
        self.note(
            key,
            format!("must be {wanted}, but is {}", article(found.type_str())),
        );
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => {
                self.mismatch(key, "a string", &other);
                None
            }
        }
    }

    pub(super) fn bool(&mut self, key: &'static str, default: bool) -> bool {
        self.bool_if_any(key).unwrap_or(default)
    }

    pub(super) fn bool_if_any(&mut self, key: &'static str) -> Option<bool> {
        match self.take(key)? {
            Value::Boolean(value) => Some(value),
            other => {
                self.mismatch(key, "true or false", &other);
                None
            }
        }
    }

    pub(super) fn strings(&mut self, key: &'static str) -> Vec<String> {
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let read = |(at, item): (usize, Value)| match item {
                    Value::String(text) => Some(text),
                    other => {
                        self.mismatch(&format!("{key}[{at}]"), "a string", &other);
                        None
                    }
                };
                items.into_iter().enumerate().filter_map(read).collect()
            }
            Some(other) => {
                self.mismatch(key, "a list of strings", &other);
                Vec::new()
            }
        }
    }

    /// A string that is one of a closed list.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        default: T,
    ) -> T {
        let Some(text) = self.string(key) else {
            return default;
        };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return *value;
        }
        let names: Vec<_> = choices
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        self.note(
            key,
            format!("is \"{text}\", but must be one of {}", names.join(", ")),
        );
        default
    }

    pub(super) fn integer(&mut self, key: &'static str, default: u64) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(value)) if value > 0 => value.unsigned_abs(),
            Some(other) => {
                self.mismatch(key, "a whole number above 0", &other);
                default
            }
        }
    }

    /// A whole number from 0 to a bound.
    pub(super) fn whole(&mut self, key: &'static str, default: u64, most: u64) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(value)) if u64::try_from(value).is_ok_and(|n| n <= most) => {
                value.unsigned_abs()
            }
            Some(_) => {
                self.note(key, format!("must be a whole number from 0 to {most}"));
                default
            }
        }
    }

    /// `weight`: a share beside others', 1 unless it is written, at most 1,000.
    pub(super) fn weight(&mut self) -> u32 {
        u32::try_from(self.whole("weight", 1, 1_000)).unwrap_or(1)
    }

    /// A part of all: a number from 0 to 1.
    pub(super) fn fraction(&mut self, key: &'static str, default: f64) -> f64 {
        match self.take(key) {
            None => default,
            Some(Value::Float(value)) if (0.0..=1.0).contains(&value) => value,
            Some(Value::Integer(0)) => 0.0,
            Some(Value::Integer(1)) => 1.0,
            Some(_) => {
                self.note(key, "must be a number from 0.0 to 1.0");
                default
            }
        }
    }

    /// A table of texts, whose keys are anyone's.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<(String, String)> {
        let table = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.mismatch(key, "a table of strings", &other);
                return Vec::new();
            }
        };
        let read = |(name, value)| match value {
            Value::String(text) => Some((name, text)),
            other => {
                self.mismatch(&format!("{key}.{name}"), "a string", &other);
                None
            }
        };
        table.into_iter().filter_map(read).collect()
    }

    pub(super) fn duration(&mut self, key: &'static str, default: Duration) -> Duration {
        let Some(text) = self.string(key) else {
            return default;
        };
        units::duration(&text).unwrap_or_else(|| {
            self.note(
                key,
                format!("is \"{text}\", but must be a duration like \"500ms\", \"30s\", \"10m\""),
            );
            default
        })
    }

    pub(super) fn bytes(&mut self, key: &'static str, default: u64) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(value)) if value > 0 => value.unsigned_abs(),
            Some(Value::String(text)) => units::bytes(&text).unwrap_or_else(|| {
                self.note(
                    key,
                    format!("is \"{text}\", but must be a size like \"32MiB\""),
                );
                default
            }),
            Some(other) => {
                self.mismatch(key, "a size like \"32MiB\"", &other);
                default
            }
        }
    }

    pub(super) fn address(&mut self, key: &'static str, default: SocketAddr) -> SocketAddr {
        let Some(text) = self.string(key) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            self.note(
                key,
                format!("is \"{text}\", but must be IP:PORT, like \"127.0.0.1:8080\""),
            );
            default
        })
    }

    /// A path, relative to `base` unless absolute.
    pub(super) fn path(&mut self, key: &'static str, base: &Path) -> Option<std::path::PathBuf> {
        self.string(key).map(|text| base.join(text))
    }

    /// A file that the configuration names. All are read here, so that it is known when one of them changed.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.notes.files.borrow_mut().read(path)
    }

    /// As [`Self::read`], of a file of text.
    ///
    /// # Errors
    /// It cannot be read, or is no text.
    pub(super) fn read_text(&self, path: &Path) -> std::io::Result<String> {
        let bytes = self.read(path)?;
        String::from_utf8(bytes).map_err(|_| std::io::ErrorKind::InvalidData.into())
    }

    /// A file with a bundle of certificates to trust instead of the system's.
    pub(super) fn bundle(&mut self, key: &'static str, base: &Path) -> Option<std::path::PathBuf> {
        let path = self.path(key, base)?;
        match self.read(&path) {
            Err(_) => self.note(key, format!("no file at {}", path.display())),
            Ok(bytes) => {
                let mut found = CertificateDer::pem_slice_iter(&bytes).peekable();
                if found.peek().is_none() || found.any(|one| one.is_err()) {
                    self.note(
                        key,
                        format!("{} holds no certificates as PEM", path.display()),
                    );
                }
            }
        }
        Some(path)
    }

    /// A table within this one; an empty one where it is missing.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'n> {
        self.section_if_any(key)
            .unwrap_or_else(|| Section::new(self.key(key), Table::new(), self.notes))
    }

    /// A table within this one, if it is there.
    pub(super) fn section_if_any(&mut self, key: &'static str) -> Option<Section<'n>> {
        match self.take(key)? {
            Value::Table(table) => Some(Section::new(self.key(key), table, self.notes)),
            other => {
                self.mismatch(
                    key,
                    &format!("a table, written [{}]", self.key(key)),
                    &other,
                );
                None
            }
        }
    }

    /// A list of tables, written `[[key]]`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'n>> {
        let wanted = format!("a list of tables, written [[{}]]", self.key(key));
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let read = |(at, item): (usize, Value)| match item {
                    Value::Table(table) => {
                        let path = self.key(&format!("{key}[{at}]"));
                        Some(Section::new(path, table, self.notes))
                    }
                    other => {
                        self.mismatch(&format!("{key}[{at}]"), "a table", &other);
                        None
                    }
                };
                items.into_iter().enumerate().filter_map(read).collect()
            }
            Some(other) => {
                self.mismatch(key, &wanted, &other);
                Vec::new()
            }
        }
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let near = self.asked.iter().find(|known| units::similar(known, key));
            let hint = near.map_or_else(
                || format!("known here: {}", self.asked.join(", ")),
                |known| format!("did you mean `{known}`?"),
            );
            self.note(key, format!("is not a key of this table; {hint}"));
        }
    }
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}
