//! A connection that is looked at from outside, and that takes only so much.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// What was seen, and what is done.
#[derive(Clone)]
pub(super) struct Taps(Arc<Mutex<State>>);

struct State {
    writes: Vec<Vec<u8>>,
    most: usize,
    left: usize,
    broken: bool,
    cut: bool,
    blocked: Option<Waker>,
}

impl Taps {
    /// What each write took.
    pub(super) fn writes(&self) -> Vec<Vec<u8>> {
        self.state().writes.clone()
    }

    /// Takes so much at once; none is nothing at all.
    pub(super) fn take_at_most(&self, most: usize) {
        let mut state = self.state();
        state.most = most;
        if let Some(blocked) = state.blocked.take() {
            blocked.wake();
        }
    }

    /// Takes so much and then nothing.
    pub(super) fn take_in_all(&self, left: usize) {
        self.state().left = left;
    }

    pub(super) fn break_writes(&self) {
        self.state().broken = true;
    }

    /// Its end is an error, as that of TLS without a word.
    pub(super) fn cut_at_end(&self) {
        self.state().cut = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// A connection with taps.
pub(super) struct Tap {
    inner: DuplexStream,
    taps: Taps,
}

impl Tap {
    pub(super) fn new(inner: DuplexStream) -> (Self, Taps) {
        let taps = Taps(Arc::new(Mutex::new(State {
            writes: Vec::new(),
            most: usize::MAX,
            left: usize::MAX,
            broken: false,
            cut: false,
            blocked: None,
        })));
        let tap = Self {
            inner,
            taps: taps.clone(),
        };
        (tap, taps)
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        let ended = matches!(read, Poll::Ready(Ok(()))) && buf.filled().len() == before;
        if ended && self.taps.state().cut {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        read
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let taps = self.taps.clone();
        let mut state = taps.state();
        if state.broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let most = state.most.min(state.left);
        if most == 0 {
            state.blocked = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut all = bufs.iter().flat_map(|buf| &**buf).copied();
        let some: Vec<u8> = all.by_ref().take(most).collect();
        let written = Pin::new(&mut self.inner).poll_write(cx, &some);
        if let Poll::Ready(Ok(length)) = &written {
            state.writes.push(some[..*length].into());
            state.left -= length;
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A connection in TLS, its other end, and what is written on it from now on.
pub(super) async fn secured() -> (
    client::TlsStream<Tap>,
    server::TlsStream<DuplexStream>,
    Taps,
) {
    let (near, far) = duplex(64 * 1024);
    let (tap, taps) = Tap::new(near);
    let pair = rcgen::generate_simple_self_signed(["gateway.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let certificate = pair.cert.der().clone();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let name = ServerName::try_from("gateway.example").unwrap();
    let (near, far) = tokio::join!(
        TlsConnector::from(Arc::new(client)).connect(name, tap),
        TlsAcceptor::from(Arc::new(server)).accept(far),
    );
    taps.state().writes.clear();
    (near.unwrap(), far.unwrap(), taps)
}
