//! The tools that a server listed, noted in the person's own folder for discovery to read.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use tidegate_device_api::{SeenTools, Tool};
use tidegate_policy::{LaunchHash, McpIdentity};

/// Where notes lie, in a home.
pub const FOLDER: &str = ".local/state/tidegate/tools";
const MOST_TOOLS: usize = 1_000;
/// In characters.
const LONGEST_NAME: usize = 200;
/// In characters.
const LONGEST_DESCRIPTION: usize = 300;

/// What a server's notes need to know.
#[derive(Debug)]
pub(crate) struct Notes {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) identity: McpIdentity,
    pub(crate) launch: LaunchHash,
    pub(crate) now: fn() -> u64,
    tools: BTreeMap<String, Option<String>>,
}

impl Notes {
    pub(crate) fn new(
        folder: Option<PathBuf>,
        identity: McpIdentity,
        launch: LaunchHash,
        now: fn() -> u64,
    ) -> Self {
        Self {
            folder,
            identity,
            launch,
            now,
            tools: BTreeMap::new(),
        }
    }

    /// A page of the list came. The first one begins anew.
    pub(crate) fn listed(&mut self, tools: Vec<Tool>, first: bool) {
        if first {
            self.tools.clear();
        }
        for tool in tools {
            let name = cut(&tool.name, LONGEST_NAME);
            if self.tools.len() < MOST_TOOLS || self.tools.contains_key(&name) {
                let text = tool.description.map(|text| cut(&text, LONGEST_DESCRIPTION));
                self.tools.insert(name, text);
            }
        }
        // A note that cannot be written is no reason to disturb anybody's work: discovery then knows
        // no tools of this server, and says so.
        drop(self.write());
    }

    fn write(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let tools = self.tools.iter().map(|(name, description)| Tool {
            name: name.clone(),
            description: description.clone(),
        });
        let seen = SeenTools {
            identity: self.identity.clone(),
            tools: tools.collect(),
            seen_at: (self.now)(),
        };
        let text = serde_json::to_vec(&seen)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        replace(&folder.join(format!("{}.json", self.launch)), &text)
    }
}

/// Several shims of one server may write at the same time: each has a file of its own until it is whole.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let written = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| file.write_all(text))
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // Left behind by one of the same number that was killed, or half written.
        drop(fs::remove_file(&new));
    }
    written
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn tool(name: &str, description: &str) -> Tool {
        Tool {
            name: name.to_owned(),
            description: Some(description.to_owned()),
        }
    }

    #[test]
    fn pages_are_put_together_and_kept_within_bounds() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(FOLDER);
        let launch = LaunchHash([7; 32]);
        let identity: McpIdentity = "npm:x".parse().unwrap();
        let mut notes = Notes::new(Some(folder.clone()), identity.clone(), launch, || 42);
        notes.listed(vec![tool("old", "")], true);
        notes.listed(vec![tool("b", &"é".repeat(500))], true);
        let many = (0..2_000).map(|n| tool(&format!("t{n}"), "x"));
        notes.listed(many.collect(), false);
        let path = folder.join(format!("{launch}.json"));
        let seen: SeenTools = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(
            (seen.identity, seen.seen_at, seen.tools.len()),
            (identity, 42, 1_000)
        );
        assert_eq!(
            seen.tools[0].description.as_deref(),
            Some("é".repeat(300).as_str())
        );
        assert!(seen.tools.iter().all(|tool| tool.name != "old"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
