//! The signature on policies and on the CA: Ed25519 (RFC 8032), so that a device obeys only what the gateway
//! wrote, whoever brings it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use tidegate_device_api::{SignedPolicy, ca_statement};
use zeroize::Zeroizing;

use crate::{AuthorityError, CertificateAuthority, Purpose, SealKey};

/// Signs policies, and vouches for the CA.
pub struct PolicySigner {
    key: Ed25519KeyPair,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for PolicySigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicySigner")
            .field("public_key", &self.public_key())
            .finish_non_exhaustive()
    }
}

impl PolicySigner {
    /// A signer with a new key.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn generate() -> Result<Self, AuthorityError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| AuthorityError::Crypto("no randomness"))?;
        Self::from_pkcs8(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// A signer from its sealed key.
    ///
    /// # Errors
    /// The seal does not open.
    pub fn unseal(seal: &SealKey, sealed: &[u8]) -> Result<Self, AuthorityError> {
        Self::from_pkcs8(seal.open(Purpose::PolicySignature, sealed)?)
    }

    /// The key, sealed.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn seal(&self, seal: &SealKey) -> Result<Vec<u8>, AuthorityError> {
        seal.seal(Purpose::PolicySignature, &self.pkcs8)
    }

    fn from_pkcs8(pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, AuthorityError> {
        let key =
            Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| AuthorityError::Crypto("policy key"))?;
        Ok(Self { key, pkcs8 })
    }

    /// Signs a document as it is.
    #[must_use]
    pub fn sign(&self, document: &[u8]) -> SignedPolicy {
        SignedPolicy::new(document, self.key.sign(document).as_ref())
    }

    /// Vouches for a CA, so that a device takes no other for it: a signature in base64.
    #[must_use]
    pub fn vouch(&self, ca: &CertificateAuthority) -> String {
        STANDARD.encode(self.key.sign(&ca_statement(ca.fingerprint())))
    }

    /// The public key in base64, for devices.
    #[must_use]
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.key.public_key())
    }
}

/// Whether a signature over a document is by the owner of this public key (base64).
#[must_use]
pub fn verify(public_key: &str, document: &[u8], signature: &[u8]) -> bool {
    STANDARD.decode(public_key).is_ok_and(|key| {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(document, signature)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use tidegate_policy::Document;

    use super::*;

    fn document() -> Vec<u8> {
        let document = Document {
            revision: 7,
            ..Document::ungoverned()
        };
        serde_json::to_vec(&document).unwrap()
    }

    #[test]
    fn a_signed_policy_opens_under_its_key_only() {
        let signer = PolicySigner::generate().unwrap();
        let signed = signer.sign(&document());
        let under = |key: String| move |text: &[u8], mark: &[u8]| verify(&key, text, mark);
        assert_eq!(signed.open(under(signer.public_key())).unwrap().revision, 7);
        let other = PolicySigner::generate().unwrap();
        assert!(signed.open(under(other.public_key())).is_err());
        assert!(signed.open(under("not base64".into())).is_err());
        let mut changed = document();
        *changed.last_mut().unwrap() = b' ';
        let forged = SignedPolicy {
            document: STANDARD.encode(&changed),
            ..signed
        };
        assert!(forged.open(under(signer.public_key())).is_err());
    }

    #[test]
    fn a_ca_is_vouched_for_by_its_gateway_only_and_by_no_policys_signature() {
        let now = tidegate_types::Timestamp::from_micros(1_700_000_000_000_000);
        let make = || CertificateAuthority::generate("Acme", now).unwrap();
        let (ca, other, signer) = (make(), make(), PolicySigner::generate().unwrap());
        let mark = STANDARD.decode(signer.vouch(&ca)).unwrap();
        let holds = |key: &PolicySigner, ca: &CertificateAuthority| {
            verify(&key.public_key(), &ca_statement(ca.fingerprint()), &mark)
        };
        assert!(holds(&signer, &ca));
        assert!(!holds(&signer, &other));
        assert!(!holds(&PolicySigner::generate().unwrap(), &ca));
        // A policy with the CA's digest in it says nothing about the CA.
        let policy = signer.sign(ca.fingerprint());
        let mark = STANDARD.decode(policy.signature).unwrap();
        assert!(!verify(
            &signer.public_key(),
            &ca_statement(ca.fingerprint()),
            &mark
        ));
    }

    #[test]
    fn the_key_survives_sealing_and_is_never_printed() {
        let (seal, signer) = (
            SealKey::generate().unwrap(),
            PolicySigner::generate().unwrap(),
        );
        let sealed = signer.seal(&seal).unwrap();
        let again = PolicySigner::unseal(&seal, &sealed).unwrap();
        assert_eq!(again.public_key(), signer.public_key());
        let elsewhere = SealKey::generate().unwrap();
        assert_eq!(
            PolicySigner::unseal(&elsewhere, &sealed).unwrap_err(),
            AuthorityError::Seal
        );
        let printed = format!("{signer:?}");
        assert!(!printed.contains(&STANDARD.encode(&*signer.pkcs8)));
    }
}
