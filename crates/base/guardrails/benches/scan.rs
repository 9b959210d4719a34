//! Megabytes a second and core, and bytes held back: `cargo bench -p tidegate-guardrails`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints and may stop"
)]

use std::{
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tidegate_guardrails::{
    Limits, Mode, Plan, Ruleset, checks, load, pii,
    rule::{Rule, Specificity},
    secrets,
};

/// How long one measurement goes on.
const LONGEST: Duration = Duration::from_secs(2);
/// Bytes of each corpus.
const SIZE: usize = 200 * 1024;

/// What the processor worked for this thread, by the kernel's books; none: it keeps none.
fn worked() -> Option<Duration> {
    let books = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = books.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Megabytes for each second of work, on average; and the fastest run by the clock, which on a busy
/// machine is one that was left alone.
fn speed(name: &str, text: &str, mut run: impl FnMut()) {
    let (begin, before) = (Instant::now(), worked());
    let (mut best, mut runs) = (Duration::MAX, 0);
    while begin.elapsed() < LONGEST {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
        runs += 1;
    }
    let work = worked()
        .zip(before)
        .map_or(begin.elapsed(), |(now, then)| now - then);
    let bytes = text.len() as f64;
    println!(
        "{name:<28} {:>7.1} MB/s of work   best {:>7.1} MB/s, {:>9.1} us",
        bytes * f64::from(runs) / work.as_secs_f64() / 1e6,
        bytes / best.as_secs_f64() / 1e6,
        best.as_secs_f64() * 1e6
    );
}

/// Numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

const WORDS: &str = "the of and to in a is that for it as was with be by on not he his but at are this have from \
or had an they which one you were all her she there would their we him been has when who will no more if out so \
up said what its about than into them can only other time new some could these two may first then do any like my \
now over such our man me even most made after also did many off before must well back through years much where \
your way down should because long each just state those people too mister how little good world make very year \
still see own work men day get here old life both between being under three never know same last another while us \
might great against right came take used himself few house use during without again place american around however \
home small found thought went say part once general high upon school every access account author authority basic \
certain client connection data database default email false generic identity important information integration \
interface internal international key language local machine management message network number object original \
password performance person phone policy position private problem process product program project public question \
reason record request response result secret section security service session simple software source standard \
station statement string structure system table team technology test token training transaction user value";

fn prose() -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut dice = Dice(88_172_645_463_325_252);
    let mut text = String::new();
    while text.len() < SIZE {
        for at in 0..5 + dice.roll(14) {
            let word = words[dice.roll(words.len())];
            if at == 0 {
                text.push_str(&word[..1].to_uppercase());
                text.push_str(&word[1..]);
            } else {
                text.push_str(if dice.roll(12) == 0 { ", " } else { " " });
                text.push_str(word);
            }
        }
        match dice.roll(30) {
            0 => text.push_str(&format!(" in {}", 1900 + dice.roll(130))),
            1 => text.push_str(" - it’s “naïve” "),
            _ => {}
        }
        text.push_str(if dice.roll(8) == 0 { ".\n\n" } else { ". " });
    }
    text
}

/// The sources of this repository.
fn code() -> String {
    fn collect(folder: &Path, text: &mut String) {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|each| each.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if text.len() >= SIZE {
                return;
            }
            if path.is_dir() {
                collect(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    for part in [
        "../wire/src",
        "../../gateway/governance/src",
        "../../../proxy/src",
    ] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &mut text);
    }
    text
}

fn json() -> String {
    let mut dice = Dice(7_046_029_254_386_353_131);
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::from("[");
    while text.len() < SIZE {
        let mut word = || words[dice.roll(words.len())];
        let names = format!(
            "\"name\":\"{} {}\",\"title\":\"{} {} {}\"",
            word(),
            word(),
            word(),
            word(),
            word()
        );
        let id: String = (0..32)
            .map(|_| char::from(b"0123456789abcdef"[dice.roll(16)]))
            .collect();
        text.push_str(&format!(
            "{{\"id\":\"{}-{}-{}-{}-{}\",{names},\"price\":{}.{:02},\"count\":{},\"created_at\":\"2026-{:02}-{:02}T{:02}:15:09Z\",\
             \"tags\":[\"{}\",\"{}\"],\"active\":true,\"next\":null,\"path\":\"/v1/items/{}\",\"vector\":[0.{},-0.{},0.{}]}},\n  ",
            &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..],
            dice.roll(1000), dice.roll(100), dice.roll(100_000), 1 + dice.roll(12), 1 + dice.roll(28), dice.roll(24),
            words[dice.roll(words.len())], words[dice.roll(words.len())], dice.roll(1_000_000),
            dice.roll(1_000_000), dice.roll(1_000_000), dice.roll(1_000_000),
        ));
    }
    text.push(']');
    text
}

/// Base64, as pictures are sent.
fn base64() -> String {
    let mut dice = Dice(1_181_783_497_276_652_981);
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let head = "data:image/png;base64,".chars();
    head.chain((0..SIZE).map(|_| char::from(DIGITS[dice.roll(64)])))
        .collect()
}

fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (_, file) in secrets::FILES {
        rules.extend(load::gitleaks(file, checks::named).unwrap().rules);
    }
    rules.extend(pii::rules());
    rules
}

