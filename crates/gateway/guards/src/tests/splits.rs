//! Every rule that we ship, every dialect, cut anywhere: what a client puts together is what it would have got of
//! the answer in one piece; of what is blocked not a byte was sent.
//!
//! Texts and cuts are the same every time. A failure says with which variables it is seen again:
//! `TIDEGATE_SPLITS_SEED` (other texts and cuts), `TIDEGATE_SPLITS_RULE` (this rule alone), and
//! `TIDEGATE_SPLITS_ROUNDS` (so many dialects for each rule; 16 are all of them).

mod bed;
mod case;
#[path = "../../../../base/texts/tests/texts/client.rs"]
mod client;
mod cuts;
#[path = "../../../../base/guardrails/tests/secrets/files.rs"]
mod files;
#[path = "../../../../base/texts/tests/texts/provider.rs"]
mod provider;
#[path = "../../../../base/guardrails/tests/secrets/samples.rs"]
mod samples;

use bed::{BED, Done, Effort, Sample};
use case::Case;
use cuts::{Dice, places};
use provider::Way;

/// A text of more places than this is cut in two at so many of them.
const PLACES: usize = 20;
/// How often a text is cut into more than two events, and how often a stream's bytes are cut.
const MORE: usize = 6;
/// Of each dialect, so many streams are cut in two at every byte.
const STREAMS: usize = 1;

/// The dialect of a rule's text in this round. What has lines cannot be told from a message in Cursor's bodies
/// without a schema.
fn way(number: usize, sample: &Sample) -> Way {
    let way = Way::ALL[number % Way::ALL.len()];
    match way {
        Way::Cursor if sample.text.chars().any(char::is_control) => Way::ChatText,
        way => way,
    }
}

/// Cuts the answer of each rule in several dialects, in two everywhere and in more pieces here and there.
fn every_rule(done: Done, shift: usize) {
    let effort = Effort::read();
    for (at, sample) in effort.samples().enumerate() {
        for round in 0..effort.rounds {
            let way = way(at + shift + round * 7, sample);
            let case = Case::new(way, done, sample, &effort);
            let mut dice = Dice::new(effort.seed, &sample.rule, round);
            let places = places(&case.carried);
            for cut in dice.some(&places, PLACES) {
                case.events(&[cut]).cut(&[]);
            }
            case.events(&places).cut(&[]);
            for _ in 0..MORE {
                let count = 2 + dice.roll(6);
                let stream = case.events(&dice.some(&places, count));
                stream.cut(&[]);
                let count = 1 + dice.roll(4);
                stream.cut(&dice.bytes(stream.len(), count));
            }
        }
    }
}

/// Cuts streams of each dialect at every byte, and between all bytes.
fn every_byte(done: Done) {
    let effort = Effort::read();
    let short: Vec<&Sample> = effort
        .samples()
        .filter(|sample| sample.text.len() <= 80 && !sample.text.contains('\n'))
        .collect();
    for (number, way) in Way::ALL.into_iter().enumerate() {
        let mut dice = Dice::new(effort.seed, "bytes", number);
        for _ in 0..STREAMS * effort.rounds {
            let sample = short[dice.roll(short.len())];
            let case = Case::new(way, done, sample, &effort);
            let count = 1 + dice.roll(3);
            let stream = case.events(&dice.some(&places(&case.carried), count));
            for cut in 0..=stream.len() {
                stream.cut(&[cut]);
            }
            let all: Vec<usize> = (1..stream.len()).collect();
            stream.cut(&all);
        }
    }
}

#[test]
fn what_is_redacted_reads_the_same_however_it_is_cut() {
    every_rule(Done::Redact, 0);
}

#[test]
fn of_what_is_blocked_nothing_is_sent_however_it_is_cut() {
    every_rule(Done::Block, 5);
}

#[test]
fn what_is_redacted_reads_the_same_cut_at_every_byte() {
    every_byte(Done::Redact);
}

#[test]
fn of_what_is_blocked_nothing_is_sent_cut_at_every_byte() {
    every_byte(Done::Block);
}

/// So that no rule is left out of the above.
#[test]
fn every_rule_has_a_text_that_it_finds() {
    let set = BED.rules.base();
    let mut without: Vec<String> = Vec::new();
    for (at, rule) in set.rules() {
        let mut texts = BED.samples.iter().filter(|sample| *sample.rule == *rule.id);
        let finds = |sample: &Sample| {
            let found = BED.scan(&sample.text);
            found.iter().any(|each| each.rules().any(|rule| rule == at))
        };
        if !texts.any(finds) {
            without.push(rule.id.to_string());
        }
    }
    assert!(without.is_empty(), "{} rules: {without:?}", without.len());
}
