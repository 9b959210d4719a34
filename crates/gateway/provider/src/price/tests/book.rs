//! Finding a row, and an operator's own rows.

use std::sync::Arc;

use tidegate_types::ProviderName;

use super::*;

fn provider(name: &str) -> ProviderName {
    name.parse().unwrap()
}

fn found(book: &PriceBook, family: Dialect, model: &str) -> Option<String> {
    let row = book.lookup(family, &provider("main"), model)?;
    Some(row.model().as_str().to_owned())
}

#[test]
fn a_model_is_found_by_id_alias_or_dated_snapshot_and_not_otherwise() {
    use Dialect::{Anthropic, Gemini, OpenAi};
    let book = PriceBook::builtin().unwrap();
    for (family, model, row) in [
        (OpenAi, "gpt-4o", Some("gpt-4o")),
        (OpenAi, "gpt-4o-2024-08-06", Some("gpt-4o")),
        // A snapshot with a price of its own.
        (OpenAi, "gpt-4o-2024-05-13", Some("gpt-4o-2024-05-13")),
        (OpenAi, "gpt-5-codex", Some("gpt-5")),
        (OpenAi, "gpt-5.1-codex-2025-11-13", Some("gpt-5.1")),
        (OpenAi, "omni-moderation-latest", Some("omni-moderation")),
        (OpenAi, "gpt-4o-ultra", None),
        (OpenAi, "gpt-4o-", None),
        (OpenAi, "GPT-4o", None),
        (OpenAi, "gpt-4", Some("gpt-4")),
        (OpenAi, "gpt-4-32k", None),
        (OpenAi, "ft:gpt-4o:acme", None),
        (OpenAi, "claude-sonnet-4-5", None),
        (OpenAi, "", None),
        (
            Anthropic,
            "claude-sonnet-4-5-20250929",
            Some("claude-sonnet-4-5"),
        ),
        (
            Anthropic,
            "claude-sonnet-4-20250514",
            Some("claude-sonnet-4"),
        ),
        (Anthropic, "claude-opus-4-0", Some("claude-opus-4")),
        (
            Anthropic,
            "claude-3-5-haiku-latest",
            Some("claude-3-5-haiku"),
        ),
        (Anthropic, "claude-sonnet", None),
        (Anthropic, "claude-sonnet-9", None),
        (Gemini, "gemini-2.0-flash-001", Some("gemini-2.0-flash")),
        (
            Gemini,
            "gemini-2.5-flash-preview-09-2025",
            Some("gemini-2.5-flash"),
        ),
        (Gemini, "gemini-2.5-flash-live", None),
    ] {
        assert_eq!(found(&book, family, model).as_deref(), row, "{model}");
    }
}

#[test]
fn models_on_bedrock_are_found_by_profile_and_arn_at_the_price_of_their_place() {
    let book = PriceBook::builtin().unwrap();
    let input = |model: &str| {
        let row = book.lookup(Dialect::Bedrock, &provider("bedrock"), model)?;
        let rates = row.rates(ServiceTier::Standard, TokenCount(1));
        Some(rates.input.micros_per_million())
    };
    for (model, price) in [
        (
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            3_000_000,
        ),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 3_300_000),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 3_300_000),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", 3_300_000),
        ("jp.anthropic.claude-opus-5-5", 4_400_000),
        ("anthropic.claude-opus-4-6-v1:0", 5_500_000),
        // From before there was a difference.
        ("global.anthropic.claude-sonnet-4-20250514-v1:0", 3_000_000),
        ("eu.anthropic.claude-sonnet-4-20250514-v1:0", 3_000_000),
        ("us.amazon.nova-pro-v1:0", 800_000),
        ("global.amazon.nova-2-lite-v1:0", 300_000),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
            800_000,
        ),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-5",
            4_400_000,
        ),
    ] {
        assert_eq!(input(model), Some(price), "{model}");
    }
    for model in [
        "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "eu.amazon.nova-pro-v1:0",
        "claude-sonnet-4-5",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl",
    ] {
        assert_eq!(input(model), None, "{model}");
    }
}

