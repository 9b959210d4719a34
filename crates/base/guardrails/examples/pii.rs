//! Personal data over standard input, for comparisons with other tools.
//!
//! `pii scan`: each line is JSON `{"text": …, "regions": […]}`; each answer is a list of
//! `[rule, start, end, score]` in bytes, of everything that any rule finds at any score.
//! `pii check`: each line is `rule<TAB>number`; the answer is `yes` when the rule takes the number as a
//! whole, whatever its score, else `no`.
//! `pii rules`: the rules with their regions.

use std::collections::HashMap;
use std::io::{BufRead as _, Write};

use regex::bytes::{Regex, RegexBuilder};
use tidegate_guardrails::rule::{Candidate, Checked, Rule};
use tidegate_guardrails::{Limits, Mode, Plan, Ruleset, pii};

type Failure = Box<dyn std::error::Error>;

#[derive(serde::Deserialize)]
struct Asked {
    text: String,
    regions: Vec<String>,
}

/// One rule alone: so that what it finds is not told by another that overlaps it.
fn compiled(rule: Rule) -> Result<(String, Ruleset), Failure> {
    let id = rule.id.to_string();
    let set =
        Ruleset::compile(vec![rule], &Limits::default()).map_err(|errors| format!("{errors:?}"))?;
    Ok((id, set))
}

fn scan(out: &mut impl Write) -> Result<(), Failure> {
    let mut sets: HashMap<Vec<String>, Vec<(String, Ruleset)>> = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let asked: Asked = serde_json::from_str(&line?)?;
        if !sets.contains_key(&asked.regions) {
            let regions: Vec<&str> = asked.regions.iter().map(String::as_str).collect();
            let rules = pii::in_regions(&regions).into_iter().map(compiled);
            sets.insert(asked.regions.clone(), rules.collect::<Result<_, _>>()?);
        }
        let mut found = Vec::new();
        for (id, set) in sets.get(&asked.regions).into_iter().flatten() {
            let plan = Plan::all(set, Mode::Hold);
            let mut scratch = set.pool().take();
            for finding in set.scan(&plan, &asked.text, &mut scratch) {
                found.push((id, finding.span.start, finding.span.end, finding.score));
            }
            set.pool().give(scratch);
        }
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    }
    Ok(())
}

fn takes(rule: &Rule, pattern: &Regex, number: &str) -> bool {
    let Some(captures) = pattern.captures(number.as_bytes()) else {
        return false;
    };
    let group = captures.get(rule.secret_group.into());
    let whole = group.is_some_and(|group| group.range() == (0..number.len()));
    let candidate = Candidate {
        text: number,
        whole: number,
        before: "",
    };
    whole
        && rule
            .check
            .is_none_or(|check| check(&candidate) != Checked::No)
}

fn check(out: &mut impl Write) -> Result<(), Failure> {
    let mut rules = HashMap::new();
    for rule in pii::rules() {
        let pattern = RegexBuilder::new(&rule.pattern).unicode(false).build()?;
        rules.insert(rule.id.to_string(), (rule, pattern));
    }
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (id, number) = line.split_once('\t').ok_or("rule<TAB>number")?;
        let (rule, pattern) = rules.get(id).ok_or("no such rule")?;
        let answer = if takes(rule, pattern, number) {
            "yes"
        } else {
            "no"
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match std::env::args().nth(1).as_deref() {
        Some("scan") => scan(&mut out),
        Some("check") => check(&mut out),
        Some("rules") => {
            for rule in pii::rules() {
                writeln!(
                    out,
                    "{}\t{}\t{}",
                    rule.id,
                    rule.regions.join(","),
                    rule.description
                )?;
            }
            Ok(())
        }
        _ => Err("pii scan | check | rules".into()),
    }
}
