//! Whom the agent trusts when it is a TLS client itself: always verified, never weakened.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};
use tokio::sync::OnceCell;

/// Whose certificates are accepted.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// Those that the OS trusts; read when first needed.
    #[default]
    Native,
    /// These only.
    Only(Arc<RootCertStore>),
}

impl Roots {
    /// These certificates only.
    ///
    /// # Errors
    /// One of them is not a certificate.
    pub fn only(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, rustls::Error> {
        let mut store = RootCertStore::empty();
        for certificate in certificates {
            store.add(certificate)?;
        }
        Ok(Self::Only(Arc::new(store)))
    }
}

/// Why there is no TLS client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootsError {
    #[error("the system's certificates cannot be read: {0}")]
    Native(std::io::Error),
    #[error("the system trusts no certificate that can be used")]
    Empty,
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// A client's configuration that is made when first needed: reading the system's roots takes tens of
/// milliseconds, and a healthy agent never needs them.
#[derive(Debug)]
pub(crate) struct LazyClient {
    roots: Roots,
    base: OnceCell<ClientConfig>,
}

impl LazyClient {
    pub(crate) fn new(roots: Roots) -> Self {
        Self {
            roots,
            base: OnceCell::new(),
        }
    }

    /// A configuration that offers these protocols.
    pub(crate) async fn offering(
        &self,
        protocols: &[&[u8]],
    ) -> Result<Arc<ClientConfig>, RootsError> {
        let base = self.base.get_or_try_init(|| self.load()).await?;
        let mut config = base.clone();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(Arc::new(config))
    }

    async fn load(&self) -> Result<ClientConfig, RootsError> {
        let store = match &self.roots {
            Roots::Only(store) => store.clone(),
            Roots::Native => Arc::new(native().await?),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth())
    }
}

async fn native() -> Result<RootCertStore, RootsError> {
    let certificates = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
        .await
        .map_err(|error| RootsError::Native(error.into()))?
        .map_err(RootsError::Native)?;
    let mut store = RootCertStore::empty();
    // Systems carry certificates that webpki cannot read; they are passed over, as everyone does.
    store.add_parsable_certificates(certificates);
    if store.is_empty() {
        return Err(RootsError::Empty);
    }
    Ok(store)
}
