//! Reading and writing a `bpf_sock_addr`. The kernel rewrites every access to it, so each has to be
//! its own word-sized load or store with a constant offset.

use core::ptr::{read_volatile, write_volatile};

use aya_ebpf::{
    bindings::{bpf_sock, bpf_sock_addr},
    programs::SockAddrContext,
};
use tidegate_redirect_abi::Family;

pub const LOOPBACK4: u32 = u32::from_ne_bytes([127, 0, 0, 1]);
const MAPPED: u32 = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
pub const IPPROTO_TCP: u32 = 6;
pub const IPPROTO_UDP: u32 = 17;
const IPPROTO_MPTCP: u32 = 262;

/// The address that a system call names.
#[derive(Clone, Copy)]
pub struct Destination {
    /// As on the wire.
    pub family: Family,
    /// Network order; IPv4 in the first word.
    pub address: [u32; 4],
    /// Host order.
    pub port: u16,
}

impl Destination {
    /// The address in sixteen bytes: IPv4 in its mapped form.
    #[inline(always)]
    pub fn key(&self) -> [u32; 4] {
        match self.family {
            Family::V4 => [0, 0, MAPPED, self.address[0]],
            Family::V6 => self.address,
        }
    }
}

/// The destination of an IPv6 socket; a mapped address is IPv4.
#[inline(always)]
pub fn destination6([a, b, c, d]: [u32; 4], port: u16) -> Destination {
    if a == 0 && b == 0 && c == MAPPED {
        return Destination {
            family: Family::V4,
            address: [d, 0, 0, 0],
            port,
        };
    }
    Destination {
        family: Family::V6,
        address: [a, b, c, d],
        port,
    }
}

/// The context of a hook, with typed access.
#[derive(Clone, Copy)]
pub struct Call(*mut bpf_sock_addr);

impl Call {
    #[inline(always)]
    pub fn new(ctx: &SockAddrContext) -> Self {
        Self(ctx.sock_addr)
    }

    #[inline(always)]
    pub fn context(self) -> *mut core::ffi::c_void {
        self.0.cast()
    }

    #[inline(always)]
    pub fn socket(self) -> *mut bpf_sock {
        // SAFETY: a field of the context; `read_volatile` keeps it one load.
        unsafe { read_volatile(&raw const (*self.0).__bindgen_anon_1.sk) }
    }

    #[inline(always)]
    pub fn is_udp(self) -> bool {
        self.protocol() == IPPROTO_UDP
    }

    #[inline(always)]
    pub fn is_tcp(self) -> bool {
        let protocol = self.protocol();
        protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP
    }

    #[inline(always)]
    fn protocol(self) -> u32 {
        // SAFETY: as above.
        unsafe { read_volatile(&raw const (*self.0).protocol) }
    }

    #[inline(always)]
    fn port(self) -> u16 {
        // SAFETY: as above. The field holds a big-endian 16-bit number.
        u16::from_be(unsafe { read_volatile(&raw const (*self.0).user_port) } as u16)
    }

    /// The destination of a call on an IPv4 socket.
    #[inline(always)]
    pub fn destination4(self) -> Destination {
        // SAFETY: as above.
        let address = unsafe { read_volatile(&raw const (*self.0).user_ip4) };
        Destination {
            family: Family::V4,
            address: [address, 0, 0, 0],
            port: self.port(),
        }
    }

    /// The destination of a call on an IPv6 socket; a mapped address is IPv4.
    #[inline(always)]
    pub fn destination6(self) -> Destination {
        // SAFETY: as above.
        let address = unsafe {
            [
                read_volatile(&raw const (*self.0).user_ip6[0]),
                read_volatile(&raw const (*self.0).user_ip6[1]),
                read_volatile(&raw const (*self.0).user_ip6[2]),
                read_volatile(&raw const (*self.0).user_ip6[3]),
            ]
        };
        destination6(address, self.port())
    }

    /// Replaces the address of a call on an IPv4 socket.
    #[inline(always)]
    pub fn set4(self, address: u32, port: u16) {
        // SAFETY: writable fields of the context in these hooks.
        unsafe {
            write_volatile(&raw mut (*self.0).user_ip4, address);
            write_volatile(&raw mut (*self.0).user_port, u32::from(port.to_be()));
        }
    }

    /// Replaces the address of a call on an IPv6 socket; an IPv4 address is written as mapped.
    #[inline(always)]
    pub fn set6(self, family: Family, address: [u32; 4], port: u16) {
        let [a, b, c, d] = match family {
            Family::V4 => [0, 0, MAPPED, address[0]],
            Family::V6 => address,
        };
        // SAFETY: as above.
        unsafe {
            write_volatile(&raw mut (*self.0).user_ip6[0], a);
            write_volatile(&raw mut (*self.0).user_ip6[1], b);
            write_volatile(&raw mut (*self.0).user_ip6[2], c);
            write_volatile(&raw mut (*self.0).user_ip6[3], d);
            write_volatile(&raw mut (*self.0).user_port, u32::from(port.to_be()));
        }
    }
}
