//! `[cache]`: answers that are kept, and given again to who asks the same.

use std::time::Duration;

use http::HeaderName;
use tidegate_cache::{Mode, Scope, Semantic, Settings};
use tidegate_types::ProviderName;
use tidegate_wire::Dialect;

use super::{ProviderConfig, section::Section};

/// Less memory than this holds too few answers to be worth it, in bytes.
const LEAST: u64 = 1 << 20;

/// How answers are kept.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// What is kept, for whom, and for how long.
    pub settings: Settings,
    /// `[cache.semantic]`: by which model questions are compared; `None`: only the same words share.
    pub semantic: Option<SemanticConfig>,
}

/// By which model questions are compared.
#[derive(Debug, Clone)]
pub struct SemanticConfig {
    /// Who is asked, in the `OpenAI` dialect.
    pub provider: ProviderName,
    /// The embedding model, as that provider calls it.
    pub model: String,
    /// How long it is waited for.
    pub timeout: Duration,
}

pub(super) fn read(mut section: Section<'_>, providers: &[ProviderConfig]) -> CacheConfig {
    let defaults = Settings::default();
    let memory = section.bytes("memory", defaults.memory);
    if memory < LEAST {
        section.note("memory", "is less than 1MiB");
    }
    // A small memory has room for smaller answers.
    let usual = (defaults.largest as u64).min(memory / 4);
    let largest = section.bytes("largest", usual);
    if largest.saturating_mul(4) > memory {
        section.note("largest", "must be a quarter of cache.memory at most");
    }
    let ttl = section.duration("ttl", defaults.ttl);
    if ttl.is_zero() {
        section.note(
            "ttl",
            "must be above 0; without this section nothing is kept",
        );
    }
    let scope = section.choice(
        "scope",
        &[("key", Scope::Key), ("team", Scope::Team)],
        defaults.scope,
    );
    let mode = section.choice(
        "calls",
        &[("all", Mode::All), ("asked", Mode::Asked)],
        defaults.mode,
    );
    let mut vary = Vec::new();
    for name in section.strings("vary") {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => vary.push(name),
            Err(_) => section.note("vary", format!("`{name}` is no header's name")),
        }
    }
    let semantic = section.section_if_any("semantic");
    let (semantic, compared) = semantic
        .map(|section| self::semantic(section, providers))
        .unzip();
    section.finish();
    CacheConfig {
        settings: Settings {
            memory,
            largest: usize::try_from(largest).unwrap_or(usize::MAX),
            ttl,
            scope,
            mode,
            semantic,
            vary,
        },
        semantic: compared.flatten(),
    }
}

fn semantic(
    mut section: Section<'_>,
    providers: &[ProviderConfig],
) -> (Semantic, Option<SemanticConfig>) {
    let defaults = Semantic::default();
    let provider = provider(&mut section, providers);
    let model = section.string("model");
    if model.is_none() {
        let example = "is missing; an embedding model, like \"text-embedding-3-small\"";
        section.note("model", example);
    }
    let threshold = section.fraction("threshold", defaults.threshold.into());
    if threshold < 0.5 {
        section.note("threshold", "must be from 0.5 to 1.0");
    }
    let most = section.integer("most", defaults.most as u64);
    if most > 65_536 {
        section.note("most", "must be 65536 at most");
    }
    let timeout = section.duration("timeout", Duration::from_secs(2));
    section.finish();
    let compared = provider.zip(model).map(|(provider, model)| SemanticConfig {
        provider,
        model,
        timeout,
    });
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a fraction loses digits that nobody writes"
    )]
    let threshold = threshold as f32;
    let semantic = Semantic {
        threshold,
        most: usize::try_from(most).unwrap_or(usize::MAX),
    };
    (semantic, compared)
}

fn provider(section: &mut Section<'_>, providers: &[ProviderConfig]) -> Option<ProviderName> {
    let Some(name) = section.string("provider") else {
        section.note("provider", "is missing; the name of one of [[providers]]");
        return None;
    };
    let mut known = providers.iter();
    match known.find(|provider| provider.name.as_str() == name) {
        None => section.note("provider", format!("no provider is named \"{name}\"")),
        Some(provider) if provider.dialect != Dialect::OpenAi => {
            section.note("provider", "must be one of the OpenAI dialect");
        }
        Some(provider) => return Some(provider.name.clone()),
    }
    None
}
