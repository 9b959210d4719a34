//! What is known about whoever opened a connection.

use std::{fmt, sync::Arc};

use serde::Serialize;
use tidegate_policy::{AppId, ProcessFacts};

use crate::Origin;

/// When a process started: clock ticks since boot (proc(5), `stat` field 22). A process id and this
/// together are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct StartTime(pub u64);

/// What the kernel said about the opener at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The process, in the pid namespace of `/proc`.
    pub pid: u32,
    /// The user; none: as the process says now.
    pub uid: Option<u32>,
    /// When the process started, where known: a process that took over the id is then told apart.
    pub start: Option<StartTime>,
}

impl Seen {
    /// A process, whoever runs it.
    #[must_use]
    pub const fn pid(pid: u32) -> Self {
        Self {
            pid,
            uid: None,
            start: None,
        }
    }
}

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The id.
    pub uid: u32,
    /// The name, if `/etc/passwd` has one; directory services are not asked.
    pub name: Option<String>,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "uid {}", self.uid),
        }
    }
}

/// A file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct FileId {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
}

/// A process that started another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parent {
    /// Its id.
    pub pid: u32,
    /// Its script or executable, where it can be read.
    pub program: Option<String>,
    /// Its app.
    pub app: AppId,
}

/// A process, as it was while it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it started.
    pub start: StartTime,
    /// The app.
    pub app: AppId,
    /// The app's version, where its package or path says one.
    pub version: Option<String>,
    /// What the app was told by.
    pub facts: ProcessFacts,
    /// The executable's file; none where it cannot be read, as for kernel threads and, without
    /// `CAP_SYS_PTRACE`, for other users' processes.
    pub file: Option<FileId>,
    /// Whether the executable's file was deleted or replaced since, as updates do.
    pub deleted: bool,
    /// The command line as the process shows it now, cut to 64 KiB. Processes may rewrite it, and it may
    /// hold secrets: it is not for logs, and is left out of JSON.
    #[serde(skip)]
    pub command: Arc<[String]>,
    /// The user.
    pub user: User,
    /// Unit or container.
    pub origin: Origin,
    /// Who started it, nearest first, 8 at most.
    pub parents: Vec<Parent>,
}

/// Why a process cannot be read any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoneWhy {
    /// It has ended.
    Ended,
    /// Another process has its id now.
    Reused,
}

/// What is left of a process that ended before it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// Its id.
    pub pid: u32,
    /// Why.
    pub why: GoneWhy,
    /// Its user, if the kernel said so.
    pub user: Option<User>,
    /// What was read of it before it ended. Only where it is certain that it was the same process: in
    /// the same call, or by its start time.
    pub last: Option<Arc<Process>>,
}

/// Whoever opened a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// A process that runs.
    Running(Arc<Process>),
    /// One that does not.
    Gone(Gone),
}

impl Attribution {
    /// The process, also one that has ended but was read before.
    #[must_use]
    pub fn process(&self) -> Option<&Process> {
        match self {
            Self::Running(process) => Some(process),
            Self::Gone(gone) => gone.last.as_deref(),
        }
    }

    /// The app, `unknown` where nothing is left to tell it by.
    #[must_use]
    pub fn app(&self) -> AppId {
        self.process()
            .map_or_else(AppId::unknown, |process| process.app.clone())
    }

    /// The user, where known.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Running(process) => Some(&process.user),
            Self::Gone(gone) => gone.user.as_ref(),
        }
    }
}
