//! One configured provider: its name, dialect, endpoint, credential and models.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tidegate_types::{ModelPattern, ProviderName, Secret};
use tidegate_wire::{Dialect, Operation, translate::Language};

use crate::{endpoint::Endpoint, key::ProviderKey};

/// The version of Anthropic's API, a header that every call must have.
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version sent when the caller names none.
const ANTHROPIC_VERSION_DEFAULT: HeaderValue = HeaderValue::from_static("2023-06-01");

/// Why a provider cannot be used as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The text of the error never holds the credential.
    #[error("the credential is empty or has characters that no HTTP header can carry")]
    Credential,
}

/// One upstream, as configured.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name, the part before the slash in `provider/model`.
    pub name: ProviderName,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The models it claims; empty: any model of its dialect.
    pub models: Vec<ModelPattern>,
    /// Whose price list applies, when it is not that of its dialect: an `OpenAI`-compatible
    /// endpoint in front of Gemini has Gemini's prices.
    pub price_as: Option<Dialect>,
    /// The languages in which it can be asked for answers, the preferred one first; never none. What is asked in
    /// another one is translated into the first.
    languages: Vec<Language>,
    keys: Arc<[ProviderKey]>,
}

impl Provider {
    /// A provider that claims any model of its dialect, at that dialect's prices. The header with
    /// the credential is built here, once, and marked sensitive.
    ///
    /// # Errors
    /// The credential cannot be a header value.
    pub fn new(
        name: ProviderName,
        dialect: Dialect,
        endpoint: Endpoint,
        credential: Option<&Secret<String>>,
    ) -> Result<Self, ProviderError> {
        let only = credential.map(|secret| ProviderKey::new(ProviderKey::ONLY, dialect, secret));
        let keys = only.transpose()?.into_iter().collect();
        Ok(Self {
            name,
            dialect,
            models: Vec::new(),
            price_as: None,
            languages: usual(dialect, &endpoint),
            endpoint,
            keys,
        })
    }

    /// The same provider, claiming only these models.
    #[must_use]
    pub fn with_models(mut self, models: Vec<ModelPattern>) -> Self {
        self.models = models;
        self
    }

    /// The same provider, with the prices of another family.
    #[must_use]
    pub const fn with_price_as(mut self, family: Option<Dialect>) -> Self {
        self.price_as = family;
        self
    }

    /// The same provider, asked for answers in these languages of its dialect only. None leaves it as it is.
    #[must_use]
    pub fn with_languages(mut self, languages: Vec<Language>) -> Self {
        if !languages.is_empty() {
            self.languages = languages;
        }
        self
    }

    /// The language into which what an operation asks for has to be translated; `None` where the provider takes
    /// it as it is, or it is nothing that can be translated.
    #[must_use]
    pub fn translates(&self, operation: Operation) -> Option<Language> {
        let asked = Language::of(operation)?;
        let preferred = self.languages.first().copied()?;
        (!self.languages.contains(&asked)).then_some(preferred)
    }

    /// The same provider, with these credentials.
    #[must_use]
    pub fn with_keys(mut self, keys: Vec<ProviderKey>) -> Self {
        self.keys = keys.into();
        self
    }

    /// The same provider without its credentials, for calls that bring their own.
    #[must_use]
    pub fn without_credential(mut self) -> Self {
        self.keys = Arc::default();
        self
    }

    /// The gateway's credentials there, in the order of the config.
    #[must_use]
    pub fn keys(&self) -> &[ProviderKey] {
        &self.keys
    }

    /// Whose price list applies.
    #[must_use]
    pub fn price_family(&self) -> Dialect {
        self.price_as.unwrap_or(self.dialect)
    }

    /// Whether it has a credential of its own.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Puts one of the provider's credentials, and what its dialect needs beside it, into the headers of a
    /// call. A credential already there under the same name is replaced; removing the caller's
    /// others is the caller's part.
    pub fn authorize(&self, key: Option<&ProviderKey>, headers: &mut HeaderMap) {
        if let Some(key) = key {
            let (name, value) = key.header(self.dialect);
            headers.insert(name, value);
        }
        if self.dialect == Dialect::Anthropic {
            headers
                .entry(ANTHROPIC_VERSION)
                .or_insert(ANTHROPIC_VERSION_DEFAULT);
        }
    }

