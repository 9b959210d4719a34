//! Passes over a machine: what each client's policy says, merged, checked and taken back.

mod lists;
mod names;
mod trials;
mod trouble;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tidegate_device_api::{Effect, EffectState};
use tidegate_discovery::{Found, Home, Located};
use tidegate_policy::Document;

use super::{
    fixture::{ann, found, places},
    leave_out_ours, machine, undo_machine,
};
use crate::{Outcome, Settings};

/// A machine in a folder.
struct Lab {
    root: tempfile::TempDir,
    settings: Settings,
}

impl Lab {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            root: tempfile::tempdir()?,
            settings: Settings::default(),
        })
    }

    fn pass(&self, homes: &[(Home, Found)], document: &Document) -> Outcome {
        let none = Found::default();
        machine(
            &places(self.root.path()),
            homes,
            &none,
            document,
            &self.settings,
        )
    }

    fn anns(&self, servers: &[&Located], document: &Document) -> Outcome {
        let servers = servers.iter().map(|server| (*server).clone()).collect();
        self.pass(&[(ann(), found(servers))], document)
    }

    fn put(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let file = self.root.path().join(file);
        fs::create_dir_all(file.parent().expect("a folder"))?;
        Ok(fs::write(file, text)?)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root.path().join(file)).unwrap_or_default()
    }

    /// All files and folders but our own records.
    fn tree(&self) -> BTreeMap<PathBuf, Option<String>> {
        let mut tree = BTreeMap::new();
        walk(self.root.path(), &mut tree);
        tree
    }
}

fn walk(folder: &Path, tree: &mut BTreeMap<PathBuf, Option<String>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        tree.insert(path.clone(), fs::read_to_string(&path).ok());
        if path.is_dir() && !path.ends_with("tidegate-edge-enforce") {
            walk(&path, tree);
        }
    }
}

fn bob() -> Home {
    Home {
        user: "bob".into(),
        uid: 1001,
        gid: 1001,
        path: "/home/bob".into(),
    }
}

fn states(effects: &[Effect]) -> Vec<EffectState> {
    effects.iter().map(|effect| effect.state).collect()
}
