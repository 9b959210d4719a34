//! What was done, and who trusts us now.

use std::fmt;

use serde::Serialize;

/// How a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The CA is in it.
    Installed,
    /// It is not.
    NotInstalled,
    /// It is as it was before us.
    Restored,
    /// Someone else changed it since; it was left as it is.
    LeftAlone,
    /// It could not be changed, and is as it was.
    Failed,
}

/// A store of roots on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreReport {
    /// Such as `debian` or `nss:/home/ann`.
    pub store: String,
    /// How it is.
    pub state: State,
    /// What there is to say about it.
    pub note: Option<String>,
}

/// Whether a client trusts us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trusted {
    /// It does, once restarted.
    Yes,
    /// It does not.
    No,
    /// For some homes or runtimes, or from some version on; the note says which.
    Partly,
}

/// A client, and where it gets its roots from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientReport {
    /// Such as `curl` or `Claude Code`.
    pub client: &'static str,
    /// Where it gets its roots from.
    pub roots: &'static str,
    /// Whether it trusts us.
    pub trusted: Trusted,
    /// What has to be restarted before it does.
    pub restart: &'static str,
    /// What else there is to know.
    pub note: Option<&'static str>,
}

/// Everything about trust on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Stores.
    pub stores: Vec<StoreReport>,
    /// Clients.
    pub clients: Vec<ClientReport>,
}

impl Report {
    /// Whether every store did as it should.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let bad = |store: &StoreReport| matches!(store.state, State::Failed | State::LeftAlone);
        !self.stores.iter().any(bad)
    }

    /// A store by its name.
    #[must_use]
    pub fn store(&self, name: &str) -> Option<&StoreReport> {
        self.stores.iter().find(|store| store.store == name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for store in &self.stores {
            let state = match store.state {
                State::Installed => "installed",
                State::NotInstalled => "not installed",
                State::Restored => "as it was",
                State::LeftAlone => "LEFT ALONE",
                State::Failed => "FAILED",
            };
            write!(f, "{:<32} {state}", store.store)?;
            match &store.note {
                Some(note) => writeln!(f, ": {note}")?,
                None => writeln!(f)?,
            }
        }
        for client in &self.clients {
            let trusted = match client.trusted {
                Trusted::Yes => "trusts us",
                Trusted::No => "DOES NOT TRUST US",
                Trusted::Partly => "trusts us in part",
            };
            let (name, roots) = (client.client, client.roots);
            write!(f, "{name:<32} {trusted}; its roots: {roots}")?;
            if client.trusted != Trusted::No {
                write!(f, "; restart {}", client.restart)?;
            }
            match client.note {
                Some(note) => writeln!(f, "; {note}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}
