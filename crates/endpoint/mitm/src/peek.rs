//! The first bytes of a connection, read until it is clear what they are. They are kept, to be sent on
//! or to be the beginning of a handshake here.

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::timeout};

use crate::hello::{self, Hello, Peek};

/// Enough for most hellos.
const USUAL: usize = 2048;

/// What a connection begins with.
#[derive(Debug)]
pub(crate) enum What {
    /// A `ClientHello`.
    Hello(Hello),
    /// Not TLS, or broken in a way that no server accepts.
    Opaque,
    /// Nothing for a while. Some protocols let the server speak first.
    Silent,
    /// A hello that is too long or does not end in time. It is not let through: waiting would be a way
    /// round the policy.
    Endless,
    /// The app closed the connection, or it broke, before it was clear.
    Gone,
}

/// Listens; what is read is added to `head`. `silence` is how long nothing may come at first; none for
/// ever. `whole` is how long a hello may take from its first byte.
pub(crate) async fn listen(
    stream: &TcpStream,
    head: &mut Vec<u8>,
    silence: Option<Duration>,
    whole: Duration,
) -> What {
    head.reserve(USUAL);
    // Readiness may be a false alarm: only a byte ends the silence.
    let first = more(stream, head);
    let first = match silence {
        Some(silence) => match timeout(silence, first).await {
            Ok(first) => first,
            Err(_) => return What::Silent,
        },
        None => first.await,
    };
    match first {
        Some(()) => timeout(whole, hear(stream, head))
            .await
            .unwrap_or(What::Endless),
        None => What::Gone,
    }
}

/// Goes on until it is clear what the bytes are.
async fn hear(stream: &TcpStream, head: &mut Vec<u8>) -> What {
    loop {
        match hello::parse(head) {
            Peek::NeedMore => {}
            Peek::Hello(hello) => return What::Hello(hello),
            Peek::NotTls | Peek::Malformed => return What::Opaque,
            Peek::TooLong => return What::Endless,
        }
        head.reserve(USUAL);
        if more(stream, head).await.is_none() {
            return What::Gone;
        }
    }
}

/// Waits for more bytes. None when none will come.
async fn more(stream: &TcpStream, head: &mut Vec<u8>) -> Option<()> {
    loop {
        stream.readable().await.ok()?;
        match stream.try_read_buf(head) {
            Ok(0) => return None,
            Ok(_) => return Some(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
}
