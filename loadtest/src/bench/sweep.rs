//! Runs every row against every target, round after round, targets taking turns.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::Plan;
use super::load::{Times, load, warm};
use super::row::Row;
use super::target::{Target, Targets};

/// One window's numbers. Times in microseconds, memory in bytes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Window {
    pub(super) requests: u64,
    pub(super) per_second: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) first_p50: f64,
    pub(super) first_p99: f64,
    /// Gaps between events; zero where nothing was streamed.
    pub(super) gap_p50: f64,
    pub(super) gap_p99: f64,
    /// CPU time of the process under test per request.
    pub(super) cpu: f64,
    pub(super) rss_peak: u64,
    pub(super) rss_end: u64,
}

/// All windows of one row on one target, or the first error.
pub(super) type Windows = Result<Vec<Window>, String>;

/// `[row][target]`.
pub(super) async fn sweep(
    plan: &Plan,
    rows: &[Row],
    targets: &Targets,
    progress: &mut impl FnMut(&str),
) -> Vec<Vec<Windows>> {
    let mut all: Vec<Vec<Windows>> = rows
        .iter()
        .map(|_| targets.list.iter().map(|_| Ok(Vec::new())).collect())
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a handful of rounds")]
    let window = Duration::from_secs_f64(plan.seconds / plan.rounds as f64);
    for round in 1..=plan.rounds {
        for (row, results) in rows.iter().zip(&mut all) {
            progress(&format!("round {round}/{}: {}", plan.rounds, row.name));
            for (target, result) in targets.list.iter().zip(results.iter_mut()) {
                let Ok(windows) = result else { continue };
                if !target.runs(row) {
                    continue;
                }
                match one(row, target, targets, window).await {
                    Ok(window) => windows.push(window),
                    Err(error) => *result = Err(format!("{error:#}")),
                }
            }
        }
    }
    all
}

async fn one(row: &Row, target: &Target, targets: &Targets, window: Duration) -> Result<Window> {
    let request = target.request(row);
    let process = targets.process(target);
    targets.place(row.alone)?;
    let connections = warm(target.address, row, &request).await?;
    process.reset_peak()?;
    let before = process.cpu()?;
    let measured = load(connections, row, &request, window).await?;
    let used = process.cpu()?.saturating_sub(before);
    let (rss_end, rss_peak) = process.memory()?;
    let requests = f64::from(u32::try_from(measured.requests).unwrap_or(u32::MAX).max(1));
    Ok(Window {
        requests: measured.requests,
        per_second: requests / measured.elapsed.as_secs_f64(),
        p50: micros(&measured.latency, 50.0),
        p99: micros(&measured.latency, 99.0),
        first_p50: micros(&measured.first, 50.0),
        first_p99: micros(&measured.first, 99.0),
        gap_p50: micros(&measured.gap, 50.0),
        gap_p99: micros(&measured.gap, 99.0),
        cpu: used.as_secs_f64() * 1e6 / requests,
        rss_peak,
        rss_end,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of at most a minute fit an f64"
)]
fn micros(times: &Times, percentile: f64) -> f64 {
    if times.is_empty() {
        0.0
    } else {
        times.value_at_percentile(percentile) as f64 / 1e3
    }
}
