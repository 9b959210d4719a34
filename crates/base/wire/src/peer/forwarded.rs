//! `x-forwarded-for` (of old custom) and `forwarded` (RFC 7239): each proxy writes whom it heard from at the right end.
//! What stands left of the first hop that is not believed may be anyone's invention.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};

use super::Networks;

/// How many hops are looked at: nobody has so many proxies of their own.
const MOST: usize = 32;

/// In which header the operator's proxies write. Only one is believed: a proxy that writes one of them passes the other
/// on as the client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// `forwarded`
    Forwarded,
    /// `x-forwarded-for`
    XForwardedFor,
}

/// The address that a request came from, whose connection is from `peer`: the rightmost hop that is not one of `trusted`.
/// `peer` itself where it is not trusted, where nothing is said, and where what is said is no address.
#[must_use]
pub fn client(headers: &HeaderMap, said: Header, peer: IpAddr, trusted: &Networks) -> IpAddr {
    if !trusted.contain(peer) {
        return peer;
    }
    let name = match said {
        Header::Forwarded => header::FORWARDED,
        Header::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
    };
    let mut last = peer;
    let values = headers.get_all(name).iter().rev();
    let hops = values.flat_map(|value| value.as_bytes().rsplit(|&byte| byte == b','));
    for hop in hops.take(MOST) {
        let hop = std::str::from_utf8(hop).ok();
        let address = hop.and_then(|hop| match said {
            Header::Forwarded => element(hop),
            Header::XForwardedFor => node(hop.trim()),
        });
        match address {
            Some(address) if trusted.contain(address) => last = address,
            Some(address) => return address,
            None => return last,
        }
    }
    last
}

/// What `for=` says in one element. A comma in a quoted text would cut it in two: no address has one.
fn element(text: &str) -> Option<IpAddr> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = found.next()?;
    node(value.trim().trim_matches('"'))
}

/// An address, or one with a port; in IPv6 in brackets, which some leave out.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(said: Header, peer: &str, values: &[&str]) -> String {
        let name = match said {
            Header::Forwarded => "forwarded",
            Header::XForwardedFor => "x-forwarded-for",
        };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        let trusted = Networks(trusted.iter().map(|text| text.parse().unwrap()).collect());
        client(&headers, said, peer.parse().unwrap(), &trusted).to_string()
    }

    #[test]
    fn the_rightmost_hop_that_is_not_trusted_is_the_client() {
        let x = |peer: &str, values: &[&str]| of(Header::XForwardedFor, peer, values);
        assert_eq!(x("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            x("10.0.0.1", &["1.1.1.1, 203.0.113.9 ,10.2.0.1"]),
            "203.0.113.9"
        );
        assert_eq!(
            x("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.9.9.9"]),
            "203.0.113.9"
        );
        assert_eq!(x("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(x("10.0.0.1", &["[2001:db9::1]:443"]), "2001:db9::1");
        assert_eq!(x("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(x("10.0.0.1", &["10.0.0.5, 10.0.0.6"]), "10.0.0.5");
    }

    #[test]
    fn who_is_not_trusted_is_not_believed_and_nonsense_names_nobody() {
        let x = |peer: &str, values: &[&str]| of(Header::XForwardedFor, peer, values);
        assert_eq!(x("203.0.113.1", &["1.1.1.1"]), "203.0.113.1");
        assert_eq!(x("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(x("10.0.0.1", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(x("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.7"]), "10.0.0.7");
        assert_eq!(x("10.0.0.1", &["1.1.1.1,"]), "10.0.0.1");
        let long = vec!["10.0.0.2"; 200].join(",");
        assert_eq!(x("10.0.0.1", &[&format!("1.1.1.1,{long}")]), "10.0.0.2");
    }

    #[test]
    fn forwarded_is_read_as_the_rfc_writes_it() {
        let f = |values: &[&str]| of(Header::Forwarded, "2001:db8::1", values);
        assert_eq!(
            f(&["for=192.0.2.60;proto=http;by=203.0.113.43"]),
            "192.0.2.60"
        );
        assert_eq!(
            f(&["For=\"[2001:db9:cafe::17]:4711\""]),
            "2001:db9:cafe::17"
        );
        assert_eq!(f(&["for=192.0.2.43, for=10.51.100.17"]), "192.0.2.43");
        assert_eq!(f(&["for=1.1.1.1, for=_hidden"]), "2001:db8::1");
        assert_eq!(f(&["proto=https"]), "2001:db8::1");
    }
}
