//! What recording a finished call costs in CPU time, from `record` to the committed row.
//!
//! `cargo run --release -p tidegate-store --example recorder_cost -- [URL] [CALLS]`; without a URL
//! on a SQLite file in a temporary directory. Linux only: it reads the scheduler's own clocks.
#![allow(clippy::print_stdout, reason = "its numbers are for people to read")]

use std::{fs, sync::Arc, time::Duration, time::Instant};

use tidegate_governance::{
    entity::{Alignment, Window},
    ledger::{Charge, LeaseRequest, Ledger as _},
    record::{CostBasis, Outcome, Record, RequestRow},
};
use tidegate_store::{RecorderConfig, Store, StoreConfig};
use tidegate_types::{
    BudgetId, Clock as _, KeyId, MicroUsd, NodeId, RequestId, SystemClock, TeamId, Timestamp,
    Usage, UsageSource,
};

/// CPU time of all threads of this process, in nanoseconds.
fn cpu() -> u64 {
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let ran = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
    ran.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

fn call(now: Timestamp, key: KeyId, team: TeamId, charge: Charge) -> Record {
    let row = RequestRow {
        id: RequestId::generate(now),
        started_at: now,
        duration_us: 812_345,
        overhead_us: 21,
        ttft_us: Some(301_234),
        key: Some(key),
        team: Some(team),
        user: None,
        operation: "chat.completions",
        provider: "openai".parse().ok(),
        model: "gpt-4o-mini".parse().ok(),
        status: 200,
        code: None,
        outcome: Outcome::Completed,
        streamed: false,
        usage: Usage {
            input: 1_200,
            output: 250,
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: charge.amount,
        cost_basis: CostBasis::Priced,
        request_bytes: 5_120,
        response_bytes: 1_830,
        trace_id: Some([9; 16]),
        content: None,
        edge: None,
        guardrails: Vec::new(),
        cache: None,
        attempts: Vec::new(),
        shadow_of: None,
    };
    Record {
        row,
        charges: [charge].into_iter().collect(),
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = tempfile::tempdir()?;
    let file = format!("sqlite:{}", dir.path().join("cost.db").display());
    let url = args.next().unwrap_or(file);
    let calls: u32 = args.next().map_or(Ok(200_000), |text| text.parse())?;
    let clock = Arc::new(SystemClock::default());
    let now = clock.now();
    let node = NodeId::generate(now);
    let config = StoreConfig::new(url).with_journal(dir.path().join("journal"));
    let store = Store::open(config, clock.clone(), node).await?;
    store.migrate().await?;
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await?;
    let (budget, key, team) = (
        BudgetId::generate(now),
        KeyId::generate(now),
        TeamId::generate(now),
    );
    let lease = LeaseRequest {
        budget,
        cap: MicroUsd::MAX,
        window: Window::Month,
        alignment: Alignment::Calendar,
        node,
        need: MicroUsd::from_micros(1),
        want: MicroUsd::ZERO,
        now,
        ttl: Duration::from_secs(600),
    };
    let window_start = store.lease(lease).await?.window_start;
    let charge = Charge {
        budget,
        window_start,
        amount: MicroUsd::from_micros(330),
    };

    for batch in [100, 500] {
        let (mut made, mut ran) = (0_u64, 0_u64);
        let (wall, before) = (Instant::now(), cpu());
        for _ in 0..calls / batch {
            let start = Instant::now();
            let records: Vec<Record> = (0..batch)
                .map(|_| call(clock.now(), key, team, charge))
                .collect();
            made += u64::try_from(start.elapsed().as_nanos())?;
            let start = Instant::now();
            records
                .into_iter()
                .for_each(|record| recorder.record(record));
            ran += u64::try_from(start.elapsed().as_nanos())?;
            handle.flush().await?;
        }
        let count = f64::from(calls / batch * batch);
        let per_call = |nanos: u64| nanos as f64 / count / 1_000.0;
        println!(
            "batches of {batch}: {:.2} us CPU a record in all, {:.2} us of it in record(); \
             {:.0} records/s",
            per_call((cpu() - before).saturating_sub(made)),
            per_call(ran),
            count / wall.elapsed().as_secs_f64(),
        );
    }
    handle.shutdown().await?;
    Ok(())
}
