//! The configuration file: TOML, read whole, every problem reported at once with its key path.
//!
//! Only what a process needs to start is here. Keys, teams, budgets, limits and price overrides
//! live in the store. The file is read again when it changed, and is in force whole or not at all.

mod alert;
mod aws;
mod cache;
mod engine;
mod files;
mod problem;
mod provider;
mod restart;
mod routing;
mod section;
mod sections;
mod telemetry;
mod units;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tidegate_governance::govern::FailMode;
use tidegate_guardrails::rule::Rule;
use tidegate_pipeline::Settings;
use tidegate_policy::HostName;
use tidegate_provider::PriceRow;
use tidegate_types::Secret;
use tidegate_wire::peer::{Header, Networks};

pub use alert::{AlertConfig, AlertTo};
pub use cache::{CacheConfig, SemanticConfig};
pub use engine::EngineConfig;
pub use files::Files;
pub use problem::{Problem, Problems};
pub use provider::{Credential, KeyConfig, ProviderConfig};
pub use routing::RoutingConfig;
pub use telemetry::{OtlpSection, Signals, Telemetry};

/// A validated configuration.
#[derive(Debug)]
pub struct Config {
    /// Addresses and certificates.
    pub listen: Listen,
    /// Where keys, budgets and the log live.
    pub store: StoreSection,
    /// Where calls can go; in the order of the file.
    pub providers: Vec<ProviderConfig>,
    /// Which of several places answers a call.
    pub routing: RoutingConfig,
    /// Bounds on what clients send.
    pub limits: Limits,
    /// Who is believed about where clients are.
    pub proxies: Arc<Proxies>,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How decisions are shaped.
    pub settings: Settings,
    /// How budgets are leased and what happens without the ledger.
    pub ledger: LedgerSection,
    /// Logs and metrics.
    pub telemetry: Telemetry,
    /// Who may reach the control plane, by host name.
    pub control: ControlSection,
    /// Price rows that win over the built-in list.
    pub prices: Vec<PriceRow>,
    /// Where devices relay to.
    pub edge: EdgeSection,
    /// `[guardrails]`
    pub guardrails: GuardrailsSection,
    /// `[[alerts]]`: who is told at once of what guardrails do.
    pub alerts: Vec<AlertConfig>,
    /// `[cache]`: which answers are kept; `None`: none.
    pub cache: Option<CacheConfig>,
    /// `[retention]`: how long logged calls are kept; `None`: for ever. Usage and ledger stay.
    pub retention: Option<Duration>,
    /// Things that are allowed, and that an operator should know of.
    pub warnings: Vec<String>,
    /// The file itself; `None` where the text did not come out of one, which cannot change.
    pub path: Option<PathBuf>,
    /// All files that were read.
    pub files: Files,
}

/// What reading a file came to.
#[derive(Debug)]
pub struct Reading {
    /// The configuration, or all problems with it.
    pub config: Result<Config, Problems>,
    /// All files that were looked at, those that could not be read among them.
    pub files: Files,
}

/// `[listen]`
#[derive(Debug)]
pub struct Listen {
    /// Data plane.
    pub data: SocketAddr,
    /// Control plane.
    pub control: SocketAddr,
    /// Serve TLS on the data plane.
    pub data_tls: Option<TlsFiles>,
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Path of the chain, leaf first.
    pub certificate: PathBuf,
    /// Path of the private key.
    pub key: PathBuf,
}

/// `[store]`
#[derive(Debug)]
pub struct StoreSection {
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub url: Secret<String>,
    /// Folder of the crash journal.
    pub journal: PathBuf,
}

/// `[limits]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body_max: u64,
    /// All request bodies held at once, in bytes.
    pub body_memory: u64,
    /// Connections to the data plane at once.
    pub connections: usize,
    /// What one address may do before its caller is known.
    pub address: AddressLimits,
    /// Governed WebSockets of one key at once.
    pub websockets_per_key: u64,
}

