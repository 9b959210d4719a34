//! What a call is decided by: one immutable picture, loaded once per call and held to its end.

use std::{collections::HashMap, fmt, sync::Arc};

use tidegate_governance::key::{Keyring, Permit};
use tidegate_policy::{Document, HostName};
use tidegate_provider::{Catalog, ClearText, Endpoint, Provider};
use tidegate_routing::Routing;
use tidegate_types::{DeviceId, TeamId};
use tidegate_wire::{Dialect, relayed};

use crate::guard::Guards;

/// What to do with a call whose model has no price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unpriced {
    /// Let it pass at no cost, and flag it in log and metrics.
    Flag,
    /// Refuse it always.
    Refuse,
    /// Refuse it where a budget applies, else flag it.
    #[default]
    RefuseUnderBudget,
}

/// Settings that shape decisions; read once at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What to do with models that have no price.
    pub unpriced: Unpriced,
    /// How many answer tokens are reserved at most, in tokens. A caller's `max_tokens` below it is
    /// reserved as it is; one above it, or none, reserves this many. What a longer answer costs
    /// beyond its reservation is settled exactly and carried as debt.
    pub reserve_output: u64,
    /// How many bytes of prompt and of answer are kept where a key asks for it.
    pub content_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unpriced: Unpriced::default(),
            reserve_output: 8_192,
            content_limit: 256 * 1024,
        }
    }
}

/// One immutable picture of keys, providers and prices.
#[derive(Debug)]
pub struct Snapshot {
    /// Who may call.
    pub keyring: Keyring,
    /// Where calls can go, and what they cost there.
    pub catalog: Arc<Catalog>,
    /// Which of several places a call goes to, and how they have been doing.
    pub routing: Arc<Routing>,
    /// How decisions are shaped.
    pub settings: Settings,
    /// What holds for calls that devices relay.
    pub edge: Edge,
    /// Who looks at prompts and answers.
    pub guards: Guards,
}

/// What each device obeys.
pub trait Policies: fmt::Debug + Send + Sync {
    /// What a device obeys; its team is its own or else its user's.
    fn of(&self, device: Option<DeviceId>, team: Option<TeamId>) -> Arc<Document>;
}

/// All devices obey the same.
#[derive(Debug, Clone)]
pub struct OnePolicy(pub Arc<Document>);

impl Policies for OnePolicy {
    fn of(&self, _: Option<DeviceId>, _: Option<TeamId>) -> Arc<Document> {
        Arc::clone(&self.0)
    }
}

/// What holds for calls that devices relay.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Which hosts are governed, and which apps may speak to them, for each device.
    policies: Arc<dyn Policies>,
    /// The providers at their own hosts, without a credential of ours: for calls that bring their
    /// own.
    providers: Arc<HashMap<HostName, Provider>>,
}

impl Edge {
    /// With policies, for these providers: one that is configured at its own host keeps its name, so
    /// that allow-lists and the log name it alike.
    #[must_use]
    pub fn new(policies: Arc<dyn Policies>, configured: &[Provider]) -> Self {
        let at_home = |(host, dialect): (&'static str, Dialect)| {
            let own = configured
                .iter()
                .find(|provider| provider.endpoint.host() == host && provider.dialect == dialect);
            let provider = match own {
                Some(provider) => provider.clone().without_credential(),
                None => built_in(host, dialect)?,
            };
            Some((host.parse().ok()?, provider))
        };
        let providers = relayed::hosts().filter_map(at_home).collect();
        Self {
            policies,
            providers: Arc::new(providers),
        }
    }

    /// What the device obeys whose permit it is.
    #[must_use]
    pub fn policy(&self, permit: &Permit) -> Arc<Document> {
        self.policies.of(permit.device(), permit.team())
    }

    /// The provider at its own host.
    #[must_use]
    pub fn provider(&self, host: &HostName) -> Option<&Provider> {
        self.providers.get(host)
    }
}

/// A provider at its own host, named after it.
fn built_in(host: &str, dialect: Dialect) -> Option<Provider> {
    let name = match host {
        "api.anthropic.com" => "anthropic".to_owned(),
        "api.openai.com" => "openai".to_owned(),
        "generativelanguage.googleapis.com" => "gemini".to_owned(),
        other => other.replace('.', "-"),
    };
    let endpoint = Endpoint::parse(&format!("https://{host}"), ClearText::Loopback).ok()?;
    Provider::new(name.parse().ok()?, dialect, endpoint, None).ok()
}
