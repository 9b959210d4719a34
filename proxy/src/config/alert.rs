//! `[[alerts]]`: who is told at once what guardrails flag, stop, or could not look at.

use std::{net::ToSocketAddrs, path::Path, path::PathBuf};

use tidegate_provider::{ClearText, Endpoint};
use tidegate_types::Secret;

use super::{provider::credential, section::Section};

/// Who is told.
#[derive(Debug, Clone)]
pub struct AlertConfig {
    /// How.
    pub to: AlertTo,
    /// A CA bundle that its certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
}

/// How somebody is told.
#[derive(Debug, Clone)]
pub enum AlertTo {
    /// As JSON, signed where there is a secret.
    Webhook {
        /// Where it listens.
        url: Secret<String>,
        /// What signs the body.
        secret: Option<Secret<String>>,
    },
    /// As Slack's incoming webhooks take it; Mattermost, Discord (`/slack`) and others do too.
    Slack {
        /// The webhook's URL, which is a secret.
        url: Secret<String>,
    },
    /// As RFC 5424 messages.
    Syslog {
        /// `HOST:PORT`.
        address: String,
        /// Over TCP with octet counting (RFC 6587 §3.4.1), or else over UDP (RFC 5426).
        tcp: bool,
    },
}

pub(super) fn read(mut section: Section<'_>, base: &Path) -> Option<AlertConfig> {
    const KINDS: &[(&str, u8)] = &[("webhook", 1), ("slack", 2), ("syslog", 3)];
    let kind = section.choice("kind", KINDS, 0);
    let to = match kind {
        1 => {
            let url = url(&mut section, base);
            let secret = section.string("secret");
            let secret = secret.and_then(|text| credential(&section, "secret", &text, base));
            url.map(|url| AlertTo::Webhook { url, secret })
        }
        2 => url(&mut section, base).map(|url| AlertTo::Slack { url }),
        3 => syslog(&mut section),
        _ => {
            section.note("kind", "is needed: \"webhook\", \"slack\" or \"syslog\"");
            None
        }
    };
    let ca = section.bundle("ca", base);
    section.finish();
    to.map(|to| AlertConfig { to, ca })
}

/// The URL itself, or where it is: those of chats are secrets.
fn url(section: &mut Section<'_>, base: &Path) -> Option<Secret<String>> {
    let Some(text) = section.string("url") else {
        section.note("url", "is needed: a URL, \"env:NAME\" or \"file:PATH\"");
        return None;
    };
    let named = text.starts_with("env:") || text.starts_with("file:");
    let url = if named {
        credential(section, "url", &text, base)?
    } else {
        Secret::new(text)
    };
    if let Err(error) = Endpoint::parse(url.expose(), ClearText::Loopback) {
        section.note("url", error.to_string());
        return None;
    }
    Some(url)
}

fn syslog(section: &mut Section<'_>) -> Option<AlertTo> {
    let tcp = section.choice("transport", &[("udp", false), ("tcp", true)], false);
    let address = section.string("address").unwrap_or_default();
    if address
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.parse::<u16>().is_err())
    {
        section.note("address", "is needed: HOST:PORT, like \"127.0.0.1:514\"");
        return None;
    }
    if address.to_socket_addrs().is_err() {
        section.note("address", format!("{address} does not resolve"));
    }
    Some(AlertTo::Syslog { address, tcp })
}
