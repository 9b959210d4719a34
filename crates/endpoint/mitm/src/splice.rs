//! Bytes that pass untouched: copied both ways, in order, with the ends' pauses, half-closes and
//! resets. An idle connection holds no buffer: each thread has one, and only what the far end would not
//! take at once is kept. Where a source is ahead of us, Linux moves its bytes without showing them
//! (`pipe`).

#[cfg(target_os = "linux")]
mod pipe;
#[cfg(not(target_os = "linux"))]
mod pipe {
    //! No such way here.

    /// Moves nothing.
    pub(super) async fn bulk(
        _: &tokio::net::TcpStream,
        _: &tokio::net::TcpStream,
    ) -> std::io::Result<usize> {
        std::future::ready(Ok(0)).await
    }
}

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
pub(crate) async fn splice(
    mut app: TcpStream,
    upstream: Outgoing,
    head: Vec<u8>,
) -> io::Result<()> {
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

async fn both(app: &mut TcpStream, upstream: &mut TcpStream, head: Vec<u8>) -> io::Result<()> {
    let (from_app, mut to_app) = app.split();
    let (from_upstream, mut to_upstream) = upstream.split();
    let up = async {
        to_upstream.write_all(&head).await?;
        drop(head);
        pump(&from_app, &mut to_upstream).await
    };
    let down = pump(&from_upstream, &mut to_app);
    tokio::pin!(up, down);
    // When one direction has ended, its source is still watched: a reset must not wait until the other
    // direction happens to write.
    tokio::select! {
        up_ended = &mut up => {
            up_ended?;
            tokio::select! {
                down_ended = &mut down => down_ended,
                error = broken(&from_app) => Err(error),
            }
        }
        down_ended = &mut down => {
            down_ended?;
            tokio::select! {
                up_ended = &mut up => up_ended,
                error = broken(&from_upstream) => Err(error),
            }
        }
    }
}

/// Copies one way until the end, and passes the end on.
async fn pump(from: &ReadHalf<'_>, to: &mut WriteHalf<'_>) -> io::Result<()> {
    let mut rest = Vec::new();
    // Whether so much comes that it is worth a pipe. A source that pauses is waited for without one.
    let mut much = false;
    loop {
        from.readable().await?;
        if much {
            much = pipe::bulk(from.as_ref(), to.as_ref()).await? >= CHUNK;
            tokio::task::coop::consume_budget().await;
            continue;
        }
        let count = match step(from, to, &mut rest) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                rest = Vec::new();
                continue;
            }
            Err(error) => return Err(error),
        };
        if !rest.is_empty() {
            to.write_all(&rest).await?;
            rest.clear();
        }
        if count == CHUNK {
            rest = Vec::new();
            much = true;
        }
        tokio::task::coop::consume_budget().await;
    }
    to.shutdown().await
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
