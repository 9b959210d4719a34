//! Telling an app by the facts of its process.

use crate::{PackageSource, ProcessFacts};

use super::{App, AppKind, Catalogue, CatalogueError, Install};

/// How much a piece of evidence weighs. A package names itself; a file's base name is only a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    Executable,
    Module,
    Script,
    Directory,
    Bundle,
    Package,
}

impl Catalogue {
    /// The app with the strongest evidence; among equals the first.
    #[must_use]
    pub fn recognise(&self, facts: &ProcessFacts) -> Option<&App> {
        let facts = Normal::of(facts);
        let mut best: Option<(Evidence, &App)> = None;
        for app in &self.apps {
            if let Some(evidence) = app.evidence(&facts)
                && best.is_none_or(|(held, _)| evidence > held)
            {
                best = Some((evidence, app));
            }
        }
        best.map(|(_, app)| app)
    }
}

/// The facts in the form in which rules are written: slashes for separators, one base name.
struct Normal<'a> {
    facts: &'a ProcessFacts,
    executable: Option<String>,
    script: Option<String>,
    base: Option<String>,
}

impl<'a> Normal<'a> {
    fn of(facts: &'a ProcessFacts) -> Self {
        let slashes = |path: &Option<String>| path.as_ref().map(|path| path.replace('\\', "/"));
        let executable = slashes(&facts.executable);
        let base = executable.as_deref().map(base_name);
        Self {
            facts,
            script: slashes(&facts.script),
            executable,
            base,
        }
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        self.script
            .iter()
            .chain(&self.executable)
            .map(|path| &**path)
    }
}

fn base_name(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match base.strip_suffix(".exe") {
        Some(stem) if !stem.is_empty() => stem.to_owned(),
        _ => base,
    }
}

impl App {
    fn evidence(&self, facts: &Normal<'_>) -> Option<Evidence> {
        let has = |list: &[String], text: &str| list.iter().any(|entry| entry == text);
        if let Some(package) = &facts.facts.package {
            let fits = match package.source {
                PackageSource::Npm => self.npm.iter().any(|name| is_npm(&package.name, name)),
                PackageSource::Python => has(&self.python, &canonical(&package.name)),
            };
            if fits {
                return Some(Evidence::Package);
            }
        }
        if facts
            .facts
            .bundle
            .as_ref()
            .is_some_and(|id| has(&self.bundles, id))
        {
            return Some(Evidence::Bundle);
        }
        let within = |part: &String| facts.paths().any(|path| path.contains(&**part));
        if self.directories.iter().any(within) {
            return Some(Evidence::Directory);
        }
        let ends = |end: &String| {
            facts
                .script
                .as_ref()
                .is_some_and(|path| path.ends_with(&**end))
        };
        if self.scripts.iter().any(ends) {
            return Some(Evidence::Script);
        }
        if facts
            .facts
            .module
            .as_ref()
            .is_some_and(|name| has(&self.modules, name))
        {
            return Some(Evidence::Module);
        }
        let base = facts.base.as_deref()?;
        // `python3.12` is python; `claude-2` is not claude.
        let runtime = self.kind == AppKind::Runtime;
        let versionless = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        (has(&self.executables, base) || runtime && has(&self.executables, versionless))
            .then_some(Evidence::Executable)
    }

    /// Evidence that is empty or malformed would fit everything, or nothing.
    pub(super) fn check(&self) -> Result<(), CatalogueError> {
        let bad = |entry: &String| Err(CatalogueError::Evidence(self.name.clone(), entry.clone()));
        let paths = self.directories.iter().chain(&self.scripts);
        if let Some(entry) = paths.clone().find(|e| !e.starts_with('/') || e.len() < 4) {
            return bad(entry);
        }
        let lower = |entry: &&String| entry.is_empty() || **entry != entry.to_ascii_lowercase();
        let names = self.executables.iter().chain(&self.python);
        if let Some(entry) = names.clone().find(lower) {
            return bad(entry);
        }
        let others = self.npm.iter().chain(&self.bundles).chain(&self.modules);
        let told = paths.chain(names).chain(others.clone()).next().is_some();
        let installed = self
            .install
            .iter()
            .flat_map(Install::marks)
            .next()
            .is_some();
        if others.clone().any(String::is_empty) || !told && !installed {
            return bad(&String::new());
        }
        self.install
            .iter()
            .try_for_each(|install| install.check(&self.name))
    }
}

/// Whether `name` is the npm package `wanted`, or what it installs for one platform
/// (`@openai/codex-linux-x64`).
fn is_npm(name: &str, wanted: &str) -> bool {
    let Some(rest) = name.strip_prefix(wanted) else {
        return false;
    };
    let platforms = ["-linux-", "-darwin-", "-win32-", "-windows-"];
    rest.is_empty() || platforms.iter().any(|platform| rest.starts_with(platform))
}

/// A Python distribution's name in its one form (PEP 503): lower case, runs of `-_.` are one hyphen.
pub(super) fn canonical(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}
