//! All rules that we ship, together: each on texts made from its own pattern, against the slow reference
//! and on cuts.

use std::sync::Arc;

use super::{
    generate::{Dice, matching},
    tests::{cut, scan},
};
use crate::{
    Limits, Mode, Plan, Ruleset, checks, load, pii, reference::Reference,
    ruleset::begins_with_context, secrets,
};

fn set() -> Ruleset {
    let mut rules = Vec::new();
    for (name, file) in secrets::FILES {
        let loaded = load::gitleaks(file, checks::named);
        rules.extend(
            loaded
                .unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
                .rules,
        );
    }
    rules.extend(pii::rules());
    Ruleset::compile(rules, &Limits::default()).unwrap()
}

/// Words and signs around what is looked for, and in it where it nearly is that.
const NOISE: [&str; 10] = [
    " ",
    "\n",
    "the key is ",
    "größe: ",
    "id=\"",
    "\" ",
    "0",
    "x",
    ", ",
    "😀",
];

#[test]
fn every_rule_alone_and_among_others() {
    let set = set();
    let reference = Reference::new(&set);
    let plan = Arc::new(Plan::all(&set, Mode::Hold));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut texts, mut findings) = (0, 0);
    for (at, rule) in set.rules() {
        assert!(
            !begins_with_context(&rule.pattern),
            "{}: begin with the keyword",
            rule.id
        );
        let hir = &set.compiled(at.0).unwrap().pattern.hir;
        for _ in 0..3 {
            let mut text = String::new();
            for _ in 0..2 {
                text.push_str(NOISE[dice.roll(NOISE.len())]);
                let mut part = matching(hir, &mut dice);
                part.truncate(part.floor_char_boundary(600));
                if dice.roll(3) == 0 {
                    let at = part.floor_char_boundary(dice.roll(part.len()));
                    part.insert_str(at, NOISE[dice.roll(NOISE.len())]);
                }
                text.push_str(&part);
                text.push_str(NOISE[dice.roll(NOISE.len())]);
            }
            let whole = scan(&set, &plan, &text);
            assert_eq!(whole, reference.scan(&plan, &text), "{}: {text:?}", rule.id);
            let step = 1 + dice.roll(20);
            let cuts: Vec<usize> = (0..text.len()).step_by(step).collect();
            assert_eq!(
                cut(&set, &plan, &text, &cuts),
                whole,
                "{}: {text:?} every {step}",
                rule.id
            );
            texts += 1;
            findings += whole.len();
        }
    }
    assert!(findings * 2 > texts, "{findings} findings in {texts} texts");
}

#[test]
fn what_is_longer_than_the_rest_of_a_text_is_not_tried() {
    let set = set();
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    let mut tried = 0;
    for text in ["a", "Pa", "1", "+1", "the end", "192.0.2.1"] {
        assert_eq!(
            set.scan(&plan, text, &mut scratch).len(),
            usize::from(text.len() == 9)
        );
        for (rule, _) in scratch.costs().filter(|(_, cost)| cost.candidates > 0) {
            let least = set.compiled(rule.0).unwrap().pattern.least;
            assert!(least <= text.len(), "rule {rule:?} in {text:?}");
            tried += 1;
        }
    }
    assert!(tried > 0);
}
