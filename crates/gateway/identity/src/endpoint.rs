//! Addresses of a provider: which ones this process may be told to connect to.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use url::{Host, Url};

use crate::{IdentityError, network};

/// The longest address, in bytes.
const LONGEST: usize = 2_048;

/// From where a provider serves. It decides what else it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// From this machine, by a loopback address: so may the rest of it, and in clear.
    Loopback,
    /// From elsewhere: nothing of it may be in clear, or name this machine.
    Network,
}

/// An address that this process may connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// An address that a provider of this reach names as its `what`.
    ///
    /// # Errors
    /// It is no URL, is not `https` (or on loopback, for a provider on loopback), has user information
    /// or a fragment, or names an address that is never connected to.
    pub fn parse(text: &str, what: &'static str, reach: Reach) -> Result<Self, IdentityError> {
        let fault = |reason| IdentityError::Endpoint { what, reason };
        if text.len() > LONGEST {
            return Err(fault("has more than 2048 bytes"));
        }
        let url = Url::parse(text).map_err(|_| fault("is no URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("must not hold user information"));
        }
        if url.fragment().is_some() {
            return Err(fault("must not have a fragment"));
        }
        let Some(host) = url.host() else {
            return Err(fault("names no host"));
        };
        if literal(&host).is_some_and(network::forbidden) {
            return Err(fault("names an address that is never connected to"));
        }
        match (url.scheme(), reach, is_loopback(&host)) {
            ("https", Reach::Loopback, _) | ("https", Reach::Network, false) => {}
            ("http", Reach::Loopback, true) => {}
            ("https" | "http", Reach::Network, true) => {
                return Err(fault("names this machine, where the provider is not"));
            }
            _ => return Err(fault("must begin with https://")),
        }
        Ok(Self(url))
    }

    /// The address as a URL, to add query parameters to.
    pub(crate) fn url(&self) -> Url {
        self.0.clone()
    }

    /// Whether TLS is spoken.
    pub(crate) fn tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The name or address to connect to, without brackets.
    pub(crate) fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(v6)) => v6.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The header `host`.
    pub(crate) fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// What stands in the request line.
    pub(crate) fn target(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }

    /// Whether an address that the host resolved to may be connected to. The name of this machine means
    /// this machine, whatever a resolver says.
    pub(crate) fn may_connect(&self, address: SocketAddr) -> bool {
        let ip = address.ip();
        let here = ip.to_canonical().is_loopback();
        let named_here = self.0.host().is_some_and(|host| is_loopback(&host));
        !network::forbidden(ip) && (here || !named_here)
    }
}

fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(v4) => Some(IpAddr::V4(*v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(*v6)),
        Host::Domain(_) => None,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        host => literal(host).is_some_and(|ip| ip.to_canonical().is_loopback()),
    }
}

/// Who a provider says it is: compared letter by letter, never as a URL (Discovery 1.0 §4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    reach: Reach,
}

impl Issuer {
    /// An issuer as an admin wrote it.
    ///
    /// # Errors
    /// As [`Endpoint::parse`]; or it has a query (Discovery 1.0 §3).
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let what = "issuer";
        let loopback =
            Url::parse(text).is_ok_and(|url| url.host().is_some_and(|h| is_loopback(&h)));
        let reach = if loopback {
            Reach::Loopback
        } else {
            Reach::Network
        };
        let Endpoint(url) = Endpoint::parse(text, what, reach)?;
        if url.query().is_some() {
            let reason = "must not have a query";
            return Err(IdentityError::Endpoint { what, reason });
        }
        Ok(Self {
            text: text.to_owned(),
            reach,
        })
    }

    /// Its text, exactly.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// From where it serves.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Where it describes itself (Discovery 1.0 §4.1).
    pub(crate) fn configuration(&self) -> Result<Endpoint, IdentityError> {
        let base = self.text.trim_end_matches('/');
        let text = format!("{base}/.well-known/openid-configuration");
        Endpoint::parse(&text, "issuer", self.reach)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_elsewhere_names_nothing_on_this_machine_and_nothing_in_clear() {
        for good in ["https://idp.example/token", "https://10.1.2.3:8443/t?x=1"] {
            assert!(Endpoint::parse(good, "t", Reach::Network).is_ok(), "{good}");
        }
        for bad in [
            "http://idp.example/token",
            "https://localhost/token",
            "https://LOCALHOST./token",
            "https://127.0.0.1/token",
            "https://2130706433/token",
            "https://0x7f.1/token",
            "https://[::1]/token",
            "https://[::ffff:127.0.0.1]/token",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:a9fe:a9fe]/",
            "https://user@idp.example/token",
            "https://idp.example/token#x",
            "file:///etc/passwd",
            "gopher://idp.example/",
            "//idp.example/token",
            "token",
            "",
        ] {
            assert!(Endpoint::parse(bad, "t", Reach::Network).is_err(), "{bad}");
        }
        let long = format!("https://idp.example/{}", "x".repeat(LONGEST));
        assert!(Endpoint::parse(&long, "t", Reach::Network).is_err());
    }

    #[test]
    fn only_a_provider_on_this_machine_is_spoken_to_in_clear() {
        let issuer = Issuer::parse("http://127.0.0.1:4000/op").unwrap();
        assert_eq!(issuer.reach(), Reach::Loopback);
        let described = issuer.configuration().unwrap();
        assert_eq!(described.target(), "/op/.well-known/openid-configuration");
        assert_eq!(described.authority(), "127.0.0.1:4000");
        for good in [
            "http://localhost:1/t",
            "http://[::1]:2/t",
            "https://idp.example/t",
        ] {
            assert!(
                Endpoint::parse(good, "t", Reach::Loopback).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "http://idp.example/t",
            "http://10.0.0.1/t",
            "http://169.254.169.254/",
        ] {
            assert!(Endpoint::parse(bad, "t", Reach::Loopback).is_err(), "{bad}");
        }
        for bad in [
            "http://idp.example",
            "https://idp.example/?tenant=1",
            "idp.example",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_cannot_resolve_to_where_it_must_not() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let idp = Endpoint::parse("https://idp.example/t", "t", Reach::Network).unwrap();
        assert!(idp.may_connect(at("10.0.0.1:443")));
        assert!(!idp.may_connect(at("169.254.169.254:443")));
        let here = Endpoint::parse("http://localhost:9/t", "t", Reach::Loopback).unwrap();
        assert!(here.may_connect(at("127.0.0.1:9")));
        assert!(!here.may_connect(at("203.0.113.9:9")));
    }
}
