//! The messages of sock_diag(7): fixed structures and attributes, all in the machine's byte order but for
//! ports and addresses.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::{AsRawFd, OwnedFd, RawFd},
};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};
use tidegate_redirect_abi::GOVERNED_PORT;

const BY_FAMILY: u16 = 20;
const DESTROY: u16 = 21;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const REQUEST: u16 = 1;
const ACK: u16 = 4;
const DUMP: u16 = 0x300;
/// Of a message, and of an attribute.
const HEADER: usize = 16;
const ATTRIBUTE: usize = 4;
/// `inet_diag_sockid`: ports, addresses, interface, cookie.
pub(super) const ID: usize = 48;
/// `inet_diag_msg` up to its attributes.
const MESSAGE: usize = 72;
/// `INET_DIAG_REQ_SK_BPF_STORAGES`, and in it `SK_DIAG_BPF_STORAGE_REQ_MAP_FD`.
const ASK_STORAGE: u16 = 2;
const ASK_MAP: u16 = 1;
/// `INET_DIAG_SK_BPF_STORAGES`, in it `SK_DIAG_BPF_STORAGE`, in it `SK_DIAG_BPF_STORAGE_MAP_VALUE`.
const STORAGES: u16 = 20;
const STORAGE: u16 = 1;
const VALUE: u16 = 3;
/// `INET_DIAG_CGROUP_ID`.
const CGROUP: u16 = 21;
/// The kernel fills pages of this size.
const BUFFER: usize = 32 * 1024;

/// Which sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    family: u8,
    protocol: u8,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [
        Self::new(libc::AF_INET, libc::IPPROTO_TCP),
        Self::new(libc::AF_INET6, libc::IPPROTO_TCP),
        Self::new(libc::AF_INET, libc::IPPROTO_UDP),
        Self::new(libc::AF_INET6, libc::IPPROTO_UDP),
    ];

    const fn new(family: i32, protocol: i32) -> Self {
        Self {
            family: family as u8,
            protocol: protocol as u8,
        }
    }

    pub(super) const fn is_tcp(self) -> bool {
        self.protocol == libc::IPPROTO_TCP as u8
    }

    /// The states in which a socket still carries data, as bits (the kernel's `tcp_states.h`):
    /// established, both halves of the handshake, half closed either way. UDP knows the first only.
    const fn states(self) -> u32 {
        if self.is_tcp() {
            1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 8
        } else {
            1 << 1
        }
    }

    /// `inet_diag_req_v2`.
    fn request(self, id: &[u8; ID]) -> Vec<u8> {
        let mut bytes = vec![self.family, self.protocol, 0, 0];
        bytes.extend(self.states().to_ne_bytes());
        bytes.extend(id);
        bytes
    }
}

/// A socket as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its identity, the cookie among it, so that no other socket can be taken for it.
    pub(super) id: [u8; ID],
    pub(super) peer: IpAddr,
    /// What the map of our sockets says of it.
    pub(super) own: Option<u32>,
    pub(super) cgroup: Option<u64>,
}

/// A netlink socket.
pub(super) struct Conversation(OwnedFd);

