//! The benchmark: the same load straight at the stand-in, through a bare Pingora proxy and
//! through the gateway, in short interleaved rounds, so that drift of the machine hits all.

mod client;
mod load;
pub(crate) mod process;
mod report;
mod row;
mod sweep;
mod target;
mod verdict;

use std::path::PathBuf;

use anyhow::{Result, ensure};

pub use report::Report;

/// What to measure and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The gateway's binary; without it only the stand-in and the bare proxy are measured.
    pub gateway: Option<PathBuf>,
    /// TOML appended to the configuration that the benchmark writes for the gateway.
    pub extra_config: Option<PathBuf>,
    /// Where `tidegate-standin` and `tidegate-bare` lie.
    pub binaries: PathBuf,
    /// Only rows whose name contains this.
    pub only: Option<String>,
    /// Seconds of load per row and target, over all rounds.
    pub seconds: f64,
    /// Rounds per row; results are medians of them.
    pub rounds: usize,
    /// Worker threads of the bare proxy.
    pub bare_threads: usize,
}

/// Runs the plan. Progress goes through `progress`, one short line at a time.
///
/// # Errors
/// When a process cannot be started, or no row matches. Errors under load fail their row.
pub async fn run(plan: &Plan, mut progress: impl FnMut(&str)) -> Result<Report> {
    let rows = row::rows(plan.only.as_deref());
    ensure!(!rows.is_empty(), "no row is named like that");
    ensure!(plan.rounds > 0 && plan.seconds > 0.0, "a round needs time");
    let targets = target::start(plan).await?;
    let windows = sweep::sweep(plan, &rows, &targets, &mut progress).await;
    targets.place(false)?;
    let report = Report::new(plan, &rows, &targets, windows);
    targets.end().await?;
    Ok(report)
}
