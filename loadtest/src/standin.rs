//! The stand-in provider: one port that answers as OpenAI, Anthropic and Gemini would,
//! over HTTP/1.1 and h2, clear or TLS, and misbehaves on demand so that tests can script it.

mod anthropic;
mod ask;
mod bedrock;
mod control;
mod exchange;
mod failure;
mod fixed;
mod gemini;
mod journal;
mod knobs;
mod listener;
mod openai;
mod realtime;
mod reply;
mod route;
mod schema;
mod socket;
mod turn;
mod usage;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use journal::{Outcome, Seen, Stats};

use exchange::State;

/// Certificate chain and private key, both PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Path of the certificate chain, leaf first.
    pub cert: PathBuf,
    /// Path of the private key.
    pub key: PathBuf,
}

/// How a stand-in behaves as a whole; single requests carry their own knobs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Benchmark mode: bodies are ready-made, requests are not recorded, and a request is
    /// parsed only when it holds a `[[` marker or asks for a stream.
    pub fixed: bool,
    /// How many of the last requests are remembered (0: none).
    pub remember: usize,
    /// Serve TLS with these files; `None` is clear text.
    pub tls: Option<TlsFiles>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fixed: false,
            remember: 512,
            tls: None,
        }
    }
}

/// A running stand-in. Dropping it stops it.
#[derive(Debug)]
pub struct StandIn {
    /// The address it really listens on.
    pub addr: SocketAddr,
    state: Arc<State>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl StandIn {
    /// Binds `addr` (port 0 picks a free one) and serves on the current runtime.
    ///
    /// # Errors
    /// When the address cannot be bound or the TLS files cannot be used.
    pub async fn start(addr: impl ToSocketAddrs, options: Options) -> Result<Self> {
        let tls = options.tls.as_ref().map(listener::acceptor).transpose()?;
        let socket = TcpListener::bind(addr)
            .await
            .context("cannot bind the stand-in's address")?;
        let addr = socket.local_addr()?;
        let state = Arc::new(State::new(&options));
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(listener::serve(socket, tls, Arc::clone(&state), stopped));
        Ok(Self {
            addr,
            state,
            stop,
            task,
        })
    }

    /// `http://host:port` (or `https://`), without a path.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.state.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// The remembered requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.state.journal.seen(usize::MAX)
    }

    /// Forgets the remembered requests and the "first N times" counts.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// From now on, calls whose credential holds this text (empty: all) are answered by these knobs, written as in
    /// the `x-standin` header; an order for the same text takes the place of the one before.
    pub fn order(&self, holder: &str, knobs: &str) {
        self.state.order(holder, knobs);
    }

    /// Counters since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.state.journal.stats()
    }

    /// Closes every connection at once and returns when the port is free.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        // A panic in the accept loop has already been reported on stderr.
        drop(self.task.await);
    }

    /// Serves until the process ends.
    pub async fn run(self) {
        drop(self.task.await);
    }
}
