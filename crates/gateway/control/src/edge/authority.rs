//! The authority out of the store, or into it: all nodes share the one that was made first.

use tidegate_authority::{CertificateAuthority, PolicySigner};
use tidegate_store::{Actor, Store, StoredAuthority};
use tidegate_types::Timestamp;

use super::{EdgeConfig, EdgeError};
use crate::audit::hex;

/// The authority, opened.
pub(super) struct Opened {
    pub(super) ca: CertificateAuthority,
    pub(super) signer: PolicySigner,
    pub(super) since: Timestamp,
}

pub(super) async fn open(
    store: &Store,
    config: &EdgeConfig,
    now: Timestamp,
) -> Result<Opened, EdgeError> {
    let stored = match store.authority().await? {
        Some(stored) => stored,
        None => make(store, config, now).await?,
    };
    let seal = &config.seal_key;
    Ok(Opened {
        ca: CertificateAuthority::unseal(seal, &stored.certificate, &stored.ca_key)?,
        signer: PolicySigner::unseal(seal, &stored.policy_key)?,
        since: stored.updated_at,
    })
}

async fn make(
    store: &Store,
    config: &EdgeConfig,
    now: Timestamp,
) -> Result<StoredAuthority, EdgeError> {
    let ca = CertificateAuthority::generate(&config.organisation, now)?;
    let signer = PolicySigner::generate()?;
    let new = StoredAuthority {
        certificate: ca.certificate_pem().to_owned(),
        ca_key: ca.seal(&config.seal_key)?,
        policy_key: signer.seal(&config.seal_key)?,
        updated_at: now,
    };
    let fingerprint = hex(ca.fingerprint());
    Ok(store
        .create_authority(Actor::System, new, fingerprint)
        .await?)
}
