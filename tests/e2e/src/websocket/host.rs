//! A stand-in for governed hosts that have WebSockets.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Context;
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Request, Response};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{accept_hdr_async, tungstenite::Message};

const NAMES: [&str; 4] = [
    "api.anthropic.com",
    "api.openai.com",
    "chatgpt.com",
    "claude.ai",
];

/// What the host does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    /// Says what it hears.
    Echo,
    /// Says something at once, and so many bytes before it listens.
    Talk(usize),
    /// Resets the connection after the first message.
    Drop,
    /// Wants no WebSocket.
    Refuse,
}

type Asked = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// The host. It ends when it is dropped.
pub(super) struct Host {
    address: SocketAddr,
    ca: PathBuf,
    asked: Asked,
    heard: AsyncMutex<mpsc::Receiver<String>>,
    accepting: tokio::task::JoinHandle<()>,
    _files: tempfile::TempDir,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Host {
    pub(super) async fn start(script: Script) -> anyhow::Result<Self> {
        let issued = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned).to_vec())?;
        let files = tempfile::tempdir()?;
        let ca = files.path().join("cert.pem");
        std::fs::write(&ca, issued.cert.pem())?;
        let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], PrivateKeyDer::Pkcs8(key))?;
        // A host that speaks both: what asks for a WebSocket must not end up on HTTP/2.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked = Asked::default();
        let (hears, heard) = mpsc::channel(16);
        let noted = Arc::clone(&asked);
        let accepting = tokio::spawn(async move {
            let mut tasks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
                tasks.spawn(serve(stream, acceptor, script, noted, hears.clone()));
            }
        });
        Ok(Self {
            address,
            ca,
            asked,
            heard: AsyncMutex::new(heard),
            accepting,
            _files: files,
        })
    }

    /// The section that sends the names here.
    pub(super) fn config(&self) -> String {
        let at = NAMES.map(|name| format!("\"{name}={}\"", self.address));
        format!(
            "[edge]\nca = {:?}\naddresses = [{}]\n",
            self.ca,
            at.join(", ")
        )
    }

    /// Target and headers of the only handshake.
    pub(super) fn asked(&self) -> (String, HeaderMap) {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        asked[0].clone()
    }

    /// Handshakes so far.
    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// What it heard next, or that a WebSocket ended.
    pub(super) async fn heard(&self) -> anyhow::Result<String> {
        let next = self.heard.lock().await.recv().await;
        next.context("nothing more")
    }
}

#[expect(clippy::result_large_err, reason = "the library's callback has it so")]
async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    script: Script,
    asked: Asked,
    hears: mpsc::Sender<String>,
) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let note = |request: &Request<()>, mut response: Response<()>| {
        let seen = (request.uri().to_string(), request.headers().clone());
        asked.lock().unwrap().push(seen);
        if matches!(script, Script::Refuse) {
            let refusal = Response::builder()
                .status(403)
                .header("content-length", "7");
            return Err(refusal.body(Some("not you".to_owned())).unwrap());
        }
        let chat = http::HeaderValue::from_static("chat");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", chat);
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr_async(stream, note).await else {
        return;
    };
    if let Script::Talk(bytes) = script {
        socket.send(Message::text("at once")).await.unwrap();
        socket.send(Message::binary(vec![2; bytes])).await.unwrap();
    }
    while let Some(Ok(message)) = socket.next().await {
        match script {
            Script::Echo if message.is_close() => {}
            Script::Echo => {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            Script::Talk(_) => drop(hears.try_send(format!("{} bytes", message.len()))),
            Script::Drop | Script::Refuse => {
                let (tcp, _) = socket.get_ref().get_ref();
                tcp.set_zero_linger().unwrap();
                return;
            }
        }
    }
    drop(hears.try_send("end".into()));
}
