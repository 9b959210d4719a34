//! Where a provider listens: a base URL, taken apart once, with errors that say what to write.

use std::{fmt, net::IpAddr};

/// Longest base URL accepted, in bytes.
const MAX_LENGTH: usize = 2_048;

/// Where `http://`, which shows keys and prompts to the network, may lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClearText {
    /// Anywhere: the operator set `allow_insecure_http = true` for this provider.
    Anywhere,
    /// Only to this machine.
    #[default]
    Loopback,
}

/// Why a text is not a base URL of a provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// `http://` to another machine.
    #[error(
        "`http://` to `{0}` would send keys and prompts in clear text; use `https://`, or set \
         `allow_insecure_http = true` for this provider"
    )]
    ClearText(String),
    /// A fragment.
    #[error("a base URL has no fragment (`#`)")]
    Fragment,
    /// Neither a host name nor an address.
    #[error("`{0}` is not a host name or address")]
    Host(String),
    /// More text than any URL needs.
    #[error("a base URL has at most {MAX_LENGTH} characters")]
    Length,
    /// Nothing between the scheme and the path.
    #[error("the base URL has no host")]
    NoHost,
    /// A path with characters that would be read differently elsewhere.
    #[error("`{0}` is not a plain path: no `//`, `.`, `..`, spaces or percent escapes")]
    Path(String),
    /// Not a port.
    #[error("`{0}` is not a port (1 to 65535)")]
    Port(String),
    /// A query.
    #[error("a base URL has no query (`?`)")]
    Query,
    /// Another scheme, or none.
    #[error("a base URL starts with `https://` (or `http://` for this machine)")]
    Scheme,
    /// A name or a password in the URL.
    #[error("a base URL has no user or password; the credential goes into `api_key`")]
    UserInfo,
    /// The version path is the caller's part.
    #[error("write the root without the version path: leave out `/{0}`")]
    Version(&'static str),
}

/// Where a provider listens.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    tls: bool,
    host: String,
    port: u16,
    prefix: String,
    host_header: http::HeaderValue,
}

impl Endpoint {
    /// Takes a base URL apart: scheme, host, optional port, optional path before the version path.
    ///
    /// # Errors
    /// Each way in which a text is not the root of a provider has its own [`EndpointError`].
    pub fn parse(base_url: &str, clear_text: ClearText) -> Result<Self, EndpointError> {
        if base_url.len() > MAX_LENGTH {
            return Err(EndpointError::Length);
        }
        let (tls, rest) = split_scheme(base_url)?;
        if rest.contains('#') {
            return Err(EndpointError::Fragment);
        }
        if rest.contains('?') {
            return Err(EndpointError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(EndpointError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let host = parse_host(host)?;
        let port = match port {
            Some(text) => parse_port(text)?,
            None => default_port(tls),
        };
        let prefix = parse_prefix(path)?;
        if !tls && clear_text == ClearText::Loopback && !is_loopback(&host) {
            return Err(EndpointError::ClearText(host));
        }
        let shown = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        let shown = if port == default_port(tls) {
            shown
        } else {
            format!("{shown}:{port}")
        };
        let host_header =
            http::HeaderValue::try_from(shown).map_err(|_| EndpointError::Host(host.clone()))?;
        Ok(Self {
            tls,
            host,
            port,
            prefix,
            host_header,
        })
    }

    /// Whether it is spoken to over TLS.
    #[must_use]
    pub const fn tls(&self) -> bool {
        self.tls
    }

    /// Host name in lower case, or address; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path before the version path: empty, or `/a/b` without a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The `host` header (RFC 9110 §7.2): with the port when it is not the scheme's own. Cloning
    /// it does not copy.
    #[must_use]
    pub const fn host_header(&self) -> &http::HeaderValue {
        &self.host_header
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        let host = self.host_header.to_str().unwrap_or(&self.host);
        write!(f, "{scheme}://{host}{}", self.prefix)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

fn split_scheme(url: &str) -> Result<(bool, &str), EndpointError> {
    let (scheme, rest) = url.split_once("://").ok_or(EndpointError::Scheme)?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((true, rest)),
        "http" => Ok((false, rest)),
        _ => Err(EndpointError::Scheme),
    }
}

/// Host and port text; the host of an IPv6 address still has its brackets.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), EndpointError> {
    if authority.is_empty() {
        return Err(EndpointError::NoHost);
    }
    let after_bracket = match authority.rfind(']') {
        Some(at) => at + 1,
        // An unclosed bracket: all of it is the host, which then is none.
        None if authority.starts_with('[') => return Ok((authority, None)),
        None => 0,
    };
    match authority[after_bracket..].find(':') {
        Some(0) if after_bracket == 0 => Err(EndpointError::NoHost),
        Some(at) => {
            let (host, port) = authority.split_at(after_bracket + at);
            Ok((host, Some(&port[1..])))
        }
        None => Ok((authority, None)),
    }
}

fn parse_port(text: &str) -> Result<u16, EndpointError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err(EndpointError::Port(text.to_owned())),
    }
}

fn parse_host(text: &str) -> Result<String, EndpointError> {
    let error = || EndpointError::Host(text.to_owned());
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or_else(error)?;
        let address: std::net::Ipv6Addr = inner.parse().map_err(|_| error())?;
        return Ok(address.to_string());
    }
    // RFC 1123 §2.1 labels; `_` is let through, since container networks use it.
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let numeric = name
        .rsplit('.')
        .next()
        .is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
    // `127.1` and `0x7f.1` mean an address to some resolvers only: a name that ends in a number
    // must be a whole IPv4 address.
    let valid = name.len() <= 253
        && name.split('.').all(label)
        && (!numeric || name.parse::<std::net::Ipv4Addr>().is_ok());
    if valid {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(error())
    }
}

fn parse_prefix(path: &str) -> Result<String, EndpointError> {
    let prefix = path.trim_end_matches('/');
    let segment = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&b))
    };
    let Some(inner) = prefix.strip_prefix('/') else {
        return Ok(String::new());
    };
    if !inner.split('/').all(segment) || path.len() > prefix.len() + 1 {
        return Err(EndpointError::Path(path.to_owned()));
    }
    let last = inner.rsplit('/').next().unwrap_or_default();
    for version in ["v1", "v1beta", "v1alpha"] {
        if last == version {
            return Err(EndpointError::Version(version));
        }
    }
    Ok(prefix.to_owned())
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        // RFC 6761 §6.3: `localhost` and the names under it never leave the machine.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests;