impl Conversation {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self(socket(
            AddressFamily::Netlink,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkSockDiag,
        )?))
    }

    /// All sockets of a kind whose peer has the governed port. `own` is the map of our sockets.
    pub(super) fn list(&self, kind: Kind, own: RawFd) -> io::Result<Vec<Listed>> {
        let mut anybody = [0; ID];
        anybody[2..4].copy_from_slice(&GOVERNED_PORT.to_be_bytes());
        let mut body = kind.request(&anybody);
        let map = attribute(ASK_MAP, &own.to_ne_bytes());
        body.extend(attribute(ASK_STORAGE, &map));
        self.say(BY_FAMILY, REQUEST | DUMP, &body)?;
        let mut found = Vec::new();
        self.hear(|message| found.extend(listed(kind, message)))?;
        Ok(found)
    }

    pub(super) fn destroy(&self, kind: Kind, socket: &Listed) -> io::Result<()> {
        self.say(DESTROY, REQUEST | ACK, &kind.request(&socket.id))?;
        self.hear(|_| {})
    }

    fn say(&self, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(HEADER + body.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend(length.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        // Sequence and sender: there is one question at a time, and the kernel knows who asks.
        bytes.extend([0; 8]);
        bytes.extend(body);
        send(self.0.as_raw_fd(), &bytes, MsgFlags::empty())?;
        Ok(())
    }

    /// Reads messages until the kernel says that it is done.
    fn hear(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let length = recv(self.0.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
            let mut rest = buffer.get(..length).unwrap_or_default();
            while let Some((kind, body, after)) = message(rest) {
                match kind {
                    DONE | ERROR => return outcome(body),
                    BY_FAMILY => each(body),
                    _ => {}
                }
                rest = after;
            }
        }
    }
}

/// `nlmsgerr`: a negative error number, 0 for none.
fn outcome(body: &[u8]) -> io::Result<()> {
    match body.first_chunk().map(|bytes| i32::from_ne_bytes(*bytes)) {
        Some(0) => Ok(()),
        Some(number) => Err(io::Error::from_raw_os_error(number.saturating_neg())),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The first of some messages: its type, its body, and what follows.
fn message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::try_from(u32::from_ne_bytes(*bytes.first_chunk()?)).ok()?;
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    let body = bytes.get(HEADER..length)?;
    let next = length.next_multiple_of(4);
    Some((kind, body, bytes.get(next..).unwrap_or_default()))
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(ATTRIBUTE + value.len()).unwrap_or(u16::MAX);
    let mut bytes = Vec::from(length.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The value of an attribute among others. The upper bits of a type are flags.
fn find(mut bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let length = usize::from(u16::from_ne_bytes(*bytes.first_chunk()?));
        let kind = u16::from_ne_bytes(bytes.get(2..4)?.try_into().ok()?) & 0x3fff;
        let value = bytes.get(ATTRIBUTE..length)?;
        if kind == wanted {
            return Some(value);
        }
        bytes = bytes.get(length.next_multiple_of(4)..)?;
    }
}

/// Reads an `inet_diag_msg`.
fn listed(kind: Kind, body: &[u8]) -> Option<Listed> {
    let id: [u8; ID] = body.get(4..4 + ID)?.try_into().ok()?;
    let address: [u8; 16] = id.get(20..36)?.try_into().ok()?;
    let peer = if kind.family == libc::AF_INET as u8 {
        let [a, b, c, d, ..] = address;
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    } else {
        IpAddr::V6(Ipv6Addr::from_octets(address))
    };
    let attributes = body.get(MESSAGE..)?;
    let own = find(attributes, STORAGES)
        .and_then(|storages| find(storages, STORAGE))
        .and_then(|storage| find(storage, VALUE))
        .and_then(|value| Some(u32::from_ne_bytes(*value.first_chunk()?)));
    let cgroup =
        find(attributes, CGROUP).and_then(|id| Some(u64::from_ne_bytes(*id.first_chunk()?)));
    Some(Listed {
        id,
        peer,
        own,
        cgroup,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Vec<u8> {
        let mut body = vec![0; MESSAGE];
        body[24..28].copy_from_slice(&[203, 0, 113, 10]);
        let value = [
            attribute(2, &5_u32.to_ne_bytes()),
            attribute(VALUE, &1_u32.to_ne_bytes()),
        ]
        .concat();
        body.extend(attribute(8, &[0]));
        body.extend(attribute(STORAGES, &attribute(STORAGE, &value)));
        body.extend(attribute(CGROUP, &9_u64.to_ne_bytes()));
        body
    }

    #[test]
    fn a_socket_is_read_with_what_the_map_says_of_it() {
        let [tcp4, tcp6, ..] = Kind::ALL;
        let socket = listed(tcp4, &body()).unwrap();
        assert_eq!(socket.peer, IpAddr::from([203, 0, 113, 10]));
        assert_eq!((socket.own, socket.cgroup), (Some(1), Some(9)));
        assert!(listed(tcp6, &body()).unwrap().peer.is_ipv6());
        let plain = listed(tcp4, &body()[..MESSAGE]).unwrap();
        assert_eq!((plain.own, plain.cgroup), (None, None));
    }

    #[test]
    fn what_is_cut_off_never_panics() {
        let whole = body();
        for length in 0..whole.len() {
            listed(Kind::ALL[0], &whole[..length]);
            message(&whole[..length]);
        }
        // A length of zero must not go round for ever.
        assert_eq!(find(&[0; 64], 1), None);
        assert_eq!(message(&[0; 64]), None);
        assert!(outcome(&[]).is_err());
    }
}
