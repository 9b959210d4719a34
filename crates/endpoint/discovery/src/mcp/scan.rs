//! One scan: what is read, each file once, and what was found so far.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    rc::Rc,
};

use tidegate_device_api::{Coverage, Looked};
use tidegate_policy::AppId;

use super::{
    environment::Environment,
    paths::{self, Start},
};
use crate::{
    Format, Found, Home, Located, Os, Places,
    files::Files,
    formats, places, reading,
    tree::{Fault, Parsed, Tree},
};

/// How many servers a home may have.
pub(crate) const MOST_SERVERS: usize = 2_000;
/// How many projects are looked into.
pub(crate) const MOST_PROJECTS: usize = 500;
const MOST_WATCHED: usize = 8_192;
/// Files of projects that are waited for: a project has some twenty places.
const MOST_AWAITED: usize = 8_192;
/// How many faults of one file are told.
const MOST_DETAILS: usize = 8;

/// A file that was read.
pub(crate) struct Doc {
    /// Where it was opened.
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) parsed: Parsed,
}

impl Doc {
    pub(crate) const fn tree(&self) -> &Tree {
        &self.parsed.tree
    }
}

pub(crate) struct Scan<'p> {
    pub(crate) places: &'p Places,
    pub(crate) home: Option<&'p Home>,
    pub(crate) environment: Environment,
    pub(crate) files: Files<'p>,
    /// Projects, as they are opened.
    pub(crate) projects: Vec<PathBuf>,
    pub(crate) servers: Vec<Located>,
    /// The client at work.
    pub(crate) client: &'static str,
    docs: HashMap<(PathBuf, Format), Result<Rc<Doc>, Looked>>,
    entries: HashSet<(AppId, PathBuf, Vec<String>)>,
    coverage: BTreeMap<(&'static str, String), Place>,
    watch: BTreeSet<PathBuf>,
    /// Files of projects that are not there yet.
    awaited: BTreeSet<PathBuf>,
}

#[derive(Default)]
struct Place {
    looked: Option<Looked>,
    details: Vec<String>,
}

impl<'p> Scan<'p> {
    pub(crate) fn new(places: &'p Places, home: Option<&'p Home>) -> Self {
        Self {
            places,
            home,
            environment: Environment::default(),
            files: Files::new(places, home),
            projects: Vec::new(),
            servers: Vec::new(),
            client: "unknown",
            docs: HashMap::new(),
            entries: HashSet::new(),
            coverage: BTreeMap::new(),
            watch: BTreeSet::new(),
            awaited: BTreeSet::new(),
        }
    }

    /// The paths of a pattern; for one of a project, in that project.
    pub(crate) fn paths(&self, pattern: &str, project: Option<&Path>) -> Vec<PathBuf> {
        let Some((start, rest)) = paths::start(pattern) else {
            return Vec::new();
        };
        let starts = match start {
            Start::Home => self.homes(),
            Start::Machine => vec![self.places.root.clone()],
            Start::Project { .. } => project.map(Path::to_path_buf).into_iter().collect(),
            Start::Variable { name, default } => {
                let named = self.environment.paths(name);
                let named = named.map(|path| self.places.real(Path::new(path)));
                let default = default.map(|default| self.paths(default, project));
                named.chain(default.unwrap_or_default()).collect()
            }
        };
        if rest.is_empty() {
            return starts;
        }
        let found = starts.iter().flat_map(|start| paths::below(start, rest));
        found.collect()
    }

    /// The home, and what running clients were told to take for it.
    fn homes(&self) -> Vec<PathBuf> {
        let Some(home) = self.home else {
            return Vec::new();
        };
        let others = self.environment.homes().map(Path::new);
        let all = std::iter::once(home.path.as_path()).chain(others);
        all.map(|path| self.places.real(path)).collect()
    }

    /// A file for the client at work; what it looked like goes into the coverage.
    pub(crate) fn doc(&mut self, path: &Path, format: Format) -> Option<Rc<Doc>> {
        let read = self.read(path, format);
        match &read {
            Ok(doc) => {
                self.cover(path, Looked::Found);
                if let Some(fault) = doc.parsed.fault {
                    self.fault(path, fault);
                }
            }
            Err(looked) => {
                self.cover(path, *looked);
                // One that is not there yet is waited for where its folder is.
                let waits = *looked == Looked::Absent && self.watch.len() < MOST_WATCHED;
                if waits && path.parent().is_some_and(Path::is_dir) {
                    self.watch.insert(self.places.named(path));
                }
            }
        }
        read.ok()
    }

    /// A file that may well not be there: only what is there gets into the coverage.
    pub(crate) fn doc_if_there(&mut self, path: &Path, format: Format) -> Option<Rc<Doc>> {
        match self.read(path, format) {
            Err(Looked::Absent) => None,
            _ => self.doc(path, format),
        }
    }

    /// A file that is not there yet: once it is, it has to be looked at.
    pub(crate) fn wait_for(&mut self, path: &Path) {
        if self.awaited.len() < MOST_AWAITED {
            self.awaited.insert(self.places.named(path));
        }
    }

    /// One of many files that only lead elsewhere: neither covered nor watched.
    pub(crate) fn doc_quietly(&self, path: &Path, format: Format) -> Option<Doc> {
        let owner = self.home.map(|home| home.uid);
        let bytes = reading::read(path, owner, reading::LARGEST).ok()?;
        Some(Doc {
            path: path.to_path_buf(),
            format,
            parsed: formats::parse(format, &bytes),
        })
    }

