//! A few rules of every shape that the scanner treats differently, with texts that match and nearly
//! match: for tests of the scanner itself, and for fuzzing.

use crate::rule::{Allow, AllowTarget, Candidate, Checked, Context, Kind, Rule, Specificity};

fn rule(id: &str, specificity: Specificity, pattern: &str) -> Rule {
    Rule {
        id: id.into(),
        description: "a sample".into(),
        kind: Kind::Secret,
        specificity,
        pattern: pattern.into(),
        secret_group: 0,
        keywords: Vec::new(),
        entropy: None,
        allow: Vec::new(),
        check: None,
        score: 0.5,
        context: None,
        regions: &[],
    }
}

/// The digits' sum is even.
fn even(candidate: &Candidate<'_>) -> Checked {
    let sum: u32 = candidate
        .text
        .chars()
        .filter_map(|each| each.to_digit(10))
        .sum();
    match (sum.is_multiple_of(2), candidate.before.ends_with('#')) {
        (true, true) => Checked::Sure,
        (true, false) => Checked::Maybe,
        (false, _) => Checked::No,
    }
}

/// The rules.
pub(crate) fn rules() -> Vec<Rule> {
    use Specificity::{Assigned, Generic, Specific};
    vec![
        rule("token", Specific, r"\bsk-(?:proj-)?[A-Za-z0-9]{6}\b"),
        rule("token-long", Specific, r"\bsk-[A-Za-z0-9_-]{8,}"),
        rule("family", Specific, r"gh[pousr]_[A-Za-z0-9]{5}"),
        Rule {
            secret_group: 2,
            ..rule(
                "pair",
                Assigned,
                r#"(?i)(user|login)[ =:"]{1,3}([a-z]{3,8})(?:["\s]|$)"#,
            )
        },
        Rule {
            keywords: vec!["acme".into()],
            entropy: Some(2.0),
            allow: vec![
                Allow {
                    regexes: vec!["^a+".into()],
                    stopwords: vec!["example".into()],
                    ..Allow::default()
                },
                Allow {
                    regexes: vec!["(?i)allowed".into()],
                    stopwords: vec!["zz".into()],
                    target: AllowTarget::Line,
                    all: true,
                },
            ],
            ..rule(
                "assigned",
                Generic,
                r#"(?i)(?:acme|key)[\w ]{0,8}[=:]{1,2}[ "']{0,2}([a-z0-9]{6,12})(?:[ "'\n]|$)"#,
            )
        },
        rule(
            "mail",
            Specific,
            r"\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,30}\.){1,4}[A-Za-z]{2,10}\b",
        ),
        Rule {
            check: Some(even),
            context: Some(Context {
                words: &["phone", "größe"],
                score: 0.8,
            }),
            ..rule("number", Specific, r"\b\d{3}-\d{2}-?\d{4}\b")
        },
        rule(
            "address",
            Specific,
            r"\b\d{1,3}(?:\.\d{1,3}){3}(?:\.\d+)?\b",
        ),
        rule("inner", Specific, r"[a-z]{4,6}\.atlas\.[a-z]{3,}"),
        rule(
            "block",
            Specific,
            r"(?s)-----BEGIN KEY-----(.{3,40}?)-----END",
        ),
        rule("rest", Generic, r"(?i)bearer[ ]+[^\s]{3,9}"),
        rule("end", Assigned, r"(?m)^pin \d+$"),
        rule("short", Assigned, r"§?C4"),
    ]
}

/// Texts, and pieces of texts, that matter to them.
pub(crate) const TEXTS: [&str; 34] = [
    "sk-abcdef",
    "sk-proj-",
    "sk-proj-abc123",
    "sk-abcdefghijk",
    "ghp_abcde",
    "ghs_12",
    "user: bob ",
    "LOGIN=\"alice\"",
    "acme key = 'q1w2e3r4'",
    "key: aaaaab12",
    "Acme key==q1w2zz3r4 ",
    "allowed ",
    "example12",
    "anna.b@mail.example.com",
    "a@b.c",
    "@@",
    "x@y.io ",
    "phone 123-45-6789",
    "größe 12 #223-45-6789",
    "123-456789",
    "10.0.0.1",
    "1.2.3.4.5",
    "tokenabcd.atlas.xyz",
    "abcd.atlas.",
    "-----BEGIN KEY-----abc\ndef-----END",
    "-----BEGIN KEY-----",
    "Bearer geheß😀x ",
    "\npin 1234\n",
    "pin 99",
    "§C4",
    " ",
    "\n",
    "é",
    "the quick brown fox ",
];
