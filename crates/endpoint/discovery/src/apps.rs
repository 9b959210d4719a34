//! AI apps that are installed: what package databases, package managers, vendors' installers, editors and
//! browsers leave on a disk. Nothing is run to ask for its version. Which apps count is data
//! ([`Catalogue`]); which files tell them is here, one module for each source.

mod apk;
mod app_image;
mod browsers;
mod bundles;
mod desktop_entry;
mod dpkg;
mod editors;
mod flatpak;
mod gecko;
mod homebrew;
mod jetbrains;
mod look;
mod npm;
mod paths;
mod plist;
mod python;
mod rpm;
mod running;
mod sighting;
mod snap;
mod vendor;
mod version;
mod windows;

use std::path::PathBuf;

use tidegate_device_api::{Coverage, InstallSource, InstalledApp};
use tidegate_policy::{App, Catalogue, Install};

use crate::{Found, Home, Os, Places};

use look::{Look, Stands};
use sighting::{Says, Sighting};

/// The AI apps that are installed for everybody, and what was looked at.
#[must_use]
pub fn apps_of_machine(places: &Places) -> (Vec<InstalledApp>, Vec<Coverage>) {
    let (apps, coverage, _) = Pass::new(places, None).run();
    (apps, coverage)
}

/// The AI apps in a person's home, and what was looked at.
#[must_use]
pub fn apps_of_home(places: &Places, home: &Home) -> (Vec<InstalledApp>, Vec<Coverage>) {
    let (apps, coverage, _) = Pass::new(places, Some(home)).run();
    (apps, coverage)
}

impl Found {
    /// Together with the apps of the same home or machine.
    pub(crate) fn with_apps(mut self, places: &Places, home: Option<&Home>) -> Self {
        let (apps, coverage, watch) = Pass::new(places, home).run();
        self.apps = apps;
        self.coverage.extend(coverage);
        self.watch.extend(watch);
        self
    }
}

/// One look at a machine or a home. Every source asks it where to look, and tells it what it saw.
#[derive(Debug)]
struct Pass<'a> {
    catalogue: &'static Catalogue,
    look: Look<'a>,
    seen: Vec<Sighting>,
}

/// How many files of a package are asked whether they are its program.
const MOST_PROGRAMS: usize = 16;

/// Looks at one sort of thing.
type Source = fn(&mut Pass<'_>);

/// An app that the catalogue knows, and how it is installed.
type Known = (&'static App, &'static Install);

impl<'a> Pass<'a> {
    fn new(places: &'a Places, home: Option<&'a Home>) -> Self {
        Self {
            catalogue: Catalogue::builtin(),
            look: Look::new(places, home),
            seen: Vec::new(),
        }
    }

    fn run(mut self) -> (Vec<InstalledApp>, Vec<Coverage>, Vec<PathBuf>) {
        let sources: &[Source] = match self.look.os() {
            Os::Linux => &[
                dpkg::look,
                rpm::look,
                apk::look,
                snap::look,
                flatpak::look,
                desktop_entry::look,
                app_image::look,
            ],
            Os::Macos => &[bundles::look],
            Os::Windows => &[windows::look],
        };
        let everywhere: &[Source] = &[
            homebrew::look,
            npm::look,
            python::look,
            vendor::look,
            editors::look,
            jetbrains::look,
            browsers::look,
            gecko::look,
            running::look,
        ];
        for source in sources.iter().chain(everywhere) {
            source(&mut self);
        }
        let (coverage, watch) = self.look.done();
        (sighting::rows(self.seen), coverage, watch)
    }

    /// The places of a table that are on this system and in this pass, as paths of the machine.
    fn places(&self, table: &[(Os, &str)]) -> Vec<String> {
        let here = table.iter().filter(|(os, _)| *os == self.look.os());
        here.filter_map(|(_, path)| self.look.here(path)).collect()
    }

    /// Every AI app.
    fn known(&self) -> impl Iterator<Item = Known> + use<> {
        let apps = self.catalogue.apps().iter();
        apps.filter_map(|app| app.install.as_ref().map(|install| (app, install)))
    }

    /// The app with this mark.
    fn with(&self, marks: fn(Known) -> &'static [String], mark: &str) -> Option<Known> {
        self.known()
            .find(|known| marks(*known).iter().any(|known| known == mark))
    }

    /// Keeps an installation.
    fn saw(&mut self, (app, install): Known, says: Says, also: impl IntoIterator<Item = String>) {
        let sighting = Sighting::new(&self.look, app, install, says).also(also);
        self.seen.push(sighting);
    }

    /// Keeps an installation by a package database, which lists its files.
    fn installed(&mut self, known: Known, source: InstallSource, package: Package) {
        let path = package.path(known.0, &mut self.look);
        let says = Says::new(source, path)
            .version(package.version)
            .publisher(package.publisher);
        let mut sighting = Sighting::new(&self.look, known.0, known.1, says);
        sighting.owned = package.files.into_iter().collect();
        self.seen.push(sighting);
    }
}

/// What a package database says.
#[derive(Debug, Default)]
struct Package {
    /// Where it is written down.
    database: String,
    version: Option<String>,
    publisher: Option<String>,
    files: Vec<String>,
}

impl Package {
    /// The program itself: not the link or the script that starts it, since it could be started without.
    /// Else what shows best where it lies.
    fn path(&self, app: &App, look: &mut Look<'_>) -> String {
        let base = |file: &str| file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
        let named: Vec<&String> = self
            .files
            .iter()
            .filter(|file| app.executables().contains(&base(file)))
            .filter(|file| look.stands(file) != Stands::Folder)
            .take(MOST_PROGRAMS)
            .collect();
        let is_program = |file: &&&String| {
            let file = file.as_str();
            look.stands(file) == Stands::File
                && look.head("disk", file, 4).as_deref() == Some(b"\x7fELF".as_slice())
        };
        let bin =
            |file: &&String| file.starts_with("/usr/bin/") || file.starts_with("/usr/local/bin/");
        let program = named.iter().find(is_program).or_else(|| named.first());
        let path = program.copied().or_else(|| self.files.iter().find(bin));
        path.unwrap_or(&self.database).clone()
    }
}

/// Who maintains a package, without the address.
fn without_address(maintainer: &str) -> Option<String> {
    let name = maintainer.split('<').next().unwrap_or(maintainer).trim();
    let name = name.trim_matches('"').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
