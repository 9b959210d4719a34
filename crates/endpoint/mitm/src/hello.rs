//! The TLS `ClientHello` as it lies on the wire: which name is asked for, which protocols are offered,
//! whether there is an encrypted hello inside. Pure and bounded: [`parse`] sees bytes from the start of
//! a connection, however they were cut into segments and records, and once it has answered anything but
//! [`Peek::NeedMore`] no further byte changes the answer.

mod cursor;
#[cfg(test)]
mod tests;

use tidegate_policy::HostName;

use self::cursor::{Bad, Cursor};

/// The longest hello that is read, in bytes of handshake. Real ones are below 2 KiB with post-quantum
/// key shares and below 9 KiB with large tickets.
pub const MAX_HELLO: usize = 16 * 1024;
/// What has to be buffered at the most: a hello of the greatest length in records of one byte would be
/// six times as long; nobody sends that, and it is refused as [`Peek::TooLong`].
pub const MAX_WIRE: usize = 2 * MAX_HELLO;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const RECORD_HEADER: usize = 5;
const MAX_RECORD: usize = 1 << 14;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// What the first bytes of a connection are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peek {
    /// Cannot be said yet.
    NeedMore,
    /// A whole `ClientHello`.
    Hello(Hello),
    /// Not TLS.
    NotTls,
    /// It begins like TLS and breaks its rules, so that no server accepts it.
    Malformed,
    /// A hello longer than [`MAX_HELLO`], or cut into records so small that it needs more than
    /// [`MAX_WIRE`] bytes.
    TooLong,
}

/// What a `ClientHello` says (RFC 8446 §4.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    /// The name asked for (RFC 6066 §3). None where there is none, or where it is not a host name:
    /// an address, say.
    pub sni: Option<HostName>,
    /// The protocols offered (RFC 7301).
    pub alpn: Alpn,
    /// Whether there is an encrypted hello inside (RFC 9849): then `sni` is the public name of whoever
    /// serves the host, or this is grease and `sni` is the name.
    pub ech: bool,
}

/// The offer of protocols, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alpn {
    /// HTTP/2 is offered.
    pub h2: bool,
    /// HTTP/1.1 is offered.
    pub http1: bool,
    /// Something else is offered.
    pub other: bool,
}

/// Reads the first bytes of a connection.
#[must_use]
pub fn parse(bytes: &[u8]) -> Peek {
    match assemble(bytes) {
        Assembled::Whole(message) => client_hello(&message).map_or(Peek::Malformed, Peek::Hello),
        Assembled::Not(peek) => peek,
    }
}

enum Assembled {
    /// The body of the `ClientHello`.
    Whole(Vec<u8>),
    Not(Peek),
}

/// Joins the records' fragments until the handshake message is whole.
fn assemble(mut bytes: &[u8]) -> Assembled {
    let total = bytes.len();
    let mut message = Vec::new();
    let mut first = true;
    loop {
        if let Some(answer) = record_fault(bytes, first) {
            return Assembled::Not(answer);
        }
        let Some((header, rest)) = bytes.split_at_checked(RECORD_HEADER) else {
            return short(total);
        };
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let have = length.min(rest.len());
        message.extend_from_slice(&rest[..have]);
        match whole(&mut message) {
            Some(answer) => return answer,
            None if have < length => return short(total),
            None => {}
        }
        bytes = &rest[length..];
        first = false;
    }
}

fn short(total: usize) -> Assembled {
    Assembled::Not(if total < MAX_WIRE {
        Peek::NeedMore
    } else {
        Peek::TooLong
    })
}

/// What is wrong with a record's header, as far as it has come. Each byte is judged when it is there,
/// so that the answer does not depend on how many come at once.
fn record_fault(bytes: &[u8], first: bool) -> Option<Peek> {
    let broken = if first { Peek::NotTls } else { Peek::Malformed };
    if bytes.first().is_some_and(|kind| *kind != HANDSHAKE)
        || bytes.get(1).is_some_and(|major| *major != 3)
    {
        return Some(broken);
    }
    let length = u16::from_be_bytes([*bytes.get(3)?, *bytes.get(4)?]);
    // RFC 8446 §5.1: no empty handshake fragments, and none above 2^14.
    (length == 0 || usize::from(length) > MAX_RECORD).then_some(Peek::Malformed)
}

/// The body of the message, if it is whole or cannot become so.
fn whole(message: &mut Vec<u8>) -> Option<Assembled> {
    if *message.first()? != CLIENT_HELLO {
        return Some(Assembled::Not(Peek::Malformed));
    }
    let [_, high, middle, low] = *message.first_chunk::<4>()?;
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    if length > MAX_HELLO {
        return Some(Assembled::Not(Peek::TooLong));
    }
    if message.len() < 4 + length {
        return None;
    }
    message.truncate(4 + length);
    message.drain(..4);
    Some(Assembled::Whole(std::mem::take(message)))
}

/// RFC 8446 §4.1.2, which older versions share.
fn client_hello(body: &[u8]) -> Result<Hello, Bad> {
    let mut body = Cursor::new(body);
    body.take(2 + 32)?;
    let session = body.vector8()?;
    let suites = body.vector16()?;
    let compression = body.vector8()?;
    if session.left() > 32 || suites.left() < 2 || suites.left() % 2 != 0 || compression.left() < 1
    {
        return Err(Bad);
    }
    let mut hello = Hello::default();
    if body.left() == 0 {
        return Ok(hello);
    }
    let mut extensions = body.vector16()?;
    body.end()?;
    let mut seen = [false; 3];
    while extensions.left() > 0 {
        let kind = extensions.u16()?;
        let data = extensions.vector16()?;
        let slot = match kind {
            SERVER_NAME => 0,
            ALPN => 1,
            ENCRYPTED_CLIENT_HELLO => 2,
            _ => continue,
        };
        // Two of a kind are forbidden (§4.2): which of them counts must not be a matter of taste.
        if std::mem::replace(&mut seen[slot], true) {
            return Err(Bad);
        }
        match kind {
            SERVER_NAME => hello.sni = server_name(data)?,
            ALPN => hello.alpn = alpn(data)?,
            _ => hello.ech = data.peek_u8() == Some(0),
        }
    }
    Ok(hello)
}

/// RFC 6066 §3: a list with at most one name of each type.
fn server_name(mut data: Cursor<'_>) -> Result<Option<HostName>, Bad> {
    let mut list = data.vector16()?;
    data.end()?;
    let mut name = None;
    let mut seen = false;
    while list.left() > 0 {
        let kind = list.u8()?;
        let text = list.vector16()?;
        if kind != 0 {
            continue;
        }
        if std::mem::replace(&mut seen, true) || text.left() == 0 {
            return Err(Bad);
        }
        name = std::str::from_utf8(text.rest())
            .ok()
            .and_then(|text| text.parse().ok());
    }
    Ok(name)
}

/// RFC 7301 §3.1.
fn alpn(mut data: Cursor<'_>) -> Result<Alpn, Bad> {
    let mut list = data.vector16()?;
    data.end()?;
    let mut offer = Alpn::default();
    while list.left() > 0 {
        let name = list.vector8()?;
        match name.rest() {
            [] => return Err(Bad),
            b"h2" => offer.h2 = true,
            b"http/1.1" => offer.http1 = true,
            _ => offer.other = true,
        }
    }
    Ok(offer)
}
