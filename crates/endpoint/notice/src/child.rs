//! The process in between: started by the agent as the user, shows one notice, ends.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};

use crate::{Bus, Deliver, LIMIT, Notice, Session, show, text};

/// The longest request and answer, in bytes.
const LONGEST: u64 = 16 * 1024;
/// Most characters of what a child says went wrong.
const WRONG: usize = 200;

/// What the child reads from its standard input, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    bus: Bus,
    notice: Notice,
    replaces: Option<NonZeroU32>,
}

/// What it says on its standard output, as JSON.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// It is shown under this id; none where there is no desktop.
    Shown(Option<NonZeroU32>),
    Failed(String),
}

/// Why a child did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// Only root can be somebody else without keeping groups of its own.
    #[error("a notice to user {0} takes root")]
    NotRoot(u32),
    /// It cannot be started, or talked to.
    #[error("the child: {0}")]
    Io(#[from] io::Error),
    /// It did not end in time, and was killed.
    #[error("the desktop did not answer in time")]
    Late,
    /// It ended without an answer.
    #[error("the child ended without an answer")]
    Silent,
    /// What it said.
    #[error("{0}")]
    Failed(String),
}

/// How a child is started.
#[derive(Debug, Clone)]
pub struct Child {
    program: PathBuf,
    arguments: Vec<OsString>,
    run_user: PathBuf,
}

impl Child {
    /// This program once more, with the argument that makes it [`serve`]. Its file may have been
    /// replaced since, as upgrades do.
    #[must_use]
    pub fn myself(argument: &str) -> Self {
        Self::new(Path::new("/proc/self/exe"), &[argument])
    }

    /// Another program, which has to [`serve`] when it is called with these arguments.
    #[must_use]
    pub fn new(program: &Path, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(Into::into).collect(),
            run_user: "/run/user".into(),
        }
    }

    /// Looks for sessions in another folder than `/run/user`.
    #[must_use]
    pub fn with_sessions(self, run_user: &Path) -> Self {
        Self {
            run_user: run_user.to_owned(),
            ..self
        }
    }

    /// Starts the program as a user and a group, with nothing of ours: no environment, no groups, no
    /// working folder, no open file but the three that are given here.
    ///
    /// # Errors
    /// It cannot be started, or this is not root and the user is another one.
    pub fn spawn_as(&self, uid: u32, gid: u32) -> Result<tokio::process::Child, ChildError> {
        let me = rustix::process::geteuid();
        if me.as_raw() != uid && !me.is_root() {
            return Err(ChildError::NotRoot(uid));
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Root's groups go with it: std calls setgroups(2) when root changes the user.
            .gid(gid)
            .uid(uid)
            .process_group(0)
            .kill_on_drop(true);
        Ok(command.spawn()?)
    }

    async fn ask(&self, session: &Session, request: &Request) -> Result<Answer, ChildError> {
        let request = serde_json::to_vec(request).map_err(io::Error::from)?;
        let mut child = self.spawn_as(session.uid, session.gid)?;
        if let Some(mut input) = child.stdin.take() {
            // One that has gone already is told by the answer that it did not give.
            drop(input.write_all(&request).await);
        }
        let mut answer = Vec::new();
        if let Some(output) = child.stdout.take() {
            output.take(LONGEST).read_to_end(&mut answer).await?;
        }
        child.wait().await?;
        // The user may do with the child as they like, so nothing of this is to be trusted.
        serde_json::from_slice(&answer).map_err(|_| ChildError::Silent)
    }
}

impl Deliver for Child {
    async fn deliver(
        &self,
        uid: u32,
        notice: &Notice,
        replaces: Option<NonZeroU32>,
    ) -> Result<Option<NonZeroU32>, ChildError> {
        let Some(session) = Session::of(&self.run_user, uid) else {
            return Ok(None);
        };
        let request = Request {
            bus: Bus::of(&session.bus),
            notice: notice.clone(),
            replaces,
        };
        match self.ask(&session, &request).await? {
            Answer::Shown(id) => Ok(id),
            Answer::Failed(why) => Err(ChildError::Failed(text::plain(&why, WRONG))),
        }
    }
}

/// The child's side: reads one request, shows the notice, writes the answer. Whatever its agent does
/// meanwhile, it ends in [`LIMIT`] once the request is there.
///
/// # Errors
/// The request cannot be read, the answer not be written, or rights cannot be given up.
pub fn serve(input: impl Read, mut output: impl Write) -> io::Result<()> {
    give_up_rights()?;
    let mut request = Vec::new();
    input.take(LONGEST).read_to_end(&mut request)?;
    let request: Request = serde_json::from_slice(&request)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let answer = runtime.block_on(answer(&request, LIMIT));
    output.write_all(&serde_json::to_vec(&answer)?)?;
    output.flush()
}

async fn answer(request: &Request, limit: Duration) -> Answer {
    let shown = show(&request.bus, &request.notice, request.replaces);
    match timeout(limit, shown).await {
        Ok(Ok(id)) => Answer::Shown(id),
        Ok(Err(error)) => Answer::Failed(error.to_string()),
        Err(_) => Answer::Failed(ChildError::Late.to_string()),
    }
}

/// A user's process has none of the agent's powers, whatever the agent was started with. It must not gain
/// any later either.
///
/// # Errors
/// The system does not let it.
pub fn give_up_rights() -> io::Result<()> {
    use rustix::thread::{
        CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities,
        set_no_new_privs,
    };
    clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    set_capabilities(
        None,
        CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        },
    )?;
    set_no_new_privs(true)?;
    Ok(())
}

#[cfg(test)]
mod tests;