/// Bytes held after each piece of four characters.
fn held(set: &Ruleset, plan: &Arc<Plan>, text: &str) {
    let mut stream = set.stream(Arc::clone(plan));
    let mut held = Vec::new();
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(4) {
        stream.push(&piece.iter().collect::<String>());
        stream.findings();
        held.push(stream.held());
    }
    held.sort_unstable();
    let mean = held.iter().sum::<usize>() as f64 / held.len() as f64;
    let at = |part: f64| held[((held.len() - 1) as f64 * part) as usize];
    println!(
        "    held back: mean {mean:.1}, half {}, p90 {}, p99 {}, most {} bytes",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

fn main() {
    let start = Instant::now();
    let set = Ruleset::compile(rules(), &Limits::default()).unwrap();
    println!("{} rules compiled in {:?}", set.len(), start.elapsed());
    let wanted = std::env::args().nth(1).unwrap_or_default();
    if std::env::var_os("TIDEGATE_BENCH_EXPLAIN").is_some() {
        println!("{set:#?}");
    }
    let hold = Arc::new(Plan::all(&set, Mode::Hold));
    let usual = Arc::new(Plan::new(&set, |_, rule| match rule.specificity {
        Specificity::Generic => Mode::Watch,
        Specificity::Assigned | Specificity::Specific => Mode::Hold,
    }));
    for (name, text) in [
        ("prose", prose()),
        ("code", code()),
        ("JSON", json()),
        ("base64", base64()),
    ] {
        if !(wanted.starts_with('-') || name.starts_with(&wanted)) {
            continue;
        }
        let mut scratch = set.pool().take();
        let found = set.scan(&hold, &text, &mut scratch).len();
        println!("{name}: {} bytes, {found} findings", text.len());
        speed("  whole", &text, || {
            black_box(set.scan(&hold, &text, &mut scratch));
        });
        let short = &text[..text.floor_char_boundary(4_096)];
        speed("  whole, 4 KB", short, || {
            black_box(set.scan(&hold, short, &mut scratch));
        });
        println!("    caches: {} KB", scratch.memory() / 1024);
        set.pool().give(scratch);
        let part = &text[..text.floor_char_boundary(64 * 1024)];
        for size in [16, 4_096] {
            speed(&format!("  stream, {size} bytes each"), part, || {
                let mut stream = set.stream(Arc::clone(&usual));
                let mut from = 0;
                while from < part.len() {
                    let to = part.ceil_char_boundary((from + size).min(part.len()));
                    stream.push(&part[from..to]);
                    from = to;
                }
                stream.finish();
                black_box(stream.findings());
            });
        }
        held(&set, &usual, part);
    }
}
