//! The agent's configuration file, as management pushes it: TOML, read once, unknown keys refused.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use tidegate_types::Secret;

/// Where the file lies unless said otherwise.
pub const DEFAULT: &str = "/etc/tidegate-edge/config.toml";

/// A validated configuration.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The gateway.
    pub gateway: GatewaySection,
    /// This machine.
    #[serde(default)]
    pub agent: AgentSection,
    /// What only Linux has.
    #[serde(default)]
    pub linux: LinuxSection,
}

/// `[gateway]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySection {
    /// The control plane's base URL: `https://…`, or `http://` to loopback.
    pub url: String,
    /// The data plane's base URL, if the one that the gateway names is not reachable from here.
    pub relay_url: Option<String>,
    /// A CA bundle (PEM) that the gateway's certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
    /// The one-time token for enrolment: `file:PATH` or `env:NAME`. Not needed once enrolled.
    pub enrolment_token: Option<String>,
    /// What the files above hold, where whoever read them could and this process cannot.
    #[serde(skip)]
    pub read: ReadBefore,
}

/// Files of the configuration that were read by the loader.
#[derive(Debug, Clone, Default)]
pub struct ReadBefore {
    /// What `gateway.ca` holds.
    pub ca: Option<String>,
    /// What `gateway.enrolment_token` names.
    pub token: Option<Secret<String>>,
}

/// `[agent]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentSection {
    /// Where the device's identity and its last policy are kept.
    pub state: PathBuf,
    /// The socket that `tidegate-edge status` asks.
    pub socket: PathBuf,
    /// The system user that everything but the loader runs as. Empty: the agent is one process, with all
    /// that root may do; for trying it out.
    pub user: String,
    /// A `tracing` filter.
    pub log: String,
    /// Connections served at once.
    pub connections: usize,
    /// How long the first policy after enrolment waits for the organisation's CA to be in this machine's
    /// bundle, in seconds: until it is, apps would refuse what the agent presents. 0 where nothing
    /// installs it.
    pub await_trust: u16,
    /// Clients are run once when their policy was written, as nobody and without a network, and what stops one is
    /// taken back.
    pub canary: bool,
}

impl AgentSection {
    /// What our shims between clients and MCP servers obey: beside the control socket.
    #[must_use]
    pub fn rules(&self) -> PathBuf {
        self.socket.with_file_name(crate::fleet::shim::FILE)
    }
}

impl Default for AgentSection {
    fn default() -> Self {
        Self {
            state: "/var/lib/tidegate-edge".into(),
            socket: "/run/tidegate-edge/control.sock".into(),
            user: "tidegate-edge".into(),
            log: "info".into(),
            connections: 4_096,
            await_trust: 0,
            canary: true,
        }
    }
}

/// `[linux]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinuxSection {
    /// Only processes in this cgroup (v2) are steered; by default all.
    pub cgroup: Option<PathBuf>,
    /// Keeps the kernel programs in force while the agent is away, in this bpffs folder: with fail-closed
    /// nothing leaks past a stopped agent, and an upgrade leaves no gap.
    pub pin: Option<PathBuf>,
    /// Governed names may resolve to private addresses: where the AI is inside the company's network.
    pub learn_private: bool,
    /// How much the kernel programs say of what they decide, in the log with the target `tidegate::kernel`.
    /// For looking for a fault: off costs nothing, `debug` a line for each governed connection.
    pub kernel_log: KernelLog,
}

/// `linux.kernel_log`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KernelLog {
    /// Nothing.
    #[default]
    Off,
    /// What failed.
    Error,
    /// Also when the agent does not answer, and what was dropped.
    Info,
    /// Also each decision about a governed destination.
    Debug,
    /// Also each connection that is none of ours.
    Trace,
}

impl KernelLog {
    /// What the log's filter has to let through.
    #[must_use]
    pub const fn directive(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::Error => Some("tidegate::kernel=error"),
            Self::Info => Some("tidegate::kernel=info"),
            Self::Debug => Some("tidegate::kernel=debug"),
            Self::Trace => Some("tidegate::kernel=trace"),
        }
    }
}

