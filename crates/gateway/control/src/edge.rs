//! Managed devices, as all handlers share them: the authority, the policies that are in force, who
//! waits for the next one, who is enrolled, and what devices have said.
//!
//! A policy is built and signed once for each revision and audience, whatever the number of devices. They
//! are published on a watch channel: check-ins that wait wake at once, here after a change, on other
//! nodes when they see the store's revision rise. Devices are held in memory, so that a check-in neither
//! reads nor writes the database: what it says is gathered and written with what others say.

mod allowances;
mod answers;
mod authority;
mod check_in;
mod counter;
mod document;
mod policies;
mod roster;
mod sightings;

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use tidegate_authority::{AuthorityError, CertificateAuthority, IssuedLeaf, PolicySigner, SealKey};
use tidegate_policy::{Document, HostName};
use tidegate_store::{Actor, Standing, Store, StoreError};
use tidegate_types::{Clock, DeviceId, KeyHash, TeamId, Timestamp};
use tokio::sync::{Mutex, Semaphore, watch};

pub use self::policies::{Policies, PublishedPolicy};
use self::{allowances::Allowances, answers::Answers, roster::Roster, sightings::Gathered};
pub(crate) use self::{
    check_in::{Duplicate, digest},
    roster::Entry,
};
use crate::events::Events;

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

/// Managed devices.
#[derive(Debug)]
pub struct Edge {
    store: Store,
    clock: Arc<dyn Clock>,
    config: EdgeConfig,
    signer: Arc<PolicySigner>,
    /// The CA, and since when it is the one; an admin may replace it.
    ca: RwLock<(Arc<CertificateAuthority>, Timestamp)>,
    policies: watch::Sender<Arc<Policies>>,
    roster: Roster,
    /// One reading at a time, so that an old one never comes after a new one.
    refreshing: Mutex<()>,
    waiting: Semaphore,
    closing: watch::Sender<bool>,
    gathered: Arc<Gathered>,
    allowances: Allowances,
    answers: Answers,
    /// One writing at a time: who comes meanwhile is written with the next, all together.
    writing: Arc<Mutex<()>>,
    /// Whom to tell that there is news.
    events: OnceLock<Arc<Events>>,
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
        let signer = Arc::new(stored.signer);
        let (roster, answers) = (Roster::default(), Answers::default());
        enrol_all(&store, &roster, &answers).await?;
        let policies = publish(&store, &config, &signer, None).await?;
        Ok(Arc::new(Self {
            signer,
            ca: RwLock::new((Arc::new(stored.ca), stored.since)),
            policies: watch::Sender::new(Arc::new(policies)),
            roster,
            refreshing: Mutex::new(()),
            waiting: Semaphore::new(config.max_waiting),
            closing: watch::Sender::new(false),
            gathered: Arc::default(),
            allowances: Allowances::default(),
            answers,
            writing: Arc::default(),
            events: OnceLock::new(),
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
        // Who is in which team, before what holds for teams.
        let mut concerned = Vec::new();
        if self.store.revision().await? != self.roster.revision() {
            concerned = enrol_all(&self.store, &self.roster, &self.answers).await?;
        }
        if revision != self.policies.borrow().revision() {
            let before = self.policies();
            let published = publish(&self.store, &self.config, &self.signer, Some(&before)).await;
            self.policies.send_replace(Arc::new(published?));
        }
        for entry in concerned {
            entry.wake();
        }
        Ok(())
    }

    /// The policy in force for devices that nothing else was decided for.
    #[must_use]
    pub fn policy(&self) -> Arc<PublishedPolicy> {
        Arc::clone(self.policies.borrow().fleet())
    }

    /// The policies in force, for everybody.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        Arc::clone(&self.policies.borrow())
    }

    /// Writes what devices said since the last time, all in one transaction. Check-ins do it too, now
    /// and then; call it every minute and before the process ends, so that the last words of a device
    /// are written. What came in while another writing was under way is written before this returns.
    ///
    /// # Errors
    /// The store is unavailable; what was said is kept for the next time.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let turn = Arc::clone(&self.writing).lock_owned().await;
        let taken = self.gathered.take(self.clock.mono());
        if taken.is_empty() {
            return Ok(());
        }
        let (store, gathered) = (self.store.clone(), Arc::clone(&self.gathered));
        // A device that goes away must not take what others said with it.
        let write = tokio::spawn(async move {
            let written = store.note_sightings(taken.clone()).await;
            if written.is_err() {
                gathered.put_back(taken);
            }
            drop(turn);
            written
        });
        let written = write
            .await
            .map_err(|error| StoreError::Unavailable(format!("the writing was lost: {error}")))?;
        // An inventory went while a device named it: it is asked for it next time.
        self.roster.lacks(&written?);
        self.stir();
        Ok(())
    }

