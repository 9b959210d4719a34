//! A certificate authority for one test.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tidegate_mitm::{Leaf, Roots};

pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("CA {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        Ok(Self(CertifiedIssuer::self_signed(params, key)?))
    }

    fn issue(&self, names: &[&str]) -> anyhow::Result<(CertificateDer<'static>, KeyPair)> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names)?.signed_by(&key, &self.0)?;
        Ok((leaf.der().clone(), key))
    }

    /// A device's leaf, by way of PEM.
    pub(crate) fn leaf(&self, names: &[&str]) -> anyhow::Result<Leaf> {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let leaf = CertificateParams::new(names)?.signed_by(&key, &self.0)?;
        Ok(Leaf::from_pem(&leaf.pem(), &key.serialize_pem())?)
    }

    pub(crate) fn server(
        &self,
        names: &[&str],
        protocols: &[&str],
    ) -> anyhow::Result<ServerConfig> {
        let (leaf, key) = self.issue(names)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf], key)?;
        config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
        Ok(config)
    }

    pub(crate) fn roots(&self) -> anyhow::Result<Roots> {
        Ok(Roots::only([self.0.der().clone()])?)
    }

    /// A client that trusts this authority.
    pub(crate) fn client(&self, protocols: &[&str]) -> anyhow::Result<ClientConfig> {
        let mut store = RootCertStore::empty();
        store.add(self.0.der().clone())?;
        client(store, protocols)
    }
}

/// A client with these roots.
pub(crate) fn client(store: RootCertStore, protocols: &[&str]) -> anyhow::Result<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    Ok(config)
}
