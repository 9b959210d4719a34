//! Scans files, or standard input, with the rules for secrets, and prints a line of JSON for each finding.
//!
//! `scan [--rules FILE]... [--repeat N] [PATH]...`: folders are walked. `--rules` reads rules in gitleaks'
//! format instead of our own. `--repeat` scans everything so many times, for measuring; the last line says
//! how many bytes were scanned in how many seconds of this thread.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tidegate_guardrails::rule::{Rule, Specificity};
use tidegate_guardrails::{Limits, Mode, Plan, Ruleset, checks, load, secrets};

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Asked {
    rules: Vec<PathBuf>,
    repeat: u32,
    paths: Vec<PathBuf>,
}

fn asked() -> Result<Asked, Failure> {
    let mut asked = Asked::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rules" => asked.rules.push(words.next().ok_or("--rules FILE")?.into()),
            "--repeat" => asked.repeat = words.next().ok_or("--repeat N")?.parse()?,
            _ => asked.paths.push(word.into()),
        }
    }
    Ok(asked)
}

fn rules(asked: &Asked) -> Result<Vec<Rule>, Failure> {
    if asked.rules.is_empty() {
        return Ok(secrets::rules());
    }
    let mut rules = Vec::new();
    for path in &asked.rules {
        let text = std::fs::read_to_string(path)?;
        let loaded =
            load::gitleaks(&text, checks::named).map_err(|errors| format!("{errors:?}"))?;
        rules.extend(loaded.rules);
    }
    Ok(rules)
}

/// Every file under a path, in order of names.
fn walk(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    entries
        .iter()
        .try_for_each(|entry| walk(&entry.path(), found))
}

fn texts(asked: &Asked) -> Result<Vec<(String, String)>, Failure> {
    if asked.paths.is_empty() {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(vec![(
            "-".to_owned(),
            String::from_utf8_lossy(&bytes).into_owned(),
        )]);
    }
    let mut files = Vec::new();
    for path in &asked.paths {
        walk(path, &mut files)?;
    }
    let read = |path: PathBuf| {
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        Ok((path.display().to_string(), text))
    };
    files.into_iter().map(read).collect()
}

fn main() -> Result<(), Failure> {
    let asked = asked()?;
    let set = Ruleset::compile(rules(&asked)?, &Limits::default())
        .map_err(|errors| format!("{errors:?}"))?;
    let plan = Plan::all(&set, Mode::Hold);
    let texts = texts(&asked)?;
    let mut scratch = set.pool().take();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let start = Instant::now();
    let mut bytes = 0;
    for turn in 0..asked.repeat.max(1) {
        for (file, text) in &texts {
            bytes += text.len();
            for finding in set.scan(&plan, text, &mut scratch) {
                let Some(rule) = set.rule(finding.rule).filter(|_| turn == 0) else {
                    continue;
                };
                let line = serde_json::json!({
                    "file": file,
                    "rule": &*rule.id,
                    "generic": rule.specificity == Specificity::Generic,
                    "start": finding.span.start,
                    "end": finding.span.end,
                    "score": finding.score,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let total = serde_json::json!({"bytes": bytes, "seconds": seconds, "rules": set.len()});
    writeln!(out, "{total}")?;
    Ok(())
}
