//! The server as a child: it gets what the shim got, and does not outlive it.

use std::{
    fs::File,
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::process::{Child, Command};

/// How long a denied server has to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// The server, and the ways to and from it.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    /// Starts it, in a process group of its own, so that what it starts can be ended with it.
    pub(crate) fn start(command: &str, args: &[String]) -> io::Result<(Self, File, File)> {
        let mut start = Command::new(command);
        start
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        ends_with_us(&mut start);
        let mut child = start.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let input = File::from(input.into_owned_fd()?);
        let output = File::from(output.into_owned_fd()?);
        Ok((Self { child }, input, output))
    }

    /// Waits for its end, which may be asked for more than once.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Passes a signal on to it and all that it started.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.group(), signal);
    }

    /// Ends it and all that it started, gently at first.
    pub(crate) async fn end(&mut self) {
        let group = self.group();
        send(group, Signal::SIGTERM);
        let gone = tokio::time::timeout(GRACE, self.child.wait()).await;
        // What it started may not have heard it, or not want to end. The number is nobody else's yet: they
        // are given out in turn.
        send(group, Signal::SIGKILL);
        if gone.is_err() {
            drop(self.child.wait().await);
        }
    }

    /// Its process group; none once it has ended.
    fn group(&self) -> Option<Pid> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        id.map(Pid::from_raw)
    }
}

fn send(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // It may have just ended.
        killpg(group, signal).unwrap_or_default();
    }
}

/// What a shell would say about this end (POSIX.1-2024, Shell Command Language, §2.8.2).
pub(crate) fn code(status: ExitStatus) -> u8 {
    let signal = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(signal).unwrap_or(1);
    u8::try_from(code & 0xff).unwrap_or(1)
}

#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    reason = "only the child itself can ask to be ended with its parent"
)]
fn ends_with_us(start: &mut Command) {
    let shim = std::process::id();
    let ask = move || {
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        // The shim may have been killed before the child asked.
        if u32::try_from(nix::unistd::getppid().as_raw()) == Ok(shim) {
            Ok(())
        } else {
            Err(io::ErrorKind::Interrupted.into())
        }
    };
    // SAFETY: between fork and exec, the closure makes two system calls (`prctl`, `getppid`), both
    // async-signal-safe; it takes no lock and allocates nothing.
    unsafe {
        start.pre_exec(ask);
    }
}

#[cfg(not(target_os = "linux"))]
fn ends_with_us(_: &mut Command) {}
