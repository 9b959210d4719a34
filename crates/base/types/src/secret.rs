//! Secrets: shown once, stored as a hash, never printed.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A value that is never printed and is wiped when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, at the one place that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Why a text cannot be a key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Tidegate key: those start with `{0}` and have 43 more characters")]
pub struct PlainKeyError(&'static str);

/// A bearer secret in plain: a prefix and 256 random bits in base64url.
pub struct PlainKey {
    text: Zeroizing<String>,
}

const BODY_LENGTH: usize = 43;

impl PlainKey {
    /// Prefix of virtual keys.
    pub const VIRTUAL: &'static str = "sk-tg-";
    /// Prefix of admin API tokens.
    pub const ADMIN: &'static str = "tg-admin-";
    /// Prefix of the control plane's session tokens.
    pub const SESSION: &'static str = "tg-session-";
    /// Prefix of devices' keys. Such a key opens the device API and relayed calls only.
    pub const DEVICE: &'static str = "tg-device-";
    /// Prefix of the tokens that enrol devices.
    pub const ENROLMENT: &'static str = "tg-enrol-";
    /// Prefix of the tokens by which identity providers send users and groups. Such a token opens SCIM
    /// only.
    pub const SCIM: &'static str = "tg-scim-";

    /// Prefix of what a sign-in on a device goes by from step to step; each is good once, for minutes.
    pub const SIGN_IN: &'static str = "tg-sign-in-";

    /// A new secret from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn generate(prefix: &'static str) -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *bytes)?;
        let body = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
        Ok(Self {
            text: Zeroizing::new(format!("{prefix}{}", *body)),
        })
    }

    /// The hash of a presented secret, if it has the shape of one.
    ///
    /// # Errors
    /// The prefix or the length is not that of a key of ours: no look-up is worth making.
    pub fn hash_presented(prefix: &'static str, text: &str) -> Result<KeyHash, PlainKeyError> {
        match text.strip_prefix(prefix) {
            Some(body) if body.len() == BODY_LENGTH => Ok(KeyHash::of(text)),
            _ => Err(PlainKeyError(prefix)),
        }
    }

    /// The text, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(&self.text)
    }

    /// How lists name the key without giving it away: its prefix and its last four characters.
    #[must_use]
    pub fn hint(&self) -> String {
        let prefix = self.text.len().saturating_sub(BODY_LENGTH);
        format!(
            "{}…{}",
            &self.text[..prefix],
            &self.text[self.text.len().saturating_sub(4)..]
        )
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The stored form of a [`PlainKey`]: BLAKE3 under a context of its own. The secret has 256 bits
/// of entropy, so no salt or stretching is needed, and a look-up costs well under a microsecond.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    fn of(text: &str) -> Self {
        Self(blake3::derive_key(
            "tidegate 2026-11 bearer secret v1",
            text.as_bytes(),
        ))
    }

    /// The stored bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From the stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Whether both are the same, in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_hash_and_never_printed() {
        let key = PlainKey::generate(PlainKey::VIRTUAL).unwrap();
        assert_eq!(key.expose().len(), 6 + 43);
        let hash = PlainKey::hash_presented(PlainKey::VIRTUAL, key.expose()).unwrap();
        assert!(hash.matches(&key.hash()));
        assert!(!format!("{key:?} {hash:?} {}", key.hint()).contains(&key.expose()[6..40]));
        assert!(PlainKey::hash_presented(PlainKey::VIRTUAL, "sk-tg-short").is_err());
        assert!(PlainKey::hash_presented(PlainKey::VIRTUAL, "sk-ant-xyz").is_err());
        assert!(PlainKey::hash_presented(PlainKey::ADMIN, key.expose()).is_err());
        assert!(PlainKey::hash_presented(PlainKey::DEVICE, key.expose()).is_err());
    }
}
