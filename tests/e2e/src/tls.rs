//! A TLS client that trusts one certificate and offers one protocol.

use std::{net::SocketAddr, sync::Arc};

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Connects to `address` as to `name`.
pub(crate) async fn connect(
    address: SocketAddr,
    name: &'static str,
    root: &CertificateDer<'static>,
    alpn: &str,
) -> anyhow::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.clone())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let tcp = TcpStream::connect(address).await?;
    Ok(connector.connect(name.try_into()?, tcp).await?)
}
