//! What came out.

use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::{Plan, tally::Tally};

/// What was seen beside the tally.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) window: Duration,
    pub(super) used: Duration,
    pub(super) peak: u64,
    pub(super) behind: usize,
    pub(super) quarantined: usize,
    pub(super) requests: usize,
    pub(super) known: usize,
}

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Percentiles {
    /// How many were counted.
    pub count: u64,
    /// The half.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The worst.
    pub max: f64,
}

impl Percentiles {
    fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        Self {
            count: histogram.len(),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: histogram.max() as f64 / 1_000.0,
        }
    }
}

/// What came out.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Devices that checked in.
    pub devices: usize,
    /// Whether they waited for news.
    pub long_poll: bool,
    /// Whether things went wrong.
    pub chaos: bool,
    /// Seconds that were measured.
    pub seconds: f64,
    /// Check-ins a second.
    pub per_second: f64,
    /// How long check-ins that do not wait took, in milliseconds.
    pub check_in: Percentiles,
    /// From a decision (the first byte of the admin's call) to the device that has it, in milliseconds.
    pub delivery: Percentiles,
    /// Bytes of a check-in that brings no policy and its answer, with their heads, on average.
    pub bytes_per_check_in: f64,
    /// Bytes of a check-in that brings one.
    pub bytes_with_policy: f64,
    /// Cores that the gateway used, 1 being one whole core; 0 where its process is not known.
    pub gateway_cores: f64,
    /// Its CPU time for a check-in, in microseconds.
    pub cpu_micros_per_check_in: f64,
    /// Its resident memory at most, in MiB.
    pub gateway_mib: f64,
    /// Inventories that were uploaded.
    pub uploads: u64,
    /// Calls that broke, and answers of 500 and above; each was tried again.
    pub broken: u64,
    /// Answers of 500 and above.
    pub failed: u64,
    /// Devices that did nothing wrong and were refused, by status.
    pub refused: HashMap<u16, u64>,
    /// Policies that were older than what the device had.
    pub older: u64,
    /// Devices that never got the last decision.
    pub behind: usize,
    /// Devices that the gateway knows.
    pub known: usize,
    /// Requests of people that were answered, and those that the gateway knows.
    pub requests: (u64, usize),
    /// Check-ins of copies that were refused, and that were served.
    pub copies: (u64, u64),
    /// Devices in quarantine.
    pub quarantined: usize,
    /// Starts of devices with a clock that was set forward or back.
    pub clocks_set: u64,
}

fn average((sum, count): (u64, u64)) -> f64 {
    sum as f64 / count.max(1) as f64
}

impl Report {
    pub(super) fn new(
        plan: &Plan,
        tally: &Tally,
        decided: &HashMap<u64, Instant>,
        seen: Seen,
    ) -> Result<Self> {
        tally.count(|counts| {
            let check_ins = counts.check_ins.max(1) as f64;
            let seconds = seen.window.as_secs_f64();
            Ok(Self {
                devices: plan.devices,
                long_poll: plan.long_poll,
                chaos: plan.chaos,
                seconds,
                per_second: counts.check_ins as f64 / seconds,
                check_in: Percentiles::of(&counts.latency),
                delivery: Percentiles::of(&counts.delivery(decided)?),
                bytes_per_check_in: average(counts.quiet),
                bytes_with_policy: average(counts.news),
                gateway_cores: seen.used.as_secs_f64() / seconds,
                cpu_micros_per_check_in: seen.used.as_micros() as f64 / check_ins,
                gateway_mib: seen.peak as f64 / f64::from(1 << 20),
                uploads: counts.uploads,
                broken: counts.broken,
                failed: counts.failed,
                refused: counts.refused.clone(),
                older: counts.older,
                behind: seen.behind,
                known: seen.known,
                requests: (counts.requests_made, seen.requests),
                copies: (counts.copies_refused, counts.copies_served),
                quarantined: seen.quarantined,
                clocks_set: counts.clocks_set,
            })
        })
    }

    /// What must not be: an honest device refused, a decision lost or undone, a copy served or unnoticed.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |wrong: bool, text: String| {
            if wrong {
                faults.push(text);
            }
        };
        fault(
            !self.refused.is_empty(),
            format!("honest devices refused: {:?}", self.refused),
        );
        fault(self.older > 0, format!("{} older policies", self.older));
        fault(
            self.behind > 0,
            format!("{} devices lack the last decision", self.behind),
        );
        let (made, known) = self.requests;
        fault(
            made > known as u64,
            format!("{made} requests made, {known} known"),
        );
        let (refused, served) = self.copies;
        fault(
            served > 0,
            format!("{served} check-ins of copies were served"),
        );
        fault(
            self.chaos && (refused == 0 || self.quarantined == 0),
            "no copy was noticed".to_owned(),
        );
        fault(
            self.chaos && self.clocks_set == 0,
            "no clock was set".to_owned(),
        );
        // Ten are copied; whoever's clock was set is nobody's copy.
        fault(
            self.quarantined > super::COPIED,
            format!("{} devices in quarantine", self.quarantined),
        );
        fault(
            !self.chaos && self.quarantined > 0,
            format!("{} honest devices in quarantine", self.quarantined),
        );
        faults
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |p: &Percentiles| {
            format!(
                "p50 {:.1} ms, p95 {:.1}, p99 {:.1}, max {:.1} ({} counted)",
                p.p50, p.p95, p.p99, p.max, p.count
            )
        };
        writeln!(
            f,
            "{} devices, {:.0} s: {:.0} check-ins/s, {:.0} bytes each, {:.0} with a policy",
            self.devices,
            self.seconds,
            self.per_second,
            self.bytes_per_check_in,
            self.bytes_with_policy
        )?;
        writeln!(f, "check-in   {}", line(&self.check_in))?;
        writeln!(f, "decision   {}", line(&self.delivery))?;
        writeln!(
            f,
            "gateway    {:.2} cores, {:.0} µs a check-in, {:.0} MiB",
            self.gateway_cores, self.cpu_micros_per_check_in, self.gateway_mib
        )?;
        writeln!(
            f,
            "trouble    {} calls broke, {} failed, {} inventories uploaded",
            self.broken, self.failed, self.uploads
        )?;
        writeln!(
            f,
            "copies     {} check-ins refused, {} served, {} devices in quarantine",
            self.copies.0, self.copies.1, self.quarantined
        )?;
        writeln!(
            f,
            "clocks     {} starts with a clock that was set by an hour, two days or a year",
            self.clocks_set
        )?;
        let faults = self.faults();
        if faults.is_empty() {
            return write!(f, "nothing lost, nothing loosened");
        }
        write!(f, "FAULTS: {}", faults.join("; "))
    }
}
