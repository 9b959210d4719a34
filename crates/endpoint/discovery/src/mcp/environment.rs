//! What a person's running programs know that files do not tell: variables that move settings, folders
//! that AI clients work in, and what they were started with.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use tidegate_policy::{AppId, Catalogue};

use crate::processes::{Process, processes};
use crate::{Home, Places};

/// Variables that move a client's settings. No others are kept: an environment is full of credentials.
pub(super) const MOVING: [&str; 14] = [
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_PLUGIN_CACHE_DIR",
    "CODEX_HOME",
    "GEMINI_CLI_HOME",
    "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "CLINE_MCP_SETTINGS_PATH",
    "CLINE_DATA_DIR",
    "GOOSE_PATH_ROOT",
    "COPILOT_HOME",
    "CONTINUE_GLOBAL_DIR",
];
/// A whole configuration in a variable.
pub(crate) const CONTENT: &str = "OPENCODE_CONFIG_CONTENT";
const MOST_VALUES: usize = 16;

#[derive(Default)]
pub(crate) struct Environment {
    values: BTreeMap<&'static str, BTreeSet<String>>,
    homes: BTreeSet<String>,
    /// Running AI clients.
    pub(crate) clients: Vec<(AppId, Process)>,
    /// What [`CONTENT`] holds, by the client that has it.
    pub(crate) contents: BTreeSet<String>,
}

impl Environment {
    /// Reads it from the person's processes.
    pub(crate) fn of(places: &Places, home: &Home) -> Self {
        let mut all = Self::default();
        for process in processes(places, home.uid) {
            let client = client(&process);
            all.take(places, home, &process, client.is_some());
            if let Some(client) = client {
                all.clients.push((client, process));
            }
        }
        all
    }

    fn take(&mut self, places: &Places, home: &Home, process: &Process, client: bool) {
        process.environment(|name, value| {
            let known = MOVING.iter().find(|known| **known == name);
            if let Some(known) = known.filter(|_| is_path(value)) {
                let values = self.values.entry(known).or_default();
                if values.len() < MOST_VALUES {
                    values.insert(value.to_owned());
                }
            }
            if client && name == "HOME" && is_path(value) && self.homes.len() < MOST_VALUES {
                let own = places.real(Path::new(value)) == places.real(&home.path);
                if !own {
                    self.homes.insert(value.to_owned());
                }
            }
            if client && name == CONTENT && self.contents.len() < MOST_VALUES {
                self.contents.insert(value.to_owned());
            }
        });
    }

    /// The paths that a variable has in some process.
    pub(crate) fn paths(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.get(name).into_iter().flatten();
        values.map(String::as_str)
    }

    /// Folders that running clients take for the home.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &str> {
        self.homes.iter().map(String::as_str)
    }
}

/// The AI client that a process is.
pub(super) fn client(process: &Process) -> Option<AppId> {
    let client = Catalogue::builtin().recognise(&process.facts());
    client.map(|app| app.name.clone()).filter(is_client)
}

/// Whether an app of the catalogue starts MCP servers: programs and editors do, browsers do not.
fn is_client(app: &AppId) -> bool {
    use tidegate_policy::AppKind;
    let described = Catalogue::builtin().describe(app);
    described
        .is_some_and(|app| matches!(app.kind, AppKind::Cli | AppKind::Desktop | AppKind::Editor))
}

fn is_path(text: &str) -> bool {
    let absolute = text.starts_with('/') || text.as_bytes().get(1) == Some(&b':');
    absolute && text.len() < 4096 && !text.contains("/../")
}
