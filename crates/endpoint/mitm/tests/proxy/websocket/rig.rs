//! Apps that ask for WebSockets, and a gateway that has them: in HTTP/1.1 by itself, next to HTTP/2 with
//! prior knowledge on the same port, as the true one.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, atomic::Ordering},
};

use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::{
    ext::Protocol,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Mutex as AsyncMutex, mpsc},
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async, client_async,
    tungstenite::{Message, protocol::Role},
};

use crate::{
    body::{Written, whole},
    client::{App, connect},
    peer::{self, Peer},
    rig::Rig,
};

pub(super) const VERSIONS: [&str; 2] = ["http/1.1", "h2"];
/// The key of apps that ask in HTTP/1.1.
pub(super) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Targets and headers of handshakes.
pub(super) type Asked = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// A connection of either version.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}
pub(super) type Socket = WebSocketStream<Box<dyn Duplex>>;

/// What the gateway does with a WebSocket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    /// Says what it hears.
    Echo,
    /// Says so many bytes before it listens to one message.
    Talk(usize),
    /// Closes in order after the first message.
    Close,
    /// Breaks off after the first message.
    Drop,
    /// Answers with this status, and 101 without a proof.
    Refuse(StatusCode),
}

/// A gateway with WebSockets.
pub(super) struct Gateway {
    peer: Peer,
    asked: Asked,
    heard: AsyncMutex<mpsc::Receiver<String>>,
}

impl Gateway {
    pub(super) async fn start(script: Script) -> anyhow::Result<Self> {
        Self::listen(script, None).await
    }

    /// The same behind TLS.
    pub(super) async fn secure(
        script: Script,
        config: rustls::ServerConfig,
    ) -> anyhow::Result<Self> {
        Self::listen(script, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn listen(script: Script, tls: Option<TlsAcceptor>) -> anyhow::Result<Self> {
        let asked = Asked::default();
        let (hears, heard) = mpsc::channel(16);
        let noted = asked.clone();
        let peer = peer::listen(move |stream| {
            let (noted, hears, tls) = (noted.clone(), hears.clone(), tls.clone());
            async move { serve(stream, tls, script, noted, hears).await }
        })
        .await?;
        Ok(Self {
            peer,
            asked,
            heard: AsyncMutex::new(heard),
        })
    }

    pub(super) fn url(&self) -> String {
        self.peer.url()
    }

    pub(super) fn port(&self) -> u16 {
        self.peer.address.port()
    }

    pub(super) fn connections(&self) -> usize {
        self.peer.connections.load(Ordering::Relaxed)
    }

    /// Target and headers of the only handshake.
    pub(super) fn asked(&self) -> (String, HeaderMap) {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        asked[0].clone()
    }

    /// What it heard next, or how a WebSocket ended.
    pub(super) async fn heard(&self) -> anyhow::Result<String> {
        let next = self.heard.lock().await.recv().await;
        next.ok_or_else(|| anyhow::anyhow!("nothing more"))
    }

    pub(super) async fn end(self) {
        self.peer.end().await;
    }
}

/// A true destination of its own certificate, in HTTP/1.1 only, for when the gateway is gone.
pub(super) async fn origin(config: rustls::ServerConfig) -> anyhow::Result<(Peer, Asked)> {
    let asked = Asked::default();
    let noted = asked.clone();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let peer = peer::listen(move |stream| {
        let (acceptor, noted) = (acceptor.clone(), noted.clone());
        async move {
            let (hears, _heard) = mpsc::channel(16);
            if let Ok(stream) = acceptor.accept(stream).await {
                websocket(stream, Script::Echo, noted, hears).await;
            }
        }
    })
    .await?;
    Ok((peer, asked))
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    script: Script,
    asked: Asked,
    hears: mpsc::Sender<String>,
) {
    let ordinary =
        service_fn(|_| async { Ok::<_, Infallible>(Response::new(whole("an ordinary answer"))) });
    let (http2, mut stream): (bool, Box<dyn Duplex>) = match tls {
        None => {
            let Ok(start) = start(&stream).await else {
                return;
            };
            let http2 = start.starts_with("PRI");
            if !http2 && !start.contains("upgrade: websocket") {
                let _ended = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), ordinary)
                    .await;
                return;
            }
            (http2, Box::new(stream))
        }
        Some(tls) => {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            (http2, Box::new(stream))
        }
    };
    if http2 {
        let _ended = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), ordinary)
            .await;
        return;
    }
    if let Script::Refuse(StatusCode::SWITCHING_PROTOCOLS) = script {
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                       upgrade: websocket\r\nsec-websocket-accept: wrong\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        return;
    }
    websocket(stream, script, asked, hears).await;
}

