//! Which provider a call goes to.

use super::*;
use crate::endpoint::{ClearText, Endpoint};

fn provider(name: &str, dialect: Dialect, models: &[&str]) -> Provider {
    let endpoint = Endpoint::parse("https://api.example.com", ClearText::Loopback).unwrap();
    Provider::new(name.parse().unwrap(), dialect, endpoint, None)
        .unwrap()
        .with_models(models.iter().map(|model| model.parse().unwrap()).collect())
}

fn catalog() -> Catalog {
    use Dialect::{Anthropic, Gemini, OpenAi};
    let providers = vec![
        provider("openai", OpenAi, &[]),
        provider("groq", OpenAi, &["llama-*", "mixtral-8x7b", "meta-llama/*"]),
        provider("local", OpenAi, &["llama-3-*", "qwen"]),
        provider("anthropic", Anthropic, &[]),
        provider("bedrock-a", Anthropic, &[]),
        provider("google", Gemini, &["gemini-2.5-*"]),
    ];
    Catalog::new(providers, PriceBook::builtin().unwrap()).unwrap()
}

fn name(text: &str) -> ProviderName {
    text.parse().unwrap()
}

/// What a caller of a dialect asks for.
fn asks(dialect: Dialect) -> Operation {
    match dialect {
        Dialect::Anthropic => Operation::Messages,
        Dialect::Bedrock => Operation::Converse,
        Dialect::Gemini => Operation::GenerateContent,
        Dialect::OpenAi => Operation::ChatCompletions,
    }
}

/// The provider and the model sent to it.
fn chosen(dialect: Dialect, model: &str) -> Result<(String, String), ChooseError> {
    let catalog = catalog();
    let choice = catalog.choose(asks(dialect), Some(model), None)?;
    Ok((
        choice.provider.name.to_string(),
        choice.model.unwrap().to_owned(),
    ))
}

#[test]
fn a_model_finds_its_provider() {
    for (model, provider, sent) in [
        // Nobody claims it: the one that takes any.
        ("gpt-4o", "openai", "gpt-4o"),
        // An explicit claim wins over it.
        ("mixtral-8x7b", "groq", "mixtral-8x7b"),
        ("qwen", "local", "qwen"),
        // Named by the caller, claimed or not.
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("groq/anything", "groq", "anything"),
        ("local/llama-3-8b", "local", "llama-3-8b"),
        // Only the provider's name comes off.
        ("groq/meta-llama/Llama-3", "groq", "meta-llama/Llama-3"),
        // A slash in the model's own name.
        ("meta-llama/Llama-3", "groq", "meta-llama/Llama-3"),
        ("mistral/large", "openai", "mistral/large"),
    ] {
        let want = Ok((provider.to_owned(), sent.to_owned()));
        assert_eq!(chosen(Dialect::OpenAi, model), want, "{model}");
    }
}

#[test]
fn what_cannot_be_chosen_says_why() {
    use Dialect::{Anthropic, Gemini, OpenAi};
    let ambiguous = chosen(OpenAi, "llama-3-8b").unwrap_err();
    assert_eq!(
        ambiguous,
        ChooseError::Ambiguous {
            model: "llama-3-8b".to_owned(),
            names: vec![name("groq"), name("local")],
        }
    );
    assert_eq!(
        ambiguous.to_string(),
        "`groq`, `local` claim this model; write `provider/model`, like `groq/llama-3-8b`",
    );
    // Two that take any model.
    assert!(matches!(
        chosen(Anthropic, "claude-x"),
        Err(ChooseError::Ambiguous { names, .. }) if names.len() == 2
    ));
    let other = ChooseError::OtherDialect {
        provider: name("anthropic"),
        speaks: Anthropic,
    };
    let found = catalog()
        .choose(Operation::Embeddings, Some("anthropic/claude-x"), None)
        .map(|choice| choice.model);
    assert_eq!(found, Err(other));
    let unknown = |model: &str, dialect| ChooseError::UnknownModel {
        model: model.to_owned(),
        dialect,
    };
    assert_eq!(chosen(Gemini, "gemini-9"), Err(unknown("gemini-9", Gemini)));
    assert_eq!(chosen(OpenAi, "openai/"), Err(unknown("openai/", OpenAi)));
    let empty = Catalog::default();
    let none = ChooseError::NoProvider { dialect: Gemini };
    assert_eq!(
        empty
            .choose(asks(Gemini), Some("gemini-x"), None)
            .unwrap_err(),
        none
    );
    assert_eq!(empty.choose(asks(Gemini), None, None).unwrap_err(), none);
}