/// The part of `[limits]` about client addresses: of IPv4, or a /64 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressLimits {
    /// Connections at once.
    pub connections: u32,
    /// New connections in a second.
    pub connection_rate: u32,
    /// Calls in a minute without a key, or with one that nobody knows.
    pub failures: u32,
}

/// The part of `[limits]` about the operator's proxies in front of the data plane.
#[derive(Debug, PartialEq, Eq)]
pub struct Proxies {
    /// Where they are: what they say of a client's address is believed.
    pub trusted: Networks,
    /// In which header they say it.
    pub header: Header,
}

/// `[timeouts]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Client: to send its request's next bytes, and to take the answer's; for all of a request's head, once
    /// it has begun, and for what is left of a body that nobody wants.
    pub client: Duration,
    /// Client: between requests on one connection.
    pub keep_alive: Duration,
    /// Upstream: to connect, TLS included.
    pub connect: Duration,
    /// Upstream: from the end of the request to the start of the answer.
    pub first_byte: Duration,
    /// Upstream: between two pieces of an answer.
    pub idle: Duration,
    /// From arrival to the end of the answer.
    pub total: Duration,
    /// At shutdown: how long calls in flight may take to finish.
    pub drain: Duration,
    /// Governed WebSockets: how long one may be open, and how long nothing may be said on it.
    pub websocket: Duration,
    pub websocket_idle: Duration,
}

/// The part of `[budgets]` that concerns the ledger.
#[derive(Debug, Clone, Copy)]
pub struct LedgerSection {
    /// What to do when the store cannot be asked.
    pub failure: FailMode,
    /// How long a lease holds unless renewed.
    pub lease: Duration,
}

/// `[control]`
#[derive(Debug)]
pub struct ControlSection {
    /// Host names by which the control plane may be called, besides loopback's.
    pub names: Vec<String>,
    /// The base URL by which people open the console, without a slash at its end.
    pub url: Option<String>,
    /// A CA bundle that identity providers must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Whether `/metrics` answers without a token on other addresses than loopback.
    pub metrics_open: bool,
}

/// `[edge]`
#[derive(Debug, Clone)]
pub struct EdgeSection {
    /// The data plane's base URL as devices reach it; by default the address it listens on.
    pub relay_url: Option<String>,
    /// The organisation's name, in its CA's name.
    pub organisation: String,
    /// The file with the key that seals the organisation's private keys; made at the first start.
    pub seal_key: PathBuf,
    /// A CA bundle that governed hosts must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Hosts that are reached at a fixed address instead of the one they resolve to.
    pub addresses: Vec<(HostName, SocketAddr)>,
}

/// `[guardrails]`
#[derive(Debug)]
pub struct GuardrailsSection {
    /// The rules of the operator's files, in gitleaks' format.
    pub rules: Vec<Rule>,
    /// Stands for what is in those files.
    pub rules_digest: blake3::Hash,
    /// Services of others that guardrails ask.
    pub engines: Vec<EngineConfig>,
}

impl Config {
    /// Reads and validates a file.
    ///
    /// # Errors
    /// All problems found, each with its key path and a hint.
    pub fn load(path: &std::path::Path) -> Result<Self, Problems> {
        Self::read(path).config
    }

    /// As [`Self::load`], with the files that were looked at, also where there are problems.
    #[must_use]
    pub fn read(path: &std::path::Path) -> Reading {
        let mut files = Files::default();
        let text = files.read(path).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| std::io::ErrorKind::InvalidData.into())
        });
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                let config = Err(Problem::file(path, &format!("cannot be read: {error}")));
                return Reading { config, files };
            }
        };
        let base = path.parent().unwrap_or_else(|| std::path::Path::new("."));
        let mut reading = sections::parse(&text, base, files);
        if let Ok(config) = &mut reading.config {
            config.path = Some(path.to_owned());
        }
        reading
    }

    /// Validates the text of a configuration. Relative paths are relative to `base`.
    ///
    /// # Errors
    /// All problems found, each with its key path and a hint.
    pub fn parse(text: &str, base: &std::path::Path) -> Result<Self, Problems> {
        sections::parse(text, base, Files::default()).config
    }
}