impl Config {
    /// Reads and validates a file.
    ///
    /// # Errors
    /// It cannot be read, or says something that cannot be done.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} cannot be used", path.display()))
    }

    /// Validates the text of a configuration.
    ///
    /// # Errors
    /// It says something that cannot be done.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let config: Self = toml::from_str(text)?;
        for (key, url) in [
            ("gateway.url", Some(&config.gateway.url)),
            ("gateway.relay_url", config.gateway.relay_url.as_ref()),
        ] {
            if let Some(url) = url {
                check_url(url).with_context(|| format!("{key} is \"{url}\""))?;
            }
        }
        if let Some(token) = &config.gateway.enrolment_token {
            ensure!(
                token.starts_with("file:") || token.starts_with("env:"),
                "gateway.enrolment_token must be \"file:PATH\" or \"env:NAME\": a token in this file \
                 would stay here when it is used up"
            );
        }
        ensure!(
            config.agent.connections > 0,
            "agent.connections must be above zero"
        );
        Ok(config)
    }

    /// The enrolment token, if one is configured and there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn enrolment_token(&self) -> anyhow::Result<Option<String>> {
        if let Some(token) = &self.gateway.read.token {
            return Ok(Some(token.expose().clone()));
        }
        let Some(source) = &self.gateway.enrolment_token else {
            return Ok(None);
        };
        let token = match source.split_once(':') {
            Some(("env", name)) => std::env::var(name).ok(),
            Some(("file", path)) => match std::fs::read_to_string(path) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => bail!("gateway.enrolment_token: {path}: {error}"),
            },
            _ => None,
        };
        Ok(token.map(|token| token.trim().to_owned()))
    }

    /// What the gateway's certificate must chain to; `None` where the system says.
    ///
    /// # Errors
    /// `gateway.ca` cannot be read, or holds something else.
    pub fn authorities(&self) -> anyhow::Result<Option<Vec<CertificateDer<'static>>>> {
        let Some(path) = &self.gateway.ca else {
            return Ok(None);
        };
        let read = match &self.gateway.read.ca {
            Some(text) => CertificateDer::pem_slice_iter(text.as_bytes()).collect(),
            None => CertificateDer::pem_file_iter(path).and_then(Iterator::collect),
        };
        read.map(Some)
            .with_context(|| format!("gateway.ca: {} cannot be used", path.display()))
    }
}

fn check_url(url: &str) -> anyhow::Result<()> {
    let uri: http::Uri = url.parse()?;
    let host = uri.host().context("it names no host")?;
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if loopback => Ok(()),
        Some("http") => bail!("http:// would show prompts and keys to the network; use https://"),
        _ => bail!("it must be an https:// URL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_file_is_enough() {
        let config = Config::parse("[gateway]\nurl = \"https://tide.example.com\"\n").unwrap();
        assert_eq!(config.agent.connections, 4_096);
        assert_eq!(config.enrolment_token().unwrap(), None);
        assert_eq!(config.linux.kernel_log, KernelLog::Off);
    }

    #[test]
    fn the_kernel_programs_can_be_heard() {
        let text = "[gateway]\nurl = \"https://a\"\n[linux]\nkernel_log = \"debug\"\n";
        let log = Config::parse(text).unwrap().linux.kernel_log;
        assert_eq!(log, KernelLog::Debug);
        let level = tracing::Level::DEBUG;
        assert_eq!(
            log.directive(),
            Some(format!("tidegate::kernel={level}").to_lowercase()).as_deref()
        );
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for text in [
            "[gateway]\nurl = \"http://tide.example.com\"\n",
            "[gateway]\nurl = \"tide.example.com\"\n",
            "[gateway]\nurl = \"https://a\"\nunknown = 1\n",
            "[gateway]\nurl = \"https://a\"\nenrolment_token = \"tg-enrol-secret\"\n",
            "[gateway]\nurl = \"https://a\"\n[agent]\nconnections = 0\n",
            "[gateway]\nurl = \"https://a\"\n[linux]\nkernel_log = \"loud\"\n",
            "",
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(!format!("{error:?}").contains("tg-enrol-secret"));
        }
    }
}
