//! The limits that the build has to keep, checked against the bare proxy of the same run.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::report::{Line, find};
use super::row::{KNOWN, LARGE, SMALL, TRANSLATION};
use super::sweep::Window;
use super::target::{CACHED, GUARDED, TRANSLATED};

/// Resident memory under load, in bytes.
const MEMORY: u64 = 60_000_000;
/// What the gateway may add to the bare proxy's median at one connection, in µs.
const ADDED: f64 = 20.0;
/// Memory counts as flat when the last round ends at most this much above the second.
const GROWTH: f64 = 1.1;

/// One limit and what was reached.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    what: String,
    reached: f64,
    limit: f64,
    unit: &'static str,
}

impl Verdict {
    pub(super) fn passed(&self) -> bool {
        self.reached <= self.limit
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            reached,
            limit,
            unit,
        } = self;
        let said = if self.passed() { "pass" } else { "FAIL" };
        write!(
            f,
            "| {what} | {reached:.2} {unit} | {limit:.2} {unit} | {said} |"
        )
    }
}

/// The verdicts on the rows that ran; none without the gateway.
pub(super) fn verdicts(lines: &[Line]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (row, limit) in [("120 B x 32", 1.25), ("20 KB x 32", 1.1)] {
        if let (Some(bare), Some(gateway)) =
            (find(lines, row, "bare"), find(lines, row, "tidegate"))
        {
            verdicts.push(Verdict {
                what: format!("CPU per request, {row}, against bare"),
                reached: gateway.cpu / bare.cpu,
                limit,
                unit: "×",
            });
        }
    }
    for row in ["120 B x 1", "20 KB x 1", "200 KB x 1"] {
        let added = more(lines, row, ["tidegate", "bare"], |window| window.p50);
        verdicts.extend(added.map(|reached| Verdict {
            what: format!("p50 that the gateway adds to bare, {row}"),
            reached,
            limit: ADDED,
            unit: "µs",
        }));
    }
    verdicts.extend(guardrails(lines));
    verdicts.extend(translated(lines));
    verdicts.extend(cached(lines));
    let gateway = || lines.iter().filter(|line| line.target == "tidegate");
    let peak = gateway()
        .filter_map(|line| line.median.as_ref())
        .map(|w| w.rss_peak)
        .max();
    if let Some(peak) = peak {
        verdicts.push(Verdict {
            what: "RSS peak over all rows".into(),
            reached: mb(peak),
            limit: mb(MEMORY),
            unit: "MB",
        });
    }
    // The first round fills pools and buffers; from the second on nothing may grow.
    let at = |round: fn(&Line) -> Option<u64>| gateway().filter_map(round).max();
    let second = at(|line| line.rounds.get(1).map(|w| w.rss_end));
    let last = at(|line| {
        line.rounds
            .last()
            .filter(|_| line.rounds.len() > 2)
            .map(|w| w.rss_end)
    });
    if let (Some(second), Some(last)) = (second, last) {
        verdicts.push(Verdict {
            what: "RSS flat: last round against the second".into(),
            reached: mb(last),
            limit: mb(second) * GROWTH,
            unit: "MB",
        });
    }
    verdicts
}

/// What one target takes more than another on a row: the median of the rounds' differences. A shared machine is faster
/// in one minute than in the next; within a round both have the same.
fn more(lines: &[Line], row: &str, [one, other]: [&str; 2], of: fn(&Window) -> f64) -> Option<f64> {
    let rounds = |target| {
        let mut found = lines.iter();
        found.find(|line| line.row == row && line.target == target)
    };
    let (one, other) = (rounds(one)?, rounds(other)?);
    let pairs = one.rounds.iter().zip(&other.rounds);
    let mut differences: Vec<f64> = pairs.map(|(one, other)| of(one) - of(other)).collect();
    differences.sort_by(f64::total_cmp);
    differences.get(differences.len() / 2).copied()
}

/// What guardrails may add to the median and to the processor time, in microseconds, against the gateway without them.
fn guardrails(lines: &[Line]) -> impl Iterator<Item = Verdict> {
    let p50: fn(&Window) -> f64 = |window| window.p50;
    let rows = [(SMALL, 25.0), (LARGE, 1_000.0), (KNOWN, 50.0)];
    let kinds = [("p50", p50), ("CPU", |window| window.cpu)];
    let each = rows
        .into_iter()
        .flat_map(move |row| kinds.map(|kind| (row, kind)));
    each.filter_map(|((row, limit), (kind, of))| {
        Some(Verdict {
            what: format!("{kind} that guardrails add, {row}"),
            reached: more(lines, row, [GUARDED, "tidegate"], of)?,
            limit,
            unit: "µs",
        })
    })
}

/// What a translated call costs the gateway's processor more than one that passes as it is.
fn translated(lines: &[Line]) -> Option<Verdict> {
    Some(Verdict {
        what: format!("CPU that translation adds, {TRANSLATION}"),
        reached: more(lines, TRANSLATION, [TRANSLATED, "tidegate"], |window| {
            window.cpu
        })?,
        limit: 40.0,
        unit: "µs",
    })
}

/// A kept answer is there before a provider next door could have given it.
fn cached(lines: &[Line]) -> Option<Verdict> {
    const ROW: &str = "20 KB x 1";
    Some(Verdict {
        what: format!("p50 that a cache hit adds, {ROW}"),
        reached: more(lines, ROW, [CACHED, "tidegate"], |window| window.p50)?,
        limit: 0.0,
        unit: "µs",
    })
}

#[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
