//! `[[providers]]`: where calls can go.

mod grant;
mod known;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tidegate_aws::AwsKey;
use tidegate_provider::{Endpoint, Paths, ProviderKey, Scheme, profiles::Profile};
use tidegate_types::{ModelPattern, ProviderName, Secret};
use tidegate_wire::{Dialect, translate::Language};

use super::{
    aws::{self, Named},
    section::Section,
};
use crate::tokens::Grant;

/// A provider as configured, its credential read.
#[derive(Debug)]
pub struct ProviderConfig {
    /// Its name, the part before the slash in `provider/model`.
    pub name: ProviderName,
    /// What is known of it.
    pub profile: Option<&'static Profile>,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it is.
    pub endpoint: Endpoint,
    /// How its paths are spelled.
    pub paths: Paths,
    /// By which header it is told who asks.
    pub scheme: Scheme,
    /// The gateway's credentials for it.
    pub keys: Vec<KeyConfig>,
    /// How short-lived tokens are asked for, instead of keys.
    pub grant: Option<Arc<Grant>>,
    /// The models it claims; empty claims every model of its dialect.
    pub models: Vec<ModelPattern>,
    /// The languages of its dialect in which it can be asked for answers; none leaves what is usual.
    pub languages: Vec<Language>,
    /// A CA bundle that its certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Speak HTTP/2 where the provider offers it.
    pub http2: bool,
    /// Whether it can be asked over WebSockets too; `None`: as is known of its host.
    pub websocket: Option<bool>,
    /// Until it begins to answer; `None`: as for all, `timeouts.first_byte`.
    pub first_byte: Option<Duration>,
}

/// What a key is.
#[derive(Debug)]
pub enum Credential {
    /// A key of AWS, which signs.
    Aws(Arc<AwsKey>),
    /// One that is sent.
    Plain(Secret<String>),
}

/// One of the gateway's credentials for a provider.
#[derive(Debug)]
pub struct KeyConfig {
    /// What log and console call it.
    pub name: String,
    /// The credential.
    pub credential: Credential,
    /// Its share of the calls beside the others' weights; 0: only where the others fail.
    pub weight: u32,
    /// The models it is for; empty: all.
    pub models: Vec<ModelPattern>,
}

const DIALECTS: &[(&str, Dialect)] = &[
    ("anthropic", Dialect::Anthropic),
    ("bedrock", Dialect::Bedrock),
    ("gemini", Dialect::Gemini),
    ("openai", Dialect::OpenAi),
];

pub(super) fn read(mut section: Section<'_>, base: &Path) -> Option<ProviderConfig> {
    let profile = known::profile(&mut section);
    let name = known::name(&mut section, profile);
    let choices: Vec<_> = DIALECTS
        .iter()
        .map(|(name, dialect)| (*name, Some(*dialect)))
        .collect();
    let dialect = section.choice("dialect", &choices, profile.map(|known| known.dialect));
    if dialect.is_none() {
        section.note(
            "dialect",
            "is needed: \"openai\", \"anthropic\", \"bedrock\" or \"gemini\"; or name a profile",
        );
    }
    // In another dialect than the profile's it is another API, at another address.
    let usual = profile.filter(|known| Some(known.dialect) == dialect);
    let (project, location) = known::project(&mut section, usual);
    let mut url = section.string("base_url");
    let amazon = if dialect == Some(Dialect::Bedrock) {
        Some(region(&mut section, &mut url))
    } else {
        None
    };
    let endpoint = known::endpoint(&mut section, usual, &location, url);
    let mut by_deployment = false;
    let place = (project.as_str(), location.as_str());
    let paths = known::paths(&mut section, usual, place, &mut by_deployment);
    let scheme = known::scheme(&mut section, usual, dialect);
    let keys = keys(&mut section, amazon.as_ref(), base);
    let grant = grant::read(&mut section, usual, base).map(Arc::new);
    if grant.is_some() && !keys.is_empty() {
        section.note(
            "api_key",
            "stands beside tokens that are fetched: leave one of them out",
        );
    }
    let models = patterns(&mut section);
    let mut languages = languages(&mut section, dialect);
    if languages.is_empty() && by_deployment {
        languages.push(Language::Chat);
    } else if let (Some(known), true) = (usual, languages.is_empty()) {
        languages.extend_from_slice(known.languages);
    }
    let ca = section.bundle("ca", base);
    let http2 = section.bool("http2", true);
    let websocket = section.bool_if_any("websocket");
    let first_byte = section.duration("first_byte", Duration::ZERO);
    let first_byte = (!first_byte.is_zero()).then_some(first_byte);
    section.finish();
    Some(ProviderConfig {
        name: name?,
        profile,
        dialect: dialect?,
        endpoint: endpoint?,
        paths,
        scheme,
        keys,
        grant,
        models,
        languages,
        ca,
        http2,
        websocket,
        first_byte,
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

/// Where a provider at AWS is.
struct Amazon {
    /// As AWS names it, where it is known.
    region: Option<String>,
}

/// The region of a provider at AWS. Without a URL, it says where Bedrock's runtime is.
fn region(section: &mut Section<'_>, url: &mut Option<String>) -> Amazon {
    let region = section.string("region");
    match (&region, &url) {
        (Some(name), None) => {
            *url = aws::runtime(name);
            if url.is_none() {
                section.note("region", format!("\"{name}\" is no region"));
            }
        }
        (None, Some(url)) => {
            let region = aws::region(url);
            return Amazon { region };
        }
        _ => {}
    }
    Amazon { region }
}

/// `api_key`, or at AWS an access key; `place` is where.
fn one(section: &mut Section<'_>, place: Option<&Amazon>, base: &Path) -> Option<Credential> {
    let sent = section
        .string("api_key")
        .and_then(|text| credential(section, "api_key", &text, base));
    let signs = match place {
        Some(place) => aws::access_key(section, place.region.clone(), base),
        None => Named::No,
    };
    match (sent, signs) {
        (Some(_), Named::Key(_)) => {
            let what = "is one credential and `access_key_id` another: name one";
            section.note("api_key", what);
            None
        }
        (None, Named::Key(key)) => Some(Credential::Aws(Arc::new(key))),
        (sent, _) => sent.map(Credential::Plain),
    }
}

/// One credential, or several in `[[providers.keys]]`.
fn keys(section: &mut Section<'_>, place: Option<&Amazon>, base: &Path) -> Vec<KeyConfig> {
    let only = one(section, place, base);
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
        let Some(key) = key(one, at, place, base) else {
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

fn key(
    mut section: Section<'_>,
    at: usize,
    place: Option<&Amazon>,
    base: &Path,
) -> Option<KeyConfig> {
    let name = section
        .string("name")
        .unwrap_or_else(|| (at + 1).to_string());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        section.note("name", "has 1 to 64 letters, digits, `-`, `_` or `.`");
    }
    let named = section.has("api_key") || place.is_some() && section.has("access_key_id");
    if !named {
        section.note("api_key", "is missing: \"env:NAME\" or \"file:PATH\"");
    }
    let credential = one(&mut section, place, base);
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
        section
            .read_text(&base.join(path))
            .map_err(|error| format!("{path}: {error}"))
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
