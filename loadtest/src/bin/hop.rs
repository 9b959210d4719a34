//! The least that anything between a client and the gateway can do: the yardstick that the agent's cost is
//! measured against. Bytes are copied both ways, as they are or, with a certificate, out of one TLS connection
//! and into another one. Nobody reads them.

use std::{
    fs::File,
    io::BufReader,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::Parser;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

// The agent's allocator is the system's, and so is this one.

/// Copies bytes to one address and back.
#[derive(Parser)]
#[command(name = "tidegate-hop", version)]
struct Args {
    /// Address to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// Where the bytes go.
    #[arg(long)]
    to: SocketAddr,
    /// Ends TLS with this chain, and begins it anew.
    #[arg(long, requires_all = ["key", "ca", "name"])]
    cert: Option<PathBuf>,
    /// The chain's key.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Whom to trust at the other end.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// The other end's name.
    #[arg(long)]
    name: Option<String>,
}

/// Both ends of TLS.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    name: ServerName<'static>,
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let reader = BufReader::new(File::open(path)?);
    Ok(CertificateDer::pem_reader_iter(reader).collect::<Result<_, _>>()?)
}

fn tls(args: &Args) -> anyhow::Result<Option<Tls>> {
    let (Some(cert), Some(key), Some(ca), Some(name)) =
        (&args.cert, &args.key, &args.ca, &args.name)
    else {
        return Ok(None);
    };
    let key = PrivateKeyDer::from_pem_file(key)?;
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates(cert)?, key)?;
    let mut roots = RootCertStore::empty();
    for root in certificates(ca)? {
        roots.add(root)?;
    }
    let client = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Tls {
        acceptor: Arc::new(server).into(),
        connector: Arc::new(client).into(),
        name: name.clone().try_into()?,
    }))
}

async fn relay(mut from: TcpStream, to: SocketAddr, tls: Option<Tls>) -> anyhow::Result<()> {
    let mut onward = TcpStream::connect(to).await?;
    from.set_nodelay(true)?;
    onward.set_nodelay(true)?;
    match tls {
        None => copy_bidirectional(&mut from, &mut onward).await?,
        Some(tls) => {
            let mut from = tls.acceptor.accept(from).await?;
            let mut onward = tls.connector.connect(tls.name, onward).await?;
            copy_bidirectional(&mut from, &mut onward).await?
        }
    };
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let tls = tls(&args).context("TLS")?;
    let listener = TcpListener::bind(args.listen).await?;
    loop {
        let (from, _) = listener.accept().await?;
        // A connection that breaks is its client's loss, and this one's end.
        tokio::spawn(relay(from, args.to, tls.clone()));
    }
}
