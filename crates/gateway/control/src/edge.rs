//! Managed devices, as all handlers share them: the authority, the policy that is in force, who waits
//! for the next one, and what devices have said.
//!
//! The policy is built and signed once for each revision, whatever the number of devices. It is
//! published on a watch channel: check-ins that wait wake at once, here after a change, on other
//! nodes when they see the store's revision rise.

mod authority;
mod document;
mod sightings;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tidegate_authority::{AuthorityError, CertificateAuthority, IssuedLeaf, PolicySigner, SealKey};
use tidegate_device_api::{CheckInRequest, SignedPolicy};
use tidegate_policy::{Document, HostName};
use tidegate_store::{Actor, Device, Store, StoreError};
use tidegate_types::{Clock, DeviceId, Timestamp};
use tokio::sync::{Mutex, Semaphore, watch};

use self::sightings::Gathered;

/// Why managed devices cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority cannot be made or opened.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The policy cannot be written.
    #[error("the policy cannot be written: {0}")]
    Document(#[from] serde_json::Error),
}

/// What managed devices need, besides the store.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// The organisation's name, which its CA bears.
    pub organisation: String,
    /// The data plane's base URL, as devices reach it.
    pub relay_url: String,
    /// What opens the authority's keys; the same on all nodes.
    pub seal_key: SealKey,
    /// How long a device's certificate is valid.
    pub leaf_lifetime: Duration,
    /// How many check-ins wait at once at most; beyond them they are answered at once.
    pub max_waiting: usize,
}

impl EdgeConfig {
    /// The usual numbers: certificates of 7 days, 10,000 check-ins that wait.
    #[must_use]
    pub fn new(
        organisation: impl Into<String>,
        relay_url: impl Into<String>,
        seal_key: SealKey,
    ) -> Self {
        Self {
            organisation: organisation.into(),
            relay_url: relay_url.into(),
            seal_key,
            leaf_lifetime: Duration::from_secs(7 * 24 * 3_600),
            max_waiting: 10_000,
        }
    }
}

/// The policy in force, and its signed form for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// What devices obey.
    pub document: Document,
    /// The same, signed.
    pub signed: SignedPolicy,
}

/// Managed devices.
#[derive(Debug)]
pub struct Edge {
    store: Store,
    clock: Arc<dyn Clock>,
    config: EdgeConfig,
    signer: PolicySigner,
    /// The CA, and since when it is the one; an admin may replace it.
    ca: RwLock<(Arc<CertificateAuthority>, Timestamp)>,
    policy: watch::Sender<Arc<PublishedPolicy>>,
    /// One reading at a time, so that an old one never comes after a new one.
    refreshing: Mutex<()>,
    waiting: Semaphore,
    closing: watch::Sender<bool>,
    gathered: Gathered,
}

