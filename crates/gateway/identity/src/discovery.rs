//! What a provider says about itself (Discovery 1.0 §3), believed only as far as [`Endpoint`] allows and
//! only from the configured issuer.

use serde::Deserialize;

use crate::{Algorithm, Endpoint, IdentityError, Issuer};

const WHAT: &str = "description";

/// The parts of a provider's description that are used here.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub(crate) authorization: Endpoint,
    pub(crate) token: Endpoint,
    pub(crate) userinfo: Option<Endpoint>,
    pub(crate) jwks: Endpoint,
    /// Those that we accept of those that it announces.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Its answers name it (RFC 9207 §3).
    pub(crate) names_itself: bool,
    /// It says that it checks PKCE with SHA-256.
    pub(crate) pkce: bool,
    /// How clients may prove themselves.
    pub(crate) auth_methods: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    #[serde(default)]
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Metadata {
    /// Reads a description that came from where this issuer keeps it.
    pub(crate) fn parse(body: &[u8], issuer: &Issuer) -> Result<Self, IdentityError> {
        let unusable = |reason: String| IdentityError::Unusable { what: WHAT, reason };
        let document: Document = serde_json::from_slice(body)
            .map_err(|error| unusable(format!("it is no provider metadata ({error})")))?;
        if document.issuer != issuer.as_str() {
            return Err(IdentityError::WrongIssuer(WHAT));
        }
        let reach = issuer.reach();
        let userinfo = document.userinfo_endpoint.as_deref();
        let userinfo = userinfo.map(|text| Endpoint::parse(text, "userinfo endpoint", reach));
        let announced = document.id_token_signing_alg_values_supported;
        let algorithms: Vec<Algorithm> = match announced {
            Some(names) => names
                .iter()
                .filter_map(|name| Algorithm::named(name))
                .collect(),
            // It must be there, and some leave it out; what they mean is the default of §15.1.
            None => vec![Algorithm::Rs256],
        };
        if algorithms.is_empty() {
            return Err(unusable("it signs by no algorithm that is accepted".into()));
        }
        Ok(Self {
            authorization: Endpoint::parse(
                &document.authorization_endpoint,
                "authorization endpoint",
                reach,
            )?,
            token: Endpoint::parse(&document.token_endpoint, "token endpoint", reach)?,
            userinfo: userinfo.transpose()?,
            jwks: Endpoint::parse(&document.jwks_uri, "key set's address", reach)?,
            algorithms,
            names_itself: document.authorization_response_iss_parameter_supported,
            pkce: document
                .code_challenge_methods_supported
                .iter()
                .any(|method| method == "S256"),
            // Discovery 1.0 §3: the default where nothing is said.
            auth_methods: document
                .token_endpoint_auth_methods_supported
                .unwrap_or_else(|| vec!["client_secret_basic".into()]),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Metadata, IdentityError> {
        let mut document = json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/auth",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://keys.example/jwks",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"],
        });
        change(&mut document);
        let issuer = Issuer::parse("https://idp.example").unwrap();
        Metadata::parse(document.to_string().as_bytes(), &issuer)
    }

    #[test]
    fn only_algorithms_with_public_keys_are_taken_from_what_is_announced() {
        let metadata = read(|_| {}).unwrap();
        assert_eq!(metadata.algorithms, [Algorithm::Rs256, Algorithm::Es256]);
        let none = json!(["none", "HS256"]);
        let bad = read(|d| d["id_token_signing_alg_values_supported"] = none);
        assert!(
            matches!(bad, Err(IdentityError::Unusable { .. })),
            "{bad:?}"
        );
    }

    #[test]
    fn another_issuer_and_addresses_inside_are_refused() {
        for other in [
            "https://idp.example/",
            "https://IDP.example",
            "https://evil.example",
        ] {
            let bad = read(|d| d["issuer"] = json!(other)).unwrap_err();
            assert_eq!(bad, IdentityError::WrongIssuer(WHAT));
        }
        for field in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
        ] {
            for inside in [
                "http://idp.example/x",
                "https://169.254.169.254/x",
                "https://[::1]/",
            ] {
                let bad = read(|d| d[field] = json!(inside)).unwrap_err();
                assert!(
                    matches!(bad, IdentityError::Endpoint { .. }),
                    "{field}: {bad}"
                );
            }
        }
        assert!(read(|d| drop(d.as_object_mut().unwrap().remove("jwks_uri"))).is_err());
    }
}
