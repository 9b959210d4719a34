//! Stand-ins for what lies beyond the agent: a gateway (without TLS, HTTP/2 with prior knowledge next to HTTP/1.1,
//! as the true one), and true destinations.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::body::Written;

type Answering = Pin<Box<dyn Future<Output = Response<Written>> + Send>>;
type Handler = Arc<dyn Fn(Request<Incoming>) -> Answering + Send + Sync>;

/// A server; it and its connections end when it is dropped.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Connections so far.
    pub(crate) connections: Arc<AtomicUsize>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Peer {
    /// Ends it and waits until its port is closed.
    pub(crate) async fn end(mut self) {
        self.accepting.abort();
        let _ended = (&mut self.accepting).await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn boxed<F, A>(handler: F) -> Handler
where
    F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Written>> + Send + 'static,
{
    Arc::new(move |request| Box::pin(handler(request)))
}

/// A gateway that answers so.
pub(crate) async fn gateway<F, A>(handler: F) -> anyhow::Result<Peer>
where
    F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Written>> + Send + 'static,
{
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    gateway_at(anywhere, handler).await
}

/// The same at a given address.
pub(crate) async fn gateway_at<F, A>(address: SocketAddr, handler: F) -> anyhow::Result<Peer>
where
    F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Written>> + Send + 'static,
{
    let handler = boxed(handler);
    let serve = move |stream| {
        let handler = handler.clone();
        async move { either(stream, handler, 500).await }
    };
    accept(TcpListener::bind(address).await?, serve)
}

/// A gateway that takes so many calls at once on a connection of HTTP/2.
pub(crate) async fn narrow_gateway<F, A>(streams: u32, handler: F) -> anyhow::Result<Peer>
where
    F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Written>> + Send + 'static,
{
    let handler = boxed(handler);
    listen(move |stream| {
        let handler = handler.clone();
        async move { either(stream, handler, streams).await }
    })
    .await
}

/// A TLS server that answers so, in the protocol that was agreed on.
pub(crate) async fn origin<F, A>(config: ServerConfig, handler: F) -> anyhow::Result<Peer>
where
    F: Fn(Request<Incoming>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<Written>> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let handler = boxed(handler);
    listen(move |stream| {
        let (acceptor, handler) = (acceptor.clone(), handler.clone());
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2(stream, handler, 500).await;
            } else {
                http1(stream, handler).await;
            }
        }
    })
    .await
}

/// A server of raw connections.
pub(crate) async fn listen<F, A>(serve: F) -> anyhow::Result<Peer>
where
    F: Fn(TcpStream) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    accept(TcpListener::bind("127.0.0.1:0").await?, serve)
}

fn accept<F, A>(listener: TcpListener, serve: F) -> anyhow::Result<Peer>
where
    F: Fn(TcpStream) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let address = listener.local_addr()?;
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let accepting = tokio::spawn(async move {
        let mut tasks = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            stream.set_nodelay(true).unwrap();
            tasks.spawn(serve(stream));
        }
    });
    Ok(Peer {
        address,
        connections,
        accepting,
    })
}

/// In the version that the agent speaks.
async fn either(stream: TcpStream, handler: Handler, streams: u32) {
    let mut first = [0; 3];
    if matches!(stream.peek(&mut first).await, Ok(3)) && first == *b"PRI" {
        http2(stream, handler, streams).await;
    } else {
        http1(stream, handler).await;
    }
}

async fn http1<S>(stream: S, handler: Handler)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let _ended = conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn http2<S>(stream: S, handler: Handler, streams: u32)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let _ended = conn::http2::Builder::new(TokioExecutor::new())
        .max_concurrent_streams(streams)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(listener.local_addr()?)
}
