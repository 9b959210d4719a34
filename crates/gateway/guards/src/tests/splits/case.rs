//! One rule's text in one dialect: what it is in one piece, and what becomes of it in many.

use bytes::Bytes;
use tidegate_guardrails::Finding;
use tidegate_pipeline::guard::{Sentry, Stop};

use super::{
    bed::{BED, Done, Effort, Sample},
    client::{assembled, repeated},
    cuts::{Dice, pieces},
    provider::Way,
};
use crate::{judge::Set, replace};

/// What a client got.
struct Got {
    said: String,
    repeated: Vec<String>,
    stopped: bool,
}

/// A text, how it is carried, and what must come of it.
pub(super) struct Case<'a> {
    way: Way,
    done: Done,
    sample: &'a Sample,
    seed: u64,
    /// The text as events carry it: in tool calls a part of their arguments.
    pub(super) carried: String,
    /// What a client must read, or where at the latest the answer must have stopped.
    expected: String,
}

/// What stands around a rule's text: characters of several bytes, so that offsets cannot be confused.
const BEFORE: &str = "größe 😀: ";
const AFTER: &str = " . 👩‍👩‍👧 und so";
/// What stands around a text in the arguments of a tool.
const ARGUMENTS: (&str, &str) = ("{\"cmd\":\"", "\",\"n\":12}");

impl<'a> Case<'a> {
    pub(super) fn new(way: Way, done: Done, sample: &'a Sample, effort: &Effort) -> Self {
        let plain = format!("{BEFORE}{}{AFTER}", sample.text);
        let (decoded, carried) = match way.is_arguments() {
            false => (plain.clone(), plain),
            true => {
                let (open, close) = ARGUMENTS;
                let mut dice = Dice::new(effort.seed, &sample.rule, 99);
                let escaped = escaped(&plain, &mut dice);
                (
                    format!("{open}{plain}{close}"),
                    format!("{open}{escaped}{close}"),
                )
            }
        };
        let mut case = Self {
            way,
            done,
            sample,
            seed: effort.seed,
            carried,
            expected: String::new(),
        };
        let found = BED.scan(&decoded);
        case.check(!found.is_empty(), "nothing is found", &[], &[]);
        case.expected = match done {
            Done::Redact => case.redacted(&decoded, &found),
            Done::Block => decoded[..at(found[0].span.start)].to_owned(),
        };
        case
    }

