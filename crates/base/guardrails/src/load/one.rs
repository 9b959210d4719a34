//! One rule of a file.

use toml::Table;

use super::{Examples, Loaded, allow, re2::mended, table::Reader};
use crate::rule::{Check, Kind, Rule, Specificity};

/// How many bytes of a description are kept.
const DESCRIPTION: usize = 500;

/// What a rule's table says besides the rule.
#[derive(Default)]
struct Said {
    path: bool,
    pattern: bool,
    specificity: Option<Specificity>,
    score: Option<f32>,
    examples: Vec<Box<str>>,
    counterexamples: Vec<Box<str>>,
}

pub(super) fn read(
    reader: &mut Reader,
    table: &Table,
    checks: &dyn Fn(&str) -> Option<Check>,
    loaded: &mut Loaded,
) {
    let mut rule = Rule {
        id: "".into(),
        description: "".into(),
        kind: Kind::Secret,
        specificity: Specificity::Specific,
        pattern: "".into(),
        secret_group: 0,
        keywords: Vec::new(),
        entropy: None,
        allow: Vec::new(),
        check: None,
        score: 0.0,
        context: None,
        regions: &[],
    };
    let named = table.iter().find(|(key, _)| key.eq_ignore_ascii_case("id"));
    if let Some((key, value)) = named {
        rule.id = reader.string(key, value).into();
    }
    if rule.id.is_empty() {
        reader.error(format!(
            "rule {} of the file has no id: give it one",
            loaded.rules.len() + loaded.additions.len() + 1
        ));
        return;
    }
    reader.rule = rule.id.chars().take(64).collect::<String>().into();
    let mut said = Said::default();
    keys(reader, table, &mut rule, &mut said);
    if let Some((key, value)) = table.iter().find(|(key, _)| *key == "tidegate")
        && let Some(own) = reader.table(key, value)
    {
        extension(reader, own, checks, (&mut rule, &mut said));
    }
    finish(reader, rule, said, loaded);
    reader.rule = "".into();
}

fn keys(reader: &mut Reader, table: &Table, rule: &mut Rule, said: &mut Said) {
    for (key, value) in table {
        match key.to_lowercase().as_str() {
            // Read already, read later, or of no consequence for what is found.
            "id" | "tidegate" | "tags" | "reportgroup" => {}
            "description" => {
                let text = reader.string(key, value);
                let end = text.floor_char_boundary(DESCRIPTION);
                rule.description = text.get(..end).unwrap_or_default().into();
            }
            "regex" => {
                let text = reader.string(key, value);
                said.pattern = !text.is_empty();
                rule.pattern = mended(text).into();
            }
            "path" => said.path = !reader.string(key, value).is_empty(),
            "entropy" => {
                let least = reader.number(key, value);
                rule.entropy = (least > 0.0).then_some(least);
            }
            "secretgroup" => match value.as_integer().and_then(|at| u8::try_from(at).ok()) {
                Some(group) => rule.secret_group = group,
                None => reader.error("secretGroup must be a number from 0 to 255"),
            },
            "keywords" => {
                let words = reader.strings(key, value);
                let words = words.iter().map(|word| word.to_lowercase().into());
                rule.keywords = words.collect();
            }
            "allowlist" | "allowlists" => {
                for each in reader.tables(key, value) {
                    rule.allow.extend(allow::read(reader, each).0);
                }
            }
            "required" => reader.warn(
                "the rules that it requires nearby are not asked for: it finds more than in gitleaks",
            ),
            "skipreport" => reader.warn("skipReport has no effect: what it finds is told"),
            "filter" => reader.warn(
                "its filter is an expression and is not evaluated: it finds more than in betterleaks",
            ),
            _ => reader.unknown(key),
        }
    }
}

/// `[rules.tidegate]`.
fn extension(
    reader: &mut Reader,
    table: &Table,
    checks: &dyn Fn(&str) -> Option<Check>,
    (rule, said): (&mut Rule, &mut Said),
) {
    for (key, value) in table {
        match key.as_str() {
            "check" => {
                let name = reader.string(key, value);
                rule.check = checks(name);
                if rule.check.is_none() {
                    let name: String = name.chars().take(64).collect();
                    reader.error(format!("there is no check named {name}"));
                }
            }
            "kind" => match reader.string(key, value) {
                "secret" => rule.kind = Kind::Secret,
                "personal" => rule.kind = Kind::Personal,
                "term" => rule.kind = Kind::Term,
                _ => reader.error("kind must be secret, personal or term"),
            },
            "specificity" => match reader.string(key, value) {
                "generic" => said.specificity = Some(Specificity::Generic),
                "assigned" => said.specificity = Some(Specificity::Assigned),
                "specific" => said.specificity = Some(Specificity::Specific),
                _ => reader.error("specificity must be generic, assigned or specific"),
            },
            "score" => said.score = Some(reader.number(key, value)),
            "examples" => said.examples = reader.strings(key, value),
            "counterexamples" => said.counterexamples = reader.strings(key, value),
            _ => reader.unknown(&format!("tidegate.{key}")),
        }
    }
}

fn finish(reader: &mut Reader, mut rule: Rule, said: Said, loaded: &mut Loaded) {
    if said.path {
        reader.warn("it asks for a file's path, which conversations have not: it never fires here");
        return;
    }
    rule.specificity = said.specificity.unwrap_or_else(|| guess(&rule));
    rule.score = said.score.unwrap_or(match rule.specificity {
        Specificity::Specific => 0.9,
        Specificity::Assigned => 0.7,
        Specificity::Generic => 0.5,
    });
    if !(said.examples.is_empty() && said.counterexamples.is_empty()) {
        loaded.examples.push(Examples {
            rule: rule.id.clone(),
            good: said.examples,
            bad: said.counterexamples,
        });
    }
    match said.pattern {
        true => loaded.rules.push(rule),
        false => loaded.additions.push(rule),
    }
}

/// How much a rule of a file says that does not say it. Gitleaks' generic rules are called so, and those
/// that look for a plain value beside a vendor's name begin with optional context.
fn guess(rule: &Rule) -> Specificity {
    if rule.id.starts_with("generic") {
        Specificity::Generic
    } else if crate::ruleset::begins_with_context(&rule.pattern) {
        Specificity::Assigned
    } else {
        Specificity::Specific
    }
}
