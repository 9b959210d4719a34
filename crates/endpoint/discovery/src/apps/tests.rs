//! Machines made of files, and what is found on them.

mod hostile;
mod linux;
mod macos;
mod packages;
mod windows;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tidegate_device_api::{Coverage, InstalledApp, Looked};

use crate::{Home, Os, Places};

use super::{apps_of_home, apps_of_machine};

/// A machine in a temporary folder, with one person on it.
struct Machine {
    folder: TempDir,
    os: Os,
}

impl Machine {
    fn new(os: Os) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, os }
    }

    fn at(&self, path: &str) -> PathBuf {
        let path = path.replace('~', self.home().path.to_str().unwrap());
        self.folder.path().join(path.trim_start_matches('/'))
    }

    fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn folder(&self, path: &str) -> &Self {
        fs::create_dir_all(self.at(path)).unwrap();
        self
    }

    /// A link whose target is written as the machine itself would; one that is absolute leads into the
    /// folder that stands for the machine.
    fn link(&self, path: &str, target: &str) -> &Self {
        let link = self.at(path);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        let target = match target.strip_prefix(['/', '~']) {
            Some(_) => {
                let up = link
                    .strip_prefix(self.folder.path())
                    .unwrap()
                    .components()
                    .count()
                    - 1;
                let below = self.at(target);
                let below = below.strip_prefix(self.folder.path()).unwrap();
                Path::new(&"../".repeat(up)).join(below)
            }
            None => target.into(),
        };
        symlink(target, link).unwrap();
        self
    }

    fn home(&self) -> Home {
        let path = match self.os {
            Os::Linux => "/home/ada",
            Os::Macos => "/Users/ada",
            Os::Windows => "C:\\Users\\ada",
        };
        // `at` puts a path below the root.
        let path = path.trim_start_matches("C:").replace('\\', "/").into();
        Home {
            user: "ada".into(),
            uid: 1000,
            gid: 1000,
            path,
        }
    }

    fn places(&self) -> Places {
        Places {
            root: self.folder.path().into(),
            os: self.os,
        }
    }

    fn apps(&self) -> Vec<InstalledApp> {
        apps_of_machine(&self.places()).0
    }

    fn of_home(&self) -> Vec<InstalledApp> {
        apps_of_home(&self.places(), &self.home()).0
    }

    /// What was not as it should be, in the home.
    fn trouble(&self) -> Vec<String> {
        trouble(&apps_of_home(&self.places(), &self.home()).1)
    }
}

fn trouble(coverage: &[Coverage]) -> Vec<String> {
    let bad = |row: &&Coverage| !matches!(row.looked, Looked::Found | Looked::Absent);
    let told = |row: &Coverage| {
        let looked = serde_json::to_value(row.looked).unwrap();
        let looked = looked.as_str().unwrap().to_owned();
        format!(
            "{} {looked} {}",
            row.path,
            row.detail.clone().unwrap_or_default()
        )
    };
    coverage.iter().filter(bad).map(told).collect()
}

/// One line for each app: what a person would read in a table.
fn lines(apps: &[InstalledApp]) -> Vec<String> {
    let word = |value: serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let line = |app: &InstalledApp| {
        let kind = word(serde_json::to_value(app.kind).unwrap());
        let source = word(serde_json::to_value(app.source).unwrap());
        let version = app.version.as_deref().unwrap_or("-");
        format!("{} {version} {kind} {source} {}", app.app, app.path)
    };
    apps.iter().map(line).collect()
}

#[track_caller]
fn expect(apps: &[InstalledApp], wanted: &[&str]) {
    assert_eq!(lines(apps), wanted);
}
