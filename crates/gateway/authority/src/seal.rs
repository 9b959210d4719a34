//! Sealing of private keys at rest: ChaCha20-Poly1305 (RFC 8439) under a key that lies elsewhere.
//!
//! A seal is a version byte, a random 96-bit nonce, and the ciphertext with its tag. What the key is
//! for is bound to it as associated data, so that one sealed key cannot be put in another's place.

use std::fmt;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tidegate_types::Secret;
use zeroize::Zeroizing;

use crate::AuthorityError;

const VERSION: u8 = 1;

/// What a sealed key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign certificates.
    CertificateAuthority,
    /// To prove ourselves to an identity provider.
    ClientSecret,
    /// To sign policies.
    PolicySignature,
    /// To check the codes of a second factor (RFC 6238).
    SecondFactor,
    /// To finish one sign-in that was begun.
    SignIn,
}

impl Purpose {
    const fn text(self) -> &'static [u8] {
        match self {
            Self::CertificateAuthority => b"tidegate seal v1: certificate authority",
            Self::ClientSecret => b"tidegate seal v1: client secret",
            Self::PolicySignature => b"tidegate seal v1: policy signature",
            Self::SecondFactor => b"tidegate seal v1: second factor",
            Self::SignIn => b"tidegate seal v1: sign-in",
        }
    }
}

/// The key that opens the seals: 256 bits, kept in a file and never in the database.
#[derive(Clone)]
pub struct SealKey(Secret<[u8; 32]>);

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl SealKey {
    /// From its bytes, as they lie in the file.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// A new one from the operating system's randomness.
    ///
    /// # Errors
    /// There was none.
    pub fn generate() -> Result<Self, AuthorityError> {
        let mut bytes = Zeroizing::new([0; 32]);
        fill(&mut *bytes)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// The bytes, to be written to a file that only the gateway reads.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Seals a secret.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.text()),
                &mut text,
            )
            .map_err(|_| AuthorityError::Crypto("sealing"))?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len() + tag.as_ref().len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose.
    ///
    /// # Errors
    /// It was changed, or sealed under another key or for another purpose.
    pub fn open(
        &self,
        purpose: Purpose,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
        let rest = match sealed.split_first() {
            Some((&VERSION, rest)) => rest,
            _ => return Err(AuthorityError::Seal),
        };
        let (nonce, text) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(AuthorityError::Seal)?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = self
            .cipher()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(purpose.text()),
                &mut text,
            )
            .map_err(|_| AuthorityError::Seal)?
            .len();
        text.truncate(plain);
        Ok(text)
    }

    fn cipher(&self) -> Result<LessSafeKey, AuthorityError> {
        UnboundKey::new(&CHACHA20_POLY1305, self.0.expose())
            .map(LessSafeKey::new)
            .map_err(|_| AuthorityError::Crypto("the seal key"))
    }
}

/// Fills from the operating system's randomness.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), AuthorityError> {
    getrandom::fill(bytes).map_err(|_| AuthorityError::Crypto("no randomness"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA: Purpose = Purpose::CertificateAuthority;

    #[test]
    fn a_seal_opens_with_its_key_for_its_purpose_only() {
        let key = SealKey::generate().unwrap();
        let sealed = key.seal(CA, b"secret").unwrap();
        assert_eq!(&**key.open(CA, &sealed).unwrap(), b"secret");
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_ne!(sealed, key.seal(CA, b"secret").unwrap(), "nonces differ");
        let other = SealKey::generate().unwrap();
        assert_eq!(other.open(CA, &sealed).unwrap_err(), AuthorityError::Seal);
        assert_eq!(
            key.open(Purpose::PolicySignature, &sealed).unwrap_err(),
            AuthorityError::Seal
        );
        let same = SealKey::from_bytes(*key.expose());
        assert!(same.open(CA, &sealed).is_ok());
        assert_eq!(format!("{key:?}"), "[secret]");
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let key = SealKey::from_bytes([7; 32]);
        let sealed = key.seal(CA, b"secret").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(CA, &changed).is_err(), "byte {at}");
            assert!(key.open(CA, &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
