//! The device's leaf: one short-lived certificate whose names are the governed hosts, replaced while
//! connections go on.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
};
use tidegate_policy::HostName;

/// Why a leaf cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// It is not PEM, or there is nothing in it. (The text is not repeated: it may hold a key.)
    #[error("the {0} is not PEM, or empty")]
    Pem(&'static str),
    /// Key and certificate do not belong together, or are of a kind that is not supported.
    #[error("the leaf cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// A certificate with its chain and key.
#[derive(Debug, Clone)]
pub struct Leaf(Arc<CertifiedKey>);

impl Leaf {
    /// From the chain, leaf first, and its key.
    ///
    /// # Errors
    /// They do not belong together, or are of a kind that is not supported.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, LeafError> {
        let provider = rustls::crypto::ring::default_provider();
        let key = CertifiedKey::from_der(chain, key, &provider)?;
        ParsedCertificate::try_from(key.end_entity_cert()?)?;
        Ok(Self(Arc::new(key)))
    }

    /// From PEM texts (RFC 7468): leaf and chain; a PKCS#8, SEC 1 or PKCS#1 key.
    ///
    /// # Errors
    /// They cannot be read, do not belong together, or are of a kind that is not supported.
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, LeafError> {
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| LeafError::Pem("certificate"))?;
        if chain.is_empty() {
            return Err(LeafError::Pem("certificate"));
        }
        let key =
            PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| LeafError::Pem("key"))?;
        Self::new(chain, key)
    }

    /// Whether a client that asks for `host` would find its name in the certificate.
    #[must_use]
    pub fn covers(&self, host: &HostName) -> bool {
        let Ok(name) = ServerName::try_from(host.as_str()) else {
            return false;
        };
        self.0
            .end_entity_cert()
            .and_then(ParsedCertificate::try_from)
            .is_ok_and(|leaf| verify_server_name(&leaf, &name).is_ok())
    }
}

/// The leaf in use. Empty until the device has its first one.
#[derive(Debug, Default)]
pub struct LeafSlot(ArcSwapOption<Leaf>);

impl LeafSlot {
    /// Puts a leaf into use: handshakes from now on get it.
    pub fn set(&self, leaf: Leaf) {
        self.0.store(Some(Arc::new(leaf)));
    }

    /// Takes the leaf out of use.
    pub fn clear(&self) {
        self.0.store(None);
    }

    pub(crate) fn covers(&self, host: &HostName) -> bool {
        self.0.load().as_ref().is_some_and(|leaf| leaf.covers(host))
    }
}

impl ResolvesServerCert for LeafSlot {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.load().as_ref().map(|leaf| leaf.0.clone())
    }
}
