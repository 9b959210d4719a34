//! One of the gateway's own credentials at a provider. Several spread calls over several accounts or quotas.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};
use tidegate_aws::AwsKey;
use tidegate_types::{ModelPattern, Secret};
use tidegate_wire::Dialect;

use crate::{profile::ProviderError, token::Token};

/// Anthropic's key header.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Gemini's key header.
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Azure's key header.
const API_KEY: HeaderName = HeaderName::from_static("api-key");

/// By which header a provider is told who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `api-key`, as Azure has it.
    ApiKey,
    /// `authorization: Bearer …` (RFC 6750).
    Bearer,
    /// `x-api-key`, as Anthropic has it.
    XApiKey,
    /// `x-goog-api-key`, as Gemini has it.
    XGoogApiKey,
}

impl Scheme {
    /// All of them, by their names in configurations.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("api-key", Self::ApiKey),
        ("bearer", Self::Bearer),
        ("x-api-key", Self::XApiKey),
        ("x-goog-api-key", Self::XGoogApiKey),
    ];

    /// The header's name.
    const fn header(self) -> HeaderName {
        match self {
            Self::ApiKey => API_KEY,
            Self::Bearer => header::AUTHORIZATION,
            Self::XApiKey => X_API_KEY,
            Self::XGoogApiKey => X_GOOG_API_KEY,
        }
    }
}

impl From<Dialect> for Scheme {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Anthropic => Self::XApiKey,
            Dialect::Gemini => Self::XGoogApiKey,
            Dialect::Bedrock | Dialect::OpenAi => Self::Bearer,
        }
    }
}

/// What it is shown by.
#[derive(Debug, Clone)]
enum Credential {
    /// A header that is the same always: it is built once, and marked sensitive.
    Fixed(Scheme, HeaderValue),
    /// A token that somebody renews.
    Renewed(Arc<Token>),
    /// The signature of each call; itself it is never sent.
    Signed(Arc<AwsKey>),
}

/// One of the gateway's credentials at a provider.
#[derive(Debug, Clone)]
pub struct ProviderKey {
    name: Box<str>,
    weight: u32,
    models: Vec<ModelPattern>,
    credential: Credential,
}

impl ProviderKey {
    /// The name of the only key of a provider.
    pub const ONLY: &'static str = "default";

    /// A key for a provider that takes it in this way, or in its dialect's, by a name that log and console show.
    ///
    /// # Errors
    /// The credential cannot be a header value.
    pub fn new(
        name: &str,
        scheme: impl Into<Scheme>,
        credential: &Secret<String>,
    ) -> Result<Self, ProviderError> {
        let scheme = scheme.into();
        Ok(Self {
            name: name.into(),
            weight: 1,
            models: Vec::new(),
            credential: Credential::Fixed(scheme, authorization(scheme, credential)?),
        })
    }

    /// A key of AWS, which signs each call.
    #[must_use]
    pub fn signing(name: &str, key: Arc<AwsKey>) -> Self {
        Self {
            name: name.into(),
            weight: 1,
            models: Vec::new(),
            credential: Credential::Signed(key),
        }
    }

    /// A key whose token somebody renews.
    #[must_use]
    pub fn renewed(name: &str, token: Arc<Token>) -> Self {
        Self {
            name: name.into(),
            weight: 1,
            models: Vec::new(),
            credential: Credential::Renewed(token),
        }
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

    /// Whether another key shows the same secret. Of a token that somebody renews that cannot be said: it is fetched
    /// anew.
    #[must_use]
    pub fn has_secret_of(&self, other: &Self) -> bool {
        match (&self.credential, &other.credential) {
            (Credential::Fixed(a, one), Credential::Fixed(b, another)) => a == b && one == another,
            (Credential::Signed(one), Credential::Signed(another)) => one == another,
            _ => false,
        }
    }

    /// Whether another key is of the same account: it shows the same secret, or a token of the only account that its
    /// provider is asked with.
    #[must_use]
    pub fn is_of_account_of(&self, other: &Self) -> bool {
        matches!(
            (&self.credential, &other.credential),
            (Credential::Renewed(_), Credential::Renewed(_))
        ) || self.has_secret_of(other)
    }

    /// The header that carries it; none while there is no token, and where it signs. Cloning the value does not copy
    /// the credential.
    pub(crate) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match &self.credential {
            Credential::Fixed(scheme, value) => Some((scheme.header(), value.clone())),
            Credential::Renewed(token) => Some((header::AUTHORIZATION, token.value()?)),
            Credential::Signed(_) => None,
        }
    }

    /// The key that signs, where it does.
    pub(crate) fn signer(&self) -> Option<&AwsKey> {
        match &self.credential {
            Credential::Fixed(..) | Credential::Renewed(_) => None,
            Credential::Signed(key) => Some(key),
        }
    }
}

/// The header's value, marked sensitive.
pub(crate) fn authorization(
    scheme: Scheme,
    secret: &Secret<String>,
) -> Result<HeaderValue, ProviderError> {
    let plain = secret.expose();
    // A line end from a key file would end up inside the header: refuse it here, where the
    // operator can be told.
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ProviderError::Credential);
    }
    let mut value = match scheme {
        Scheme::Bearer => HeaderValue::try_from(format!("Bearer {plain}")),
        Scheme::ApiKey | Scheme::XApiKey | Scheme::XGoogApiKey => HeaderValue::from_str(plain),
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

    #[test]
    fn each_scheme_has_its_header() {
        let secret = Secret::new("sk-very-secret".to_owned());
        for (name, scheme) in Scheme::ALL {
            let key = ProviderKey::new("k", *scheme, &secret).unwrap();
            let (header, value) = key.header().unwrap();
            assert!(value.is_sensitive());
            let (wanted, text) = match *name {
                "bearer" => ("authorization", "Bearer sk-very-secret"),
                other => (other, "sk-very-secret"),
            };
            assert_eq!((header.as_str(), value.to_str().unwrap()), (wanted, text));
        }
    }

    #[test]
    fn keys_are_told_apart_by_their_secrets() {
        let key = |name, secret: &str| {
            ProviderKey::new(name, Dialect::OpenAi, &Secret::new(secret.to_owned())).unwrap()
        };
        assert!(key("a", "sk-1").has_secret_of(&key("b", "sk-1")));
        assert!(!key("a", "sk-1").has_secret_of(&key("a", "sk-2")));
        assert!(!key("a", "sk-1").is_of_account_of(&key("a", "sk-2")));
        let renewed = || ProviderKey::renewed("a", Arc::default());
        assert!(renewed().is_of_account_of(&renewed()) && !renewed().has_secret_of(&renewed()));
        assert!(!renewed().is_of_account_of(&key("a", "sk-1")));
    }

    #[test]
    fn a_renewed_key_is_the_token_in_force() {
        let token = Arc::new(Token::default());
        let key = ProviderKey::renewed("entra", Arc::clone(&token));
        assert_eq!(key.header(), None);
        for text in ["first", "second"] {
            token.renew(&Secret::new(text.to_owned())).unwrap();
            let (header, value) = key.header().unwrap();
            assert!(value.is_sensitive() && header == "authorization");
            assert_eq!(value.to_str().unwrap(), format!("Bearer {text}"));
        }
        assert!(token.renew(&Secret::new("line\n".to_owned())).is_err() && token.is_held());
        assert!(!format!("{key:?}").contains("second"));
        token.forget();
        assert_eq!(key.header(), None);
    }
}
