//! An operator's file, in the form of those that gitleaks runs, with hundreds of rules: it loads as it is, and
//! finds what its rules describe.

use tidegate_guardrails::{Limits, Mode, Plan, Ruleset, checks, load};
use toml::{Table, Value};

use super::files;

/// The rules whose findings hang on nothing but what gitleaks' format can say.
fn plain() -> Vec<files::Written> {
    let all = files::rules().into_iter().map(|(_, rule)| rule);
    all.filter(|rule| rule.tidegate.check.is_none()).collect()
}

fn strings(all: &[String]) -> Value {
    Value::Array(all.iter().cloned().map(Value::String).collect())
}

/// A rule, written in one of the ways that files have.
fn written(at: usize, rule: &files::Written) -> Value {
    let mut table = Table::new();
    table.insert("id".into(), rule.id.clone().into());
    table.insert("description".into(), rule.description.clone().into());
    let (flags, rest) = match rule.regex.strip_prefix("(?i:") {
        // Context before a vendor's name, as generated rules have it.
        Some(_) if at.is_multiple_of(2) => (r"[\w.-]{0,50}?", rule.regex.as_str()),
        _ => ("", rule.regex.as_str()),
    };
    table.insert("regex".into(), format!("{flags}{rest}").into());
    table.insert("keywords".into(), strings(&rule.keywords));
    if rule.entropy > 0.0 {
        table.insert("entropy".into(), rule.entropy.into());
    }
    if at.is_multiple_of(3) {
        table.insert("tags".into(), strings(&["key".into(), "vendor".into()]));
    }
    let lists = rule.allowlists.iter().map(|allow| {
        let mut list = Table::new();
        list.insert("regexes".into(), strings(&allow.regexes));
        list.insert("stopwords".into(), strings(&allow.stopwords));
        Value::Table(list)
    });
    table.insert("allowlists".into(), Value::Array(lists.collect()));
    Value::Table(table)
}

fn file(rules: &[files::Written]) -> String {
    let rules = rules.iter().enumerate();
    let rules = rules.map(|(at, rule)| written(at, rule)).collect();
    let mut allow = Table::new();
    allow.insert("description".into(), "for all rules".into());
    allow.insert("paths".into(), strings(&[r"(?:^|/)vendor/".into()]));
    allow.insert("stopwords".into(), strings(&["nobody-writes-this".into()]));
    let mut file = Table::new();
    file.insert("title".into(), "an operator's rules".into());
    file.insert("allowlist".into(), Value::Table(allow));
    file.insert("rules".into(), Value::Array(rules));
    toml::to_string(&file).unwrap_or_default()
}

#[test]
fn a_file_of_gitleaks_form_with_hundreds_of_rules_runs_unchanged() {
    let rules = plain();
    assert!(rules.len() >= 200, "only {} rules", rules.len());
    let loaded = load::gitleaks(&file(&rules), checks::named).expect("it loads");
    assert!(
        !loaded.warnings.is_empty(),
        "a path applies to nothing here"
    );
    assert_eq!(loaded.rules.len(), rules.len());
    let set = Ruleset::compile(loaded.rules, &Limits::default()).expect("it compiles");
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    let mut wrong = Vec::new();
    let (mut found, mut tried) = (0, 0);
    for sample in files::samples(5) {
        let Some(own) = set.find(&sample.rule) else {
            continue;
        };
        let findings = set.scan(&plan, &sample.text, &mut scratch);
        let finds = findings
            .iter()
            .any(|each| each.rules().any(|rule| rule == own));
        if finds != sample.finds {
            wrong.push(format!(
                "{} ({}): {}",
                sample.rule, sample.finds, sample.text
            ));
        }
        found += usize::from(finds);
        tried += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(found > 2 * rules.len(), "{found} of {tried}");
}
