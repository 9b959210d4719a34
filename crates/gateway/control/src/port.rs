//! What the admin API needs to know from the process it runs in, and what it tells it.

use std::{fmt, sync::Arc, time::Duration};

use tidegate_cache::Cache;
use tidegate_guards::Workshop;
use tidegate_provider::Catalog;
use tidegate_types::{NodeId, ProviderName, Timestamp};

/// The data plane, as the admin API sees it. All methods answer from memory and never block.
pub trait DataPlane: Send + Sync + fmt::Debug {
    /// Rows changed: rebuild the snapshot at once. May be called often; calls may be merged.
    fn changed(&self);

    /// The revision of the snapshot that requests are decided by; `None` before the first.
    fn revision(&self) -> Option<u64>;

    /// The providers that are configured, and the prices in force, overrides included.
    fn catalog(&self) -> Arc<Catalog>;

    /// How a provider has been doing; `None` when it was never called.
    fn provider_health(&self, provider: &ProviderName) -> Option<ProviderHealth>;

    /// The answers that are kept, if any are.
    fn cache(&self) -> Option<Arc<Cache>>;

    /// The queue of finished calls on their way to the store.
    fn log_queue(&self) -> LogQueue;

    /// Where guardrails are tried, with the rules and services of the configuration in force.
    fn workshop(&self) -> Arc<Workshop>;

    /// What is known of the configuration file.
    fn configuration(&self) -> Configuration;
}

/// The configuration file, as the process has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Stands for what is in force: the same on all replicas that have the same files and the same sealing key.
    pub digest: String,
    /// Since when it is in force.
    pub since: Timestamp,
    /// What stands on the disk and is not in force.
    pub refused: Option<RefusedConfiguration>,
}

/// A configuration on the disk that is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedConfiguration {
    /// When it was refused.
    pub at: Timestamp,
    /// All that is wrong with it, a problem a line, for people: keys and files, never a secret.
    pub why: String,
}

/// How the last calls to a provider went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderHealth {
    /// Whether the last call was answered without a fault of the provider's.
    pub healthy: bool,
    /// When a call last went well.
    pub last_success_at: Option<Timestamp>,
    /// When a call last failed.
    pub last_error_at: Option<Timestamp>,
    /// What failed, for people: never a credential, never content.
    pub last_error: Option<String>,
}

/// Finished calls that are not in the database yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogQueue {
    /// Calls that wait.
    pub depth: u64,
    /// Log rows dropped since start because the queue was full. Charges are never dropped.
    pub dropped: u64,
}

/// What an operator decides about the control listener.
#[derive(Debug, Clone)]
pub struct ControlSettings {
    /// The address it listens on: on loopback only loopback hosts are served.
    pub listener: std::net::SocketAddr,
    /// Host names that are served besides, without a port.
    pub hosts: Vec<String>,
    /// The base URL by which people open the console, without a slash at its end. Identity providers
    /// send them back to it.
    pub url: String,
    /// Whether `/metrics` needs no token. On loopback it never does.
    pub metrics_open: bool,
    /// How long a sign-in lasts, however much it is used.
    pub session_ttl: Duration,
    /// How long a sign-in lasts without being used.
    pub session_idle: Duration,
    /// This process.
    pub node: NodeId,
    /// The gateway's version.
    pub version: &'static str,
}

impl ControlSettings {
    /// The default settings for a listener: sessions of 12 hours that end after 2 unused ones, metrics
    /// closed, no further hosts.
    #[must_use]
    pub fn new(listener: std::net::SocketAddr, node: NodeId, version: &'static str) -> Self {
        Self {
            listener,
            hosts: Vec::new(),
            url: format!("http://{listener}"),
            metrics_open: false,
            session_ttl: Duration::from_secs(12 * 60 * 60),
            session_idle: Duration::from_secs(2 * 60 * 60),
            node,
            version,
        }
    }
}
