//! Signed tokens in their compact form (RFC 7515 §7.1), and the algorithms that count: signatures with
//! public keys and nothing else. `none` and shared secrets are not refused by a rule; there is no word
//! for them here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{TokenFault, keys::Keys};

/// The longest token, in bytes.
const LONGEST: usize = 256 * 1024;

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// How an ID token is signed (RFC 7518 §3.1, RFC 8037 §3.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Algorithm {
            $($(#[$doc])* $variant),*
        }

        impl Algorithm {
            /// All that are accepted.
            pub const ALL: [Self; 9] = [$(Self::$variant),*];

            /// Its name in a token's header.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

algorithms!(
    /// RSA, PKCS #1 v1.5, SHA-256.
    Rs256 = "RS256",
    /// RSA, PKCS #1 v1.5, SHA-384.
    Rs384 = "RS384",
    /// RSA, PKCS #1 v1.5, SHA-512.
    Rs512 = "RS512",
    /// RSA, PSS, SHA-256.
    Ps256 = "PS256",
    /// RSA, PSS, SHA-384.
    Ps384 = "PS384",
    /// RSA, PSS, SHA-512.
    Ps512 = "PS512",
    /// ECDSA, P-256, SHA-256.
    Es256 = "ES256",
    /// ECDSA, P-384, SHA-384.
    Es384 = "ES384",
    /// Ed25519.
    EdDsa = "EdDSA",
);

impl Algorithm {
    /// The algorithm of a name, if it is accepted.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        // RFC 9864 §2.2 gives Ed25519 a name of its own.
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token whose signature nobody checked yet.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    /// By its own word.
    pub(crate) algorithm: Algorithm,
    /// The name of the key, where it gives one.
    pub(crate) kid: Option<String>,
    message: &'a [u8],
    signature: Vec<u8>,
    payload: Vec<u8>,
}

impl<'a> Signed<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > LONGEST {
            return Err(TokenFault::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenFault::Malformed)?;
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| TokenFault::Malformed)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(TokenFault::Algorithm)?;
        if header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        Ok(Self {
            algorithm,
            kid: header.kid,
            message: message.as_bytes(),
            signature: decode(signature)?,
            payload: decode(payload)?,
        })
    }

    /// What it says, if one of these keys signed it with an algorithm that the provider announced.
    pub(crate) fn open(
        &self,
        keys: &Keys,
        announced: &[Algorithm],
    ) -> Result<Map<String, Value>, TokenFault> {
        if !announced.contains(&self.algorithm) {
            return Err(TokenFault::Algorithm);
        }
        let mut fitting = keys.fitting(self.algorithm, self.kid.as_deref()).peekable();
        if fitting.peek().is_none() {
            return Err(TokenFault::UnknownKey);
        }
        if !fitting.any(|key| key.verifies(self.algorithm, self.message, &self.signature)) {
            return Err(TokenFault::Signature);
        }
        serde_json::from_slice(&self.payload).map_err(|_| TokenFault::Malformed)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFault::Malformed)
}

#[cfg(test)]
mod tests;
