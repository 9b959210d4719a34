//! The bodies of the fuzz targets in `tests/fuzz`: each takes any bytes and panics when a promise
//! of this crate is broken. They are here so that an ordinary test can replay the corpora.
#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    reason = "a fuzz target reports by panicking"
)]

use std::sync::{Arc, LazyLock};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::{
    Finding, Limits, Mode, Plan, Ruleset, checks, deep::Depth, load, reference::Reference, samples,
};

static SET: LazyLock<Ruleset> = LazyLock::new(|| {
    Ruleset::compile(samples::rules(), &Limits::default()).expect("the samples compile")
});
static REFERENCE: LazyLock<Reference<'static>> = LazyLock::new(|| Reference::new(&SET));

/// What a stream told of a text so far.
#[derive(Default)]
struct Heard {
    found: Vec<Finding>,
    decided: u64,
}

impl Heard {
    /// After another piece. Nothing is told of what was decided before, and nothing is taken back.
    fn next(&mut self, findings: Vec<Finding>, decided: u64) {
        for finding in findings {
            assert!(
                finding.span.start >= self.decided,
                "{finding:?} was decided before"
            );
            self.found.push(finding);
        }
        assert!(decided >= self.decided, "decided less than before");
        self.decided = decided;
    }
}

/// A text, whole and cut: the scanner finds what the slow reference finds, tells it before it is decided,
/// and the second look panics on nothing. The first byte says where the text is cut.
pub fn scanner(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let plan = Arc::new(Plan::all(&SET, Mode::Hold));
    let mut scratch = SET.pool().take();
    let whole = SET.scan(&plan, &text, &mut scratch);
    assert_eq!(
        whole,
        REFERENCE.scan(&plan, &text),
        "not what the reference finds"
    );

    let step = usize::from(first % 32) + 1;
    let (mut stream, mut looking) = (
        SET.stream(Arc::clone(&plan)),
        SET.stream_deep(Arc::clone(&plan), Depth::default()),
    );
    let (mut heard, mut from) = (Heard::default(), 0);
    while heard.decided < text.len() as u64 || from == 0 {
        let to = text.ceil_char_boundary(from + step);
        match text.get(from..to) {
            Some(piece) if !piece.is_empty() => {
                stream.push(piece);
                looking.push(piece);
            }
            _ => {
                stream.finish();
                looking.finish();
            }
        }
        from = to.max(from + 1);
        heard.next(stream.findings(), stream.decided());
        assert!(
            looking.decided() <= stream.decided(),
            "decided before the second look"
        );
    }
    stream.finish();
    heard.found.append(&mut stream.findings());
    assert_eq!(heard.found, whole, "cut every {step} bytes");
    let (deep, _) = SET.scan_deep(&plan, &text, Depth::default(), &mut scratch);
    for finding in &whole {
        let covered = deep.iter().any(|other| {
            other.span.start <= finding.span.start && finding.span.end <= other.span.end
        });
        assert!(covered, "the second look lost {finding:?}");
    }
    SET.pool().give(scratch);
}

/// Disguises and encodings, whole and cut: streams see through what is seen through in the whole text, and
/// what may still be found was not decided. Lines that begin with `1` to `4` are encoded first.
pub fn second_look(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let text = written(&String::from_utf8_lossy(rest));
    let plan = Arc::new(Plan::all(&SET, Mode::Hold));
    let mut scratch = SET.pool().take();
    let (whole, _) = SET.scan_deep(&plan, &text, Depth::default(), &mut scratch);
    SET.pool().give(scratch);

    let mut stream = SET.stream_deep(plan, Depth::default());
    let (mut heard, mut rest) = (Heard::default(), text.as_str());
    let step = usize::from(first % 32) + 1;
    loop {
        let (piece, more) = rest.split_at(rest.ceil_char_boundary(step));
        if piece.is_empty() {
            stream.finish();
        } else {
            stream.push(piece);
        }
        heard.next(stream.findings(), stream.decided());
        if piece.is_empty() {
            break;
        }
        rest = more;
    }
    assert_eq!(heard.decided, text.len() as u64, "all of it is decided");
    let spans = |all: &[Finding]| -> Vec<_> {
        let each = all.iter();
        each.map(|finding| (finding.rule, finding.span.clone()))
            .collect()
    };
    // In a longer text, only what is around a disguise is looked at again.
    if text.len() < 2_000 {
        assert_eq!(spans(&heard.found), spans(&whole), "cut every {step} bytes");
    }
}

fn written(text: &str) -> String {
    let line = |line: &str| {
        let said = line.get(1..).unwrap_or_default();
        let each = |byte: fn(u8) -> String| said.bytes().map(byte).collect();
        match line.as_bytes().first() {
            Some(b'1') => STANDARD.encode(said),
            Some(b'2') => URL_SAFE_NO_PAD.encode(STANDARD.encode(said)),
            Some(b'3') => each(|byte| format!("{byte:02x}")),
            Some(b'4') => each(|byte| format!("%{byte:02X}")),
            _ => line.to_owned(),
        }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join(" ")
}

/// A file of rules: read or refused, and what is read compiles or is refused, and scans.
pub fn rule_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(loaded) = load::gitleaks(&text, checks::named) else {
        return;
    };
    let limits = Limits {
        rules: 16,
        compiled: 64 * 1024,
        pattern: 1_024,
        ..Limits::default()
    };
    let rules = loaded.with_default(samples::rules().into_iter().take(1).collect());
    let Ok(set) = Ruleset::compile(rules, &limits) else {
        return;
    };
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    for text in samples::TEXTS {
        for finding in set.scan(&plan, text, &mut scratch) {
            assert!(finding.span.end <= text.len() as u64, "beyond the text");
        }
    }
}
