//! The end of an app's TLS connection: the handshake with the device's leaf, and what its failure says
//! about the app.

use std::{fmt, io, sync::Arc, time::Duration};

use rustls::{AlertDescription, ServerConfig, server::ServerSessionMemoryCache};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{hello::Alpn, leaf::LeafSlot, rewind::Rewind};

/// How many sessions can be resumed.
const SESSIONS: usize = 1024;

/// Accepts TLS connections of apps.
#[derive(Clone)]
pub(crate) struct Terminator {
    /// For clients that offer HTTP, or no protocol at all.
    http: TlsAcceptor,
    /// For clients that offer only protocols that are not known here: they get none, as from a server
    /// without ALPN.
    plain: TlsAcceptor,
    timeout: Duration,
}

/// Why a handshake failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The app said that it does not trust the certificate.
    Distrusted(AlertDescription),
    /// The app closed the connection when it had the certificate, without a word.
    Closed,
    /// Anything else: no common version, a timeout, a broken record.
    Other,
}

impl fmt::Debug for Terminator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminator").finish_non_exhaustive()
    }
}

impl Terminator {
    pub(crate) fn new(leaf: Arc<LeafSlot>, timeout: Duration) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(leaf);
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
        let mut http = config.clone();
        http.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            http: TlsAcceptor::from(Arc::new(http)),
            plain: TlsAcceptor::from(Arc::new(config)),
            timeout,
        })
    }

    /// Shakes hands.
    pub(crate) async fn accept(
        &self,
        stream: Rewind,
        offer: Alpn,
    ) -> Result<TlsStream<Rewind>, Failed> {
        let acceptor = if offer.other && !offer.h2 && !offer.http1 {
            &self.plain
        } else {
            &self.http
        };
        match tokio::time::timeout(self.timeout, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(classify(&error)),
            Err(_) => Err(Failed::Other),
        }
    }
}

/// What a failed handshake says about the app. Expired certificates are our fault and no pinning; so is
/// `encrypted_client_hello_required`, after which a client comes back without ECH (RFC 9849).
fn classify(error: &io::Error) -> Failed {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate
            // A CA of the same name with another key, say.
            | AlertDescription::DecryptError),
        )) => Failed::Distrusted(*alert),
        Some(_) => Failed::Other,
        // The hello was complete before the handshake began, so our flight is out.
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Failed::Closed,
            _ => Failed::Other,
        },
    }
}
