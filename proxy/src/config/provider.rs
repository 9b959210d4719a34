//! `[[providers]]`: where calls can go.

use std::path::{Path, PathBuf};

use tidegate_provider::{ClearText, Endpoint, ProviderKey};
use tidegate_types::{ModelPattern, ProviderName, Secret};
use tidegate_wire::{Dialect, translate::Language};

use super::section::Section;

/// A provider as configured, its credential read.
#[derive(Debug)]
pub struct ProviderConfig {
    /// Its name, the part before the slash in `provider/model`.
    pub name: ProviderName,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it is.
    pub endpoint: Endpoint,
    /// The gateway's credentials for it.
    pub keys: Vec<KeyConfig>,
    /// The models it claims; empty claims every model of its dialect.
    pub models: Vec<ModelPattern>,
    /// The languages of its dialect in which it can be asked for answers; none leaves what is usual.
    pub languages: Vec<Language>,
    /// A CA bundle that its certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Speak HTTP/2 where the provider offers it.
    pub http2: bool,
}

/// One of the gateway's credentials for a provider.
#[derive(Debug)]
pub struct KeyConfig {
    /// What log and console call it.
    pub name: String,
    /// The credential.
    pub credential: Secret<String>,
    /// Its share of the calls beside the others' weights; 0: only where the others fail.
    pub weight: u32,
    /// The models it is for; empty: all.
    pub models: Vec<ModelPattern>,
}

const DIALECTS: &[(&str, Dialect)] = &[
    ("anthropic", Dialect::Anthropic),
    ("gemini", Dialect::Gemini),
    ("openai", Dialect::OpenAi),
];

pub(super) fn read(mut section: Section<'_>, base: &Path) -> Option<ProviderConfig> {
    let name = section.string("name");
    if name.is_none() {
        section.note("name", "is missing; name the provider, like \"openai\"");
    }
    let name = name.and_then(|text| {
        text.parse::<ProviderName>()
            .map_err(|error| section.note("name", error.to_string()))
            .ok()
    });
    let choices: Vec<_> = DIALECTS
        .iter()
        .map(|(name, dialect)| (*name, Some(*dialect)))
        .collect();
    let dialect = section.choice("dialect", &choices, None);
    if dialect.is_none() {
        section.note(
            "dialect",
            "is needed: \"openai\", \"anthropic\" or \"gemini\"",
        );
    }
    let anywhere = section.bool("allow_insecure_http", false);
    let clear_text = if anywhere {
        ClearText::Anywhere
    } else {
        ClearText::Loopback
    };
    let endpoint = section.string("base_url").map_or_else(
        || {
            section.note(
                "base_url",
                "is missing; the root, like \"https://api.openai.com\"",
            );
            None
        },
        |url| {
            Endpoint::parse(&url, clear_text)
                .map_err(|error| section.note("base_url", error.to_string()))
                .ok()
        },
    );
    let keys = keys(&mut section, base);
    let models = patterns(&mut section);
    let languages = languages(&mut section, dialect);
    let ca = section.bundle(base);
    let http2 = section.bool("http2", true);
    section.finish();
    Some(ProviderConfig {
        name: name?,
        dialect: dialect?,
        endpoint: endpoint?,
        keys,
        models,
        languages,
        ca,
        http2,
    })
}

fn patterns(section: &mut Section<'_>) -> Vec<ModelPattern> {
    let models = section.strings("models");
    let pattern = |text: &String| {
        text.parse()
            .map_err(|_| section.note("models", format!("\"{text}\" is no pattern")))
            .ok()
    };
    models.iter().filter_map(pattern).collect()
}

