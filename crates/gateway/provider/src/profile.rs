//! One configured provider: its name, dialect, endpoint, credential and models.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tidegate_aws::{Unsent, Unsigned};
use tidegate_types::{ModelPattern, ProviderName, Secret, Timestamp};
use tidegate_wire::{
    Dialect, Operation, body::Quirk, headers::ANTHROPIC_BETA, translate::Language,
};

use crate::{
    endpoint::Endpoint,
    key::ProviderKey,
    paths::Paths,
    price::PriceFamily,
    profiles::{Profile, StreamUsage},
};

/// The version of Anthropic's API, a header that every call must have.
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version sent when the caller names none.
const ANTHROPIC_VERSION_DEFAULT: HeaderValue = HeaderValue::from_static("2023-06-01");

/// Hosts that are known to serve their dialect's APIs over WebSockets too.
const SPEAK_WEBSOCKET: [&str; 4] = [
    "api.openai.com",
    "api.x.ai",
    "chatgpt.com",
    "generativelanguage.googleapis.com",
];

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
    pub price_as: Option<PriceFamily>,
    /// What is known of it, where the configuration names a profile.
    profile: Option<&'static Profile>,
    /// How its paths differ.
    paths: Paths,
    /// The languages in which it can be asked for answers, the preferred one first; never none. What is asked in
    /// another one is translated into the first.
    languages: Vec<Language>,
    /// Whether what its dialect has over WebSockets can be asked of it.
    websocket: bool,
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
            profile: None,
            paths: Paths::default(),
            languages: usual(dialect, &endpoint),
            websocket: SPEAK_WEBSOCKET.contains(&endpoint.host()),
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
    pub const fn with_price_as(mut self, family: Option<PriceFamily>) -> Self {
        self.price_as = family;
        self
    }

    /// The same provider with a profile's quirks and prices; where it is and what it speaks is the caller's to take
    /// from there.
    #[must_use]
    pub fn with_profile(mut self, profile: Option<&'static Profile>) -> Self {
        self.price_as = profile.map(Profile::price_family).or(self.price_as);
        self.profile = profile;
        self
    }

    /// What it takes otherwise in the body of an operation; nothing for most.
    #[must_use]
    pub fn quirks(&self, operation: Operation) -> &'static [Quirk] {
        match (self.profile, operation) {
            (Some(profile), Operation::ChatCompletions) => profile.chat,
            (Some(profile), Operation::Messages) => profile.messages,
            (Some(profile), Operation::MessagesCountTokens) => profile.count_tokens,
            _ => &[],
        }
    }

    /// Whether its streams say what they used though nobody asked, and asking is refused.
    #[must_use]
    pub fn reports_usage_unasked(&self) -> bool {
        self.profile
            .is_some_and(|profile| profile.usage == StreamUsage::Unasked)
    }

    /// The same provider, whose paths are spelled like this.
    #[must_use]
    pub fn with_paths(mut self, paths: Paths) -> Self {
        self.paths = paths;
        self
    }

    /// A path below its root, query included, as it is spelled there, with what comes before. `model` is as the provider
    /// names it; `stream` says whether the answer is asked for as a stream.
    #[must_use]
    pub fn target(&self, path: String, model: Option<&str>, stream: bool) -> String {
        let prefix = self.endpoint.prefix();
        if prefix.is_empty() && self.paths.is_usual() {
            return path;
        }
        self.paths.spell(prefix, &path, model, stream)
    }

    /// The same provider, asked for answers in these languages of its dialect only. None leaves it as it is.
    #[must_use]
    pub fn with_languages(mut self, languages: Vec<Language>) -> Self {
        if !languages.is_empty() {
            self.languages = languages;
        }
        self
    }

    /// The same provider, asked over WebSockets too, or not. `None` leaves what is known of its host.
    #[must_use]
    pub fn with_websocket(mut self, speaks: Option<bool>) -> Self {
        self.websocket = speaks.unwrap_or(self.websocket);
        self
    }

    /// Whether it can be asked over WebSockets.
    #[must_use]
    pub const fn speaks_websocket(&self) -> bool {
        self.websocket
    }

    /// The language into which what an operation asks for has to be translated; `None` where the provider takes
    /// it as it is, or it is nothing that can be translated.
    #[must_use]
    pub fn translates(&self, operation: Operation) -> Option<Language> {
        let asked = Language::of(operation)?;
        if asked.dialect() == self.dialect && !Language::UPSTREAM.contains(&asked) {
            // Bedrock's Invoke takes any model's own body there, and nobody else is asked in it.
            return None;
        }
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
    pub fn price_family(&self) -> PriceFamily {
        self.price_as.unwrap_or_else(|| self.dialect.into())
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
        if let Some((name, value)) = key.and_then(ProviderKey::header) {
            headers.insert(name, value);
        }
        if let Some(taken) = self.profile.and_then(|profile| profile.betas) {
            keep_betas(taken, headers);
        }
        if self.dialect == Dialect::Anthropic {
            headers
                .entry(ANTHROPIC_VERSION)
                .or_insert(ANTHROPIC_VERSION_DEFAULT);
        }
    }

    /// Signs a call whose headers and body are as they will be sent, where the key is one that signs. `target` is
    /// the path with its query.
    ///
    /// # Errors
    /// The key cannot stand in a header, or the target is none.
    pub fn sign(
        &self,
        key: Option<&ProviderKey>,
        (method, target): (&str, &str),
        headers: &mut HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Unsigned> {
        let Some(key) = key.and_then(ProviderKey::signer) else {
            return Ok(());
        };
        let scheme = if self.endpoint.tls() { "https" } else { "http" };
        let host = self.endpoint.host_header();
        let host = host.to_str().map_err(|_| Unsigned)?;
        let url = format!("{scheme}://{host}{target}");
        // What others may still change on the way is not part of the signature.
        let kind = headers.get(header::CONTENT_TYPE).cloned();
        let kept = kind.map(|kind| (header::CONTENT_TYPE, kind));
        let request = Unsent {
            method,
            url: &url,
            headers: &kept.into_iter().collect(),
            body,
        };
        for (name, value) in key.sign(&request, now)? {
            headers.insert(name, value);
        }
        Ok(())
    }

    /// Whether one of its patterns claims the model. A provider without patterns claims nothing
    /// explicitly; it is asked for what nobody claims.
    #[must_use]
    pub fn claims(&self, model: &str) -> bool {
        self.models.iter().any(|pattern| pattern.matches(model))
    }
}

/// Leaves of the betas that a caller asks for those that the provider takes, by its names.
fn keep_betas(taken: &[(&'static str, &'static str)], headers: &mut HeaderMap) {
    if !headers.contains_key(ANTHROPIC_BETA) {
        return;
    }
    let mut kept: Vec<&str> = Vec::new();
    for value in headers.get_all(ANTHROPIC_BETA) {
        let names = value.to_str().unwrap_or_default().split(',').map(str::trim);
        for name in names {
            let sent = taken.iter().find(|(asked, _)| *asked == name);
            kept.extend(
                sent.map(|(_, sent)| *sent)
                    .filter(|sent| !kept.contains(sent)),
            );
        }
    }
    match HeaderValue::try_from(kept.join(",")) {
        Ok(value) if !kept.is_empty() => drop(headers.insert(ANTHROPIC_BETA, value)),
        _ => drop(headers.remove(ANTHROPIC_BETA)),
    }
}

/// `OpenAI` itself says more in Responses (reasoning is carried on there); of those that are compatible with it
/// most serve Chat Completions alone, or best.
fn usual(dialect: Dialect, endpoint: &Endpoint) -> Vec<Language> {
    match dialect {
        Dialect::Anthropic => vec![Language::Messages],
        Dialect::Bedrock => vec![Language::Converse],
        Dialect::Gemini => vec![Language::Gemini],
        Dialect::OpenAi if endpoint.host() == "api.openai.com" => {
            vec![Language::Responses, Language::Chat]
        }
        Dialect::OpenAi => vec![Language::Chat, Language::Responses],
    }
}

#[cfg(test)]
mod tests {
    use tidegate_aws::AwsKey;

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
            (Dialect::Bedrock, "authorization", "Bearer sk-very-secret"),
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
        use Operation::{
            ChatCompletions, Embeddings, InvokeModel, InvokeModelStream, Messages, Responses,
            StreamGenerateContent,
        };
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
        let bedrock = provider(Dialect::Bedrock);
        for invoke in [InvokeModel, InvokeModelStream] {
            assert_eq!(anthropic.translates(invoke), Some(Language::Messages));
            assert_eq!(bedrock.translates(invoke), None);
        }
        assert_eq!(bedrock.translates(Messages), Some(Language::Converse));
    }

    #[test]
    fn a_key_that_signs_is_not_sent() {
        let plain = provider(Dialect::Bedrock);
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut headers = HeaderMap::new();
        let target = ("POST", "/model/m%3A0/converse");
        plain
            .sign(plain.keys().first(), target, &mut headers, b"{}", now)
            .unwrap();
        assert!(headers.is_empty());
        let key = AwsKey {
            id: "AKIDEXAMPLE".into(),
            secret: Secret::new("very-secret".into()),
            session: None,
            region: "eu-west-1".into(),
        };
        let signs = plain.with_keys(vec![ProviderKey::signing("a", Arc::new(key))]);
        assert!(signs.has_credential());
        signs.authorize(signs.keys().first(), &mut headers);
        assert!(headers.is_empty());
        headers.insert("user-agent", HeaderValue::from_static("a client"));
        let mut signed = |body| {
            let key = signs.keys().first();
            signs.sign(key, target, &mut headers, body, now).unwrap();
            headers["authorization"].to_str().unwrap().to_owned()
        };
        let first = signed(b"{}");
        assert!(first.contains("SignedHeaders=host;x-amz-date,"), "{first}");
        assert_ne!(signed(b"{ }"), first);
        assert_eq!(headers["x-amz-date"], "20260102T030405Z");
        assert!(!format!("{signs:?}").contains("very-secret"));
    }

    #[test]
    fn what_a_profile_knows_is_asked_of_the_provider() {
        let plain = provider(Dialect::OpenAi);
        assert!(plain.quirks(Operation::ChatCompletions).is_empty());
        assert!(!plain.reports_usage_unasked());
        assert_eq!(plain.price_family().as_str(), "openai");
        let mistral = plain.with_profile(crate::profiles::find("mistral"));
        assert!(!mistral.quirks(Operation::ChatCompletions).is_empty());
        assert!(mistral.quirks(Operation::Embeddings).is_empty());
        assert!(mistral.reports_usage_unasked());
        assert_eq!(mistral.price_family().as_str(), "mistral");
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
    fn only_betas_that_a_cloud_takes_are_asked_for() {
        let vertex =
            provider(Dialect::Anthropic).with_profile(crate::profiles::find("vertex-anthropic"));
        let mut headers = HeaderMap::new();
        let asked = [
            "claude-code-20250219, interleaved-thinking-2025-05-14",
            "advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19",
        ];
        for value in asked {
            headers.append("anthropic-beta", HeaderValue::from_static(value));
        }
        vertex.authorize(None, &mut headers);
        assert_eq!(
            headers["anthropic-beta"],
            "interleaved-thinking-2025-05-14,tool-search-tool-2025-10-19"
        );
        headers.insert(
            "anthropic-beta",
            HeaderValue::from_static("fast-mode-2026-02-01"),
        );
        vertex.authorize(None, &mut headers);
        assert!(!headers.contains_key("anthropic-beta"));
        headers.insert("anthropic-beta", HeaderValue::from_static("anything"));
        provider(Dialect::Anthropic).authorize(None, &mut headers);
        assert_eq!(headers["anthropic-beta"], "anything");
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
