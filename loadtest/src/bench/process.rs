//! Child processes and what the kernel knows about them: CPU time and resident memory.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::net::TcpStream;

/// How long a child may take to listen.
const START: Duration = Duration::from_secs(20);
/// Between two looks whether it does.
const LOOK: Duration = Duration::from_millis(20);

/// A child that is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: &'static str,
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Process {
    /// Starts a command with its output in `log`, and waits until `address` accepts.
    pub(crate) async fn start(
        name: &'static str,
        mut command: Command,
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self> {
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let mut process = Self { child, name };
        let listening = async {
            loop {
                if TcpStream::connect(address).await.is_ok() {
                    return Ok(());
                }
                if let Some(status) = process.child.try_wait()? {
                    bail!("{name} ended with {status}: {}", last_lines(log));
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(START, listening).await {
            Ok(result) => result?,
            Err(_) => bail!("{name} does not listen on {address}: {}", last_lines(log)),
        }
        Ok(process)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU time used so far, user and system, all threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.id()).with_context(|| format!("{} is gone", self.name))
    }

    /// Resident memory now and at its peak since the last reset, in bytes.
    pub(crate) fn memory(&self) -> Result<(u64, u64)> {
        memory_of(self.id())
    }

    /// Makes the peak start from now.
    pub(crate) fn reset_peak(&self) -> Result<()> {
        Ok(fs::write(
            format!("/proc/{}/clear_refs", self.child.id()),
            "5",
        )?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// CPU time that a process used so far, user and system, all threads.
pub(crate) fn cpu_of(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    cpu(&stat).context("cannot read /proc/PID/stat")
}

/// Resident memory of a process now and at its peak since the last reset, in bytes.
pub(crate) fn memory_of(pid: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field =
        |name| field(&status, name).with_context(|| format!("no {name} in /proc/PID/status"));
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// Fields 14 and 15 of `/proc/PID/stat`, in ticks of 10 ms (`USER_HZ` is 100 on Linux).
fn cpu(stat: &str) -> Option<Duration> {
    // The command name may hold spaces and parentheses; fields count from after it.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 4 0 99";
        assert_eq!(cpu(stat), Some(Duration::from_secs(4)));
        assert_eq!(
            field("VmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\n", "VmRSS:"),
            Some(1 << 20)
        );
        assert_eq!(field("", "VmRSS:"), None);
    }
}
