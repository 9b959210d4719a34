//! Megabytes for each second that a core works, and bytes held back: `cargo bench -p tidegate-guardrails`.
//! A word after `--` measures only the corpora whose name begins with it; `explain` also prints which rules
//! cost most on each.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints and may stop"
)]

mod clock;
mod corpora;

use std::{hint::black_box, sync::Arc, time::Instant};

use tidegate_guardrails::{
    Limits, Mode, Plan, Ruleset, checks,
    deep::Depth,
    load, pii,
    rule::{Rule, Specificity},
    secrets,
};

fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (_, file) in secrets::FILES {
        rules.extend(load::gitleaks(file, checks::named).unwrap().rules);
    }
    rules.extend(pii::rules());
    rules
}

/// What is measured.
struct Bench {
    set: Ruleset,
    /// All rules hold text back.
    hold: Arc<Plan>,
    /// Generic ones do not, as in a gateway.
    usual: Arc<Plan>,
}

/// Bytes held back after each piece.
struct Held(Vec<usize>);

impl Held {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<usize>() as f64 / self.0.len() as f64
    }

    fn of(&self, part: f64) -> usize {
        self.0[((self.0.len() - 1) as f64 * part) as usize]
    }
}

fn speed(text: &str, run: impl FnMut()) -> f64 {
    text.len() as f64 / clock::seconds(run) / 1e6
}

/// Pieces as models send them.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(size)
        .map(|piece| piece.iter().collect())
        .collect()
}

impl Bench {
    fn whole(&self, text: &str) -> f64 {
        let mut scratch = self.set.pool().take();
        speed(text, || {
            black_box(self.set.scan(&self.hold, text, &mut scratch));
        })
    }

    fn deep(&self, text: &str) -> f64 {
        let mut scratch = self.set.pool().take();
        speed(text, || {
            black_box(
                self.set
                    .scan_deep(&self.hold, text, Depth::default(), &mut scratch),
            );
        })
    }

    fn stream(&self, text: &str, depth: Depth) -> f64 {
        let pieces = pieces(text, 16);
        speed(text, || {
            let mut stream = self.set.stream_deep(Arc::clone(&self.usual), depth);
            for piece in &pieces {
                stream.push(piece);
            }
            stream.finish();
            black_box(stream.findings());
        })
    }

    fn held(&self, text: &str, depth: Depth) -> Held {
        let mut stream = self.set.stream_deep(Arc::clone(&self.usual), depth);
        let mut held = Vec::new();
        for piece in pieces(text, 4) {
            stream.push(&piece);
            stream.findings();
            held.push(stream.held());
        }
        held.sort_unstable();
        Held(held)
    }

    /// The rules that cost most in a text.
    fn explain(&self, text: &str) {
        let mut scratch = self.set.pool().take();
        let found = self.set.scan(&self.hold, text, &mut scratch).len();
        let mut costs: Vec<_> = scratch.costs().collect();
        let each = |cost: fn(&tidegate_guardrails::Cost) -> u64| -> u64 {
            costs.iter().map(|(_, all)| cost(all)).sum()
        };
        println!(
            "{found} findings; {} candidates, {} bytes, {} matches; {} KB of memory",
            each(|cost| cost.candidates),
            each(|cost| cost.bytes),
            each(|cost| cost.matches),
            scratch.memory() / 1024
        );
        // A candidate costs about as much as 30 bytes, a match as 200.
        costs.sort_by_key(|(_, cost)| {
            std::cmp::Reverse(cost.candidates * 30 + cost.bytes + cost.matches * 200)
        });
        for (rule, cost) in costs.iter().take(12) {
            let id = &self.set.rule(*rule).unwrap().id;
            println!(
                "    {id:<32} {:>7} candidates {:>8} bytes {:>6} matches",
                cost.candidates, cost.bytes, cost.matches
            );
        }
    }
}

fn main() {
    let start = Instant::now();
    let set = Ruleset::compile(rules(), &Limits::default()).unwrap();
    println!("{} rules compiled in {:?}", set.len(), start.elapsed());
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let explain = words.iter().any(|word| word == "explain");
    let wanted = words.iter().find(|word| *word != "explain");
    let bench = Bench {
        hold: Arc::new(Plan::all(&set, Mode::Hold)),
        usual: Arc::new(Plan::new(&set, |_, rule| match rule.specificity {
            Specificity::Generic => Mode::Watch,
            Specificity::Assigned | Specificity::Specific => Mode::Hold,
        })),
        set,
    };
    println!("MB for each second of a core's work, and bytes held back (the second look: /)");
    println!(
        "{:<8} {:>14} {:>16} {:>20} {:>14} {:>12} {:>12}",
        "", "4 KB", "200 KB", "stream, 16 bytes", "held: mean", "p99", "most"
    );
    for (name, text) in [
        ("prose", corpora::prose()),
        ("code", corpora::code()),
        ("JSON", corpora::json()),
        ("base64", corpora::base64()),
    ] {
        if wanted.is_some_and(|wanted| !name.starts_with(wanted.as_str())) {
            continue;
        }
        let text = &text[..text.floor_char_boundary(corpora::SIZE)];
        let short = &text[..text.floor_char_boundary(4 * 1024)];
        let part = &text[..text.floor_char_boundary(64 * 1024)];
        if explain {
            println!("{name}");
            bench.explain(text);
        }
        let (plain, deep) = (
            bench.held(part, Depth::NONE),
            bench.held(part, Depth::default()),
        );
        println!(
            "{name:<8} {:>6.0} / {:>5.0} {:>8.0} / {:>5.0} {:>12.0} / {:>5.0} {:>6.1} / {:>5.1} {:>4} / {:>5} {:>4} / {:>5}",
            bench.whole(short),
            bench.deep(short),
            bench.whole(text),
            bench.deep(text),
            bench.stream(part, Depth::NONE),
            bench.stream(part, Depth::default()),
            plain.mean(),
            deep.mean(),
            plain.of(0.99),
            deep.of(0.99),
            plain.of(1.0),
            deep.of(1.0),
        );
    }
}