/// `api_key`, or several in `[[providers.keys]]`.
fn keys(section: &mut Section<'_>, base: &Path) -> Vec<KeyConfig> {
    let only = section
        .string("api_key")
        .and_then(|text| credential(section, "api_key", &text, base));
    let several = section.sections("keys");
    if only.is_some() && !several.is_empty() {
        section.note("api_key", "stands beside `keys`: write it as one of them");
    }
    let only = only.map(|credential| KeyConfig {
        name: ProviderKey::ONLY.to_owned(),
        credential,
        weight: 1,
        models: Vec::new(),
    });
    let mut found: Vec<KeyConfig> = only.into_iter().collect();
    for (at, one) in several.into_iter().enumerate() {
        let Some(key) = key(one, at, base) else {
            continue;
        };
        if found.iter().any(|other| other.name == key.name) {
            let place = format!("keys[{at}].name");
            section.note(&place, format!("\"{}\" is taken by a key above", key.name));
        }
        found.push(key);
    }
    if !found.is_empty() && found.iter().all(|key| key.weight == 0) {
        section.note("keys", "have all weight 0: no call would use any");
    }
    found
}

fn key(mut section: Section<'_>, at: usize, base: &Path) -> Option<KeyConfig> {
    let name = section
        .string("name")
        .unwrap_or_else(|| (at + 1).to_string());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        section.note("name", "has 1 to 64 letters, digits, `-`, `_` or `.`");
    }
    let text = section.string("api_key");
    if text.is_none() {
        section.note("api_key", "is missing: \"env:NAME\" or \"file:PATH\"");
    }
    let credential = text.and_then(|text| credential(&section, "api_key", &text, base));
    let weight = section.weight();
    let models = patterns(&mut section);
    section.finish();
    Some(KeyConfig {
        name,
        credential: credential?,
        weight,
        models,
    })
}

/// `apis`: of the two APIs of `OpenAI`, those that a compatible provider serves.
fn languages(section: &mut Section<'_>, dialect: Option<Dialect>) -> Vec<Language> {
    let mut found = Vec::new();
    for name in section.strings("apis") {
        match Language::of_name(&name) {
            Some(language) if Some(language.dialect()) == dialect => found.push(language),
            _ => section.note(
                "apis",
                "names APIs of the provider's dialect, the preferred one first; of \"openai\": \"chat\", \
                 \"responses\"",
            ),
        }
    }
    found
}

/// A secret without spaces, by where it is.
pub(super) fn credential(
    section: &Section<'_>,
    key: &str,
    text: &str,
    base: &Path,
) -> Option<Secret<String>> {
    named(section, key, text, base, u8::is_ascii_graphic)
}

/// A header's whole value, by where it is: a scheme may stand before the secret.
pub(super) fn header_value(
    section: &Section<'_>,
    key: &str,
    text: &str,
    base: &Path,
) -> Option<Secret<String>> {
    named(section, key, text, base, |byte| {
        (b' '..=b'~').contains(byte)
    })
}

/// `env:NAME` or `file:PATH`. A literal is refused: files of configuration get copied and
/// committed. The refused text is never repeated, it may be a key.
fn named(
    section: &Section<'_>,
    key: &str,
    text: &str,
    base: &Path,
    fits: fn(&u8) -> bool,
) -> Option<Secret<String>> {
    let read = if let Some(name) = text.strip_prefix("env:") {
        std::env::var(name).map_err(|_| format!("the environment has no variable `{name}`"))
    } else if let Some(path) = text.strip_prefix("file:") {
        std::fs::read_to_string(base.join(path)).map_err(|error| format!("{path}: {error}"))
    } else {
        Err(
            "holds a literal key. Configuration gets copied and committed, so keys are named, not \
             written: use \"env:NAME\" or \"file:PATH\""
                .into(),
        )
    };
    match read.map(|text| text.trim().to_owned()) {
        Ok(text) if text.is_empty() => section.note(key, "the named credential is empty"),
        Ok(text) if !text.bytes().all(|byte| fits(&byte)) => {
            section.note(
                key,
                "the named credential has characters that no header can carry",
            );
        }
        Ok(text) => return Some(Secret::new(text)),
        Err(text) => section.note(key, text),
    }
    None
}
