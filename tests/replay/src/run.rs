//! Runs a target over inputs, and says which one it does not stand.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use fastrand::Rng;
use nix::time::{ClockId, clock_gettime};

use crate::{Target, corpus, mutate};

/// How long mutations are tried, in time of the processor, so that a busy machine tries no fewer.
const USUAL: Duration = Duration::from_secs(2);
/// More for one input means that there is no bound: inputs are 16 KiB at the most, and take microseconds.
const MOST_FOR_ONE: Duration = Duration::from_secs(2);
/// Always the same mutations, in the same order.
const SEED: u64 = 0x7464_6761_7465;

/// Runs every input of the corpus.
///
/// # Errors
/// There is none, or the target panics.
pub fn replay(name: &str, target: Target) -> anyhow::Result<usize> {
    let inputs = corpus(name)?;
    for input in &inputs {
        one(target, input)?;
    }
    Ok(inputs.len())
}

/// Runs mutations of the corpus until the time is over; returns how many.
///
/// # Errors
/// The target panics, or takes too long for one input.
pub fn mutations(name: &str, target: Target) -> anyhow::Result<usize> {
    let seeds = corpus(name)?;
    let limit = limit()?;
    let began = busy()?;
    let mut rng = Rng::with_seed(SEED);
    let mut count = 0;
    let mut now = began;
    while now.saturating_sub(began) < limit {
        let input = mutate::mutated(&mut rng, &seeds);
        one(target, &input)?;
        count += 1;
        let before = std::mem::replace(&mut now, busy()?);
        let took = now.saturating_sub(before);
        ensure!(took < MOST_FOR_ONE, "{took:?} for {}", input.escape_ascii());
    }
    Ok(count)
}

fn limit() -> anyhow::Result<Duration> {
    match std::env::var("TIDEGATE_FUZZ_SECONDS") {
        Ok(seconds) => {
            let seconds = seconds.parse().context("TIDEGATE_FUZZ_SECONDS")?;
            Ok(Duration::from_secs(seconds))
        }
        Err(_) => Ok(USUAL),
    }
}

fn one(target: Target, input: &[u8]) -> anyhow::Result<()> {
    if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
        bail!(
            "the panic above is of this input: b\"{}\"",
            input.escape_ascii()
        );
    }
    Ok(())
}

/// What this thread has worked so far.
fn busy() -> anyhow::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}