    /// How many check-ins wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.config
            .max_waiting
            .saturating_sub(self.waiting.available_permits())
    }

    /// Answers all check-ins that wait, and lets none wait any more, nor any console listen: the process
    /// is about to end.
    pub fn close(&self) {
        self.closing.send_replace(true);
        if let Some(events) = self.events.get() {
            events.close();
        }
    }

    /// From now on consoles are told when devices say something.
    pub(crate) fn tells(&self, events: &Arc<Events>) {
        // There is one set of consoles for each process; the first stays.
        drop(self.events.set(Arc::clone(events)));
    }

    fn stir(&self) {
        if let Some(events) = self.events.get() {
            events.stir();
        }
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

    /// The CA's certificate (PEM), and our signature that it is the one (base64).
    pub(crate) fn vouched_ca(&self) -> (String, String) {
        let ca = self.ca();
        (ca.certificate_pem().to_owned(), self.signer.vouch(&ca))
    }

    /// What seals secrets in the store.
    #[must_use]
    pub fn seal_key(&self) -> &SealKey {
        &self.config.seal_key
    }

    /// Where devices relay calls to.
    pub(crate) fn relay_url(&self) -> &str {
        &self.config.relay_url
    }

    /// Issues a certificate for the hosts that the policy in force governs for a device.
    pub(crate) fn sign_leaf(
        &self,
        csr_pem: &str,
        device: DeviceId,
        team: Option<TeamId>,
    ) -> Result<IssuedLeaf, AuthorityError> {
        let document = self.policies().document(device, team);
        let hosts: Vec<HostName> = document.governed_names().cloned().collect();
        let (now, lifetime) = (self.clock.now(), self.config.leaf_lifetime);
        self.ca().sign_leaf(csr_pem, device, &hosts, now, lifetime)
    }

    /// The device of a presented key: from memory, or from the store where it is not there yet.
    pub(crate) async fn enrolled(&self, hash: KeyHash) -> Result<Presented, StoreError> {
        if let Some(entry) = self.roster.by_key(&hash) {
            return Ok(Presented::Enrolled(entry));
        }
        Ok(match self.store.device_standing(hash).await? {
            Standing::Enrolled(row) => Presented::Enrolled(self.roster.add(&row)),
            Standing::Removed => Presented::Removed,
            Standing::Unknown => Presented::Unknown,
        })
    }

    /// What a device obeys.
    pub(crate) fn policy_of(&self, device: DeviceId) -> Arc<Document> {
        let team = self.roster.by_id(device).and_then(|entry| entry.team);
        self.policies().document(device, team)
    }

    /// When this process last heard from a device.
    pub(crate) fn heard_at(&self, device: DeviceId) -> Option<Timestamp> {
        self.roster.by_id(device)?.live.state().heard_at
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

/// What a presented key of a device is.
#[derive(Debug)]
pub(crate) enum Presented {
    /// The key of this one.
    Enrolled(Arc<Entry>),
    /// The key of one that was removed.
    Removed,
    /// Nobody's.
    Unknown,
}

/// Reads who is enrolled, and what was answered to people; who came to another team, or got an answer.
async fn enrol_all(
    store: &Store,
    roster: &Roster,
    answers: &Answers,
) -> Result<Vec<Arc<Entry>>, StoreError> {
    // First, so that what changes meanwhile is read again.
    let revision = store.revision().await?;
    let answered = answers.replace(store.request_answers().await?);
    let mut concerned = roster.replace(store.enrolled_devices().await?, revision);
    roster.only_stored(store.inventory_hashes().await?);
    concerned.extend(answered.into_iter().filter_map(|id| roster.by_id(id)));
    Ok(concerned)
}

/// Reads the policies as they are stored.
async fn publish(
    store: &Store,
    config: &EdgeConfig,
    signer: &Arc<PolicySigner>,
    before: Option<&Policies>,
) -> Result<Policies, EdgeError> {
    let stored = store.edge_policy().await?;
    let gateway = document::host_of(&config.relay_url);
    Policies::new(stored, gateway, Arc::clone(signer), before)
}
