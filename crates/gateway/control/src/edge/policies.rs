//! The policy in force, for everybody: one document for the fleet, and one for each team and device
//! that something was decided for. A document is built when the first device asks for it, and signed
//! once.
//!
//! All documents have the newest revision, also those that say the same as before: what was decided for one
//! device wakes that one ([`Policies::changed_at`]), and the others have the new revision with their next check-in.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use tidegate_authority::PolicySigner;
use tidegate_device_api::SignedPolicy;
use tidegate_policy::{Document, HostName};
use tidegate_store::{Audience, EdgeOverrides, EdgePolicy};
use tidegate_types::{DeviceId, TeamId};

use super::{EdgeError, document};

/// A policy in force, and its signed form for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// What devices obey.
    pub document: Arc<Document>,
    /// The same, signed.
    pub signed: SignedPolicy,
}

/// The policies of all devices, of one revision.
#[derive(Debug)]
pub struct Policies {
    stored: EdgePolicy,
    gateway: Option<HostName>,
    signer: Arc<PolicySigner>,
    fleet: Arc<PublishedPolicy>,
    /// At which revision that of the fleet came to say something else.
    fleet_changed_at: u64,
    others: HashMap<Audience, Variant>,
    /// For whom nothing of their own is decided any more, since which revision.
    lost: HashMap<Audience, u64>,
}

/// The policy of a team or a device.
#[derive(Debug)]
struct Variant {
    overrides: EdgeOverrides,
    /// It, and at which revision it came to say something else.
    document: OnceLock<(Arc<Document>, u64)>,
    published: OnceLock<Arc<PublishedPolicy>>,
    /// What it was before, where anybody asked.
    before: Option<(Arc<Document>, u64)>,
}

impl Policies {
    pub(super) fn new(
        mut stored: EdgePolicy,
        gateway: Option<HostName>,
        signer: Arc<PolicySigner>,
        before: Option<&Self>,
    ) -> Result<Self, EdgeError> {
        let others = std::mem::take(&mut stored.overrides);
        let fleet = document::build(&stored, gateway.clone(), "fleet".into(), &[]);
        let variant = |overrides: EdgeOverrides| {
            let old = before.and_then(|before| before.others.get(&overrides.audience));
            let variant = Variant {
                document: OnceLock::new(),
                published: OnceLock::new(),
                before: old.and_then(|old| old.document.get().cloned()),
                overrides,
            };
            (variant.overrides.audience, variant)
        };
        let others: HashMap<_, _> = others.into_iter().map(variant).collect();
        let mut lost = before.map_or_else(HashMap::new, |before| before.lost.clone());
        let gone = before.into_iter().flat_map(|before| before.others.keys());
        lost.extend(gone.map(|audience| (*audience, stored.revision)));
        lost.retain(|audience, _| !others.contains_key(audience));
        let old = before.map(|before| (&before.fleet.document, before.fleet_changed_at));
        Ok(Self {
            fleet_changed_at: changed_at(&fleet, old),
            fleet: Arc::new(publish(&signer, Arc::new(fleet))?),
            others,
            lost,
            stored,
            gateway,
            signer,
        })
    }

    /// The revision of all of them.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.stored.revision
    }

    /// At which revision what a device obeys came to say something else, as far as this process knows.
    #[must_use]
    pub fn changed_at(&self, device: DeviceId, team: Option<TeamId>) -> u64 {
        let held = match self.variant(device, team) {
            Some(variant) => self.built(variant).1,
            None => self.fleet_changed_at,
        };
        let lost = |audience| self.lost.get(&audience).copied().unwrap_or(0);
        let lost_by_team = team.map_or(0, |team| lost(Audience::Team(team)));
        held.max(lost(Audience::Device(device))).max(lost_by_team)
    }

    /// That of devices that nothing else was decided for.
    #[must_use]
    pub fn fleet(&self) -> &Arc<PublishedPolicy> {
        &self.fleet
    }

    /// What a device obeys; its team is its own or else its user's.
    #[must_use]
    pub fn document(&self, device: DeviceId, team: Option<TeamId>) -> Arc<Document> {
        match self.variant(device, team) {
            Some(variant) => self.built(variant).0,
            None => Arc::clone(&self.fleet.document),
        }
    }

    /// What a device obeys, signed.
    ///
    /// # Errors
    /// The document cannot be written.
    pub fn published(
        &self,
        device: DeviceId,
        team: Option<TeamId>,
    ) -> Result<Arc<PublishedPolicy>, EdgeError> {
        let Some(variant) = self.variant(device, team) else {
            return Ok(Arc::clone(&self.fleet));
        };
        if let Some(published) = variant.published.get() {
            return Ok(Arc::clone(published));
        }
        let made = Arc::new(publish(&self.signer, self.built(variant).0)?);
        Ok(Arc::clone(variant.published.get_or_init(|| made)))
    }

    fn variant(&self, device: DeviceId, team: Option<TeamId>) -> Option<&Variant> {
        let own = self.others.get(&Audience::Device(device));
        own.or_else(|| self.others.get(&Audience::Team(team?)))
    }

    fn built(&self, variant: &Variant) -> (Arc<Document>, u64) {
        let (document, changed_at) = variant.document.get_or_init(|| {
            let own = &variant.overrides;
            let team = own
                .team
                .and_then(|team| self.others.get(&Audience::Team(team)));
            let layers: Vec<&EdgeOverrides> = team
                .map(|team| &team.overrides)
                .into_iter()
                .chain([own])
                .collect();
            let audience = own.audience.to_string();
            let gateway = self.gateway.clone();
            let document = document::build(&self.stored, gateway, audience, &layers);
            let old = variant.before.as_ref();
            let changed_at = changed_at(&document, old.map(|(old, at)| (old, *at)));
            (Arc::new(document), changed_at)
        });
        (Arc::clone(document), *changed_at)
    }
}

/// At which revision a document came to say what it says: since it was as it is, or now.
fn changed_at(document: &Document, before: Option<(&Arc<Document>, u64)>) -> u64 {
    let same = |(old, at): (&Arc<Document>, u64)| {
        let old = Document {
            revision: document.revision,
            ..Document::clone(old)
        };
        (old == *document).then_some(at)
    };
    before.and_then(same).unwrap_or(document.revision)
}

fn publish(signer: &PolicySigner, document: Arc<Document>) -> Result<PublishedPolicy, EdgeError> {
    let signed = signer.sign(&serde_json::to_vec(&*document)?);
    Ok(PublishedPolicy { document, signed })
}