    /// The stream that says it in these events.
    pub(super) fn events(&self, events: &[usize]) -> Stream<'_> {
        Stream {
            case: self,
            events: events.to_vec(),
            wire: self.way.send(&pieces(&self.carried, events)).into(),
        }
    }

    /// The text with everything replaced that was found; it is what comes of an answer in one piece.
    fn redacted(&self, decoded: &str, found: &[Finding]) -> String {
        let got = self.run(&self.events(&[]).wire, &[]);
        let (mut expected, mut from, mut plain) = (String::new(), 0, true);
        let (first, last) = match self.way.is_arguments() {
            true => (ARGUMENTS.0.len(), decoded.len() - ARGUMENTS.1.len()),
            false => (0, decoded.len()),
        };
        for finding in found {
            let (start, end) = (at(finding.span.start), at(finding.span.end));
            plain &= start >= first && end <= last;
            let label = replace::label(BED.rules.name(Set::Base, finding.rule));
            expected += &decoded[from..start];
            expected += &format!("[{label}]");
            from = end;
            let value = &decoded[start..end];
            let left = value.len() > 5 && got.said.contains(value);
            self.check(!left, "the answer in one piece has it", &[], &[]);
        }
        expected += &decoded[from..];
        if plain {
            let expected = &expected[first..expected.len() - (decoded.len() - last)];
            self.check(
                got.said == expected,
                "in one piece it is not as found",
                &[],
                &[],
            );
        }
        got.said
    }

    /// What a client makes of the text of all events.
    fn read(&self, text: &str) -> String {
        if !self.way.is_arguments() {
            return text.to_owned();
        }
        if self.done == Done::Block {
            return begun(text);
        }
        let value: serde_json::Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => self.fail(
                &format!("its arguments are no JSON: {error}: {text}"),
                &[],
                &[],
            ),
        };
        value["cmd"].as_str().unwrap_or_default().to_owned()
    }

    fn run(&self, wire: &Bytes, bytes: &[usize]) -> Got {
        let mut sentry = BED.sentry(self.way, self.done);
        let (mut sent, mut from, mut stopped) = (Vec::new(), 0, false);
        let mut take = |said: Result<_, Stop>| match said {
            Ok(passed) => {
                let passed: tidegate_wire::answer::Forward = passed;
                passed
                    .iter()
                    .for_each(|piece| sent.extend_from_slice(piece));
            }
            Err(_) => stopped = true,
        };
        for end in bytes.iter().copied().chain([wire.len()]) {
            take(super::super::now(sentry.push(wire.slice(from..end))));
            from = end;
        }
        take(super::super::now(sentry.end()));
        let repeated = match self.done {
            Done::Redact => repeated(self.way, &sent),
            Done::Block => Vec::new(),
        };
        Got {
            said: self.read(&assembled(self.way, &sent)),
            repeated: repeated.iter().map(|text| self.read(text)).collect(),
            stopped,
        }
    }

    fn check(&self, holds: bool, what: &str, events: &[usize], bytes: &[usize]) {
        if !holds {
            self.fail(what, events, bytes);
        }
    }

    fn fail(&self, what: &str, events: &[usize], bytes: &[usize]) -> ! {
        panic!(
            "{what}: {:?} of {} as {:?}, events cut at {events:?}, bytes at {bytes:?}\ntext: {:?}\n\
             expected: {:?}\nsee it again with TIDEGATE_SPLITS_SEED={} TIDEGATE_SPLITS_RULE={}",
            self.done,
            self.sample.rule,
            self.way,
            self.sample.text,
            self.expected,
            self.seed,
            self.sample.rule,
        )
    }
}

/// What a provider sends of a case.
pub(super) struct Stream<'c> {
    case: &'c Case<'c>,
    events: Vec<usize>,
    wire: Bytes,
}

impl Stream<'_> {
    /// How many bytes it has.
    pub(super) const fn len(&self) -> usize {
        self.wire.len()
    }

    /// Cuts it at these bytes, and looks at what comes.
    pub(super) fn cut(&self, bytes: &[usize]) {
        let case = self.case;
        let got = case.run(&self.wire, bytes);
        let fail = |what: &str, text: &str| {
            let what = format!("{what}; read was {text:?}");
            case.fail(&what, &self.events, bytes)
        };
        match case.done {
            Done::Redact if got.stopped => fail("it stopped", &got.said),
            Done::Redact => {
                if got.said != case.expected {
                    fail("it reads otherwise", &got.said);
                }
                if let Some(other) = got.repeated.iter().find(|text| **text != case.expected) {
                    fail("a repetition reads otherwise", other);
                }
            }
            Done::Block if !got.stopped => fail("it did not stop", &got.said),
            Done::Block if !case.expected.starts_with(&got.said) => {
                fail("something of it was sent", &got.said);
            }
            Done::Block => {}
        }
    }
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

/// A text as a string of JSON without its quotes, some of it in escapes that need not be.
fn escaped(text: &str, dice: &mut Dice) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if dice.roll(7) == 0 {
            let units = char.encode_utf16(&mut [0; 2]).to_vec();
            units
                .iter()
                .for_each(|unit| out += &format!("\\u{unit:04x}"));
        } else {
            let quoted = serde_json::to_string(&char).unwrap();
            out += &quoted[1..quoted.len() - 1];
        }
    }
    out
}

/// The text of arguments that were cut off, without an escape that is not whole.
fn begun(arguments: &str) -> String {
    let (open, _) = ARGUMENTS;
    let Some(inside) = arguments.strip_prefix(open) else {
        return arguments.to_owned();
    };
    let ends = (0..=inside.len())
        .rev()
        .filter(|&end| inside.is_char_boundary(end));
    let mut parsed =
        ends.filter_map(|end| serde_json::from_str(&format!("\"{}\"", &inside[..end])).ok());
    let text: Option<String> = parsed.next();
    format!("{open}{}", text.unwrap_or_default())
}
