//! Fills an empty database with a large fleet and its log, to measure what the console asks of the API.
//!
//! `cargo run -p tidegate-store --example seed_console -- URL [DEVICES] [REQUESTS] [AUDIT]`; without
//! numbers 10,000 devices, a million calls over 30 days and 100,000 audit entries. The same arguments
//! give the same fleet. The audit entries have no seals: checking the chain finds it broken.
#![allow(clippy::print_stdout, reason = "its words are for people to read")]

mod decisions;
mod fleet;
mod log;
mod sink;

use std::{sync::Arc, time::Instant};

use anyhow::Context;
use tidegate_store::{Store, StoreConfig};
use tidegate_types::{Clock, NodeId, SystemClock, Timestamp};

use self::sink::Sink;

/// Numbers that look random and are the same each time (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() >> 11) as usize % end.max(1)
    }

    /// Below `end`, small numbers far more often than large ones.
    pub(crate) fn skewed(&mut self, end: usize) -> usize {
        let share = (self.roll() >> 11) as f64 / (1_u64 << 53) as f64;
        ((share * share * share) * end as f64) as usize % end.max(1)
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| (self.roll() >> 32) as u8)
    }

    pub(crate) fn wide(&mut self) -> u128 {
        u128::from(self.roll()) << 64 | u128::from(self.roll())
    }
}

/// A time before now.
pub(crate) fn ago(now: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(now.micros() - micros)
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().context("name the database's URL")?;
    let mut number = |usual: usize| match args.next() {
        Some(text) => text.parse().context("a number is expected"),
        None => Ok(usual),
    };
    let (devices, requests) = (number(10_000)?, number(1_000_000)?);
    let audit = number(100_000)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(seed(&url, devices, requests, audit))
}

async fn seed(url: &str, devices: usize, requests: usize, audit: usize) -> anyhow::Result<()> {
    let start = Instant::now();
    let clock = Arc::new(SystemClock::default());
    let now = clock.now();
    let store = Store::open(StoreConfig::new(url), clock, NodeId::generate(now)).await?;
    store.migrate().await?;
    drop(store);
    let mut sink = Sink::open(url).await?;
    let mut dice = Dice(0x7469_6465_6761_7465);
    let fleet = fleet::seed(&mut sink, &mut dice, now, devices).await?;
    println!("fleet of {devices} devices: {:.1?}", start.elapsed());
    log::requests(&mut sink, &mut dice, now, &fleet, requests).await?;
    println!("{requests} calls: {:.1?}", start.elapsed());
    log::audit(&mut sink, &mut dice, now, &fleet, audit).await?;
    println!("{audit} audit entries: {:.1?}", start.elapsed());
    sink.run("ANALYZE").await?;
    if matches!(sink, Sink::Postgres(_)) {
        // Lists are read from indexes alone only where pages are known to be visible to all.
        sink.run("VACUUM").await?;
    }
    println!("done: {:.1?}", start.elapsed());
    Ok(())
}
