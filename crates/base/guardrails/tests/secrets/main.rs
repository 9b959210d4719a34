//! Every rule for secrets: its form, its pattern, and that it finds what it must and not what it must not.

mod files;
mod operator;
mod reference;
mod samples;

use std::collections::BTreeSet;

use tidegate_guardrails::{Limits, Mode, Plan, Ruleset, secrets};

/// As many seeds as are tried for each template.
const SEEDS: u64 = 3;

#[test]
fn ids_are_unique_and_sorted_within_their_file() {
    let rules = files::rules();
    let ids: BTreeSet<_> = rules.iter().map(|(_, rule)| &rule.id).collect();
    assert_eq!(ids.len(), rules.len());
    for pair in rules.windows(2) {
        let [(file, one), (next_file, next)] = pair else {
            continue;
        };
        assert!(file != next_file || one.id < next.id, "{file}: {}", next.id);
    }
    assert!(rules.len() >= 280, "{} rules", rules.len());
}

#[test]
fn every_rule_is_complete() {
    for (file, rule) in files::rules() {
        let at = format!("{file}: {}", rule.id);
        let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        assert!(rule.id.len() <= 64 && rule.id.chars().all(plain), "{at}");
        assert!(!rule.description.is_empty(), "{at}");
        assert!(!rule.keywords.is_empty(), "{at}");
        assert!(
            rule.keywords
                .iter()
                .all(|word| *word == word.to_lowercase()),
            "{at}"
        );
        assert!((0.0..=1.0).contains(&rule.tidegate.score), "{at}");
        let known = ["generic", "assigned", "specific"];
        assert!(known.contains(&rule.tidegate.specificity.as_str()), "{at}");
        assert!(rule.tidegate.examples.len() >= 2, "{at}");
        assert!(rule.tidegate.counterexamples.len() >= 2, "{at}");
        let check = rule.tidegate.check.as_deref();
        assert!(
            check.is_none_or(|name| tidegate_guardrails::checks::named(name).is_some()),
            "{at}"
        );
    }
}

#[test]
fn every_rule_finds_its_examples_and_no_counterexample() {
    let rules = files::rules();
    let mut wrong = Vec::new();
    for (file, rule) in &rules {
        let pattern = reference::compile(&rule.regex);
        for seed in 0..SEEDS {
            let mut numbers = samples::Numbers::new(&rule.id, seed);
            let written = &rule.tidegate;
            for (finds, templates) in [(true, &written.examples), (false, &written.counterexamples)]
            {
                for template in templates {
                    let text = samples::expand(template, &mut numbers);
                    if reference::finds(rule, &pattern, &text) != finds {
                        wrong.push(format!("{file}: {} should find: {finds}: {text}", rule.id));
                    }
                    let lower = text.to_lowercase();
                    if finds
                        && !rule
                            .keywords
                            .iter()
                            .any(|word| lower.contains(word.as_str()))
                    {
                        wrong.push(format!("{file}: {} has no keyword in: {text}", rule.id));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn templates_are_expanded_the_same_way_every_time() {
    let one = files::samples(7);
    let again = files::samples(7);
    assert!(
        one.iter()
            .zip(&again)
            .all(|(one, again)| one.text == again.text)
    );
    let other = files::samples(8);
    assert!(
        one.iter()
            .zip(&other)
            .any(|(one, other)| one.text != other.text)
    );
    let known = [
        "{alnum:", "{hex:", "{uuid", "{crc62", "{url:", "{b64:", "{digit:", "{jwt", "{pem",
        "{low36:",
    ];
    for sample in one {
        let left = known.iter().find(|maker| sample.text.contains(*maker));
        assert!(left.is_none(), "{}: {}", sample.rule, sample.text);
    }
}

#[test]
fn the_scanner_finds_every_example_by_its_rule_or_one_as_specific() {
    let rules = secrets::rules();
    assert_eq!(rules.len(), files::rules().len(), "a file does not load");
    let set = Ruleset::compile(rules, &Limits::default()).expect("the rules compile");
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    let mut wrong = Vec::new();
    for sample in files::samples(1) {
        let own = set.find(&sample.rule).expect("a rule of the set");
        let least = set.rule(own).expect("a rule of the set").specificity;
        let found = set.scan(&plan, &sample.text, &mut scratch);
        let names: Vec<_> = found
            .iter()
            .filter_map(|each| set.rule(each.rule))
            .collect();
        let fits = if sample.finds {
            names.iter().any(|rule| rule.specificity >= least)
        } else {
            found.iter().all(|each| each.rule != own)
        };
        if !fits {
            let ids: Vec<_> = names.iter().map(|rule| &rule.id).collect();
            wrong.push(format!(
                "{} ({}): {ids:?} in {}",
                sample.rule, sample.finds, sample.text
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
