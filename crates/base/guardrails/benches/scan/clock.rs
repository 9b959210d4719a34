//! What a core works for this thread, which does not change with what else the machine does.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long one measurement goes on.
const LONGEST: Duration = Duration::from_millis(1_500);
/// How long one run of a measurement works at least.
const SHORTEST: f64 = 0.01;

/// Seconds of work so far.
fn worked() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Seconds of work that a run takes, in the best of many measurements.
pub(crate) fn seconds(mut run: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let (mut best, mut times) = (f64::MAX, 1);
    while begin.elapsed() < LONGEST {
        let before = worked();
        (0..times).for_each(|_| run());
        let work = worked() - before;
        if work < SHORTEST {
            times *= 2;
        } else {
            best = best.min(work / f64::from(times));
        }
    }
    best
}
