//! A provider that a test plays by hand: piece by piece, each when the test says so.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Listens for one call at a time.
pub(super) struct Scripted {
    listener: TcpListener,
    pub(super) address: SocketAddr,
}

/// A call that waits for its answer.
pub(super) struct Called {
    pub(super) body: String,
    stream: TcpStream,
}

impl Scripted {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The configuration of the gateway's provider.
    pub(super) fn config(&self, dialect: &str) -> String {
        format!(
            "[[providers]]\nname = \"scripted\"\ndialect = \"{dialect}\"\nbase_url = \
             \"http://{}\"\nmodels = [\"scripted-*\"]\n",
            self.address
        )
    }

    /// The next call.
    pub(super) async fn called(&self) -> anyhow::Result<Called> {
        let (mut stream, _) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut read = Vec::new();
        loop {
            ensure!(stream.read_buf(&mut read).await? > 0, "the call broke off");
            let text = std::str::from_utf8(&read)?;
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .context("no length")?;
            let length: usize = length.1.trim().parse()?;
            ensure!(body.len() <= length, "more than was announced: {body}");
            if body.len() == length {
                let body = body.to_owned();
                return Ok(Called { body, stream });
            }
        }
    }
}

impl Called {
    /// The answer's header: a stream of events, with headers that are true of its bytes only.
    pub(super) async fn begin(&mut self) -> anyhow::Result<()> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\netag: \"x\"\r\n\
                    content-md5: 0\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        Ok(self.stream.write_all(head.as_bytes()).await?)
    }

    /// A piece of the answer.
    pub(super) async fn say(&mut self, piece: &str) -> anyhow::Result<()> {
        let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
        Ok(self.stream.write_all(chunk.as_bytes()).await?)
    }

    /// The answer is over.
    pub(super) async fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.stream.write_all(b"0\r\n\r\n").await?)
    }

    /// When the gateway hung up.
    pub(super) async fn left(mut self) -> anyhow::Result<()> {
        let read = self.stream.read_u8().await;
        ensure!(read.is_err(), "it said more");
        Ok(())
    }
}
