//! The only way in which app discovery touches a disk: no link at the end of a path is followed to a
//! file, nothing but a regular file is opened, sizes and numbers have limits, and what stands in the way
//! is kept as coverage. Paths are the machine's own, with slashes (`/usr/bin`, `/home/ada/.config`).

mod open;

use std::{
    collections::BTreeSet,
    fs::{self, Metadata},
    io::Read,
    path::PathBuf,
};

use tidegate_device_api::{Coverage, Looked};
use tidegate_policy::AppId;

use super::paths::{clean, is_within, resolved, slashes};
use crate::{Format, Home, Os, Places, formats, reading, tree::Tree};
use open::{SPENT, Trouble, open, regular, trouble};

/// How many folders one pattern may stand for.
const MOST_MATCHES: usize = 512;
/// How many rows of coverage one pass keeps.
const MOST_ROWS: usize = 4_000;
/// How many bytes one pass reads: a hostile home must not keep the agent busy.
const MOST_BYTES: u64 = 512 << 20;
/// How many files and folders are watched for one pass.
const MOST_WATCHED: usize = 256;
/// How many links are followed, one after the other.
const LONGEST_CHAIN: usize = 8;
/// How many times one pass asks the disk.
const MOST_QUESTIONS: u32 = 500_000;

/// What stands at a path, links not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// Nothing, or nothing that this user may see.
    Nothing,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, and where it points to: absolute, `.` and `..` taken out.
    Link(String),
    /// A pipe, a socket, a device.
    Other,
}

/// Looks, and keeps what it saw.
#[derive(Debug)]
pub(super) struct Look<'a> {
    places: &'a Places,
    home: Option<&'a Home>,
    /// The home, as a path of the machine.
    at_home: Option<String>,
    coverage: Vec<Coverage>,
    watch: BTreeSet<PathBuf>,
    bytes: u64,
    questions: u32,
}

impl<'a> Look<'a> {
    pub(super) fn new(places: &'a Places, home: Option<&'a Home>) -> Self {
        Self {
            places,
            home,
            at_home: home.map(|home| slashes(&home.path)),
            coverage: Vec::new(),
            watch: BTreeSet::new(),
            bytes: MOST_BYTES,
            questions: MOST_QUESTIONS,
        }
    }

    pub(super) const fn os(&self) -> Os {
        self.places.os
    }

    pub(super) const fn is_home(&self) -> bool {
        self.home.is_some()
    }

    pub(super) fn uid(&self) -> Option<u32> {
        self.home.map(|home| home.uid)
    }

