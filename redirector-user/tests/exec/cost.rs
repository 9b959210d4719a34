//! What the rest of the machine pays: nothing that can be measured.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::place::{native, starts, with_guard};

const ROUNDS: u32 = 12;
const STARTS: u32 = 50;

/// How long one start takes, as the mean of a round.
fn round(program: &Path) -> Result<Duration> {
    let since = Instant::now();
    for _ in 0..STARTS {
        ensure!(starts(&mut Command::new(program))?);
    }
    Ok(since.elapsed() / STARTS)
}

/// The quickest rounds, with and without a guard in turn, so that whatever else the machine does meets both.
#[test]
fn other_programs_start_as_fast_as_before() {
    with_guard(|mut place| {
        let (app, other) = (place.program("app")?, place.program("other")?);
        round(&other)?;
        let (mut without, mut with) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            place.deny(&[])?;
            without = without.min(round(&other)?);
            place.deny(&[native(&app)])?;
            with = with.min(round(&other)?);
        }
        println!("one start: {without:?} without, {with:?} with another program denied");
        ensure!(with < without.mul_f64(1.5), "{with:?} {without:?}");
        Ok(())
    });
}

/// A refusal is quicker than a start, so that a program that tries again and again is no burden.
#[test]
fn a_refusal_takes_no_longer_than_a_start() {
    with_guard(|mut place| {
        let (app, other) = (place.program("app")?, place.program("other")?);
        place.deny(&[native(&app)])?;
        let (mut start, mut refusal) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            start = start.min(round(&other)?);
            let since = Instant::now();
            for _ in 0..STARTS {
                ensure!(!starts(&mut Command::new(&app))?);
            }
            refusal = refusal.min(since.elapsed() / STARTS);
        }
        println!("a start takes {start:?}, a refusal {refusal:?}");
        ensure!(refusal < start.mul_f64(1.5), "{refusal:?} {start:?}");
        Ok(())
    });
}