/// The first head on a connection, or that of HTTP/2, which stay on it.
async fn start(stream: &TcpStream) -> std::io::Result<String> {
    let mut start = [0; 4096];
    loop {
        let length = stream.peek(&mut start).await?;
        let text = String::from_utf8_lossy(&start[..length]);
        if text.contains("\r\n\r\n") {
            return Ok(text.into_owned());
        }
        if length == 0 || length == start.len() {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        tokio::task::yield_now().await;
    }
}

#[expect(clippy::result_large_err, reason = "the library's callback has it so")]
async fn websocket<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    script: Script,
    asked: Asked,
    hears: mpsc::Sender<String>,
) {
    let note = |request: &Request<()>, mut response: Response<()>| {
        let target = request.uri().to_string();
        let headers = request.headers().clone();
        asked.lock().unwrap().push((target, headers));
        if let Script::Refuse(status) = script {
            let refusal = Response::builder().status(status);
            return Err(refusal.body(Some("Use HTTP.".to_owned())).unwrap());
        }
        let headers = response.headers_mut();
        headers.insert("sec-websocket-protocol", "chat".parse().unwrap());
        headers.insert("x-kept", "yes".parse().unwrap());
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr_async(stream, note).await else {
        return;
    };
    if let Script::Talk(bytes) = script {
        socket.send(Message::binary(vec![2; bytes])).await.unwrap();
    }
    loop {
        match (socket.next().await, script) {
            (Some(Ok(Message::Close(_))), _) => drop(hears.try_send("close".into())),
            (Some(Ok(message)), Script::Echo) => {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            (Some(Ok(message)), Script::Talk(_)) => {
                drop(hears.try_send(format!("{} bytes", message.len())));
            }
            (Some(Ok(_)), Script::Close) => socket.close(None).await.unwrap(),
            (Some(Ok(_)), _) => return,
            (Some(Err(_)) | None, _) => break,
        }
    }
    drop(hears.try_send("end".into()));
}

/// A handshake.
pub(super) fn ask(version: &str, host: &str) -> Request<Written> {
    let uri = format!("https://{host}/ws?a=1&b=%2F");
    let builder = if version == "h2" {
        Request::connect(uri).extension(Protocol::from_static("websocket"))
    } else {
        Request::get(uri)
            .header("connection", "Upgrade, x-hop")
            .header("upgrade", "websocket")
            .header("sec-websocket-key", KEY)
            .header("x-hop", "1")
    };
    builder
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "chat, other")
        .header("sec-websocket-extensions", "permessage-deflate")
        .header("origin", "https://claude.ai")
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .header("x-tidegate-app", "spoofed")
        .body(whole(""))
        .unwrap()
}

/// An app with its WebSocket open, and the headers that it was answered with.
pub(super) async fn open(
    rig: &Rig,
    version: &str,
    host: &str,
) -> anyhow::Result<(Socket, HeaderMap)> {
    if version == "h2" {
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, host).await?;
        return open_on(&mut app, host).await;
    }
    let stream = connect(rig.address, rig.ca.client(&[version])?, host).await?;
    let stream: Box<dyn Duplex> = Box::new(stream);
    let (mut parts, _) = ask(version, host).into_parts();
    parts.headers.insert("host", host.parse()?);
    // The library wants the scheme that pages write.
    parts.uri = parts.uri.to_string().replacen("https", "wss", 1).parse()?;
    let request = Request::from_parts(parts, ());
    let (socket, response) = client_async(request, stream).await?;
    Ok((socket, response.headers().clone()))
}

/// The same on a connection in HTTP/2 that the app has already.
pub(super) async fn open_on(app: &mut App, host: &str) -> anyhow::Result<(Socket, HeaderMap)> {
    // The settings that allow an extended CONNECT are there when an answer is.
    let settle = Request::get(format!("https://{host}/")).body(whole(""))?;
    app.send(settle).await?.into_body().collect().await?;
    let mut response = app.send(ask("h2", host)).await?;
    anyhow::ensure!(response.status() == StatusCode::OK, "{response:?}");
    let headers = response.headers().clone();
    anyhow::ensure!(headers.get("sec-websocket-accept").is_none());
    let stream = hyper::upgrade::on(&mut response).await?;
    let stream: Box<dyn Duplex> = Box::new(TokioIo::new(stream));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    Ok((socket, headers))
}
