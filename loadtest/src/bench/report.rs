//! The result: medians of the rounds as a Markdown table and as JSON.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::Plan;
use super::row::{Row, Shape};
use super::sweep::{Window, Windows};
use super::target::Targets;
use super::verdict::{Verdict, verdicts};

/// One row on one target.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) row: &'static str,
    pub(super) shape: Shape,
    pub(super) connections: usize,
    pub(super) body: usize,
    pub(super) target: &'static str,
    /// Medians over the rounds; peak memory is the highest. `None`: the row failed.
    pub(super) median: Option<Window>,
    pub(super) error: Option<String>,
    pub(super) rounds: Vec<Window>,
}

/// Everything the benchmark has to say.
#[derive(Debug, Serialize)]
pub struct Report {
    method: String,
    pub(super) lines: Vec<Line>,
    verdicts: Vec<Verdict>,
}

impl Report {
    pub(super) fn new(
        plan: &Plan,
        rows: &[Row],
        targets: &Targets,
        windows: Vec<Vec<Windows>>,
    ) -> Self {
        let mut lines = Vec::new();
        for (row, results) in rows.iter().zip(windows) {
            let ran = targets.list.iter().zip(results);
            for (target, result) in ran.filter(|(target, _)| target.runs(row)) {
                let (rounds, error) = match result {
                    Ok(rounds) => (rounds, None),
                    Err(error) => (Vec::new(), Some(error)),
                };
                lines.push(Line {
                    row: row.name,
                    shape: row.shape,
                    connections: row.connections,
                    body: row.body,
                    target: target.name,
                    median: median(&rounds),
                    error,
                    rounds,
                });
            }
        }
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let method = format!(
            "{cores} cores shared by generator, stand-in and target, all of them on one in rows that say so; {} rounds of {:.1} s \
             per row and target, targets taking turns; medians of rounds. Bare proxy: {} worker thread(s). \
             Generator and stand-in: one thread each.",
            plan.rounds,
            plan.seconds / f64::from(u32::try_from(plan.rounds).unwrap_or(u32::MAX)),
            plan.bare_threads,
        );
        let verdicts = verdicts(&lines);
        Self {
            method,
            lines,
            verdicts,
        }
    }

    /// Whether every row ran without an error and every target was reached.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.lines.iter().all(|line| line.error.is_none())
            && self.verdicts.iter().all(Verdict::passed)
    }
}

fn median(rounds: &[Window]) -> Option<Window> {
    let middle = |value: fn(&Window) -> f64| {
        let mut values: Vec<_> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let half = values.len() / 2;
        if values.len() % 2 == 1 {
            values[half]
        } else {
            f64::midpoint(values[half - 1], values[half])
        }
    };
    let last = rounds.last()?;
    Some(Window {
        requests: rounds.iter().map(|window| window.requests).sum(),
        per_second: middle(|w| w.per_second),
        p50: middle(|w| w.p50),
        p99: middle(|w| w.p99),
        first_p50: middle(|w| w.first_p50),
        first_p99: middle(|w| w.first_p99),
        gap_p50: middle(|w| w.gap_p50),
        gap_p99: middle(|w| w.gap_p99),
        cpu: middle(|w| w.cpu),
        rss_peak: rounds.iter().map(|window| window.rss_peak).max()?,
        rss_end: last.rss_end,
    })
}

impl Report {
    fn find(&self, row: &str, target: &str) -> Option<&Window> {
        find(&self.lines, row, target)
    }
}

/// The medians of a row on a target, if it ran.
pub(super) fn find<'a>(lines: &'a [Line], row: &str, target: &str) -> Option<&'a Window> {
    lines
        .iter()
        .find(|line| line.row == row && line.target == target)?
        .median
        .as_ref()
}

#[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.method)?;
        writeln!(
            f,
            "| row | target | p50 µs | p99 µs | requests/s | CPU µs/request | × bare | RSS peak MB | RSS end MB |"
        )?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for line in &self.lines {
            write!(f, "| {} | {} | ", line.row, line.target)?;
            let Some(w) = &line.median else {
                writeln!(
                    f,
                    "FAILED: {} | | | | | | |",
                    line.error.as_deref().unwrap_or("no rounds")
                )?;
                continue;
            };
            let bare = self
                .find(line.row, "bare")
                .map_or(f64::NAN, |bare| w.cpu / bare.cpu);
            writeln!(
                f,
                "{:.0} | {:.0} | {:.0} | {:.1} | {bare:.2} | {:.1} | {:.1} |",
                w.p50,
                w.p99,
                w.per_second,
                w.cpu,
                mb(w.rss_peak),
                mb(w.rss_end)
            )?;
        }
        self.streams(f)?;
        if !self.verdicts.is_empty() {
            writeln!(
                f,
                "\n| target of the build | reached | limit | |\n|---|--:|--:|---|"
            )?;
            self.verdicts
                .iter()
                .try_for_each(|verdict| writeln!(f, "{verdict}"))?;
        }
        Ok(())
    }
}

impl Report {
    /// What each proxy adds to the time to first byte and to the gaps between events.
    fn streams(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut streamed = self
            .lines
            .iter()
            .filter(|line| line.shape.streamed())
            .peekable();
        if streamed.peek().is_none() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| streamed row | target | TTFT p50 µs | TTFT p99 µs | added p50 | added p99 | gap p50 µs | gap p99 µs | added gap p50 | added gap p99 |"
        )?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for line in streamed {
            let (Some(w), Some(direct)) = (&line.median, self.find(line.row, "direct")) else {
                continue;
            };
            writeln!(
                f,
                "| {} | {} | {:.0} | {:.0} | {:+.0} | {:+.0} | {:.0} | {:.0} | {:+.0} | {:+.0} |",
                line.row,
                line.target,
                w.first_p50,
                w.first_p99,
                w.first_p50 - direct.first_p50,
                w.first_p99 - direct.first_p99,
                w.gap_p50,
                w.gap_p99,
                w.gap_p50 - direct.gap_p50,
                w.gap_p99 - direct.gap_p99,
            )?;
        }
        Ok(())
    }
}
