//! Denied apps do not start: the kernel asks before it executes one of their files (fanotify permission
//! events).
//!
//! Only the denied files themselves are marked, by inode: nothing else on the machine ever waits for us, and
//! a file is the same in every mount and container that shows it. Whatever is in doubt is allowed. When this
//! process ends, however it ends, the kernel lets everything pass; when the thread that answers stalls, a
//! second one ends the asking.
//!
//! What it does not see: a copy of a denied file, which is another inode and is found by the next scan; an
//! interpreter under a name that none has; code that is fed to an interpreter instead of a file.

mod answer;
mod file;
mod group;
mod opener;
#[cfg(test)]
mod tests;
mod watchdog;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use tidegate_policy::AppId;
use tidegate_redirect::RedirectError;
use tokio::sync::mpsc;

use crate::maps::lock;
use answer::Answerer;
use file::{Found, Inode};
use group::Group;
use watchdog::Watchdog;

/// Refusals that wait for whoever tells people. More are dropped: the start was refused all the same.
const WAITING: usize = 256;
/// How long an answer may take before nothing is asked any more. Answers take microseconds.
const STALL: Duration = Duration::from_secs(1);

/// A file that is not to be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedFile {
    /// Where it lies, in this process's view. Links are followed; what was found there stays denied when it
    /// is renamed.
    pub path: PathBuf,
    /// The app that it belongs to.
    pub app: AppId,
    /// An interpreter's script, which is read instead of executed: then interpreters of its language are
    /// refused when they open it, and everybody else may read it.
    pub script: bool,
}

/// A start that was refused. An interpreter may open its script more than once for one start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The process that tried, in this process's pid namespace. It goes on, with `EPERM`.
    pub pid: u32,
    /// Its user, where it could still be read.
    pub uid: Option<u32>,
    /// The file, as it was named to [`ExecGuard::set`].
    pub path: PathBuf,
    /// The app.
    pub app: AppId,
    /// Whether it was an interpreter that opened a script.
    pub script: bool,
}

/// Why a file is not denied.
#[derive(Debug, thiserror::Error)]
pub enum NotDenied {
    /// It cannot be looked at.
    #[error("{what}: {error}")]
    Os {
        /// What was tried.
        what: &'static str,
        /// What the OS said.
        error: std::io::Error,
    },
    /// Denying it would do harm; says which.
    #[error("{0}")]
    Harm(&'static str),
}

/// A denied file, and where it really lay when it was looked for.
struct Denied {
    file: DeniedFile,
    path: PathBuf,
}

/// The denied files, by what they are.
type Table = HashMap<Inode, Denied>;

/// What the answering thread and this share.
struct Shared {
    denied: Mutex<Arc<Table>>,
    refused: mpsc::Sender<Refused>,
    /// Never denied: this process's own program.
    own: Option<Inode>,
}

/// Refuses to start denied apps, for as long as it lives.
pub struct ExecGuard {
    shared: Arc<Shared>,
    group: Group,
    /// Marks that are set. Those of files that are gone went with them.
    marked: HashMap<Inode, PathBuf>,
    stall: Duration,
    #[cfg(test)]
    pause: Arc<Mutex<()>>,
}

impl std::fmt::Debug for ExecGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExecGuard")
            .field("marked", &self.marked)
            .field("works", &self.works())
            .finish_non_exhaustive()
    }
}

impl ExecGuard {
    /// Asks the kernel to be asked; nothing is denied yet. Starts two threads, which sleep while nobody
    /// touches a denied file.
    ///
    /// # Errors
    /// The kernel lacks this (5.0 has it), or `CAP_SYS_ADMIN` is missing.
    pub fn open() -> Result<(Self, mpsc::Receiver<Refused>), RedirectError> {
        Self::open_with(STALL)
    }

    fn open_with(stall: Duration) -> Result<(Self, mpsc::Receiver<Refused>), RedirectError> {
        let (sender, refused) = mpsc::channel(WAITING);
        let shared = Arc::new(Shared {
            denied: Mutex::default(),
            refused: sender,
            own: Inode::at(Path::new("/proc/self/exe")).ok(),
        });
        #[cfg(test)]
        let pause = Arc::new(Mutex::new(()));
        let answerer = Answerer {
            shared: Arc::clone(&shared),
            #[cfg(test)]
            pause: Arc::clone(&pause),
        };
        let guard = Self {
            group: start(answerer, stall)?,
            shared,
            marked: HashMap::new(),
            stall,
            #[cfg(test)]
            pause,
        };
        Ok((guard, refused))
    }

    /// Whether the kernel still asks us. It does not after an answer took too long; the next
    /// [`set`](Self::set) asks it anew.
    #[must_use]
    pub fn works(&self) -> bool {
        self.group.is_open()
    }

    /// Denies these files, and no others any more. In the same order, what came of each; a file that is
    /// refused keeps nobody else's from being denied. A file named twice is denied for the first app.
    ///
    /// Blocks for as long as the file systems need to find the files.
    pub fn set(&mut self, files: &[DeniedFile]) -> Vec<(PathBuf, Result<(), NotDenied>)> {
        if !self.works()
            && let Err(error) = self.again()
        {
            tracing::error!(%error, "the kernel does not ask before it starts denied apps");
        }
        let mut table = Table::new();
        let mut results = Vec::with_capacity(files.len());
        for file in files {
            let outcome = self.mark(file).map(|(inode, path)| {
                let file = file.clone();
                table.entry(inode).or_insert(Denied { file, path });
            });
            results.push((file.path.clone(), outcome));
        }
        let gone: Vec<Inode> = self
            .marked
            .keys()
            .filter(|inode| !table.contains_key(inode))
            .copied()
            .collect();
        // What is not in the table is allowed from here on; that it is still asked for costs little.
        *lock(&self.shared.denied) = Arc::new(table);
        for inode in gone {
            self.unmark(inode);
        }
        results
    }

    fn mark(&mut self, file: &DeniedFile) -> Result<(Inode, PathBuf), NotDenied> {
        let found = Found::at(&file.path)?;
        if Some(found.inode) == self.shared.own {
            return Err(NotDenied::Harm("it is this agent's own program"));
        }
        if !file.script && opener::runs_others(&found.path) {
            return Err(NotDenied::Harm(
                "it is an interpreter or a shell, which other programs need too",
            ));
        }
        if !self.marked.contains_key(&found.inode) {
            self.group.add(&found)?;
            self.marked.insert(found.inode, found.path.clone());
        }
        Ok((found.inode, found.path))
    }

    /// A file that was replaced since cannot be found again, and its mark went with it or asks in vain.
    fn unmark(&mut self, inode: Inode) {
        let Some(path) = self.marked.remove(&inode) else {
            return;
        };
        if let Ok(found) = Found::at(&path)
            && found.inode == inode
        {
            self.group.remove(&found);
        }
    }

    fn again(&mut self) -> Result<(), RedirectError> {
        let answerer = Answerer {
            shared: Arc::clone(&self.shared),
            #[cfg(test)]
            pause: Arc::clone(&self.pause),
        };
        self.group = start(answerer, self.stall)?;
        self.marked.clear();
        Ok(())
    }
}

/// A new group with its two threads.
fn start(answerer: Answerer, stall: Duration) -> Result<Group, RedirectError> {
    let group = Group::open()?;
    let watchdog = Watchdog::start(group.closer(), stall)?;
    answerer.start(group.closer(), watchdog)?;
    Ok(group)
}