impl Edge {
    /// Opens the authority, or makes one at the first start of all, and publishes the policy. Call it
    /// after the store was migrated.
    ///
    /// # Errors
    /// The store is unavailable; the seal key is not the one that the authority was sealed with.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        config: EdgeConfig,
    ) -> Result<Arc<Self>, EdgeError> {
        let stored = authority::open(&store, &config, clock.now()).await?;
        store.note_edge_catalogue(&document::builtin()?).await?;
        let policy = publish(&store, &config, &stored.signer).await?;
        Ok(Arc::new(Self {
            signer: stored.signer,
            ca: RwLock::new((Arc::new(stored.ca), stored.since)),
            policy: watch::Sender::new(Arc::new(policy)),
            refreshing: Mutex::new(()),
            waiting: Semaphore::new(config.max_waiting),
            closing: watch::Sender::new(false),
            gathered: Gathered::default(),
            store,
            clock,
            config,
        }))
    }

    /// Takes over what was changed in the store, by this node or another. One small read where
    /// nothing was.
    ///
    /// # Errors
    /// The store is unavailable, or holds an authority that this node cannot open; what was in force
    /// stays in force.
    pub async fn refresh(&self) -> Result<(), EdgeError> {
        let _turn = self.refreshing.lock().await;
        let (revision, since) = self.store.edge_state().await?;
        if since.is_some_and(|since| since != self.held().1)
            && let Some(stored) = self.store.authority().await?
        {
            let ca = CertificateAuthority::unseal(
                &self.config.seal_key,
                &stored.certificate,
                &stored.ca_key,
            )?;
            self.hold(ca, stored.updated_at);
        }
        if revision != self.policy.borrow().document.revision {
            let policy = publish(&self.store, &self.config, &self.signer).await?;
            self.policy.send_replace(Arc::new(policy));
        }
        Ok(())
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Arc<PublishedPolicy> {
        Arc::clone(&self.policy.borrow())
    }

    /// The policy in force, and each that follows.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<PublishedPolicy>> {
        self.policy.subscribe()
    }

    /// Writes what devices said since the last time, all in one transaction. Check-ins do it too, now
    /// and then; call it every minute and before the process ends, so that the last words of a device
    /// are written.
    ///
    /// # Errors
    /// The store is unavailable; what was said is kept for the next time.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let taken = self.gathered.take(self.clock.mono());
        if taken.is_empty() {
            return Ok(());
        }
        let kept = taken.clone();
        let written = self.store.note_sightings(taken).await;
        if written.is_err() {
            self.gathered.put_back(kept);
        }
        written
    }

    /// How many check-ins wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.config
            .max_waiting
            .saturating_sub(self.waiting.available_permits())
    }

    /// Answers all check-ins that wait, and lets none wait any more: the process is about to end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// The CA in force.
    pub(crate) fn ca(&self) -> Arc<CertificateAuthority> {
        self.held().0
    }

    /// Since when the CA is the one in force.
    pub(crate) fn ca_since(&self) -> Timestamp {
        self.held().1
    }

    /// Replaces the CA.
    pub(crate) async fn replace_ca(
        &self,
        actor: Actor,
        ca: CertificateAuthority,
    ) -> Result<(), EdgeError> {
        let sealed = ca.seal(&self.config.seal_key)?;
        let certificate = ca.certificate_pem().to_owned();
        let fingerprint = crate::audit::hex(ca.fingerprint());
        let _turn = self.refreshing.lock().await;
        let stored = self
            .store
            .replace_authority(actor, certificate, sealed, fingerprint)
            .await?;
        self.hold(ca, stored.updated_at);
        Ok(())
    }

    /// The public key that policies are signed with (base64).
    pub(crate) fn policy_key(&self) -> String {
        self.signer.public_key()
    }

    /// Where devices relay calls to.
    pub(crate) fn relay_url(&self) -> &str {
        &self.config.relay_url
    }

    /// Issues a certificate for the hosts that the policy in force governs.
    pub(crate) fn sign_leaf(
        &self,
        csr_pem: &str,
        device: DeviceId,
    ) -> Result<IssuedLeaf, AuthorityError> {
        let policy = self.policy();
        let hosts: Vec<HostName> = policy.document.governed_names().cloned().collect();
        let (now, lifetime) = (self.clock.now(), self.config.leaf_lifetime);
        self.ca().sign_leaf(csr_pem, device, &hosts, now, lifetime)
    }

    /// Keeps what a device says, and writes what all of them said when it is time.
    pub(crate) async fn saw(&self, device: &Device, said: &CheckInRequest) {
        let due = self
            .gathered
            .add(device, said, self.clock.now(), self.clock.mono());
        if due && let Err(error) = self.flush().await {
            tracing::warn!(%error, "what devices said is written later");
        }
    }

    /// The policy, as soon as there is one newer than `revision`; nothing when `wait` is over, when
    /// too many wait already, or when the process is about to end.
    pub(crate) async fn newer(
        &self,
        revision: u64,
        wait: Duration,
    ) -> Option<Arc<PublishedPolicy>> {
        let mut policies = self.policy.subscribe();
        let is_newer = |policy: &Arc<PublishedPolicy>| policy.document.revision > revision;
        if is_newer(&policies.borrow_and_update()) {
            return Some(self.policy());
        }
        if wait.is_zero() {
            return None;
        }
        let _seat = self.waiting.try_acquire().ok()?;
        let mut closing = self.closing.subscribe();
        tokio::select! {
            found = policies.wait_for(is_newer) => found.ok().map(|policy| Arc::clone(&policy)),
            _ = closing.wait_for(|closing| *closing) => None,
            () = tokio::time::sleep(wait) => None,
        }
    }

    fn held(&self) -> (Arc<CertificateAuthority>, Timestamp) {
        let held = self.ca.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.0), held.1)
    }

    fn hold(&self, ca: CertificateAuthority, since: Timestamp) {
        let mut held = self.ca.write().unwrap_or_else(PoisonError::into_inner);
        *held = (Arc::new(ca), since);
    }
}

/// Builds and signs the policy as it is stored.
async fn publish(
    store: &Store,
    config: &EdgeConfig,
    signer: &PolicySigner,
) -> Result<PublishedPolicy, EdgeError> {
    let stored = store.edge_policy().await?;
    let gateway = document::host_of(&config.relay_url);
    let document = document::build(stored, gateway);
    let signed = signer.sign(&serde_json::to_vec(&document)?);
    Ok(PublishedPolicy { document, signed })
}
