//! What the kernel program should learn from a packet, said in another way: slices and iterators, names
//! compared as labels.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The addresses to be learned from an IP packet (without a link header).
pub(crate) fn learned(packet: &[u8], governed: &[&str]) -> BTreeSet<Ipv6Addr> {
    let mut found = BTreeSet::new();
    // What comes before a fault is learned.
    walk(packet, governed, &mut found);
    found
}

fn walk(packet: &[u8], governed: &[&str], found: &mut BTreeSet<Ipv6Addr>) -> Option<()> {
    let udp = match packet.first()? >> 4 {
        4 => {
            let is_first = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x1fff == 0;
            let header = usize::from(packet.first()? & 15) * 4;
            (is_first && *packet.get(9)? == 17).then(|| packet.get(header..))??
        }
        _ => (*packet.get(6)? == 17).then(|| packet.get(40..))??,
    };
    let message = (udp.get(..2)? == [0, 53]).then(|| udp.get(8..))??;
    let header = message.get(..12)?;
    let is_answer = header[2] & 0x80 != 0 && header[3] & 15 == 0 && header[4..6] == [0, 1];
    if !is_answer {
        return None;
    }
    let (labels, mut rest) = question(message.get(12..)?)?;
    if !governed.iter().any(|rule| is_below(&labels, rule)) {
        return None;
    }
    rest = rest.get(4..)?;
    let promised = usize::from(u16::from_be_bytes([header[6], header[7]]));
    for _ in 0..promised.min(64) {
        let record = after_owner(rest)?;
        let fixed = record.get(..10)?;
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = record.get(10..)?;
        if fixed[2..4] == [0, 1] {
            let address: Option<IpAddr> = match (&fixed[..2], length) {
                ([0, 1], 4) => Some(<[u8; 4]>::try_from(data.get(..4)?).ok()?.into()),
                ([0, 28], 16) => Some(<[u8; 16]>::try_from(data.get(..16)?).ok()?.into()),
                _ => None,
            };
            if let Some(address) = address.filter(|address| is_public(*address)) {
                found.insert(match address {
                    IpAddr::V4(v4) => v4.to_ipv6_mapped(),
                    IpAddr::V6(v6) => v6,
                });
            }
        }
        rest = data.get(length..)?;
    }
    Some(())
}

/// The labels of an uncompressed name of at most 255 bytes, and what follows.
fn question(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let mut labels = Vec::new();
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at)?);
        if length > 63 || at >= 255 {
            return None;
        }
        at += 1;
        if length == 0 {
            return Some((labels, &bytes[at..]));
        }
        labels.push(bytes.get(at..at + length)?.to_ascii_lowercase());
        at += length;
    }
}

fn is_below(labels: &[Vec<u8>], rule: &str) -> bool {
    let rule: Vec<_> = rule.split('.').map(str::as_bytes).collect();
    labels.len() >= rule.len()
        && labels
            .iter()
            .rev()
            .zip(rule.iter().rev())
            .all(|(label, wanted)| label == wanted)
}

/// At most sixteen labels; a pointer ends the name and is not followed.
fn after_owner(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    for _ in 0..16 {
        let length = *rest.first()?;
        match length {
            0xc0.. => return rest.get(2..),
            64.. => return None,
            0 => return rest.get(1..),
            _ => rest = rest.get(1 + usize::from(length)..)?,
        }
    }
    None
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4 >= Ipv4Addr::new(240, 0, 0, 0)
                || v4.octets()[0] == 0
                || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.segments()[..4] == [0; 4]
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast())
        }
    }
}
