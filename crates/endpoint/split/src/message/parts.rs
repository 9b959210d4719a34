//! What is inside of frames: addresses, openers, tables.

use std::net::{IpAddr, SocketAddr};

use tidegate_policy::HostName;
use tidegate_redirect::{FailMode, Opener, Tables};

use super::NAME;
use crate::wire::{Malformed, Reader, Writer};

/// The longest thread name: Linux knows 15 bytes, other systems more.
const COMM: usize = 64;
/// Most names, addresses and processes of one set of tables.
const NAMES: u32 = 4096;
const ADDRESSES: u32 = 16_384;
const DENIED: u32 = 8192;

fn put_ip(writer: Writer, address: IpAddr) -> Writer {
    match address {
        IpAddr::V4(address) => writer.u8(4).raw(&address.octets()),
        IpAddr::V6(address) => writer.u8(6).raw(&address.octets()),
    }
}

fn ip(reader: &mut Reader<'_>) -> Result<IpAddr, Malformed> {
    match reader.u8()? {
        4 => Ok(IpAddr::from(reader.array::<4>()?)),
        6 => Ok(IpAddr::from(reader.array::<16>()?)),
        _ => Err(Malformed::Value("address family")),
    }
}

/// Flow label and scope of IPv6 are left out: they mean nothing to a destination elsewhere.
pub(super) fn put_address(writer: Writer, address: SocketAddr) -> Writer {
    put_ip(writer, address.ip()).u16(address.port())
}

pub(super) fn address(reader: &mut Reader<'_>) -> Result<SocketAddr, Malformed> {
    Ok(SocketAddr::new(ip(reader)?, reader.u16()?))
}

fn put_number(writer: Writer, number: Option<u64>) -> Writer {
    match number {
        None => writer.u8(0),
        Some(number) => writer.u8(1).u64(number),
    }
}

fn number(reader: &mut Reader<'_>) -> Result<Option<u64>, Malformed> {
    Ok(match reader.flag("number")? {
        true => Some(reader.u64()?),
        false => None,
    })
}

pub(super) fn put_opener(writer: Writer, opener: &Opener) -> Writer {
    let Opener {
        pid,
        uid,
        start,
        comm,
        cgroup,
        netns,
    } = opener;
    put_number(writer.u32(*pid).u32(*uid), *start)
        .text(comm, COMM)
        .u64(*cgroup)
        .u64(*netns)
}

pub(super) fn opener(reader: &mut Reader<'_>) -> Result<Opener, Malformed> {
    Ok(Opener {
        pid: reader.u32()?,
        uid: reader.u32()?,
        start: number(reader)?,
        comm: reader.text("thread name", COMM)?.to_owned(),
        cgroup: reader.u64()?,
        netns: reader.u64()?,
    })
}

pub(super) fn put_tables(writer: Writer, tables: &Tables) -> Writer {
    let Tables {
        names,
        addresses,
        denied,
        decision,
        fail,
        refuse_quic,
        backstop,
    } = tables;
    writer
        .list(names, |writer, name| writer.text(name, NAME))
        .list(addresses, |writer, address| put_ip(writer, *address))
        .list(denied, |writer, pid| writer.u32(*pid))
        .u64(*decision)
        .u8(u8::from(*fail == FailMode::Closed))
        .u8(u8::from(*refuse_quic))
        .u8(u8::from(*backstop))
}

pub(super) fn tables(reader: &mut Reader<'_>) -> Result<Tables, Malformed> {
    Ok(Tables {
        names: reader.list("number of names", NAMES, name)?,
        addresses: reader.list("number of addresses", ADDRESSES, ip)?,
        denied: reader.list("number of processes", DENIED, Reader::u32)?,
        decision: reader.u64()?,
        fail: match reader.flag("fail mode")? {
            true => FailMode::Closed,
            false => FailMode::Open,
        },
        refuse_quic: reader.flag("QUIC switch")?,
        backstop: reader.flag("backstop switch")?,
    })
}

/// A whole top-level domain is nobody's AI: a relay that asks for one is not itself.
fn name(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let text = reader.text("name", NAME)?;
    match text.parse::<HostName>() {
        Ok(name) if name.as_str() == text && text.contains('.') => Ok(text.to_owned()),
        _ => Err(Malformed::Value("name")),
    }
}
