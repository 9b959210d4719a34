//! Our own rules for secrets, in gitleaks' format: files by subject in `rules/secrets`, written from what
//! the vendors say of their tokens.
//!
//! What gitleaks has no field for stands in a table `[rules.tidegate]` of each rule, which gitleaks passes
//! over: how specific it is, its check (see [`crate::checks`]), its score, and templates of texts in which
//! it must and must not find something. Templates, not literals, so that no scanner stumbles over our own
//! repository; the tests say what they mean.

use crate::checks;
use crate::load;
use crate::rule::Rule;

/// The rules of all files. A file that did not load would be left out, and a test fails.
#[must_use]
pub fn rules() -> Vec<Rule> {
    FILES
        .iter()
        .filter_map(|(_, text)| load::gitleaks(text, checks::named).ok())
        .flat_map(|loaded| loaded.rules)
        .collect()
}

/// The rule files, by name.
pub const FILES: &[(&str, &str)] = &[
    (
        "ai-models-1",
        include_str!("../rules/secrets/ai-models-1.toml"),
    ),
    (
        "ai-models-2",
        include_str!("../rules/secrets/ai-models-2.toml"),
    ),
    (
        "ai-tools-1",
        include_str!("../rules/secrets/ai-tools-1.toml"),
    ),
    (
        "ai-tools-2",
        include_str!("../rules/secrets/ai-tools-2.toml"),
    ),
    ("chat-1", include_str!("../rules/secrets/chat-1.toml")),
    ("chat-2", include_str!("../rules/secrets/chat-2.toml")),
    ("chat-3", include_str!("../rules/secrets/chat-3.toml")),
    ("cloud-1", include_str!("../rules/secrets/cloud-1.toml")),
    ("cloud-2", include_str!("../rules/secrets/cloud-2.toml")),
    (
        "commerce-1",
        include_str!("../rules/secrets/commerce-1.toml"),
    ),
    (
        "commerce-2",
        include_str!("../rules/secrets/commerce-2.toml"),
    ),
    (
        "commerce-3",
        include_str!("../rules/secrets/commerce-3.toml"),
    ),
    ("data-1", include_str!("../rules/secrets/data-1.toml")),
    ("data-2", include_str!("../rules/secrets/data-2.toml")),
    ("generic", include_str!("../rules/secrets/generic.toml")),
    (
        "identity-1",
        include_str!("../rules/secrets/identity-1.toml"),
    ),
    (
        "identity-2",
        include_str!("../rules/secrets/identity-2.toml"),
    ),
    ("keys", include_str!("../rules/secrets/keys.toml")),
    (
        "monitoring-1",
        include_str!("../rules/secrets/monitoring-1.toml"),
    ),
    (
        "monitoring-2",
        include_str!("../rules/secrets/monitoring-2.toml"),
    ),
    (
        "packages-1",
        include_str!("../rules/secrets/packages-1.toml"),
    ),
    (
        "packages-2",
        include_str!("../rules/secrets/packages-2.toml"),
    ),
    (
        "platforms-1",
        include_str!("../rules/secrets/platforms-1.toml"),
    ),
    (
        "platforms-2",
        include_str!("../rules/secrets/platforms-2.toml"),
    ),
    (
        "saas-a-l-1",
        include_str!("../rules/secrets/saas-a-l-1.toml"),
    ),
    (
        "saas-a-l-2",
        include_str!("../rules/secrets/saas-a-l-2.toml"),
    ),
    (
        "saas-m-z-1",
        include_str!("../rules/secrets/saas-m-z-1.toml"),
    ),
    (
        "saas-m-z-2",
        include_str!("../rules/secrets/saas-m-z-2.toml"),
    ),
    (
        "source-control-1",
        include_str!("../rules/secrets/source-control-1.toml"),
    ),
    (
        "source-control-2",
        include_str!("../rules/secrets/source-control-2.toml"),
    ),
    ("tidegate", include_str!("../rules/secrets/tidegate.toml")),
];
