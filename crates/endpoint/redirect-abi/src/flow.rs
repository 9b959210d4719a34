//! A redirected connection: where it was going, who opened it, how the agent finds that out.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address family on the wire: a v4-mapped connection of an IPv6 socket is IPv4. Linux numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Family {
    /// `AF_INET`.
    V4 = 2,
    /// `AF_INET6`.
    V6 = 10,
}

impl Family {
    /// The family with this number.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            2 => Some(Self::V4),
            10 => Some(Self::V6),
            _ => None,
        }
    }
}

/// Who made a system call, as the kernel saw it at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Opener {
    /// The network namespace's cookie.
    pub netns: u64,
    /// The cgroup (v2).
    pub cgroup: u64,
    /// The process (thread group) in the host's pid namespace.
    pub tgid: u32,
    /// The user in the host's user namespace.
    pub uid: u32,
    /// When the process started, in nanoseconds of the boot clock; 0 where that is not known.
    pub start_ns: u64,
    /// The thread's name, NUL-padded. It is the process's own choice.
    pub comm: [u8; 16],
}

/// Where a socket was going before it was sent to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Original {
    /// A [`Family`].
    pub family: u32,
    /// The port.
    pub port: u32,
    /// The address; IPv4 in the first word.
    pub address: [u32; 4],
    /// The socket's cookie.
    pub cookie: u64,
    /// Who opened it.
    pub opener: Opener,
}

impl Original {
    /// The destination; none where the family is not one.
    #[must_use]
    pub const fn destination(&self) -> Option<SocketAddr> {
        socket_address(self.family, &self.address, self.port)
    }
}

/// What the agent knows about an accepted connection, and the kernel about the one it sent.
///
/// A port alone would not do: two sockets share one when their source addresses differ, and every
/// network namespace has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct PortKey {
    /// The network namespace's cookie.
    pub netns: u64,
    /// The source address; IPv4 in the first word.
    pub address: [u32; 4],
    /// A [`Family`].
    pub family: u32,
    /// The source port.
    pub port: u32,
}

impl PortKey {
    /// The key of a connection that came from `peer` within a namespace.
    #[must_use]
    pub fn new(netns: u64, peer: SocketAddr) -> Self {
        let (family, address) = words(peer.ip());
        Self {
            netns,
            address,
            family: family as u32,
            port: peer.port().into(),
        }
    }
}

/// An address as the records hold it.
pub(crate) fn words(address: IpAddr) -> (Family, [u32; 4]) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (Family::V4, [u32::from_ne_bytes(v4.octets()), 0, 0, 0]),
        IpAddr::V6(v6) => {
            let mut words = [0; 4];
            for (word, bytes) in words.iter_mut().zip(v6.octets().as_chunks::<4>().0) {
                *word = u32::from_ne_bytes(*bytes);
            }
            (Family::V6, words)
        }
    }
}

/// The address that a record holds; none where the numbers mean nothing.
#[must_use]
pub(crate) const fn socket_address(
    family: u32,
    address: &[u32; 4],
    port: u32,
) -> Option<SocketAddr> {
    if port > u16::MAX as u32 {
        return None;
    }
    let [a, b, c, d] = [
        address[0].to_ne_bytes(),
        address[1].to_ne_bytes(),
        address[2].to_ne_bytes(),
        address[3].to_ne_bytes(),
    ];
    let ip = match Family::from_number(family) {
        Some(Family::V4) => IpAddr::V4(Ipv4Addr::new(a[0], a[1], a[2], a[3])),
        Some(Family::V6) => IpAddr::V6(Ipv6Addr::from_octets([
            a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], c[0], c[1], c[2], c[3], d[0], d[1],
            d[2], d[3],
        ])),
        None => return None,
    };
    Some(SocketAddr::new(ip, port as u16))
}

impl crate::Event {
    /// The destination; none where the family is not one.
    #[must_use]
    pub const fn destination(&self) -> Option<SocketAddr> {
        socket_address(self.family, &self.address, self.port)
    }
}
