//! One of the gateway's own credentials at a provider. Several spread calls over several accounts or quotas.

use http::{HeaderName, HeaderValue, header};
use tidegate_types::{ModelPattern, Secret};
use tidegate_wire::Dialect;

use crate::profile::ProviderError;

/// Anthropic's key header.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Gemini's key header.
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// One of the gateway's credentials at a provider. The header that carries it is built once, and marked
/// sensitive.
#[derive(Debug, Clone)]
pub struct ProviderKey {
    name: Box<str>,
    weight: u32,
    models: Vec<ModelPattern>,
    authorization: HeaderValue,
}

impl ProviderKey {
    /// The name of the only key of a provider.
    pub const ONLY: &'static str = "default";

    /// A key for a provider of a dialect, by a name that log and console show.
    ///
    /// # Errors
    /// The credential cannot be a header value.
    pub fn new(
        name: &str,
        dialect: Dialect,
        credential: &Secret<String>,
    ) -> Result<Self, ProviderError> {
        Ok(Self {
            name: name.into(),
            weight: 1,
            models: Vec::new(),
            authorization: authorization(dialect, credential)?,
        })
    }

    /// The same key, with this share of the calls beside the others' weights; 0: only where the others fail.
    #[must_use]
    pub const fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// The same key, for these models only; none: for all.
    #[must_use]
    pub fn with_models(mut self, models: Vec<ModelPattern>) -> Self {
        self.models = models;
        self
    }

    /// Its name, unique among its provider's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its share of the calls beside the others' weights.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        self.weight
    }

    /// Whether it may be used for a model. Calls that name no model may use every key.
    #[must_use]
    pub fn serves(&self, model: Option<&str>) -> bool {
        self.models.is_empty()
            || model.is_none_or(|model| self.models.iter().any(|pattern| pattern.matches(model)))
    }

    /// The header that carries it. Cloning the value does not copy the credential.
    pub(crate) fn header(&self, dialect: Dialect) -> (HeaderName, HeaderValue) {
        (credential_name(dialect), self.authorization.clone())
    }
}

const fn credential_name(dialect: Dialect) -> HeaderName {
    match dialect {
        Dialect::Anthropic => X_API_KEY,
        Dialect::Gemini => X_GOOG_API_KEY,
        Dialect::OpenAi => header::AUTHORIZATION,
    }
}

fn authorization(dialect: Dialect, secret: &Secret<String>) -> Result<HeaderValue, ProviderError> {
    let plain = secret.expose();
    // A line end from a key file would end up inside the header: refuse it here, where the
    // operator can be told.
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ProviderError::Credential);
    }
    let mut value = match dialect {
        Dialect::OpenAi => HeaderValue::try_from(format!("Bearer {plain}")),
        Dialect::Anthropic | Dialect::Gemini => HeaderValue::from_str(plain),
    }
    .map_err(|_| ProviderError::Credential)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_serves_its_models_and_calls_that_name_none() {
        let secret = Secret::new("sk-very-secret".to_owned());
        let key = ProviderKey::new("eu", Dialect::OpenAi, &secret).unwrap();
        assert!(key.serves(Some("gpt-4o")) && key.serves(None));
        let key = key.with_models(vec!["gpt-*".parse().unwrap()]);
        assert!(key.serves(Some("gpt-4o")) && key.serves(None));
        assert!(!key.serves(Some("o4-mini")));
        assert!(!format!("{key:?}").contains("very-secret"));
    }
}
