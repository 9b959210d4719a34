//! An app that was seen somewhere. Several sources may see the same installation; then the one that
//! knows most about it speaks, and the others only fill in what it does not say.

use std::collections::BTreeSet;

use tidegate_device_api::{InstallSource, InstalledApp, InstalledKind};
use tidegate_policy::{App, AppKind, Install};

use super::{
    look::Look,
    paths::{clean, is_within},
};

/// An installation, and every path at which it stands.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) app: InstalledApp,
    /// Where it stands: paths of the machine, each a file or the folder of the whole.
    pub(super) at: Vec<String>,
    /// Files that a package database says are its own.
    pub(super) owned: BTreeSet<String>,
}

/// What a source says of an installation.
#[derive(Debug, Clone)]
pub(super) struct Says {
    pub(super) source: InstallSource,
    /// Where it lies: a path of the machine.
    pub(super) path: String,
    pub(super) version: Option<String>,
    pub(super) publisher: Option<String>,
    /// Its own name for itself, where it has a better one than the catalogue.
    pub(super) name: Option<String>,
    /// What it is, where that is not what the app is.
    pub(super) kind: Option<InstalledKind>,
}

impl Says {
    pub(super) fn new(source: InstallSource, path: impl Into<String>) -> Self {
        Self {
            source,
            path: path.into(),
            version: None,
            publisher: None,
            name: None,
            kind: None,
        }
    }

    pub(super) fn version(mut self, version: Option<String>) -> Self {
        self.version = version;
        self
    }

    pub(super) fn publisher(mut self, publisher: Option<String>) -> Self {
        self.publisher = publisher;
        self
    }
}

impl Sighting {
    pub(super) fn new(look: &Look<'_>, app: &App, install: &Install, says: Says) -> Self {
        let text = |text: Option<String>| text.map(|text| clean(&text)).filter(|t| !t.is_empty());
        let publisher = text(says.publisher).unwrap_or_else(|| app.vendor.clone());
        Self {
            app: InstalledApp {
                app: app.name.clone(),
                name: text(says.name).unwrap_or_else(|| install.title.clone()),
                kind: says.kind.unwrap_or_else(|| kind(app, install, says.source)),
                version: text(says.version),
                publisher: Some(publisher),
                path: look.shown(&says.path),
                source: says.source,
                user: look.user(),
            },
            at: vec![says.path],
            owned: BTreeSet::new(),
        }
    }

    /// It also stands there.
    pub(super) fn also(mut self, at: impl IntoIterator<Item = String>) -> Self {
        self.at.extend(at);
        self
    }

    /// Whether the other is the same installation, seen by another source.
    fn is(&self, other: &Self) -> bool {
        let touches = |a: &String| {
            let meets = |b: &String| is_within(a, b) || is_within(b, a);
            other.at.iter().any(meets) || other.owned.contains(a)
        };
        self.app.app == other.app.app
            && (self.at.iter().any(touches) || other.at.iter().any(|a| self.owned.contains(a)))
    }
}

fn kind(app: &App, install: &Install, source: InstallSource) -> InstalledKind {
    // A program for the terminal may have a brother with windows; these hold nothing else.
    let windows = matches!(
        source,
        InstallSource::Bundle
            | InstallSource::AppImage
            | InstallSource::Flatpak
            | InstallSource::Msix
    );
    match app.kind {
        _ if install.serves_models => InstalledKind::LocalModel,
        AppKind::Cli | AppKind::Tool if windows => InstalledKind::Desktop,
        AppKind::Editor => InstalledKind::Editor,
        AppKind::Desktop | AppKind::Browser => InstalledKind::Desktop,
        AppKind::Cli | AppKind::Runtime | AppKind::Tool => InstalledKind::Cli,
    }
}

/// The more a source knows of what it installed, the smaller. A package database lists its files; a
/// folder in a known place says nothing but its name.
const fn rank(source: InstallSource) -> u8 {
    match source {
        InstallSource::Dpkg | InstallSource::Rpm | InstallSource::Apk => 0,
        InstallSource::Snap | InstallSource::Flatpak | InstallSource::Msix => 1,
        InstallSource::Homebrew => 2,
        InstallSource::Npm | InstallSource::Python => 3,
        InstallSource::Extension | InstallSource::Bundle | InstallSource::Uninstall => 4,
        InstallSource::AppImage => 5,
        InstallSource::Vendor => 6,
        InstallSource::File | InstallSource::Other => 7,
    }
}

/// One row for each installation, in a fixed order.
pub(super) fn rows(mut seen: Vec<Sighting>) -> Vec<InstalledApp> {
    // Among equals the one seen first speaks: what only runs at the moment is seen last, and must not change
    // what is told of an app.
    seen.sort_by_key(|sighting| rank(sighting.app.source));
    let mut kept: Vec<Sighting> = Vec::new();
    for sighting in seen {
        match kept.iter_mut().find(|held| held.is(&sighting)) {
            None => kept.push(sighting),
            Some(held) => {
                if held.app.version.is_none() {
                    held.app.version = sighting.app.version;
                }
                held.at.extend(sighting.at);
            }
        }
    }
    let mut rows: Vec<InstalledApp> = kept.into_iter().map(|held| held.app).collect();
    rows.sort_by(|a, b| (&a.app, &a.path, a).cmp(&(&b.app, &b.path, b)));
    rows
}

#[cfg(test)]
mod tests;