#[test]
fn a_profile_has_its_own_prices_or_those_of_the_maker() {
    let book = PriceBook::builtin().unwrap();
    let found = |profile: &str, model: &str| {
        let family = crate::profiles::find(profile).unwrap().price_family();
        let row = book.lookup(family, &provider(profile), model)?;
        Some(row.model().as_str().to_owned())
    };
    for (profile, model, row) in [
        (
            "mistral",
            "mistral-medium-latest",
            Some("mistral-medium-3-5"),
        ),
        (
            "mistral",
            "mistral-small-latest",
            Some("mistral-small-2603"),
        ),
        ("groq", "openai/gpt-oss-120b", Some("openai/gpt-oss-120b")),
        ("groq", "gpt-oss-120b", None),
        ("cerebras", "gpt-oss-120b", Some("gpt-oss-120b")),
        ("deepseek", "deepseek-v4-flash", Some("deepseek-flash")),
        ("xai", "grok-4.7-latest", Some("grok-4.7")),
        ("xai", "grok-4", None),
        ("cohere", "command-r", Some("command-r-08-2024")),
        (
            "databricks",
            "system.ai.kimi-k3",
            Some("databricks-kimi-k3"),
        ),
        ("together", "zai-org/GLM-5.3", Some("zai-org/GLM-5.3")),
        ("fireworks", "gpt-oss-120b", None),
        ("openrouter", "openai/gpt-oss-120b", None),
        ("ollama", "gpt-oss:120b", None),
        // Deployments and publishers' models are found by the maker's name.
        ("azure-openai", "gpt-4o", Some("gpt-4o")),
        (
            "foundry-anthropic",
            "claude-opus-4-8",
            Some("claude-opus-4-8"),
        ),
        (
            "vertex-anthropic",
            "claude-sonnet-4-5@20250929",
            Some("claude-sonnet-4-5"),
        ),
        (
            "vertex-gemini",
            "gemini-2.5-flash",
            Some("gemini-2.5-flash"),
        ),
        ("openai", "gpt-realtime-2025-08-28", Some("gpt-realtime")),
    ] {
        assert_eq!(found(profile, model).as_deref(), row, "{profile}/{model}");
    }
}

fn row(json: &str) -> PriceRow {
    PriceRow::from_json(json).unwrap()
}

#[test]
fn an_operators_row_wins_and_the_most_special_first() {
    let builtin = PriceBook::builtin().unwrap();
    let before = builtin.rows().count();
    let book = builtin
        .with_overrides([
            row(r#"{"family":"openai","model":"gpt-4o","input":"1","output":"1"}"#),
            row(r#"{"family":"openai","provider":"azure","model":"gpt-4o","input":"2","output":"2"}"#),
            row(r#"{"family":"openai","model":"local-llama","input":"0","output":"0"}"#),
        ])
        .unwrap();
    let input = |name: &str, model: &str| {
        let row = book.lookup(Dialect::OpenAi, &provider(name), model)?;
        Some(
            row.rates(ServiceTier::Standard, TokenCount(1))
                .input
                .micros_per_million(),
        )
    };
    assert_eq!(input("main", "gpt-4o"), Some(1_000_000));
    assert_eq!(input("main", "gpt-4o-2024-08-06"), Some(1_000_000));
    assert_eq!(input("azure", "gpt-4o"), Some(2_000_000));
    assert_eq!(input("azure", "gpt-4o-mini"), Some(150_000));
    assert_eq!(input("main", "local-llama"), Some(0));
    assert_eq!(
        book.rows().count(),
        before + 2,
        "the built-in gpt-4o is replaced"
    );
}

#[test]
fn a_later_override_replaces_an_earlier_one_and_twins_are_refused() {
    let mine = r#"{"family":"gemini","model":"m","aliases":["n"],"input":"1","output":"1"}"#;
    let other = r#"{"family":"gemini","model":"n","input":"2","output":"2"}"#;
    let twins = PriceBook::default()
        .with_overrides([row(mine), row(other)])
        .unwrap_err();
    assert_eq!(
        twins,
        PriceError::Duplicate {
            family: "gemini",
            model: "n".to_owned()
        }
    );
    let book = PriceBook::default().with_overrides([row(mine)]).unwrap();
    let book = book.with_overrides([row(other)]).unwrap();
    assert_eq!(found(&book, Dialect::Gemini, "n").as_deref(), Some("n"));
    assert_eq!(found(&book, Dialect::Gemini, "m").as_deref(), Some("m"));
    assert_eq!(found(&book, Dialect::OpenAi, "m"), None);
}

#[test]
fn a_list_in_toml_names_a_row_at_fault() {
    let good = "[[row]]\nfamily = \"openai\"\nmodel = \"m\"\ninput = \"1\"\noutput = \"2\"\n";
    let rows = PriceRow::list_from_toml(good).unwrap();
    let json = row(r#"{"family":"openai","model":"m","input":"1","output":"2"}"#);
    assert_eq!(rows, [json]);
    assert_eq!(PriceRow::list_from_toml("").unwrap(), []);
    let wrong = format!("{good}cached = \"free\"\n");
    let error = PriceRow::list_from_toml(&wrong).unwrap_err().to_string();
    assert!(
        error.contains("`m`") && error.contains("`cached`"),
        "{error}"
    );
    assert!(matches!(
        PriceRow::list_from_toml("row = 1"),
        Err(PriceError::Syntax(_))
    ));
}

#[test]
fn clones_share_their_rows() {
    let book = PriceBook::builtin().unwrap();
    let clone = book.clone();
    let at = |book: &PriceBook| {
        Arc::clone(
            book.lookup(Dialect::OpenAi, &provider("main"), "gpt-4o")
                .unwrap(),
        )
    };
    assert!(Arc::ptr_eq(&at(&book), &at(&clone)));
}
