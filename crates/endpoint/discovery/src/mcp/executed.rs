//! One process at a time, as it executes a program: what a look at all processes would take it for.

use std::path::Path;

use tidegate_policy::AppId;

use super::{
    environment,
    running::{Running, launch, says_mcp},
    scan::Scan,
};
use crate::{
    Home, Places,
    processes::{self, Process},
};

/// Looks at processes of a person, and remembers what it saw of files.
pub struct Executed<'p> {
    places: &'p Places,
    home: &'p Home,
    scan: Scan<'p>,
}

/// What a process seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seems {
    /// The process as a server.
    pub server: Running,
    /// It calls itself one and speaks over pipes: what nobody has decided about counts as a server only then.
    pub says_so: bool,
}

impl<'p> Executed<'p> {
    /// For the processes of one person. Call it in a process that runs as that person.
    #[must_use]
    pub fn of(places: &'p Places, home: &'p Home) -> Self {
        Self {
            places,
            home,
            scan: Scan::new(places, Some(home)),
        }
    }

    /// What a process is that started at `start` and descends from a client; none where it is gone, another's,
    /// or has no command line. Our own program is none either: our shim refuses a denied server in words that the
    /// client shows, and what it does start is a process of its own.
    #[must_use]
    pub fn look(&self, pid: u32, start: u64, client: AppId) -> Option<Seems> {
        let process = self.process(pid)?;
        if process.start != start || process.is_ours() {
            return None;
        }
        let raw = launch(&process.argv)?;
        let what = self.scan.identify(&raw, process.cwd.as_deref(), None);
        let says_so = says_mcp(what.identity.as_str()) && process.is_piped();
        let server = Running {
            pid,
            start,
            identity: what.identity,
            arguments: what.arguments,
            launch: what.launch,
            client: Some(client),
            raw,
            listed: false,
        };
        Some(Seems { server, says_so })
    }

    /// Whether a process is an AI client itself.
    #[must_use]
    pub fn is_client(&self, pid: u32) -> bool {
        self.process(pid)
            .is_some_and(|process| environment::client(&process).is_some())
    }

    fn process(&self, pid: u32) -> Option<Process> {
        let folder = self.places.real(Path::new("/proc")).join(pid.to_string());
        processes::one(&folder, pid, self.home.uid)
    }

    /// Forgets what was seen of files: they change.
    pub fn forget(&self) {
        self.scan.files.forget();
    }
}
