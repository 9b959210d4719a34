//! A stand-in for hosts whose protocols nobody publishes: it says what a test wants, in the pieces that the
//! test wants, and keeps what it was sent.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::{Context, ensure};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

const NAMES: [&str; 3] = ["api2.cursor.sh", "chatgpt.com", "claude.ai"];

/// What it says to every request.
#[derive(Debug, Clone)]
pub(super) enum Script {
    /// This, in a chunk for each piece, when it has read the request.
    Says(&'static str, Vec<Vec<u8>>),
    /// What it hears, each chunk when it comes.
    Echoes(&'static str),
}

/// What it was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<Option<Script>>,
    heard: Mutex<Vec<Heard>>,
}

/// The host. It ends when it is dropped.
pub(super) struct Host {
    address: SocketAddr,
    ca: PathBuf,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    _files: tempfile::TempDir,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Host {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let issued = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned).to_vec())?;
        let files = tempfile::tempdir()?;
        let ca = files.path().join("cert.pem");
        std::fs::write(&ca, issued.cert.pem())?;
        let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], PrivateKeyDer::Pkcs8(key))?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut tasks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, shared) = (acceptor.clone(), Arc::clone(&serving));
                tasks.spawn(async move {
                    // A gateway that hangs up is what some tests are about.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        drop(serve(stream, &shared).await);
                    }
                });
            }
        });
        Ok(Self {
            address,
            ca,
            shared,
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

    /// What it does from now on; what it heard is forgotten.
    pub(super) fn plays(&self, script: Script) {
        *self.shared.script.lock().unwrap() = Some(script);
        self.shared.heard.lock().unwrap().clear();
    }

    /// What it was sent.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().unwrap().clone()
    }
}

async fn serve(stream: TlsStream<TcpStream>, shared: &Shared) -> anyhow::Result<()> {
    let mut stream = BufStream::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        ensure!(stream.read_line(&mut head).await? > 0, "no request");
    }
    let script = shared.script.lock().unwrap().clone();
    let script = script.context("no script")?;
    let mut body = Body::of(&head)?;
    shared.heard.lock().unwrap().push(Heard {
        head,
        body: Vec::new(),
    });
    let (kind, said) = match &script {
        Script::Says(kind, said) => (*kind, said.clone()),
        Script::Echoes(kind) => (*kind, Vec::new()),
    };
    let echoes = matches!(script, Script::Echoes(_));
    let begin = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\netag: \"x\"\r\ntransfer-encoding: chunked\r\n\
         connection: close\r\n\r\n"
    );
    if echoes {
        stream.write_all(begin.as_bytes()).await?;
    }
    while let Some(piece) = body.next(&mut stream).await? {
        if let Some(last) = shared.heard.lock().unwrap().last_mut() {
            last.body.extend_from_slice(&piece);
        }
        if echoes {
            say(&mut stream, &piece).await?;
        }
    }
    if !echoes {
        stream.write_all(begin.as_bytes()).await?;
    }
    for piece in said {
        say(&mut stream, &piece).await?;
    }
    stream.write_all(b"0\r\n\r\n").await?;
    stream.flush().await?;
    Ok(stream.get_mut().shutdown().await?)
}

/// A chunk of an answer.
async fn say(stream: &mut BufStream<TlsStream<TcpStream>>, piece: &[u8]) -> anyhow::Result<()> {
    let length = format!("{:x}\r\n", piece.len());
    stream.write_all(length.as_bytes()).await?;
    stream.write_all(piece).await?;
    stream.write_all(b"\r\n").await?;
    Ok(stream.flush().await?)
}

/// How a request's body goes on (RFC 9112 §6).
enum Body {
    Chunks,
    Left(usize),
}

impl Body {
    fn of(head: &str) -> anyhow::Result<Self> {
        let field = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            fields.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
        };
        if field("transfer-encoding").is_some() {
            return Ok(Self::Chunks);
        }
        Ok(Self::Left(field("content-length").unwrap_or("0").parse()?))
    }

    async fn next(
        &mut self,
        stream: &mut BufStream<TlsStream<TcpStream>>,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        let length = match self {
            Self::Left(length) => std::mem::take(length),
            Self::Chunks => {
                let mut line = String::new();
                stream.read_line(&mut line).await?;
                usize::from_str_radix(line.trim(), 16)?
            }
        };
        let mut piece = vec![0; length];
        stream.read_exact(&mut piece).await?;
        if matches!(self, Self::Chunks) {
            let mut end = [0; 2];
            stream.read_exact(&mut end).await?;
        }
        Ok((length > 0).then_some(piece))
    }
}
