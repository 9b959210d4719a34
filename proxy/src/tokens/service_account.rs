//! A Google service account's key: it signs who asks, and gets an access token for it (RFC 7523).

use std::fmt;

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde::Deserialize;
use serde_json::json;
use tidegate_types::Timestamp;

use super::{Granted, google::SCOPE, post};
use crate::services::Client;

/// How long an assertion holds, in seconds: the most that Google takes.
const HOLDS: i64 = 3_600;

/// An account that signs.
pub struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    token_uri: String,
    key: RsaKeyPair,
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceAccount({})", self.email)
    }
}

#[derive(Deserialize)]
struct File {
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: Option<String>,
}

impl ServiceAccount {
    /// Reads the JSON file that Google gives out.
    ///
    /// # Errors
    /// It is none, or its key is no RSA key of 2048 bits or more. The text never holds the key.
    pub(super) fn parse(json: &str) -> anyhow::Result<Self> {
        let file: Option<File> = serde_json::from_str(json).ok();
        let file =
            file.context("is no service account: `client_email` and `private_key` are needed")?;
        let token_uri = file
            .token_uri
            .unwrap_or_else(|| "https://oauth2.googleapis.com/token".to_owned());
        ensure!(
            super::google::is_safe(&token_uri),
            "has a `token_uri` that is not https"
        );
        let der = PrivateKeyDer::from_pem_slice(file.private_key.as_bytes()).ok();
        let key = match der {
            Some(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok(),
            Some(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok(),
            _ => None,
        };
        Ok(Self {
            email: file.client_email,
            key_id: file.private_key_id,
            token_uri,
            key: key.context("has a `private_key` that is no RSA key of 2048 bits or more")?,
        })
    }

    pub(super) async fn fetch(&self, client: &Client, now: Timestamp) -> anyhow::Result<Granted> {
        let assertion = self.assertion(now)?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &assertion),
        ];
        post(client, &self.token_uri, &form).await
    }

    /// Who asks, signed (RFC 7515, RS256).
    fn assertion(&self, now: Timestamp) -> anyhow::Result<String> {
        let issued = now.seconds();
        let head = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": issued,
            "exp": issued.saturating_add(HOLDS),
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| anyhow::anyhow!("the account's key cannot sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
