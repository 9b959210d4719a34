//! One pass, for tests with real clients: what was found, the policy and what to do as JSON on standard
//! input, the outcome as JSON on standard output. It is what a child of the agent does, without the agent.

use std::{
    collections::HashMap,
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
};

use serde::Deserialize;
use tidegate_discovery::{Found, Home, Places};
use tidegate_enforce::{Client, Runner, Settings, home, machine, undo_home, undo_machine};
use tidegate_policy::Document;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "task")]
enum Task {
    /// The pass over one home.
    Home {
        home: Home,
        found: Found,
        document: Document,
        #[serde(default)]
        settings: Settings,
    },
    /// The pass over the machine.
    Machine {
        homes: Vec<(Home, Found)>,
        #[serde(default)]
        found: Found,
        document: Document,
        #[serde(default)]
        settings: Settings,
        /// Programs by client, to be tried.
        #[serde(default)]
        canary: HashMap<String, PathBuf>,
    },
    /// Everything of ours out of a home.
    UndoHome { home: Home },
    /// Everything of ours out of the machine.
    UndoMachine,
}

fn main() -> anyhow::Result<()> {
    let mut text = String::new();
    io::stdin().take(64 << 20).read_to_string(&mut text)?;
    let places: Places = serde_json::from_value(serde_json::json!({"root": "/", "os": "linux"}))?;
    let outcome = match serde_json::from_str(&text)? {
        Task::Home {
            home: at,
            found,
            document,
            settings,
        } => home(&places, &at, &found, &document, &settings),
        Task::Machine {
            homes,
            found,
            document,
            mut settings,
            canary,
        } => {
            if !canary.is_empty() {
                settings.canary = Some(Arc::new(Runner {
                    programs: canary.into_iter().filter_map(client).collect(),
                    scratch: std::env::temp_dir(),
                    uid: 65534,
                    gid: 65534,
                    tools: "/usr/bin".into(),
                }));
            }
            machine(&places, &homes, &found, &document, &settings)
        }
        Task::UndoHome { home } => undo_home(&places, &home),
        Task::UndoMachine => undo_machine(&places),
    };
    serde_json::to_writer(io::stdout().lock(), &outcome)?;
    Ok(())
}

fn client((name, program): (String, PathBuf)) -> Option<(Client, PathBuf)> {
    let client = match name.as_str() {
        "claude-code" => Client::ClaudeCode,
        "codex" => Client::Codex,
        "gemini-cli" => Client::GeminiCli,
        "opencode" => Client::OpenCode,
        _ => return None,
    };
    Some((client, program))
}
