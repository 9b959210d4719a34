//! `tidegate-bench`: prints what the gateway costs, beside a bare proxy and no proxy.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command reports"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use tidegate_loadtest::bench::{Plan, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures direct, bare Pingora and gateway, interleaved, on this machine.
#[derive(Parser)]
#[command(name = "tidegate-bench", version)]
struct Args {
    /// The gateway's binary; without it only direct and bare are measured.
    #[arg(long)]
    gateway: Option<PathBuf>,
    /// TOML to append to the gateway's configuration.
    #[arg(long)]
    extra_config: Option<PathBuf>,
    /// Only rows whose name contains this, such as "120 B" or "x 32".
    #[arg(long)]
    only: Option<String>,
    /// Seconds of load per row and target, over all rounds [default: 8, quick: 1.2].
    #[arg(long)]
    seconds: Option<f64>,
    /// Rounds per row [default: 5, quick: 2].
    #[arg(long)]
    rounds: Option<usize>,
    /// Two minutes, for a first look.
    #[arg(long)]
    quick: bool,
    /// Worker threads of the bare proxy; by default as many as the gateway has, one a core
    #[arg(long, default_value_t = cores())]
    bare_threads: usize,
    /// Write everything, each round too, as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Exit with 1 when a row failed or a limit was passed.
    #[arg(long)]
    check: bool,
}

/// As many workers as the gateway starts.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let here = std::env::current_exe().context("cannot find this binary")?;
    let gateway = args.gateway.as_ref().map(|path| {
        path.canonicalize()
            .with_context(|| format!("no {}", path.display()))
    });
    let plan = Plan {
        gateway: gateway.transpose()?,
        extra_config: args.extra_config,
        binaries: here
            .parent()
            .context("this binary lies nowhere")?
            .to_owned(),
        only: args.only,
        seconds: args.seconds.unwrap_or(if args.quick { 1.2 } else { 8.0 }),
        rounds: args.rounds.unwrap_or(if args.quick { 2 } else { 5 }),
        bare_threads: args.bare_threads,
    };
    // One thread: the generator leaves the other cores to what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(run(&plan, |line| eprintln!("{line}")))?;
    println!("{report}");
    if let Some(out) = &args.out {
        std::fs::write(out, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(if args.check && !report.passed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
