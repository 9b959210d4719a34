//! Which addresses are never connected to, whatever a name resolves to: those that mean something only
//! inside a host or a cloud, first of all the services that hand out a machine's credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address must not be connected to. Private networks may be: many providers are on one.
pub(crate) fn forbidden(address: IpAddr) -> bool {
    match embedded(address) {
        IpAddr::V4(v4) => forbidden_v4(v4),
        IpAddr::V6(v6) => forbidden_v6(v6),
    }
}

/// The IPv4 address that an IPv6 one stands for, if it does (RFC 4291 §2.5.5.2, RFC 6052 §2.1).
fn embedded(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => match v6.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            _ => IpAddr::V6(v6),
        },
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn forbidden_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    v4.is_link_local()
        || v4.is_multicast()
        || v4.is_broadcast()
        || a == 0
        // Addresses of protocols (RFC 6890); one cloud's metadata service is among them.
        || (a, b, c) == (192, 0, 0)
        // Another cloud's metadata service lies in shared address space.
        || v4 == Ipv4Addr::new(100, 100, 100, 200)
}

fn forbidden_v6(v6: Ipv6Addr) -> bool {
    v6.is_unspecified()
        || v6.is_multicast()
        || v6.is_unicast_link_local()
        // A cloud's metadata service over IPv6.
        || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_inside_a_host_or_a_cloud_are_not_reached_under_any_spelling() {
        for bad in [
            "169.254.169.254",
            "169.254.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "100.100.100.200",
            "192.0.0.192",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(forbidden(bad.parse().unwrap()), "{bad}");
        }
        for good in [
            "93.184.216.34",
            "10.0.0.7",
            "192.168.1.1",
            "172.16.0.1",
            "127.0.0.1",
            "::1",
            "fd12::1",
            "2606:4700::1111",
            "64:ff9b::5db8:d822",
        ] {
            assert!(!forbidden(good.parse().unwrap()), "{good}");
        }
    }
}
