//! Bytes that pass untouched: copied both ways, in order, with the ends' pauses, half-closes and
//! resets. An idle connection holds no buffer: each thread has one, and only what the far end would not
//! take at once is kept.

use std::{cell::RefCell, io};

use tokio::{
    io::{AsyncWriteExt, Interest},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
};

use crate::dial::Outgoing;

const CHUNK: usize = 128 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Copies until both directions have ended, or one has broken. `head` was read from the app before.
/// Returns the bytes that the app sent and got.
pub(crate) async fn splice(
    mut app: TcpStream,
    upstream: Outgoing,
    head: &[u8],
) -> io::Result<(u64, u64)> {
    let mut upstream = upstream.into_stream();
    let result = both(&mut app, &mut upstream, head).await;
    if result.is_err() {
        // One end was reset: a tidy FIN would tell the other that it has everything.
        reset(&app);
        reset(&upstream);
    }
    result
}

/// Makes the stream end with RST when it is dropped.
pub(crate) fn reset(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::debug!(%error, "no reset");
    }
}

async fn both(
    app: &mut TcpStream,
    upstream: &mut TcpStream,
    head: &[u8],
) -> io::Result<(u64, u64)> {
    let (from_app, mut to_app) = app.split();
    let (from_upstream, mut to_upstream) = upstream.split();
    let up = async {
        to_upstream.write_all(head).await?;
        let count = pump(&from_app, &mut to_upstream).await?;
        Ok::<_, io::Error>(count + head.len() as u64)
    };
    let down = pump(&from_upstream, &mut to_app);
    tokio::pin!(up, down);
    // When one direction has ended, its source is still watched: a reset must not wait until the other
    // direction happens to write.
    tokio::select! {
        sent = &mut up => {
            let sent = sent?;
            tokio::select! {
                got = &mut down => Ok((sent, got?)),
                error = broken(&from_app) => Err(error),
            }
        }
        got = &mut down => {
            let got = got?;
            tokio::select! {
                sent = &mut up => Ok((sent?, got)),
                error = broken(&from_upstream) => Err(error),
            }
        }
    }
}

/// Copies one way until the end, and passes the end on.
async fn pump(from: &ReadHalf<'_>, to: &mut WriteHalf<'_>) -> io::Result<u64> {
    let mut total = 0;
    let mut rest = Vec::new();
    loop {
        from.readable().await?;
        match step(from, to, &mut rest) {
            Ok(0) => break,
            Ok(count) => total += count as u64,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                rest = Vec::new();
                continue;
            }
            Err(error) => return Err(error),
        }
        if !rest.is_empty() {
            to.write_all(&rest).await?;
            rest.clear();
        }
        tokio::task::coop::consume_budget().await;
    }
    to.shutdown().await?;
    Ok(total)
}

/// Reads once and writes what can be written; what is left over goes to `rest`.
fn step(from: &ReadHalf<'_>, to: &WriteHalf<'_>, rest: &mut Vec<u8>) -> io::Result<usize> {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.resize(CHUNK, 0);
        let count = from.try_read(buffer)?;
        let mut written = 0;
        while written < count {
            match to.try_write(&buffer[written..count]) {
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        rest.extend_from_slice(&buffer[written..count]);
        Ok(count)
    })
}

/// Ends when the connection has failed.
async fn broken(end: &ReadHalf<'_>) -> io::Error {
    match end.ready(Interest::ERROR).await {
        Ok(ready) if ready.is_error() => io::ErrorKind::ConnectionReset.into(),
        Ok(_) => std::future::pending().await,
        Err(error) => error,
    }
}
