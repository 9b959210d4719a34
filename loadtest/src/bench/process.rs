//! Child processes: where they run, and what the kernel knows about them, CPU time and resident memory.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use tokio::net::TcpStream;

/// How long a child may take to listen.
const START: Duration = Duration::from_secs(20);
/// How long one may take to end that was asked to.
const END: Duration = Duration::from_secs(20);
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

    /// Has it end by itself (SIGTERM), so that what a process writes at its end is written: what its tests covered,
    /// or which code of it is hot. One that does not is killed.
    pub(super) async fn end(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.id())?), Signal::SIGTERM)?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(
                asked.elapsed() < END,
                "{} did not end when asked to",
                self.name
            );
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
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

/// The processors that this process may run on, and the first of them.
pub(super) fn processors() -> Result<(CpuSet, CpuSet)> {
    let all = sched_getaffinity(Pid::from_raw(0))?;
    let first = (0..CpuSet::count()).find(|&cpu| all.is_set(cpu) == Ok(true));
    let mut one = CpuSet::new();
    one.set(first.context("no processor to run on")?)?;
    Ok((all, one))
}

/// Has every thread of a process run on these processors alone, and those that they start.
pub(super) fn place(pid: u32, on: &CpuSet) -> Result<()> {
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let name = task?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok());
        let thread = Pid::from_raw(id.context("no thread's id in /proc/PID/task")?);
        match sched_setaffinity(thread, on) {
            // It ended meanwhile.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => return Err(error).context("cannot choose processors"),
        }
    }
    Ok(())
}

/// CPU time that a process used so far, user and system, all threads, in nanoseconds (`/proc/PID/stat` counts in
/// ticks of 10 ms, which is 5 µs a request in a window of half a second).
pub(crate) fn cpu_of(pid: u32) -> Result<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(pid)?))?;
    Ok(clock.now()?.into())
}

/// Resident memory of a process now and at its peak since the last reset, in bytes.
pub(crate) fn memory_of(pid: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field =
        |name| field(&status, name).with_context(|| format!("no {name} in /proc/PID/status"));
    Ok((field("VmRSS:")?, field("VmHWM:")?))
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
        assert_eq!(
            field("VmHWM:\t  2048 kB\nVmRSS:\t    1024 kB\n", "VmRSS:"),
            Some(1 << 20)
        );
        assert_eq!(field("", "VmRSS:"), None);
    }

    #[test]
    fn the_time_of_this_process_passes_while_it_works() {
        let pid = std::process::id();
        let before = cpu_of(pid).unwrap();
        let mut sum = 0_u64;
        while cpu_of(pid).unwrap() - before < Duration::from_micros(100) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0);
    }

    /// The signals that a process catches, as a mask (proc(5)).
    fn caught(pid: u32) -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        u64::from_str_radix(mask.unwrap().trim(), 16).unwrap()
    }

    #[tokio::test]
    async fn a_process_that_is_asked_to_ends_by_itself() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "trap 'echo ended; exit' TERM; while :; do sleep 0.01; done",
        ]);
        let (address, log) = (listener.local_addr().unwrap(), dir.path().join("log"));
        let process = Process::start("sh", command, address, &log).await.unwrap();
        // It may not have set its trap yet; without one it would end in silence.
        while caught(process.id()) & (1 << (Signal::SIGTERM as u64 - 1)) == 0 {
            tokio::task::yield_now().await;
        }
        process.end().await.unwrap();
        assert_eq!(fs::read_to_string(log).unwrap(), "ended\n");
    }

    #[test]
    fn threads_run_where_they_are_put_() {
        let (all, one) = processors().unwrap();
        // A child, since tests run side by side in this process.
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        place(child.id(), &one).unwrap();
        let of = |id: u32| sched_getaffinity(Pid::from_raw(i32::try_from(id).unwrap())).unwrap();
        assert_eq!(of(child.id()), one);
        place(child.id(), &all).unwrap();
        assert_eq!(of(child.id()), all);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
