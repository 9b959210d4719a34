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
    held: Option<Arc<Document>>,
}

impl fmt::Debug for Force {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Force")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

impl Force {
    pub(crate) const fn new(verify: Verifier) -> Self {
        Self { verify, held: None }
    }

    pub(crate) const fn document(&self) -> Option<&Arc<Document>> {
        self.held.as_ref()
    }

    /// The revision in force, 0 for none.
    pub(crate) fn revision(&self) -> u64 {
        self.held.as_ref().map_or(0, |document| document.revision)
    }

    /// Takes a policy. None where it is the one that is in force.
    pub(crate) fn take(
        &mut self,
        signed: &SignedPolicy,
    ) -> Result<Option<Arc<Document>>, PolicyError> {
        let document = signed.open(|document, signature| (self.verify)(document, signature))?;
        if let Some(held) = &self.held {
            let (offered, held) = (document.revision, held.revision);
            if offered < held {
                return Err(PolicyError::Older { offered, held });
            }
            if offered == held {
                return Ok(None);
            }
        }
        let document = Arc::new(document);
        self.held = Some(document.clone());
        Ok(Some(document))
    }
}