    /// Whether one of its patterns claims the model. A provider without patterns claims nothing
    /// explicitly; it is asked for what nobody claims.
    #[must_use]
    pub fn claims(&self, model: &str) -> bool {
        self.models.iter().any(|pattern| pattern.matches(model))
    }
}

/// `OpenAI` itself says more in Responses (reasoning is carried on there); of those that are compatible with it
/// most serve Chat Completions alone, or best.
fn usual(dialect: Dialect, endpoint: &Endpoint) -> Vec<Language> {
    match dialect {
        Dialect::Anthropic => vec![Language::Messages],
        Dialect::Gemini => vec![Language::Gemini],
        Dialect::OpenAi if endpoint.host() == "api.openai.com" => {
            vec![Language::Responses, Language::Chat]
        }
        Dialect::OpenAi => vec![Language::Chat, Language::Responses],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::ClearText;

    fn provider(dialect: Dialect) -> Provider {
        let endpoint = Endpoint::parse("https://api.example.com", ClearText::Loopback).unwrap();
        let secret = Secret::new("sk-very-secret".to_owned());
        Provider::new("main".parse().unwrap(), dialect, endpoint, Some(&secret)).unwrap()
    }

    #[test]
    fn each_dialect_gets_its_own_header() {
        for (dialect, name, value) in [
            (Dialect::OpenAi, "authorization", "Bearer sk-very-secret"),
            (Dialect::Anthropic, "x-api-key", "sk-very-secret"),
            (Dialect::Gemini, "x-goog-api-key", "sk-very-secret"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("the caller's"));
            let provider = provider(dialect);
            provider.authorize(provider.keys().first(), &mut headers);
            assert_eq!(headers[name], value);
            assert_eq!(headers.get_all(name).iter().count(), 1);
            assert!(headers[name].is_sensitive());
            assert_eq!(
                headers.len(),
                if dialect == Dialect::Anthropic { 2 } else { 1 }
            );
        }
    }

    #[test]
    fn what_a_provider_does_not_take_is_translated_into_what_it_prefers() {
        use Operation::{ChatCompletions, Embeddings, Messages, Responses, StreamGenerateContent};
        let some = provider(Dialect::OpenAi);
        assert_eq!(some.translates(ChatCompletions), None);
        assert_eq!(some.translates(Responses), None);
        assert_eq!(some.translates(Embeddings), None);
        assert_eq!(some.translates(Messages), Some(Language::Chat));
        let chat = some.with_languages(vec![Language::Chat]);
        assert_eq!(chat.translates(Responses), Some(Language::Chat));
        let endpoint = Endpoint::parse("https://api.openai.com", ClearText::Loopback).unwrap();
        let own = Provider::new(chat.name, Dialect::OpenAi, endpoint, None).unwrap();
        assert_eq!(
            own.translates(StreamGenerateContent),
            Some(Language::Responses)
        );
        let anthropic = provider(Dialect::Anthropic);
        assert_eq!(anthropic.translates(Messages), None);
        assert_eq!(anthropic.translates(Responses), Some(Language::Messages));
    }

    #[test]
    fn the_callers_anthropic_version_stays() {
        let mut headers = HeaderMap::new();
        provider(Dialect::Anthropic).authorize(None, &mut headers);
        assert_eq!(headers["anthropic-version"], "2023-06-01");
        headers.insert("anthropic-version", HeaderValue::from_static("2024-01-01"));
        provider(Dialect::Anthropic).authorize(None, &mut headers);
        assert_eq!(headers["anthropic-version"], "2024-01-01");
    }

    #[test]
    fn a_credential_is_never_printed_and_must_fit_a_header() {
        let provider = provider(Dialect::OpenAi);
        assert!(!format!("{provider:?}").contains("very-secret"));
        for bad in ["", "two words", "line\n", "käse"] {
            let secret = Secret::new(bad.to_owned());
            let (name, endpoint) = (provider.name.clone(), provider.endpoint.clone());
            let error = Provider::new(name, Dialect::Gemini, endpoint, Some(&secret)).unwrap_err();
            assert_eq!(error, ProviderError::Credential);
        }
    }

    #[test]
    fn without_a_credential_only_the_version_is_added() {
        let keyed = provider(Dialect::Anthropic);
        let open = Provider::new(keyed.name, keyed.dialect, keyed.endpoint, None).unwrap();
        let mut headers = HeaderMap::new();
        open.authorize(None, &mut headers);
        assert!(!open.has_credential());
        assert_eq!(headers.len(), 1);
    }
}
