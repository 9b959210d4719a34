//! A kept-alive connection of a simulated device or of an administrator: it opens itself again, and counts what goes
//! over it.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Heads longer than this are an error, and so are bodies longer than that.
const LONGEST_HEAD: usize = 16 << 10;
const LONGEST_BODY: usize = 64 << 20;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds to wait, where the answer says so.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// A connection to one address, and the bytes of both directions.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

impl Connection {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            sent: 0,
            received: 0,
        }
    }

    /// Another connection, which goes on counting.
    pub(crate) const fn again(&self) -> Self {
        Self {
            address: self.address,
            stream: None,
            sent: self.sent,
            received: self.received,
        }
    }

    /// Calls; whatever goes wrong ends the connection, and the next call opens another.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        path: &str,
        credential: &str,
        body: &[u8],
    ) -> Result<Answer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n",
            body.len()
        );
        if !credential.is_empty() {
            request += &format!("authorization: Bearer {credential}\r\n");
        }
        request += "\r\n";
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        self.sent += request.len() as u64;
        stream.write_all(&request).await.context("cannot send")?;
        let mut buffer = Vec::with_capacity(1 << 10);
        let answer = self.read(&mut stream, &mut buffer).await?;
        self.stream = Some(stream);
        Ok(answer)
    }

    async fn read(&mut self, stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Answer> {
        let head = loop {
            self.more(stream, buffer).await?;
            if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(
                buffer.len() < LONGEST_HEAD,
                "the answer's head does not end"
            );
        };
        let (status, length, retry_after) = read_head(&buffer[..head])?;
        while buffer.len() < head + length {
            self.more(stream, buffer).await?;
        }
        Ok(Answer {
            status,
            retry_after,
            body: buffer[head..head + length].to_vec(),
        })
    }

    async fn more(&mut self, stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
        let read = stream.read_buf(buffer).await.context("cannot read")?;
        ensure!(read > 0, "the connection was closed");
        self.received += read as u64;
        Ok(())
    }
}

/// Status, length of the body, and how long to wait.
fn read_head(head: &[u8]) -> Result<(u16, usize, Option<Duration>)> {
    let head = std::str::from_utf8(head).context("the answer's head is not text")?;
    let status: u16 = head
        .get(9..12)
        .and_then(|status| status.parse().ok())
        .context("no status")?;
    let (mut length, mut retry_after) = (None, None);
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().context("content-length")?);
        } else if name.eq_ignore_ascii_case("retry-after") {
            retry_after = value.trim().parse().ok().map(Duration::from_secs);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the control plane does not chunk its answers");
        }
    }
    let length = match length {
        Some(length) => length,
        None if status == 204 => 0,
        None => bail!("the answer says not how long it is"),
    };
    ensure!(length <= LONGEST_BODY, "the answer is too long");
    Ok((status, length, retry_after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let head = b"HTTP/1.1 429 Too Many\r\nContent-Length: 12\r\nRetry-After: 3\r\n\r\n";
        let read = read_head(head).unwrap();
        assert_eq!(read, (429, 12, Some(Duration::from_secs(3))));
        assert_eq!(read_head(b"HTTP/1.1 204 No\r\n\r\n").unwrap().1, 0);
        assert!(read_head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(read_head(b"HTTP/1.1").is_err());
    }
}
