//! A small HTTP/1.1 client on a bare socket, so that the generator costs little and every
//! event of a stream is timed when its bytes arrive.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Heads longer than this are an error.
const LONGEST_HEAD: usize = 16 << 10;

/// When things happened in one exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// The first byte of the body was there.
    pub(super) first: Instant,
    /// The answer was complete.
    pub(super) end: Instant,
}

/// A kept-alive connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 << 10),
        })
    }

    /// Sends `request` and reads the answer; `event` hears of every `data:` line's arrival.
    pub(super) async fn exchange(
        &mut self,
        request: &[u8],
        mut event: impl FnMut(Instant),
    ) -> Result<Timing> {
        self.stream
            .write_all(request)
            .await
            .context("cannot send")?;
        self.buffer.clear();
        let head = loop {
            self.more().await?;
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(
                self.buffer.len() < LONGEST_HEAD,
                "the answer's head does not end"
            );
        };
        let framing = Framing::of(&self.buffer[..head])?;
        let mut body = Progress { at: head, framing };
        let mut first = None;
        let mut counted = head;
        loop {
            let now = Instant::now();
            if self.buffer.len() > counted {
                first.get_or_insert(now);
                // An event may straddle two reads: look again from its last line.
                let fresh = &self.buffer[counted..];
                memchr::memmem::find_iter(fresh, b"\ndata: ").for_each(|_| event(now));
                counted = self
                    .buffer
                    .len()
                    .saturating_sub(b"\ndata:".len())
                    .max(counted);
            }
            if body.advance(&self.buffer)? {
                return Ok(Timing {
                    first: first.unwrap_or(now),
                    end: now,
                });
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<()> {
        let read = self
            .stream
            .read_buf(&mut self.buffer)
            .await
            .context("cannot read")?;
        ensure!(read > 0, "the connection was closed");
        Ok(())
    }
}

#[derive(Debug)]
enum Framing {
    Chunked,
    Length(usize),
}

impl Framing {
    /// Reads status and framing; any status but 200 is an error.
    fn of(head: &[u8]) -> Result<Self> {
        let head = std::str::from_utf8(head).context("the answer's head is not text")?;
        let status = head.get(9..12).unwrap_or_default();
        ensure!(status == "200", "status {status}");
        for line in head.lines().skip(1) {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                return Ok(Self::Length(
                    value.trim().parse().context("content-length")?,
                ));
            }
            if name.eq_ignore_ascii_case("transfer-encoding")
                && value.trim().eq_ignore_ascii_case("chunked")
            {
                return Ok(Self::Chunked);
            }
        }
        bail!("the answer says not how long it is")
    }
}

/// How much of a body has been seen.
#[derive(Debug)]
struct Progress {
    /// Start of what has not been understood yet.
    at: usize,
    framing: Framing,
}

impl Progress {
    /// Whether the body in `buffer` is complete.
    fn advance(&mut self, buffer: &[u8]) -> Result<bool> {
        if let Framing::Length(length) = self.framing {
            return Ok(buffer.len() - self.at >= length);
        }
        loop {
            let rest = buffer.get(self.at..).unwrap_or_default();
            let Some(line) = memchr::memmem::find(rest, b"\r\n") else {
                return Ok(false);
            };
            let size = std::str::from_utf8(&rest[..line]).ok();
            let size = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
            let size = size.context("not a chunk size")?;
            if rest.len() < line + 2 + size + 2 {
                return Ok(false);
            }
            if size == 0 {
                return Ok(true);
            }
            self.at += line + 2 + size + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_complete_only_at_its_end() {
        let body = b"3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n";
        for cut in 0..body.len() {
            let mut progress = Progress {
                at: 0,
                framing: Framing::Chunked,
            };
            assert!(
                !progress.advance(&body[..cut]).unwrap(),
                "complete at {cut}"
            );
            assert!(progress.advance(body).unwrap());
        }
        let mut progress = Progress {
            at: 0,
            framing: Framing::Chunked,
        };
        assert!(progress.advance(b"zz\r\n").is_err());
    }

    #[test]
    fn heads_tell_the_framing_and_errors_are_errors() {
        let framing = Framing::of(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n").unwrap();
        assert!(matches!(framing, Framing::Length(12)));
        let error = Framing::of(b"HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n").unwrap_err();
        assert_eq!(error.to_string(), "status 429");
        assert!(Framing::of(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
