//! What all connections share.

use std::sync::Arc;

use crate::{
    dial::Dialer,
    gateway::Gateway,
    judge::Decider,
    leaf::LeafSlot,
    observe::{Counters, Event, Observer},
    pinned::PinTable,
    roots::LazyClient,
    settings::Settings,
    terminate::Terminator,
};

pub(crate) struct Shared {
    pub(crate) decider: Arc<dyn Decider>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) leaf: Arc<LeafSlot>,
    pub(crate) terminator: Terminator,
    pub(crate) pins: PinTable,
    pub(crate) dialer: Dialer,
    pub(crate) gateway: Gateway,
    /// For true destinations, where the policy fails open.
    pub(crate) client: LazyClient,
    pub(crate) settings: Settings,
}

impl Shared {
    /// Counts what happened and passes it on.
    pub(crate) fn note(&self, event: &Event<'_>) {
        self.counters.count(event);
        self.observer.observe(event);
    }
}
