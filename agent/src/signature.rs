//! Policies are obeyed only with the gateway's signature (Ed25519, RFC 8032), whether they come from the
//! network or from disk.

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, UnparsedPublicKey};
use tidegate_device_api::{SignatureError, SignedPolicy};
use tidegate_policy::Document;

/// Checks policies.
#[derive(Debug, Clone)]
pub struct Verifier(UnparsedPublicKey<Vec<u8>>);

impl Verifier {
    /// With the gateway's public key, base64.
    ///
    /// # Errors
    /// It is no key.
    pub fn new(key: &str) -> anyhow::Result<Self> {
        let bytes = STANDARD
            .decode(key)
            .context("the policy key is not base64")?;
        anyhow::ensure!(bytes.len() == 32, "the policy key is no Ed25519 key");
        Ok(Self(UnparsedPublicKey::new(&ED25519, bytes)))
    }

    /// Whether a signature over a document is the gateway's.
    #[must_use]
    pub fn verify(&self, document: &[u8], signature: &[u8]) -> bool {
        self.0.verify(document, signature).is_ok()
    }

    /// The document of a policy.
    ///
    /// # Errors
    /// The signature is not the gateway's, or the document cannot be read.
    pub fn open(&self, policy: &SignedPolicy) -> Result<Document, SignatureError> {
        policy.open(|document, signature| self.verify(document, signature))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    #[test]
    fn only_the_gateways_own_signature_counts() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let verifier = Verifier::new(&STANDARD.encode(key.public_key())).unwrap();
        let document = br#"{"revision":3,"check_in_seconds":60,"hosts":[],"apps":[]}"#;
        let policy = SignedPolicy::new(document, key.sign(document).as_ref());
        assert_eq!(verifier.open(&policy).unwrap().revision, 3);
        let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let forged = SignedPolicy::new(document, other.sign(document).as_ref());
        assert!(verifier.open(&forged).is_err());
        let mut changed = policy;
        changed.document = STANDARD.encode(br#"{"revision":9}"#);
        assert!(verifier.open(&changed).is_err());
        assert!(Verifier::new("c2hvcnQ=").is_err());
    }
}
