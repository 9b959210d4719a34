//! A permit: the proof that a call's key is good, and what it may do.

use std::sync::Arc;

use tidegate_types::{DeviceGroupId, DeviceId, KeyId, ProviderName, TeamId, Timestamp, UserId};

use super::Holder;
use crate::{
    budget::Meter,
    entity::{Allow, Budget, RateLimit},
    limit::Limiter,
};

/// A key, compiled.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: KeyId,
    pub(super) name: String,
    pub(super) team: Option<TeamId>,
    pub(super) user: Option<UserId>,
    pub(super) device: Option<DeviceId>,
    pub(super) device_group: Option<DeviceGroupId>,
    pub(super) allow: Allow,
    pub(super) log_content: bool,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) disabled: Option<Holder>,
    pub(super) meters: Box<[Arc<Meter>]>,
    pub(super) limiters: Box<[Arc<Limiter>]>,
}

/// The proof that a call's key is good. Only [`authenticate`](super::Keyring::authenticate) makes
/// one. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Permit(Arc<Entry>);

impl Permit {
    pub(super) const fn new(entry: Arc<Entry>) -> Self {
        Self(entry)
    }

    /// The key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.0.id
    }

    /// The key's name, for people.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.0.name
    }

    /// The key's team, or its user's.
    #[must_use]
    pub fn team(&self) -> Option<TeamId> {
        self.0.team
    }

    /// The key's user.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.0.user
    }

    /// The device whose key it is, if it is one's.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.0.device
    }

    /// The group that the device is in.
    #[must_use]
    pub fn device_group(&self) -> Option<DeviceGroupId> {
        self.0.device_group
    }

    /// Whether prompts and answers of its calls are stored in the request log.
    #[must_use]
    pub fn log_content(&self) -> bool {
        self.0.log_content
    }

    /// Whether it may call this provider.
    #[must_use]
    pub fn allows_provider(&self, provider: &ProviderName) -> bool {
        let allowed = &self.0.allow.providers;
        allowed.is_empty() || allowed.contains(provider)
    }

    /// Whether it may call this model, named without a provider's prefix.
    #[must_use]
    pub fn allows_model(&self, model: &str) -> bool {
        let allowed = &self.0.allow.models;
        allowed.is_empty() || allowed.iter().any(|pattern| pattern.matches(model))
    }

    /// Whether it may use this operation.
    #[must_use]
    pub fn allows_route(&self, operation: &str) -> bool {
        let allowed = &self.0.allow.routes;
        allowed.is_empty() || allowed.iter().any(|route| route == operation)
    }

    /// The budgets that count calls of this model.
    pub fn budgets(&self, model: &str) -> impl Iterator<Item = &Budget> {
        self.0
            .meters
            .iter()
            .filter(move |meter| meter.applies_to(model))
            .map(|m| &m.config)
    }

    /// The limits that count calls of this model.
    pub fn limits(&self, model: &str) -> impl Iterator<Item = &RateLimit> {
        self.0
            .limiters
            .iter()
            .filter(move |limiter| limiter.applies_to(model))
            .map(|l| &l.config)
    }

    /// Whether any budget counts calls of this model.
    #[must_use]
    pub fn has_budget(&self, model: &str) -> bool {
        self.budgets(model).next().is_some()
    }

    /// Whether any budget counts any of its calls, of whatever model.
    #[must_use]
    pub fn has_any_budget(&self) -> bool {
        !self.0.meters.is_empty()
    }

    /// How much of the tightest budget that counts calls of this model is used: 0 to 1, with debt more; 0 where
    /// none does. As of the ledger's last word to this replica, so calls since then are missing.
    #[must_use]
    pub fn budget_used(&self, model: &str) -> f64 {
        let counting = self.0.meters.iter().filter(|meter| meter.applies_to(model));
        counting.map(|meter| meter.used()).fold(0.0, f64::max)
    }

    pub(crate) fn meters(&self) -> &[Arc<Meter>] {
        &self.0.meters
    }

    pub(crate) fn limiters(&self) -> &[Arc<Limiter>] {
        &self.0.limiters
    }
}
