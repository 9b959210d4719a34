//! The state that all handlers share.

use std::sync::Arc;

use tidegate_authority::SealKey;
use tidegate_identity::{Client, RelyingParty};
use tidegate_store::{Store, StoreError};
use tidegate_telemetry::Metrics;
use tidegate_types::{Clock, Timestamp};
use tokio::sync::Semaphore;

use crate::{
    catalogue::Held,
    edge::Edge,
    events::Events,
    guard::{host::Hosts, noise::Noise},
    overview::{Kept, People},
    port::{ControlSettings, DataPlane},
    problem::{Code, Problem},
    sign_in::SignIn,
    throttle::Throttle,
};

/// Addresses and devices whose attempts are remembered at once.
const REMEMBERED: usize = 4_096;

/// Inventories that are read at once: each may have 4 MiB.
const INVENTORIES: usize = 4;

/// What the admin API is built from.
#[derive(Debug, Clone)]
pub struct Control {
    /// Where everything is stored.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What `/metrics` shows.
    pub metrics: Arc<Metrics>,
    /// The data plane of this process.
    pub data_plane: Arc<dyn DataPlane>,
    /// What the operator decided.
    pub settings: ControlSettings,
    /// Seals what the store must not be able to read.
    pub seal: SealKey,
    /// What speaks to identity providers.
    pub identity: Client,
    /// Managed devices, where they are set up.
    pub edge: Option<Arc<Edge>>,
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) data_plane: Arc<dyn DataPlane>,
    pub(crate) settings: ControlSettings,
    pub(crate) seal: SealKey,
    pub(crate) hosts: Hosts,
    pub(crate) sign_in: SignIn,
    pub(crate) noise: Noise,
    pub(crate) relying_party: RelyingParty,
    pub(crate) edge: Option<Arc<Edge>>,
    pub(crate) events: Arc<Events>,
    /// Overviews that were worked out a moment ago.
    pub(crate) overviews: Kept,
    /// What users used, as far as overviews asked.
    pub(crate) people: People,
    /// What all devices together have.
    pub(crate) catalogue: Held,
    pub(crate) device_calls: Throttle,
    /// Calls of identity providers that send users, and guesses at their tokens.
    pub(crate) scim_calls: Throttle,
    /// Inventories that are read at once.
    pub(crate) inventories: Semaphore,
    pub(crate) started_at: Timestamp,
}

impl App {
    pub(crate) fn new(control: Control) -> Self {
        let Control {
            store,
            clock,
            metrics,
            data_plane,
            settings,
            seal,
            identity,
            edge,
        } = control;
        let events = Arc::new(Events::default());
        if let Some(edge) = &edge {
            edge.tells(&events);
        }
        Self {
            hosts: Hosts::new(settings.listener, &settings.hosts),
            sign_in: SignIn::default(),
            noise: Noise::default(),
            relying_party: RelyingParty::new(identity),
            edge,
            events,
            overviews: Kept::default(),
            people: People::default(),
            catalogue: Held::default(),
            device_calls: Throttle::new(REMEMBERED),
            scim_calls: Throttle::new(REMEMBERED),
            inventories: Semaphore::new(INVENTORIES),
            started_at: clock.now(),
            store,
            clock,
            metrics,
            data_plane,
            settings,
            seal,
        }
    }

    /// What managed devices need.
    pub(crate) fn edge(&self) -> Result<&Arc<Edge>, Problem> {
        self.edge.as_ref().ok_or_else(|| {
            Problem::new(
                Code::EdgeNotConfigured,
                "This gateway manages no devices. Set the section `edge` in its configuration.",
            )
        })
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::new(
                Code::NotFound,
                format!("There is no such {what}. List them to see the ids."),
            ),
            StoreError::Conflict { what } => {
                Self::new(Code::Conflict, format!("The change was not made: {what}."))
            }
            StoreError::Invalid { field, reason } => Self::field(&format!("/{field}"), reason),
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the store is unavailable");
                Self::new(
                    Code::StoreUnavailable,
                    "The database does not answer. Try again shortly.",
                )
                .retry_after(std::time::Duration::from_secs(2))
            }
            StoreError::Broken(cause) => Self::internal(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn store_errors_are_told_by_whose_fault_they_are() {
        let conflict = StoreError::Conflict {
            what: "the name is taken".to_owned(),
        };
        let invalid = StoreError::Invalid {
            field: "name",
            reason: "it is long".to_owned(),
        };
        for (error, status) in [
            (StoreError::NotFound("team"), 404),
            (conflict, 409),
            (invalid, 422),
            (StoreError::Unavailable("password=hunter2".to_owned()), 503),
            (StoreError::Broken("password=hunter2".to_owned()), 500),
        ] {
            let problem = Problem::from(error);
            let told = serde_json::to_string(&problem).unwrap();
            assert!(
                !told.contains("hunter2"),
                "the cause is for the log only: {told}"
            );
            assert_eq!(problem.into_response().status(), status);
        }
    }
}
