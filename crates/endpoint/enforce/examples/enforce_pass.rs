//! One pass, for tests with real clients: what was found, the policy and what to do as JSON on standard
//! input, the outcome as JSON on standard output. It is what a child of the agent does, without the agent.

use std::{
    collections::HashMap,
    io::{self, Read},
    path::PathBuf,
};

use serde::Deserialize;
use tidegate_discovery::{Found, Home, Places};
use tidegate_enforce::{Client, Runner, Settings, home, machine, try_out, undo_home, undo_machine};
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
            settings.trial = !canary.is_empty();
            let mut outcome = machine(&places, &homes, &found, &document, &settings);
            if settings.trial {
                let runner = Runner {
                    programs: canary.into_iter().filter_map(client).collect(),
                    scratch: "/opt".into(),
                    becomes: Some((65534, 65534)),
                    tools: "/usr/bin".into(),
                };
                let tried = try_out(&places, &runner);
                let changed = !tried.changed.is_empty();
                if changed {
                    // What was taken back is told by another look.
                    outcome = machine(&places, &homes, &found, &document, &settings);
                }
                outcome.problems.extend(tried.problems);
            }
            outcome
        }
        Task::UndoHome { home } => undo_home(&places, &home),
        Task::UndoMachine => undo_machine(&places),
    };
    serde_json::to_writer(io::stdout().lock(), &outcome)?;
    Ok(())
}

fn client((name, program): (String, PathBuf)) -> Option<(Client, PathBuf)> {
    let client = Client::of(&name.parse().ok()?)?;
    Some((client, program))
}
