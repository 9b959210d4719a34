//! A place to test in: a thread with a network namespace and a (threaded) cgroup of its own, with
//! stand-ins for the addresses of AI services on its loopback. Threads and children of the thread are
//! in it too.

use std::{
    fs,
    future::Future,
    io::Write,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use anyhow::{Context, Result, ensure};
use nix::{
    sched::{CloneFlags, unshare},
    unistd::{Uid, gettid},
};
use tidegate_redirect::Tables;
use tidegate_redirector_user::{Linux, Options, find_root};

/// Governed.
pub(crate) const AI4: &str = "203.0.113.10";
/// Governed.
pub(crate) const AI6: &str = "2001:db8::10";
/// There, but not governed.
pub(crate) const OTHER4: &str = "203.0.113.20";

static NUMBER: AtomicU32 = AtomicU32::new(0);
/// How many tests are inside the process's cgroup; the last one out takes the process back.
static INSIDE: Mutex<u32> = Mutex::new(0);

/// The place, seen from inside.
pub(crate) struct Rig {
    pub(crate) cgroup: PathBuf,
    pub(crate) number: u32,
}

impl Rig {
    pub(crate) fn options(&self) -> Options {
        Options {
            cgroup: Some(self.cgroup.clone()),
            ..Options::default()
        }
    }

    /// A redirector for the usual tables.
    pub(crate) fn start(&self) -> Result<Linux> {
        self.start_with(self.options(), &tables())
    }

    pub(crate) fn start_with(&self, options: Options, tables: &Tables) -> Result<Linux> {
        let linux = Linux::start(options)?;
        tidegate_redirect::Redirector::apply(&linux, tables)?;
        Ok(linux)
    }
}

pub(crate) fn tables() -> Tables {
    Tables {
        addresses: vec![ip(AI4), ip(AI6)],
        refuse_quic: true,
        ..Tables::default()
    }
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub(crate) fn at(text: &str, port: u16) -> SocketAddr {
    SocketAddr::new(ip(text), port)
}

/// Runs a test inside; skips it, loudly, where that is impossible.
pub(crate) fn inside<F, Fut>(test: F)
where
    F: FnOnce(Rig) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>>,
{
    if let Err(error) = possible() {
        skip(&format!("{error:#}"));
        return;
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let home = enter().expect("the process's cgroup");
    let cgroup = home.join(format!("t{number}"));
    let outcome = run(cgroup.clone(), number, test);
    remove(&cgroup);
    leave(&home);
    outcome.expect("the test");
}

/// Says so past the test runner, which keeps what a passing test prints.
pub(crate) fn skip(why: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {why}").ok();
}

/// Why it is impossible here.
fn possible() -> Result<()> {
    ensure!(Uid::effective().is_root(), "needs root");
    find_root().context("needs cgroup2")?;
    ensure!(
        Command::new("ip").arg("-V").output().is_ok(),
        "needs iproute2"
    );
    aya::sys::is_program_supported(aya::programs::ProgramType::CgroupSockAddr)
        .context("needs BPF")?;
    thread::spawn(|| unshare(CloneFlags::CLONE_NEWNET))
        .join()
        .expect("a thread")
        .context("needs network namespaces")?;
    Ok(())
}

fn run<F, Fut>(cgroup: PathBuf, number: u32, test: F) -> Result<()>
where
    F: FnOnce(Rig) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>>,
{
    let worker = thread::spawn(move || -> Result<()> {
        fs::create_dir(&cgroup)?;
        fs::write(cgroup.join("cgroup.type"), "threaded")?;
        fs::write(cgroup.join("cgroup.threads"), gettid().to_string())?;
        new_network()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(test(Rig { cgroup, number }))
    });
    match worker.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Leaves the machine's network for an empty one with the stand-ins' addresses.
pub(crate) fn new_network() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    ip_command(&["link", "set", "lo", "up"])?;
    [AI4, OTHER4, AI6].into_iter().try_for_each(add_address)
}

/// One more address on loopback, usable at once; there already is fine.
pub(crate) fn add_address(address: &str) -> Result<()> {
    let mut arguments = vec!["addr", "replace", address, "dev", "lo"];
    if ip(address).is_ipv6() {
        arguments.push("nodad");
    }
    ip_command(&arguments)
}

pub(crate) fn ip_command(arguments: &[&str]) -> Result<()> {
    let done = Command::new("ip").args(arguments).output()?;
    ensure!(
        done.status.success(),
        "ip {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}

/// Threads can only be in cgroups below their process's.
fn enter() -> Result<PathBuf> {
    let mut inside = INSIDE.lock().unwrap_or_else(PoisonError::into_inner);
    let root = find_root()?;
    let home = root.join(format!("tidegate-test-{}", std::process::id()));
    if *inside == 0 {
        sweep(&root);
        fs::create_dir_all(&home)?;
        fs::write(home.join("cgroup.procs"), std::process::id().to_string())?;
    }
    *inside += 1;
    Ok(home)
}

fn leave(home: &Path) {
    let mut inside = INSIDE.lock().unwrap_or_else(PoisonError::into_inner);
    *inside -= 1;
    if *inside == 0 {
        let root = home.parent().expect("the root");
        fs::write(root.join("cgroup.procs"), std::process::id().to_string())
            .expect("the process goes back");
        remove(home);
    }
}

/// A thread that has just ended may still be counted for a moment.
fn remove(cgroup: &Path) {
    for _ in 0..1_000_000 {
        match fs::remove_dir(cgroup) {
            Err(error) if error.kind() == std::io::ErrorKind::ResourceBusy => thread::yield_now(),
            _ => return,
        }
    }
    skip(&format!(
        "removing {}, which is still in use",
        cgroup.display()
    ));
}

/// What a killed run has left.
fn sweep(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name
            .to_str()
            .and_then(|name| name.strip_prefix("tidegate-test-"))
        else {
            continue;
        };
        if !Path::new("/proc").join(pid).exists() {
            for child in fs::read_dir(entry.path()).into_iter().flatten().flatten() {
                fs::remove_dir(child.path()).ok();
            }
            fs::remove_dir(entry.path()).ok();
        }
    }
}
