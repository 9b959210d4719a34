//! Where relayed calls go.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use http::{
    HeaderValue, Request, Uri, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use tidegate_policy::HostName;

/// Why calls are not relayed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayUrlError {
    /// It is not such a URL.
    #[error("the gateway's URL is http(s)://host[:port][/path], without user, query or fragment")]
    Shape,
    /// Prompts and the device's key would be readable on the way.
    #[error("http:// is for loopback only: prompts and the device's key would travel unencrypted")]
    Plain,
}

/// The data plane's base URL.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayUrl {
    tls: bool,
    authority: Authority,
    /// Without a slash at the end.
    path: String,
}

impl RelayUrl {
    pub(crate) fn tls(&self) -> bool {
        self.tls
    }

    /// Without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.authority.host().trim_matches(['[', ']'])
    }

    pub(crate) fn port(&self) -> u16 {
        let default = if self.tls { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(default)
    }

    /// The URL of a relayed call. `target` is the call's path with its query and begins with a slash.
    pub(crate) fn relayed(&self, host: &str, target: &str) -> Result<Uri, http::Error> {
        let prefix = tidegate_device_api::ROUTE_PREFIX;
        let path = [&self.path, prefix, host, target].concat();
        Uri::builder()
            .scheme(if self.tls {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            })
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }
}

impl FromStr for RelayUrl {
    type Err = RelayUrlError;

    fn from_str(text: &str) -> Result<Self, RelayUrlError> {
        let uri: Uri = text.parse().map_err(|_| RelayUrlError::Shape)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(RelayUrlError::Shape),
        };
        let authority = uri.authority().ok_or(RelayUrlError::Shape)?.clone();
        if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') {
            return Err(RelayUrlError::Shape);
        }
        if !is_host(authority.host()) {
            return Err(RelayUrlError::Shape);
        }
        // A port that is none must not mean the usual one.
        let behind = authority.as_str().strip_prefix(authority.host());
        if behind != Some("") && authority.port_u16().is_none() {
            return Err(RelayUrlError::Shape);
        }
        let url = Self {
            tls,
            authority,
            path: uri.path().trim_end_matches('/').to_owned(),
        };
        let loopback = url.host() == "localhost"
            || url
                .host()
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if !tls && !loopback {
            return Err(RelayUrlError::Plain);
        }
        Ok(url)
    }
}

/// Makes a request with a whole URL one of HTTP/1.1, where the host is a header and the target a path (RFC 9112
/// §3.2.1).
pub(super) fn to_origin_form<B>(request: &mut Request<B>) {
    let uri = std::mem::take(request.uri_mut());
    let mut parts = uri.into_parts();
    let host = parts.authority.take();
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
    let path = parts
        .path_and_query
        .unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = path.into();
}

/// A name or an address, where an authority may have all kinds of things (RFC 3986 §3.2.2).
fn is_host(text: &str) -> bool {
    match text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => text.parse::<Ipv4Addr>().is_ok() || text.parse::<HostName>().is_ok(),
    }
}

impl fmt::Debug for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unencrypted_is_for_loopback_only() {
        for (text, expected) in [
            ("https://gateway.example", Ok(())),
            ("https://gateway.example:8443/tide/", Ok(())),
            ("http://127.0.0.1:8080", Ok(())),
            ("http://[::1]:8080", Ok(())),
            ("http://localhost:8080", Ok(())),
            ("http://gateway.example", Err(RelayUrlError::Plain)),
            ("http://localhost.evil.example", Err(RelayUrlError::Plain)),
            ("ftp://gateway.example", Err(RelayUrlError::Shape)),
            ("https://a:b@gateway.example", Err(RelayUrlError::Shape)),
            ("https://gateway.example/?x=1", Err(RelayUrlError::Shape)),
            ("gateway.example", Err(RelayUrlError::Shape)),
            ("https://gateway.example:99999", Err(RelayUrlError::Shape)),
            ("https://gateway.example:84a3", Err(RelayUrlError::Shape)),
            ("https://gateway.example:", Err(RelayUrlError::Shape)),
            ("https://[gateway.example]", Err(RelayUrlError::Shape)),
            ("https://::1[2001:db8::1]:443", Err(RelayUrlError::Shape)),
        ] {
            assert_eq!(text.parse::<RelayUrl>().map(|_| ()), expected, "{text}");
        }
    }

    #[test]
    fn a_call_keeps_its_path_and_query() {
        let url: RelayUrl = "https://gateway.example:8443/tide/".parse().unwrap();
        let relayed = url.relayed("api.openai.com", "/v1/x%2Fy?a=1&b=%20");
        assert_eq!(
            relayed.unwrap().to_string(),
            "https://gateway.example:8443/tide/edge/api.openai.com/v1/x%2Fy?a=1&b=%20"
        );
        assert_eq!((url.host(), url.port()), ("gateway.example", 8443));
        let six: RelayUrl = "http://[::1]".parse().unwrap();
        assert_eq!((six.host(), six.port()), ("::1", 80));
    }
}
