//! A policy with the gateway's signature. The signed bytes travel as they were signed, so that both
//! sides agree on them whatever their JSON writers do.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use tidegate_policy::{Document, DocumentError};

/// Why a policy is not obeyed.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The signature is not the gateway's.
    #[error("the policy's signature is not the gateway's")]
    Bad,
    /// The document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// The document's bytes and an Ed25519 signature (RFC 8032) over them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPolicy {
    /// The document as JSON, base64.
    pub document: String,
    /// The signature, base64.
    pub signature: String,
}

impl SignedPolicy {
    /// From the bytes that were signed.
    #[must_use]
    pub fn new(document: &[u8], signature: &[u8]) -> Self {
        Self {
            document: STANDARD.encode(document),
            signature: STANDARD.encode(signature),
        }
    }

    /// The document, if `verify(document, signature)` says that the signature is the gateway's.
    ///
    /// # Errors
    /// It is not, or the document cannot be read.
    pub fn open(
        &self,
        verify: impl FnOnce(&[u8], &[u8]) -> bool,
    ) -> Result<Document, SignatureError> {
        let document = STANDARD
            .decode(&self.document)
            .map_err(|_| SignatureError::Bad)?;
        let signature = STANDARD
            .decode(&self.signature)
            .map_err(|_| SignatureError::Bad)?;
        if !verify(&document, &signature) {
            return Err(SignatureError::Bad);
        }
        Ok(Document::from_json(&document)?)
    }
}
