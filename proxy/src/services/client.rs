//! An HTTPS client for services: connections are kept, certificates verified, redirects not followed.

use std::{fmt, path::Path};

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as Pooled, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tidegate_engines::Request as Asked;

/// The longest answer, in bytes: the longest text, and what is said of it.
const LONGEST: usize = 8 << 20;

/// A client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client(Pooled<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Trusts the certificates of a bundle, or else the system's.
    ///
    /// # Errors
    /// The bundle cannot be used.
    pub(crate) fn trusting(bundle: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        match bundle {
            Some(file) => {
                let name = || format!("{} is no readable PEM file of certificates", file.display());
                for found in CertificateDer::pem_file_iter(file).with_context(name)? {
                    roots.add(found.with_context(name)?).with_context(name)?;
                }
            }
            None => {
                let name = "the system's certificates cannot be read";
                let found = rustls_native_certs::load_native_certs().context(name)?;
                roots.add_parsable_certificates(found);
            }
        }
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Pooled::builder(TokioExecutor::new()).build(connector)))
    }

    /// Posts a request; status and body of the answer.
    ///
    /// # Errors
    /// The service cannot be reached, breaks off, or answers at too great length.
    pub(crate) async fn post(&self, asked: Asked) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::post(&asked.url).body(asked.body)?;
        request.headers_mut().extend(asked.headers);
        let (head, body) = self.send(request).await?.into_parts();
        Ok((head.status, body))
    }

    /// Sends a request; its whole answer.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub(crate) async fn send(&self, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        let (head, body) = self.0.request(request.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("its answer broke off: {error}"))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}
