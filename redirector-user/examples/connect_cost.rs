//! What the hooks cost a connection that is none of their business: `connect()` to a destination that
//! is not governed, with and without them, in a network namespace and a cgroup of its own.
//!
//! Needs root. Prints microseconds and the ratio; judges nothing.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for people"
)]

use std::{
    fs,
    io::ErrorKind,
    net::{TcpStream, UdpSocket},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use aya::{
    programs::{ProgramInfo, loaded_programs},
    sys::{Stats, enable_stats},
};
use nix::sched::{CloneFlags, unshare};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirect_abi::PROGRAMS;
use tidegate_redirector_user::{Linux, Options, find_root};

const ROUNDS: usize = 21;
const CONNECTIONS: u32 = 10_000;
const DATAGRAMS: u32 = 20_000;

/// The measuring process's cgroup; gone afterwards.
struct Home {
    root: PathBuf,
    own: PathBuf,
}

impl Home {
    fn enter() -> Result<Self> {
        let root = find_root()?;
        let own = root.join(format!("tidegate-cost-{}", std::process::id()));
        fs::create_dir(&own)?;
        fs::write(own.join("cgroup.procs"), std::process::id().to_string())?;
        Ok(Self { root, own })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let back = fs::write(
            self.root.join("cgroup.procs"),
            std::process::id().to_string(),
        );
        if back.and_then(|()| fs::remove_dir(&self.own)).is_err() {
            eprintln!("{} stays behind", self.own.display());
        }
    }
}

fn main() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNET).context("needs root")?;
    let up = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .status()?;
    ensure!(up.success(), "needs iproute2");
    let home = Home::enter()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let _entered = runtime.enter();
    let hooks = || -> Result<Linux> {
        let linux = Linux::start(Options {
            cgroup: Some(home.own.clone()),
            ..Options::default()
        })?;
        // Tables of a realistic size, which the destination is not in.
        linux.apply(&Tables {
            names: (0..100).map(|n| format!("ai{n}.example")).collect(),
            addresses: (0..1000_u32)
                .map(|n| std::net::Ipv4Addr::from(0xcb00_7100 + n).into())
                .collect(),
            refuse_quic: true,
            // Every packet to port 443 is looked at.
            fail: FailMode::Closed,
            backstop: true,
            ..Tables::default()
        })?;
        Ok(linux)
    };
    // One after the other, so that both see the same machine.
    let (mut bare, mut hooked) = (Costs::default(), Costs::default());
    for _ in 0..ROUNDS {
        bare.add()?;
        let linux = hooks()?;
        hooked.add()?;
        drop(linux);
    }
    report("TCP connect, other port", &mut bare.tcp, &mut hooked.tcp);
    report("TCP connect, port 443", &mut bare.tls, &mut hooked.tls);
    report("UDP connect, port 443", &mut bare.udp, &mut hooked.udp);
    report("UDP sendto, port 443", &mut bare.send, &mut hooked.send);
    // The machine's noise is larger than the hooks: the kernel's own clock around each of them.
    let before: Vec<u32> = ours().map(|program| program.id()).collect();
    let linux = hooks()?;
    let _stats = enable_stats(Stats::RunTime)?;
    Costs::default().add()?;
    for program in ours().filter(|program| !before.contains(&program.id())) {
        if let Some(each) = u32::try_from(program.run_count())
            .ok()
            .and_then(|count| program.run_time().checked_div(count))
        {
            println!(
                "{}: {} ns each time, {} times",
                program.name_as_str().unwrap_or_default(),
                each.as_nanos(),
                program.run_count()
            );
        }
    }
    drop(linux);
    Ok(())
}

/// Loaded programs with the names of ours.
fn ours() -> impl Iterator<Item = ProgramInfo> {
    loaded_programs().flatten().filter(|program| {
        program
            .name_as_str()
            .is_some_and(|name| PROGRAMS.contains(&name))
    })
}

#[derive(Default)]
struct Costs {
    tcp: Vec<Duration>,
    tls: Vec<Duration>,
    udp: Vec<Duration>,
    send: Vec<Duration>,
}

impl Costs {
    fn add(&mut self) -> Result<()> {
        self.tcp.push(tcp(8443)?);
        self.tls.push(tcp(443)?);
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let started = Instant::now();
        for _ in 0..DATAGRAMS {
            socket.connect("127.0.0.1:443")?;
        }
        self.udp.push(started.elapsed() / DATAGRAMS);
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let _sink = UdpSocket::bind("127.0.0.1:443")?;
        let started = Instant::now();
        for _ in 0..DATAGRAMS {
            socket.send_to(b"x", "127.0.0.1:443")?;
        }
        self.send.push(started.elapsed() / DATAGRAMS);
        Ok(())
    }
}

/// Nobody listens, so the whole of it is `socket()`, `connect()` and a refusal, on one thread.
fn tcp(port: u16) -> Result<Duration> {
    let started = Instant::now();
    for _ in 0..CONNECTIONS {
        let refused = TcpStream::connect(("127.0.0.1", port));
        ensure!(refused.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused));
    }
    Ok(started.elapsed() / CONNECTIONS)
}

fn report(what: &str, bare: &mut [Duration], hooked: &mut [Duration]) {
    let median = |costs: &mut [Duration]| -> f64 {
        costs.sort();
        costs
            .get(costs.len() / 2)
            .map_or(0.0, |cost| cost.as_secs_f64() * 1e6)
    };
    let (bare, hooked) = (median(bare), median(hooked));
    println!(
        "{what}: {bare:.2} µs without, {hooked:.2} µs with, {:+.2} µs, ratio {:.3}",
        hooked - bare,
        hooked / bare
    );
}
