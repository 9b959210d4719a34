//! The fastest of many short batches, and the median beside it.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// What the command line asks for.
struct Wanted {
    words: Vec<String>,
    times: Option<u32>,
}

static WANTED: OnceLock<Wanted> = OnceLock::new();

impl Wanted {
    fn read() -> Self {
        let words = std::env::args()
            .skip(1)
            .filter(|word| !word.starts_with('-'));
        let (numbers, words): (Vec<_>, Vec<_>) =
            words.partition(|word| word.parse::<u32>().is_ok());
        let times = numbers.first().and_then(|number| number.parse().ok());
        Self { words, times }
    }
}

/// How long one batch may take: well below a scheduler's time slice.
const BATCH: Duration = Duration::from_micros(200);
/// How many batches are tried, and for how long at most.
const BATCHES: u32 = 4_000;
const LONGEST: Duration = Duration::from_secs(4);

/// The fastest of many short batches, and the median beside it. On a busy machine a long round
/// measures the scheduler; a short one is now and then left alone. Where the median is far above
/// the fastest, the machine was busy, and only the fastest says something.
pub(crate) fn time(name: &str, per: u32, mut step: impl FnMut()) {
    let wanted = WANTED.get_or_init(Wanted::read);
    if !wanted.words.iter().all(|word| name.contains(word.as_str())) {
        return;
    }
    if let Some(times) = wanted.times {
        (0..times).for_each(|_| step());
        return;
    }
    let mut batch = |steps: u32| {
        let start = Instant::now();
        for _ in 0..steps {
            step();
        }
        start.elapsed()
    };
    // The fastest of a few single steps says how many fit into a batch.
    let single = (0..50).map(|_| batch(1)).min().unwrap_or(BATCH);
    let steps = u32::try_from(BATCH.as_nanos() / single.as_nanos().max(1)).unwrap_or(1);
    let steps = steps.clamp(1, 10_000);
    let begin = Instant::now();
    let mut times = Vec::new();
    while times.len() < BATCHES as usize && begin.elapsed() < LONGEST {
        times.push(batch(steps));
    }
    times.sort_unstable();
    let each = |time: Duration| time.as_nanos() as f64 / f64::from(steps) / f64::from(per);
    let (best, median) = (each(times[0]), each(times[times.len() / 2]));
    println!("{name:<44} best {best:>9.1} ns   median {median:>9.1} ns");
}
