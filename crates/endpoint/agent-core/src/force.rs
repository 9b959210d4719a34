//! The policy in force: the last good one. It is never replaced by an older one, nor by one that the
//! gateway did not sign.

use std::{fmt, sync::Arc};

use tidegate_device_api::{SignatureError, SignedPolicy};
use tidegate_policy::Document;

/// Why a policy was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is not the gateway's, or cannot be read.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It was made for another device.
    #[error("the policy is for another device ({0})")]
    Audience(String),
    /// It is older than the one in force: a replay, or a gateway that was put back from a backup.
    #[error("the gateway sent policy revision {offered}, and {held} is in force")]
    Older {
        /// What came.
        offered: u64,
        /// What is in force.
        held: u64,
    },
}

/// Says whether a signature over bytes is the gateway's.
pub type Verifier = Box<dyn Fn(&[u8], &[u8]) -> bool + Send + Sync>;

pub(crate) struct Force {
    verify: Verifier,
    /// This device, as audiences name it.
    device: Option<String>,
    held: Option<Held>,
}

struct Held {
    document: Arc<Document>,
    signed: Arc<SignedPolicy>,
}

impl fmt::Debug for Force {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Force")
            .field("revision", &self.revision())
            .finish_non_exhaustive()
    }
}

impl Force {
    pub(crate) fn new(verify: Verifier, device: Option<&str>) -> Self {
        Self {
            verify,
            device: device.map(|device| format!("device:{device}")),
            held: None,
        }
    }

    pub(crate) fn document(&self) -> Option<&Arc<Document>> {
        self.held.as_ref().map(|held| &held.document)
    }

    /// The policy in force, as it was signed.
    pub(crate) fn signed(&self) -> Option<&Arc<SignedPolicy>> {
        self.held.as_ref().map(|held| &held.signed)
    }

    /// The revision in force, 0 for none.
    pub(crate) fn revision(&self) -> u64 {
        self.document().map_or(0, |document| document.revision)
    }

    /// Nothing is in force any more.
    pub(crate) fn release(&mut self) {
        self.held = None;
    }

    /// Takes a policy. None where it is the one that is in force.
    pub(crate) fn take(
        &mut self,
        signed: &SignedPolicy,
    ) -> Result<Option<Arc<Document>>, PolicyError> {
        let document = signed.open(|document, signature| (self.verify)(document, signature))?;
        let other = document.audience.starts_with("device:")
            && self.device.as_ref() != Some(&document.audience);
        if other {
            return Err(PolicyError::Audience(document.audience));
        }
        if let Some(held) = &self.held {
            let (offered, held) = (document.revision, held.document.revision);
            if offered < held {
                return Err(PolicyError::Older { offered, held });
            }
            if offered == held {
                return Ok(None);
            }
        }
        let document = Arc::new(document);
        self.held = Some(Held {
            document: Arc::clone(&document),
            signed: Arc::new(signed.clone()),
        });
        Ok(Some(document))
    }
}
