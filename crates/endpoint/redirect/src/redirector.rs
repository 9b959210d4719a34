//! What every OS backend does.

use std::{future::Future, io};

use tokio::net::TcpSocket;

use crate::{Executions, Flow, Tables};

/// Why a backend cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RedirectError {
    /// The OS refuses or lacks something; says what, and what would help.
    #[error("{0}")]
    Unsupported(String),
    /// A system call failed.
    #[error("{what}: {error}")]
    Os {
        /// What was tried.
        what: String,
        /// What the OS said.
        error: io::Error,
    },
}

/// Something that this OS or kernel cannot do, by name; the rest works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limitation {
    /// A stable name, such as `no_set_retval`.
    pub name: &'static str,
    /// What follows from it, for people.
    pub effect: String,
}

/// How the redirection is doing. Measured, not remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Everything that should be in force is: programs attached, and a connection of a child process
    /// really came by.
    pub effective: bool,
    /// If not, why.
    pub problem: Option<String>,
    /// What this system cannot do.
    pub limitations: Vec<Limitation>,
    /// Counters of the backend, by name.
    pub counters: Vec<(&'static str, u64)>,
}

/// Takes connections out of the OS. One for each backend; all have the same signatures.
pub trait Redirector: Send + Sync + 'static {
    /// The next connection that an app opened to a governed destination.
    ///
    /// # Errors
    /// The backend is gone; a single bad connection is skipped, not reported.
    fn accept(&self) -> impl Future<Output = Result<Flow, RedirectError>> + Send;

    /// Exempts a socket of the agent's own, before it connects.
    ///
    /// # Errors
    /// The OS refuses; then the socket must not be used.
    fn bypass(&self, socket: &TcpSocket) -> Result<(), RedirectError>;

    /// Puts new tables in force, all or nothing.
    ///
    /// # Errors
    /// The OS refuses; then the old ones stay in force.
    fn apply(&self, tables: &Tables) -> Result<(), RedirectError>;

    /// Says whether anybody takes what is handed over. While nobody does, new connections are treated as
    /// the fail mode says, as if the agent were gone; what is on its way already waits. At first somebody
    /// does.
    ///
    /// A backend whose agent is one process has nothing to do, as here: it goes with whoever takes.
    ///
    /// # Errors
    /// The OS was not told.
    fn serving(&self, _serving: bool) -> Result<(), RedirectError> {
        Ok(())
    }

    /// Ends connections to governed destinations that are none of the agent's and were never
    /// redirected, as those from before it was in force, so that apps make new ones. Returns how many.
    ///
    /// A backend that leaves them alone ends none, as here.
    ///
    /// # Errors
    /// The OS refuses; some may have been ended.
    fn reset_older(&self) -> Result<usize, RedirectError> {
        Ok(0)
    }

    /// Whether executions are told from now on. At first they are not.
    ///
    /// # Errors
    /// The OS refuses, or this backend does not tell of any, as here.
    fn tell_executions(&self, _on: bool) -> Result<(), RedirectError> {
        Err(RedirectError::Unsupported(
            "this redirector does not tell what is executed".into(),
        ))
    }

    /// Where they are told; none where somebody took it already, or they are not told here.
    fn executions(&self) -> Option<Box<dyn Executions>> {
        None
    }

    /// How it is doing.
    fn health(&self) -> Health;
}
