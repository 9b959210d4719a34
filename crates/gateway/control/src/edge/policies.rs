//! The policy in force, for everybody: one document for the fleet, and one for each team and device
//! that something was decided for. A document is built when the first device asks for it, and signed
//! once.

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
    others: HashMap<Audience, Variant>,
}

/// The policy of a team or a device.
#[derive(Debug)]
struct Variant {
    overrides: EdgeOverrides,
    document: OnceLock<Arc<Document>>,
    published: OnceLock<Arc<PublishedPolicy>>,
}

impl Policies {
    pub(super) fn new(
        mut stored: EdgePolicy,
        gateway: Option<HostName>,
        signer: Arc<PolicySigner>,
    ) -> Result<Self, EdgeError> {
        let others = std::mem::take(&mut stored.overrides);
        let fleet = document::build(&stored, gateway.clone(), "fleet".into(), &[]);
        let variant = |overrides: EdgeOverrides| {
            let variant = Variant {
                document: OnceLock::new(),
                published: OnceLock::new(),
                overrides,
            };
            (variant.overrides.audience, variant)
        };
        Ok(Self {
            fleet: Arc::new(publish(&signer, Arc::new(fleet))?),
            others: others.into_iter().map(variant).collect(),
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

    /// That of devices that nothing else was decided for.
    #[must_use]
    pub fn fleet(&self) -> &Arc<PublishedPolicy> {
        &self.fleet
    }

    /// What a device obeys; its team is its own or else its user's.
    #[must_use]
    pub fn document(&self, device: DeviceId, team: Option<TeamId>) -> Arc<Document> {
        match self.variant(device, team) {
            Some(variant) => self.built(variant),
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
        let made = Arc::new(publish(&self.signer, self.built(variant))?);
        Ok(Arc::clone(variant.published.get_or_init(|| made)))
    }

    fn variant(&self, device: DeviceId, team: Option<TeamId>) -> Option<&Variant> {
        let own = self.others.get(&Audience::Device(device));
        own.or_else(|| self.others.get(&Audience::Team(team?)))
    }

    fn built(&self, variant: &Variant) -> Arc<Document> {
        let document = variant.document.get_or_init(|| {
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
            Arc::new(document::build(&self.stored, gateway, audience, &layers))
        });
        Arc::clone(document)
    }
}

fn publish(signer: &PolicySigner, document: Arc<Document>) -> Result<PublishedPolicy, EdgeError> {
    let signed = signer.sign(&serde_json::to_vec(&*document)?);
    Ok(PublishedPolicy { document, signed })
}
