//! `tidegate-fleet-sim`: simulated devices that check in with a gateway, and what that costs it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command reports"
)]

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use tidegate_loadtest::fleet::{At, Plan, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulates a fleet of devices. Exits with 1 when something was lost, loosened or wrongly refused.
#[derive(Parser)]
#[command(name = "tidegate-fleet-sim", version)]
struct Args {
    /// A gateway's binary: the simulator starts one of its own, and may restart it.
    #[arg(long, conflicts_with_all = ["gateway", "token"])]
    binary: Option<PathBuf>,
    /// The control plane of a gateway that runs, such as `http://127.0.0.1:8081` (plain, loopback).
    #[arg(long, requires = "token")]
    gateway: Option<String>,
    /// An administrator's token for it.
    #[arg(long)]
    token: Option<String>,
    /// Its process, to tell its CPU time and memory.
    #[arg(long)]
    pid: Option<u32>,
    /// How many devices; each needs an open file here and at the gateway (`ulimit -n`).
    #[arg(long, default_value_t = 500)]
    devices: usize,
    /// Seconds between a device's check-ins.
    #[arg(long, default_value_t = 5.0)]
    interval: f64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Devices wait for news for up to a minute.
    #[arg(long)]
    long_poll: bool,
    /// Answers get lost, cut and faked, the gateway is killed and started again (with `--binary`), clocks
    /// are set forward and back, and devices are copied.
    #[arg(long)]
    chaos: bool,
    /// Write everything as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn address(url: &str) -> Result<SocketAddr> {
    let text = url
        .strip_prefix("http://")
        .context("it is http://ADDRESS:PORT")?;
    let address: SocketAddr = text
        .trim_end_matches('/')
        .parse()
        .context(text.to_owned())?;
    if !address.ip().is_loopback() {
        bail!("keys go over plain HTTP to loopback only");
    }
    Ok(address)
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let at = match (args.binary, args.gateway, args.token) {
        (Some(binary), ..) => {
            let path = binary.canonicalize();
            At::Own(path.with_context(|| format!("no {}", binary.display()))?)
        }
        (None, Some(gateway), Some(token)) => At::Running {
            address: address(&gateway)?,
            token,
            pid: args.pid,
        },
        _ => bail!("say --binary, or --gateway and --token"),
    };
    let plan = Plan {
        at,
        devices: args.devices,
        interval: Duration::from_secs_f64(args.interval),
        measured: Duration::from_secs_f64(args.seconds),
        long_poll: args.long_poll,
        chaos: args.chaos,
    };
    // One thread: the devices leave the other cores to what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(run(&plan, |line| eprintln!("{line}")))?;
    println!("{report}");
    if let Some(out) = &args.out {
        std::fs::write(out, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(if report.faults().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
