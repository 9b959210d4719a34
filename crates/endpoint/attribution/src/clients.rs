//! Which processes are AI clients, cheaply: most programs are none by their path alone, and a path is judged
//! once.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use tidegate_policy::{AppId, AppKind, Catalogue};

use crate::{
    Proc, StartTime, bounded::Bounded, interpreter::Interpreter, kin::Processes, proc::lock,
};

/// Programs that are remembered.
const MOST: usize = 2_048;

/// The AI clients among a system's processes.
#[derive(Debug)]
pub struct Clients {
    processes: Arc<Proc>,
    programs: Mutex<Bounded<PathBuf, Option<AppId>>>,
}

impl Clients {
    /// Those of a process table.
    #[must_use]
    pub fn among(processes: Arc<Proc>) -> Self {
        Self {
            processes,
            programs: Mutex::new(Bounded::new(MOST)),
        }
    }
}

impl Processes for Clients {
    fn born(&self, pid: u32) -> Option<(StartTime, u32)> {
        self.processes.born(pid)
    }

    fn client(&self, pid: u32) -> Option<AppId> {
        let program = self.processes.program(pid)?;
        let named = program.to_string_lossy();
        match Interpreter::of(&named) {
            // A script that starts a client is not yet the client.
            Some(Interpreter::Shell) => None,
            // Every process of it may run something else.
            Some(_) => self.processes.app(pid).filter(is_client),
            // In a sandbox of its own, where the path alone says little.
            None if named.starts_with("/app/") => self.processes.app(pid).filter(is_client),
            None => {
                if let Some(known) = lock(&self.programs).get(&program) {
                    return known;
                }
                let client = self.processes.app(pid).filter(is_client);
                lock(&self.programs).insert(program.clone(), client.clone());
                client
            }
        }
    }
}

/// Whether an app of the catalogue starts MCP servers: programs and editors do, browsers do not.
fn is_client(app: &AppId) -> bool {
    let described = Catalogue::builtin().describe(app);
    described
        .is_some_and(|app| matches!(app.kind, AppKind::Cli | AppKind::Desktop | AppKind::Editor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_programs_of_the_catalogue_and_browsers_are_none() {
        let is = |app: &str| is_client(&app.parse().unwrap());
        assert!(is("codex") && is("claude-code") && is("cursor"));
        assert!(!is("firefox") && !is("unknown") && !is("curl"));
    }

    #[test]
    fn what_runs_here_is_no_client_and_has_a_parent() {
        let clients = Clients::among(Arc::new(Proc::system()));
        let own = std::process::id();
        assert_eq!(clients.client(own), None);
        assert_eq!(clients.client(own), None, "also the second time");
        let (_, parent) = clients.born(own).unwrap();
        assert!(clients.born(parent).is_some());
        assert_eq!(clients.born(u32::MAX), None);
        assert_eq!(clients.client(u32::MAX), None);
    }
}