    pub(super) const fn machine(&self) -> &'a Places {
        self.places
    }

    pub(super) fn user(&self) -> Option<String> {
        self.home.map(|home| clean(&home.user))
    }

    /// A path of a table (`~/…` or `/…`) as a path of the machine; none for one of the other pass.
    pub(super) fn here(&self, path: &str) -> Option<String> {
        match (path.strip_prefix('~'), &self.at_home) {
            (Some(rest), Some(home)) => Some(format!("{home}{rest}")),
            (None, None) => Some(path.to_owned()),
            _ => None,
        }
    }

    /// Whether a path of the machine lies in the home that is looked at.
    pub(super) fn in_home(&self, path: &str) -> bool {
        self.at_home
            .as_deref()
            .is_some_and(|home| is_within(path, home))
    }

    /// A path for people: the home written as `~`, nothing in it that would move a cursor.
    pub(super) fn shown(&self, path: &str) -> String {
        let home = self.at_home.as_deref();
        let rest = home.and_then(|home| path.strip_prefix(home));
        match rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => clean(&format!("~{rest}")),
            None => clean(path),
        }
    }

    pub(super) fn stands(&mut self, path: &str) -> Stands {
        let Some(real) = self.real(path) else {
            return Stands::Nothing;
        };
        match fs::symlink_metadata(&real) {
            Err(_) => Stands::Nothing,
            Ok(data) if data.is_file() => Stands::File,
            Ok(data) if data.is_dir() => Stands::Folder,
            Ok(data) if data.file_type().is_symlink() => match fs::read_link(&real) {
                Err(_) => Stands::Nothing,
                Ok(target) => Stands::Link(resolved(path, &target.to_string_lossy())),
            },
            Ok(_) => Stands::Other,
        }
    }

    /// Whether a file or a folder is there, by way of links too.
    pub(super) fn is_there(&mut self, path: &str) -> bool {
        let real = self.real(path);
        real.is_some_and(|real| {
            fs::metadata(real).is_ok_and(|data| data.is_file() || data.is_dir())
        })
    }

    /// Whether a folder is there, by way of links too: package managers use them.
    pub(super) fn is_folder(&mut self, path: &str) -> bool {
        let real = self.real(path);
        real.is_some_and(|real| fs::metadata(real).is_ok_and(|data| data.is_dir()))
    }

    /// Reads a file that is a place of its own: that it is absent is told as well.
    pub(super) fn place(&mut self, client: &str, path: &str, limit: u64) -> Option<Vec<u8>> {
        match self.fetch(path, limit, false) {
            Ok(bytes) => {
                self.saw(client, path, Looked::Found, None);
                Some(bytes)
            }
            Err((looked, why)) => {
                self.saw(client, path, looked, why);
                None
            }
        }
    }

    /// Reads a file; only what is wrong with it is told.
    pub(super) fn file(&mut self, client: &str, path: &str, limit: u64) -> Option<Vec<u8>> {
        self.told(client, path, limit, false)
    }

    /// Reads the beginning of a file.
    pub(super) fn head(&mut self, client: &str, path: &str, limit: u64) -> Option<Vec<u8>> {
        self.told(client, path, limit, true)
    }

    fn told(&mut self, client: &str, path: &str, limit: u64, head: bool) -> Option<Vec<u8>> {
        match self.fetch(path, limit, head) {
            Ok(bytes) => Some(bytes),
            Err((Looked::Absent, _)) => None,
            Err((looked, why)) => {
                self.saw(client, path, looked, why);
                None
            }
        }
    }

    /// Reads a JSON file; what is broken in it is told, and the rest of it is used.
    pub(super) fn json(&mut self, client: &str, path: &str, limit: u64) -> Option<Tree> {
        let bytes = self.file(client, path, limit)?;
        let parsed = formats::parse(Format::Jsonc, &bytes);
        if parsed.fault.is_some() {
            self.saw(
                client,
                path,
                Looked::Broken,
                Some("not the JSON that belongs here"),
            );
        }
        Some(parsed.tree)
    }

    /// The names in a folder, in order. One that is a place of its own: that it is absent is told.
    pub(super) fn list(&mut self, client: &str, path: &str) -> Option<Vec<String>> {
        match self.entries(path) {
            Ok((names, whole)) => {
                let (looked, why) = if whole {
                    (Looked::Found, None)
                } else {
                    (Looked::TooLarge, Some("more entries than are looked at"))
                };
                self.saw(client, path, looked, why);
                Some(names)
            }
            Err((looked, why)) => {
                self.saw(client, path, looked, why);
                None
            }
        }
    }

    /// The names in a folder, in order; nothing is told.
    pub(super) fn names(&mut self, path: &str) -> Vec<String> {
        self.entries(path)
            .map(|(names, _)| names)
            .unwrap_or_default()
    }

    /// The folders that a pattern stands for, in order; `*` is any part of one name. Where there are none,
    /// the pattern is told as absent.
    pub(super) fn folders(&mut self, client: &str, pattern: &str) -> Vec<String> {
        let mut found = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for folder in &found {
                match part.split_once('*') {
                    None => next.push(format!("{folder}/{part}")),
                    Some((start, end)) => {
                        let fits = |name: &String| {
                            name.len() >= start.len() + end.len()
                                && name.starts_with(start)
                                && name.ends_with(end)
                        };
                        let names = self.names(folder).into_iter().filter(fits);
                        next.extend(names.map(|name| format!("{folder}/{name}")));
                    }
                }
                if next.len() > MOST_MATCHES {
                    next.truncate(MOST_MATCHES);
                    let why = Some("more folders than are looked at");
                    self.saw(client, pattern, Looked::TooLarge, why);
                    break;
                }
            }
            found = next;
        }
        found.retain(|path| self.is_folder(path));
        if found.is_empty() {
            self.saw(client, pattern, Looked::Absent, None);
        }
        found
    }

    /// Keeps how a place looked.
    pub(super) fn saw(&mut self, client: &str, path: &str, looked: Looked, why: Option<&str>) {
        let Ok(client) = client.parse::<AppId>() else {
            return;
        };
        if self.coverage.len() < MOST_ROWS {
            self.coverage.push(Coverage {
                user: self.user(),
                client,
                path: self.shown(path),
                looked,
                detail: why.map(str::to_owned),
            });
        }
    }

    /// When this changes, apps may have come or gone. Only for what changes seldom.
    pub(super) fn watch(&mut self, path: &str) {
        if self.watch.len() < MOST_WATCHED {
            self.watch.insert(path.into());
        }
    }

    /// What was looked at, and what to watch; in order.
    pub(super) fn done(mut self) -> (Vec<Coverage>, Vec<PathBuf>) {
        self.coverage.sort();
        self.coverage.dedup();
        (self.coverage, self.watch.into_iter().collect())
    }

    /// Where a path leads by way of links: each of them, and at last what is no link.
    pub(super) fn chain(&mut self, path: &str) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut next = path.to_owned();
        while chain.len() < LONGEST_CHAIN {
            let Stands::Link(target) = self.stands(&next) else {
                break;
            };
            chain.push(target.clone());
            next = target;
        }
        chain
    }

    /// A file's path on this disk, and that it may be asked for once more.
    pub(super) fn real(&mut self, path: &str) -> Option<PathBuf> {
        self.questions = self.questions.checked_sub(1)?;
        if self.questions == 0 {
            self.saw(
                "disk",
                "/",
                Looked::TooLarge,
                Some("more than is looked at in one pass"),
            );
        }
        Some(self.places.root.join(path.trim_start_matches('/')))
    }

    fn fetch(&mut self, path: &str, limit: u64, head: bool) -> Result<Vec<u8>, Trouble> {
        let real = self.real(path).ok_or(SPENT)?;
        let data = fs::symlink_metadata(&real).map_err(|error| trouble(&error))?;
        regular(&data.file_type())?;
        let limit = limit.min(self.bytes);
        if data.len() > limit && !head {
            return Err((Looked::TooLarge, Some("larger than is read")));
        }
        // It may have been exchanged since, so it is asked again what is open now.
        let file = open(&real).map_err(|error| trouble(&error))?;
        let data: Metadata = file.metadata().map_err(|error| trouble(&error))?;
        regular(&data.file_type())?;
        let mut bytes = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| trouble(&error))?;
        let more = bytes.len() as u64 > limit;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        self.bytes = self.bytes.saturating_sub(bytes.len() as u64);
        if more && !head {
            return Err((Looked::TooLarge, Some("larger than is read")));
        }
        Ok(bytes)
    }

    fn entries(&mut self, path: &str) -> Result<(Vec<String>, bool), Trouble> {
        let real = self.real(path).ok_or(SPENT)?;
        let (names, more) = reading::names(&real).map_err(|looked| (looked, None))?;
        Ok((names, !more))
    }
}

#[cfg(test)]
mod tests;