#[test]
fn what_can_be_translated_goes_to_any_provider_that_is_meant() {
    use Dialect::{Anthropic, Gemini, OpenAi};
    let catalog = catalog();
    let choose = |operation, model| {
        let choice = catalog.choose(operation, Some(model), None)?;
        let provider = choice.provider.name.to_string();
        Ok::<_, ChooseError>((provider, choice.model, choice.translate))
    };
    let to = |provider: &str, model, language| Ok((provider.to_owned(), Some(model), language));
    // Named by the caller.
    assert_eq!(
        choose(asks(OpenAi), "anthropic/claude-x"),
        to("anthropic", "claude-x", Some(Language::Messages))
    );
    assert_eq!(
        choose(asks(Anthropic), "groq/x"),
        to("groq", "x", Some(Language::Chat))
    );
    // Claimed by one of another dialect; those that take anything are asked for their own only.
    assert_eq!(
        choose(asks(OpenAi), "gemini-2.5-pro"),
        to("google", "gemini-2.5-pro", Some(Language::Gemini))
    );
    assert_eq!(
        choose(asks(Gemini), "qwen"),
        to("local", "qwen", Some(Language::Chat))
    );
    assert_eq!(
        choose(asks(OpenAi), "claude-x"),
        to("openai", "claude-x", None)
    );
    assert!(matches!(
        choose(asks(Anthropic), "llama-3-8b"),
        Err(ChooseError::Ambiguous { .. })
    ));
    // What nobody can translate stays in its dialect.
    assert_eq!(
        choose(Operation::Embeddings, "gemini-2.5-pro"),
        to("openai", "gemini-2.5-pro", None)
    );
}

#[test]
fn without_a_model_the_pinned_or_the_first_is_asked() {
    use Dialect::{Anthropic, Gemini, OpenAi};
    let catalog = catalog();
    let choose = |dialect, pinned: Option<&str>| {
        let pinned = pinned.map(name);
        let choice = catalog.choose(asks(dialect), None, pinned.as_ref())?;
        assert_eq!(choice.model, None);
        Ok(choice.provider.name.to_string())
    };
    assert_eq!(choose(OpenAi, None), Ok("openai".to_owned()));
    assert_eq!(choose(Anthropic, None), Ok("anthropic".to_owned()));
    assert_eq!(
        choose(Anthropic, Some("bedrock-a")),
        Ok("bedrock-a".to_owned())
    );
    assert_eq!(
        choose(OpenAi, Some("nobody")),
        Err(ChooseError::UnknownProvider(name("nobody")))
    );
    let other = ChooseError::OtherDialect {
        provider: name("google"),
        speaks: Gemini,
    };
    assert_eq!(choose(OpenAi, Some("google")), Err(other));
}

#[test]
fn names_are_unique() {
    let twice = vec![
        provider("a", Dialect::OpenAi, &[]),
        provider("b", Dialect::OpenAi, &[]),
        provider("a", Dialect::Gemini, &[]),
    ];
    let error = Catalog::new(twice, PriceBook::default()).unwrap_err();
    assert_eq!(error, CatalogError::DuplicateName(name("a")));
}

#[test]
fn the_list_of_models_is_what_each_provider_is_known_to_have() {
    let catalog = catalog();
    let models = |wanted: &str| {
        catalog
            .models()
            .find(|(p, _)| p.name.as_str() == wanted)
            .map(|(_, models)| models)
            .unwrap()
    };
    assert!(models("openai").contains("gpt-4o") && !models("openai").contains("claude-opus-4-1"));
    assert_eq!(models("groq"), BTreeSet::from(["mixtral-8x7b"]));
    assert_eq!(models("local"), BTreeSet::from(["qwen"]));
    assert!(models("google").contains("gemini-2.5-pro"));
    assert!(!models("google").contains("gemini-2.0-flash"));
}

#[test]
fn prices_follow_the_family_a_provider_is_priced_as() {
    let as_gemini =
        provider("compat", Dialect::OpenAi, &[]).with_price_as(Some(Dialect::Gemini.into()));
    let plain = provider("openai", Dialect::OpenAi, &[]);
    let catalog = Catalog::new(vec![as_gemini, plain], PriceBook::builtin().unwrap()).unwrap();
    let priced = |provider: &str, model: &str| {
        let provider = catalog.provider(&name(provider)).unwrap();
        catalog.price(provider, model).is_some()
    };
    assert!(priced("compat", "gemini-2.5-pro") && !priced("compat", "gpt-4o"));
    assert!(priced("openai", "gpt-4o") && !priced("openai", "gemini-2.5-pro"));
    assert_eq!(catalog.providers().count(), 2);
}
