//! The `Host` check. A page that a browser loaded from elsewhere can make its own name point at a
//! loopback address (DNS rebinding) and then talk to this listener; it cannot change the name that
//! the browser sends.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Uri, header, uri::Authority};

/// Which hosts a listener answers to.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    loopback: bool,
    names: Vec<String>,
}

impl Hosts {
    pub(crate) fn new(listener: SocketAddr, names: &[String]) -> Self {
        Self {
            loopback: listener.ip().to_canonical().is_loopback(),
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    pub(crate) const fn loopback(&self) -> bool {
        self.loopback
    }

    /// Whether a request may be served. HTTP/2 carries the host in the URI.
    pub(crate) fn allow(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(header::HOST).iter();
        let host = match (given.next(), given.next()) {
            (Some(host), None) => host.to_str().ok().and_then(|text| text.parse().ok()),
            (None, None) => None,
            _ => return false,
        };
        match host.as_ref().or(uri.authority()) {
            Some(authority) => self.allows(authority),
            None => false,
        }
    }

    fn allows(&self, authority: &Authority) -> bool {
        let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let literal = name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Ok(ip) = literal.unwrap_or(&name).parse::<IpAddr>() {
            // An address cannot be rebound; on loopback only loopback makes sense.
            return !self.loopback || ip.to_canonical().is_loopback();
        }
        if name == "localhost" || self.names.contains(&name) {
            return true;
        }
        // A listener that others reach, with no names configured, answers to any name.
        !self.loopback && self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(listener: &str, names: &[&str], host: &str) -> bool {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let hosts = Hosts::new(listener.parse().unwrap(), &names);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        hosts.allow(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn loopback_answers_to_loopback_and_to_configured_names() {
        for good in [
            "localhost",
            "LOCALHOST:8081",
            "127.0.0.1:8081",
            "127.9.9.9",
            "[::1]:8081",
        ] {
            assert!(allowed("127.0.0.1:8081", &[], good), "{good}");
        }
        for bad in [
            "evil.example",
            "evil.example:8081",
            "localhost.evil.example",
            "10.0.0.1",
            "@",
            "",
        ] {
            assert!(!allowed("127.0.0.1:8081", &[], bad), "{bad}");
        }
        assert!(allowed(
            "127.0.0.1:8081",
            &["Admin.Example.com"],
            "admin.example.com:443"
        ));
        assert!(!allowed(
            "127.0.0.1:8081",
            &["admin.example.com"],
            "evil.example"
        ));
    }

    #[test]
    fn an_open_listener_keeps_to_its_names_once_it_has_some() {
        assert!(allowed("0.0.0.0:8081", &[], "anything.example"));
        assert!(allowed(
            "0.0.0.0:8081",
            &["admin.example.com"],
            "10.0.0.7:8081"
        ));
        assert!(!allowed(
            "0.0.0.0:8081",
            &["admin.example.com"],
            "evil.example"
        ));
    }

    #[test]
    fn no_host_or_two_are_refused() {
        let hosts = Hosts::new("127.0.0.1:1".parse().unwrap(), &[]);
        assert!(!hosts.allow(&Uri::from_static("/"), &HeaderMap::new()));
        assert!(hosts.allow(&Uri::from_static("http://localhost/x"), &HeaderMap::new()));
        let mut two = HeaderMap::new();
        two.append(header::HOST, "localhost".parse().unwrap());
        two.append(header::HOST, "evil.example".parse().unwrap());
        assert!(!hosts.allow(&Uri::from_static("/"), &two));
    }
}
