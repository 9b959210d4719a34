//! Files of rules: what they say, what has no effect, what is refused.

use crate::{
    Limits, Mode, Plan, Ruleset,
    load::{gitleaks, mended},
    rule::{AllowTarget, Check, Checked, Specificity},
};

const FILE: &str = r##"
title = "ours"
[extend]
useDefault = true
disabledRules = ["old"]
[allowlist]
paths = ['''\.lock$''']
regexes = ['''^\${[A-Z]+}$''']
[[allowlists]]
targetRules = ["acme"]
stopwords = ["EXAMPLE"]
[[rules]]
id = "acme"
description = "A token of Acme"
regex = '''(?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=)[\x60'"\s=]{0,5}([a-z0-9]{8})(?:[\x60'"\s;]|\\[nr]|$)'''
entropy = 2
keywords = ["Acme"]
tags = ["x"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ["^allow"]
stopwords = ["zz"]
[rules.tidegate]
check = "odd"
examples = ["acme_key = q1w2e3r4"]
counterexamples = ["acme_key = q1w2"]
[[rules]]
id = "keyring"
path = '''\.p12$'''
[[rules]]
id = "token"
regex = '''tok_{[0-9]{4}}'''
fancy = 1
[[rules]]
id = "known"
[[rules.allowlists]]
stopwords = ["mine"]
"##;

fn checks(name: &str) -> Option<Check> {
    (name == "odd").then_some(|_| Checked::Maybe)
}

#[test]
fn a_file_is_read() {
    let loaded = gitleaks(FILE, checks).unwrap();
    assert!(loaded.extends_default);
    assert_eq!(loaded.examples[0].good.len(), 1);
    let names: Vec<&str> = loaded.rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(names, ["acme", "token"]);
    let acme = &loaded.rules[0];
    assert_eq!(acme.specificity, Specificity::Assigned);
    assert_eq!(acme.entropy, Some(2.0));
    assert_eq!(&*acme.keywords[0], "acme");
    assert!(acme.check.is_some());
    assert_eq!(acme.allow.len(), 3);
    assert_eq!(acme.allow[0].target, AllowTarget::Line);
    assert!(acme.allow[0].all);
    let texts: Vec<String> = loaded
        .warnings
        .iter()
        .map(|warning| format!("{}: {}", warning.rule, warning.text))
        .collect();
    let told = |part: &str| assert!(texts.iter().any(|text| text.contains(part)), "{texts:?}");
    told("keyring: it asks for a file's path");
    told("token: fancy is not known");
    told("not those of gitleaks");
    told("1 allow lists speak of paths");

    let mut default = vec![acme.clone(), acme.clone()];
    default[0].id = "known".into();
    default[0].allow.clear();
    default[1].id = "old".into();
    let all = loaded.with_default(default);
    let names: Vec<&str> = all.iter().map(|rule| &*rule.id).collect();
    assert_eq!(names, ["known", "acme", "token"]);
    assert_eq!(all[0].allow.len(), 2, "its own and the one for all");
}

#[test]
fn the_secret_is_the_one_that_gitleaks_finds() {
    let set = Ruleset::compile(gitleaks(FILE, checks).unwrap().rules, &Limits::default()).unwrap();
    let plan = Plan::all(&set, Mode::Hold);
    let mut scratch = set.pool().take();
    let mut found = |text: &str| -> Vec<String> {
        let found = set.scan(&plan, text, &mut scratch);
        let spans = found.into_iter().map(|finding| finding.span);
        spans
            .map(|span| text[span.start as usize..span.end as usize].to_owned())
            .collect()
    };
    assert_eq!(found("export MY_ACME_TOKEN='q1w2e3r4'"), ["q1w2e3r4"]);
    assert_eq!(found("xx.acme-key := q1w2e3r4;"), ["q1w2e3r4"]);
    assert_eq!(found("acme = example1 "), [""; 0]);
    assert_eq!(found("a tok_{1234} b"), ["tok_{1234}"]);
}

#[test]
fn what_cannot_be_used_is_said() {
    let errors = |text: &str| {
        let errors = gitleaks(text, checks).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        errors.join("\n")
    };
    assert!(errors("\n\nx = ").contains("line 3"));
    assert!(errors("[extend]\npath = \"a\"").contains("extend.path"));
    assert!(errors("[[rules]]\nregex = \"a\"").contains("no id"));
    assert!(errors("[[rules]]\nid = \"a\"").contains("rule a: it has no regex"));
    assert!(errors("[[rules]]\nid = \"a\"\nregex = 3").contains("regex must be a string"));
    let unknown = "[[rules]]\nid = \"a\"\nregex = \"b\"\n[rules.tidegate]\ncheck = \"none\"";
    assert!(errors(unknown).contains("no check named none"));
    assert!(errors(&" ".repeat(super::LARGEST + 1)).contains("bytes"));
}

#[test]
fn gos_spellings_are_mended() {
    for (go, rust) in [
        (r"^\$(?:\d+|{\d+})$", r"^\$(?:\d+|\{\d+})$"),
        (r"{{[^}]+}}", r"\{\{[^}]+}}"),
        (r"a{2}b{3,}c{4,5}d{,6}", r"a{2}b{3,}c{4,5}d\{,6}"),
        (r"\x{41}\pN[[:alpha:][({]", r"\x{41}\pN[[:alpha:]\[({]"),
        (r"[]a&&b~~c]", r"[]a\&\&b\~\~c]"),
        (r"[+--][--a]", r"[+-\-][\--a]"),
        (r"\Qa.b\E+\<\>", r"a\.b+<>"),
        (r"[^]]", r"[^]]"),
        ("\\", "\\"),
    ] {
        assert_eq!(mended(go), rust, "{go}");
    }
    for go in [r"^\$(?:\d+|{\d+})$", r"import[ \t]+{[ \t\w,]+}", r"[[(]"] {
        assert!(regex::bytes::Regex::new(&mended(go)).is_ok(), "{go}");
    }
}