    fn read(&mut self, path: &Path, format: Format) -> Result<Rc<Doc>, Looked> {
        let key = (path.to_path_buf(), format);
        if let Some(read) = self.docs.get(&key) {
            return read.clone();
        }
        let owner = self.home.map(|home| home.uid);
        let read = reading::read(path, owner, reading::LARGEST).map(|bytes| {
            Rc::new(Doc {
                path: path.to_path_buf(),
                format,
                parsed: formats::parse(format, &bytes),
            })
        });
        if self.watch.len() < MOST_WATCHED && !matches!(read, Err(Looked::Absent)) {
            self.watch.insert(self.places.named(path));
        }
        self.docs.insert(key, read.clone());
        read
    }

    /// Remembers how a place looked.
    pub(crate) fn cover(&mut self, path: &Path, looked: Looked) {
        let path = self.shown(path);
        let place = self.coverage.entry((self.client, path)).or_default();
        if place.looked.is_none_or(|before| before == Looked::Absent) {
            place.looked = Some(looked);
        }
    }

    /// A place that is there and was not read, and why.
    pub(crate) fn cover_unread(&mut self, path: &Path, looked: Looked, why: &str) {
        self.cover(path, looked);
        let place = (self.client, self.shown(path));
        self.coverage.entry(place).or_default().details = vec![why.to_owned()];
    }

    /// A place that was looked at in many projects, told once.
    pub(crate) fn cover_projects(&mut self, pattern: &str, found: usize, of: usize) {
        let rest = paths::start(pattern).map_or(pattern, |(_, rest)| rest);
        let place = (self.client, format!("<project>/{rest}"));
        let place = self.coverage.entry(place).or_default();
        place.looked = Some(if found == 0 {
            Looked::Absent
        } else {
            Looked::Found
        });
        place.details = vec![format!("in {found} of {of} folders")];
    }

    /// Something in a file is not as the client could have written it.
    pub(crate) fn broken(&mut self, path: &Path, detail: String) {
        let path = self.shown(path);
        let place = self.coverage.entry((self.client, path)).or_default();
        if place.looked != Some(Looked::TooLarge) {
            place.looked = Some(Looked::Broken);
        }
        if place.details.len() < MOST_DETAILS && !place.details.contains(&detail) {
            place.details.push(detail);
        }
    }

    fn fault(&mut self, path: &Path, fault: Fault) {
        let detail = match fault {
            Fault::Syntax(line) => format!("line {line} is not understood"),
            Fault::Twice => "a key stands twice; the last one counts".to_owned(),
            Fault::NoText => "some bytes are no text".to_owned(),
            Fault::Deep => "values lie too deep in each other".to_owned(),
            Fault::Many => "there are too many values".to_owned(),
        };
        if matches!(fault, Fault::Deep | Fault::Many) {
            self.too_large(path, detail);
        } else {
            self.broken(path, detail);
        }
    }

    /// There is more than is read.
    pub(crate) fn too_large(&mut self, path: &Path, detail: String) {
        self.broken(path, detail);
        let place = (self.client, self.shown(path));
        self.coverage.entry(place).or_default().looked = Some(Looked::TooLarge);
    }

    /// A server, unless its entry was found before.
    pub(crate) fn add(&mut self, server: Located) {
        if let Some(entry) = &server.entry {
            let key = (
                server.server.client.clone(),
                entry.file.clone(),
                entry.keys.clone(),
            );
            if !self.entries.insert(key) {
                return;
            }
        }
        if self.servers.len() < MOST_SERVERS {
            self.servers.push(server);
        } else {
            let home = self.own_folder();
            self.too_large(&home, format!("more than {MOST_SERVERS} servers"));
        }
    }

    /// The home, or the machine's root.
    pub(crate) fn own_folder(&self) -> PathBuf {
        let home = self.home.map(|home| self.places.real(&home.path));
        home.unwrap_or_else(|| self.places.root.clone())
    }

    /// Whether any path of a pattern is there.
    pub(crate) fn is_there(&self, pattern: &str) -> bool {
        self.paths(pattern, None).iter().any(|path| path.exists())
    }

    /// A path as reports write it.
    pub(crate) fn shown(&self, real: &Path) -> String {
        let named = self.places.named(real);
        match self.home {
            Some(home) => home.shown(&named),
            None => places::plain(&named),
        }
    }

    /// The servers of the client at work.
    pub(crate) fn own(&mut self) -> impl Iterator<Item = &mut Located> {
        let client = self.client;
        let servers = self.servers.iter_mut();
        servers.filter(move |located| located.server.client.as_str() == client)
    }

    pub(crate) fn is(&self, os: &[Os]) -> bool {
        os.contains(&self.places.os)
    }

    pub(crate) fn finish(self) -> Found {
        let user = self.home.map(|home| home.user.clone());
        let coverage = self
            .coverage
            .into_iter()
            .filter_map(|((client, path), place)| {
                Some(Coverage {
                    user: user.clone(),
                    client: client.parse().ok()?,
                    path,
                    looked: place.looked?,
                    detail: (!place.details.is_empty()).then(|| place.details.join("; ")),
                })
            });
        let mut servers = self.servers;
        servers.sort_by(|a, b| (&a.server, key(a)).cmp(&(&b.server, key(b))));
        Found {
            programs: Vec::new(),
            coverage: coverage.collect(),
            servers,
            watch: self.watch.into_iter().chain(self.awaited).collect(),
            ..Found::default()
        }
    }
}

fn key(located: &Located) -> Option<(&Path, &[String])> {
    let entry = located.entry.as_ref()?;
    Some((&entry.file, &entry.keys))
}
