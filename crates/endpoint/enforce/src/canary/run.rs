//! The canary that runs a real client: foreign code, so it is off unless it is asked for, and it runs as a
//! user without privileges, in a home of its own, without a network, for a few seconds.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::{DirBuilderExt, chown},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};

use super::{Canary, CanaryError, Client};

/// Longer than any client takes to list its servers without a network.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs clients that were found on the machine.
#[derive(Debug)]
pub struct Runner {
    /// Where each client's program is; one that is not here is not tried.
    pub programs: HashMap<Client, PathBuf>,
    /// A folder that only root writes; the home is made in it, and goes afterwards.
    pub scratch: PathBuf,
    /// The user, such as `nobody`.
    pub uid: u32,
    /// The user's group.
    pub gid: u32,
    /// The programs that put it into namespaces of its own: `unshare` and `setpriv` of util-linux.
    pub tools: PathBuf,
}

impl Canary for Runner {
    fn run(&self, client: Client) -> Result<(), CanaryError> {
        let Some(program) = self.programs.get(&client) else {
            return Ok(());
        };
        let home = self.scratch.join(format!("canary-{}", std::process::id()));
        // A run that was killed may have left one.
        drop(fs::remove_dir_all(&home));
        fs::DirBuilder::new().mode(0o700).create(&home)?;
        let result = chown(&home, Some(self.uid), Some(self.gid))
            .and_then(|()| self.command(client, program, &home).spawn())
            .and_then(wait);
        drop(fs::remove_dir_all(&home));
        match result? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(CanaryError::Refused(status.to_string())),
            None => Err(CanaryError::Refused("nothing within its limit".into())),
        }
    }
}

impl Runner {
    fn command(&self, client: Client, program: &PathBuf, home: &PathBuf) -> Command {
        let mut command = Command::new(self.tools.join("unshare"));
        // All it starts dies with it: it is the first process of its own process namespace.
        command.args([
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--",
        ]);
        command.arg(self.tools.join("setpriv"));
        let user = [
            format!("--reuid={}", self.uid),
            format!("--regid={}", self.gid),
        ];
        command.args(user);
        command.args([
            "--clear-groups",
            "--no-new-privs",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--",
        ]);
        command.arg(program).args(arguments(client));
        let path: OsString = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        command.env_clear().env("PATH", path).env("HOME", home);
        command.current_dir(home);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// Something that reads policies and ends.
const fn arguments(client: Client) -> &'static [&'static str] {
    match client {
        Client::ClaudeCode | Client::Codex | Client::GeminiCli | Client::OpenCode => {
            &["mcp", "list"]
        }
        Client::Copilot => &["--version"],
    }
}

/// Its end, or none when it did not come in time: then it was ended.
fn wait(mut child: Child) -> io::Result<Option<ExitStatus>> {
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let (done, ended) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        // Nobody listens any more when the limit has passed.
        drop(done.send(child.wait()));
    });
    let result = match ended.recv_timeout(LIMIT) {
        Ok(status) => status.map(Some),
        Err(_) => {
            // Nobody has told of its end, so but for an instant its number is still its own.
            signal::kill(pid, signal::Signal::SIGKILL).map_err(io::Error::from)?;
            Ok(None)
        }
    };
    drop(waiter.join());
    result
}
