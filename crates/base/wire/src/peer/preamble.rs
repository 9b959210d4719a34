//! The PROXY protocol's second version, which load balancers put in front of a connection:
//! <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt> §2.2.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family and protocol, length.
const FIXED: usize = 16;
/// The longest header that is read, in bytes: addresses, and what balancers add of TLS and of themselves.
pub const LONGEST: usize = 2_048;

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preamble {
    /// Not this protocol: they belong to whatever comes.
    Absent,
    /// It begins like this protocol; at least so many bytes are needed to tell.
    Incomplete(usize),
    /// This protocol, so many bytes of it; `source` is who connected to the proxy, where it says so.
    Present {
        /// How long the header is, in bytes.
        length: usize,
        /// Who connected to the proxy. None of the proxy's own connections (LOCAL), and of other families.
        source: Option<IpAddr>,
    },
    /// It begins like this protocol and is none.
    Broken,
}

/// Reads what a connection begins with. No HTTP and no TLS begins as the signature does.
#[must_use]
pub fn preamble(bytes: &[u8]) -> Preamble {
    let known = bytes.len().min(SIGNATURE.len());
    if bytes[..known] != SIGNATURE[..known] {
        return Preamble::Absent;
    }
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else {
        return Preamble::Incomplete(FIXED);
    };
    let [.., command, family, high, low] = *fixed else {
        return Preamble::Broken;
    };
    let length = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST || command >> 4 != 2 {
        return Preamble::Broken;
    }
    let Some(body) = rest.get(..length - FIXED) else {
        return Preamble::Incomplete(length);
    };
    let source = match (command & 0xf, family >> 4) {
        // LOCAL: the proxy speaks for itself.
        (0, _) => None,
        (1, 1) => match body {
            [a, b, c, d, _, _, _, _, _, _, _, _, ..] => Some(Ipv4Addr::new(*a, *b, *c, *d).into()),
            _ => return Preamble::Broken,
        },
        (1, 2) => match (body.first_chunk::<16>(), body.len()) {
            (Some(source), 36..) => Some(Ipv6Addr::from(*source).to_canonical()),
            _ => return Preamble::Broken,
        },
        (1, _) => None,
        _ => return Preamble::Broken,
    };
    Preamble::Present { length, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut all = SIGNATURE.to_vec();
        all.extend([command, family]);
        all.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        all.extend(body);
        all
    }

    #[test]
    fn addresses_of_both_families_and_what_names_none() {
        let v4 = header(0x21, 0x11, &[203, 0, 113, 9, 10, 0, 0, 1, 1, 2, 3, 4]);
        let source = Some("203.0.113.9".parse().unwrap());
        assert_eq!(preamble(&v4), Preamble::Present { length: 28, source });
        let mut more = v4.clone();
        more.extend(b"GET / HTTP/1.1\r\n");
        assert_eq!(preamble(&more), Preamble::Present { length: 28, source });
        let mut body = [0; 40];
        body[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
        let source = Some("2001:db8::".parse().unwrap());
        let v6 = header(0x21, 0x21, &body);
        assert_eq!(preamble(&v6), Preamble::Present { length: 56, source });
        for none in [header(0x20, 0, &[]), header(0x21, 0x31, &[0; 216])] {
            let length = none.len();
            assert_eq!(
                preamble(&none),
                Preamble::Present {
                    length,
                    source: None
                }
            );
        }
        for cut in 1..v4.len() {
            assert!(
                matches!(preamble(&v4[..cut]), Preamble::Incomplete(more) if more > cut),
                "{cut}"
            );
        }
    }

    #[test]
    fn what_is_none_is_not_taken_for_one() {
        assert_eq!(preamble(b"GET / HTTP/1.1\r\n"), Preamble::Absent);
        assert_eq!(preamble(&[0x16, 3, 1]), Preamble::Absent);
        assert_eq!(
            preamble(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            Preamble::Absent
        );
        for broken in [
            header(0x11, 0x11, &[0; 12]),
            header(0x22, 0x11, &[0; 12]),
            header(0x21, 0x11, &[0; 11]),
            header(0x21, 0x21, &[0; 35]),
            header(0x21, 0x11, &[0; LONGEST]),
        ] {
            assert_eq!(preamble(&broken), Preamble::Broken, "{broken:?}");
        }
    }
}
