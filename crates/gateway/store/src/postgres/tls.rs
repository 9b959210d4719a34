//! Whether the connection is encrypted, and whom it trusts.
//!
//! Certificates are always verified, name included, whatever `sslmode` says. Without `sslmode`, a
//! server on this machine is spoken to in clear and any other one only by TLS.

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use std::{net::IpAddr, sync::Arc};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// Where the trusted certificates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// A PEM file: `sslrootcert` in the URL.
    File(String),
    /// The operating system's.
    System,
}

fn invalid(reason: impl Into<String>) -> StoreError {
    StoreError::invalid("store.url", reason)
}

/// Reads the URL, with the parameters that the driver does not know.
pub(super) fn parse(url: &str) -> Result<(Config, Roots), StoreError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut rest) = (None, Roots::System, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(ssl_mode(value)?),
            Some(("sslrootcert", "system")) => roots = Roots::System,
            Some(("sslrootcert", path)) => roots = Roots::File(path.to_owned()),
            _ => rest.push(pair),
        }
    }
    // The driver's error may quote the URL, which may hold a password: say nothing of it.
    let mut config: Config = format!("{address}?{}", rest.join("&"))
        .parse()
        .map_err(|_| invalid("not a PostgreSQL URL that is understood"))?;
    let local = config.get_hosts().iter().all(is_local);
    let default = if local {
        SslMode::Disable
    } else {
        SslMode::Require
    };
    config.ssl_mode(mode.unwrap_or(default));
    Ok((config, roots))
}

fn ssl_mode(value: &str) -> Result<SslMode, StoreError> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(invalid(
            "`sslmode` is disable, prefer, require or verify-full",
        )),
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The connector, unless everything is in clear.
pub(super) fn connector(
    config: &Config,
    roots: Roots,
) -> Result<Option<MakeRustlsConnect>, StoreError> {
    if config.get_ssl_mode() == SslMode::Disable {
        return Ok(None);
    }
    let mut store = RootCertStore::empty();
    match roots {
        Roots::File(path) => {
            let unreadable = || invalid("`sslrootcert` is no readable PEM file of certificates");
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| unreadable())? {
                let certificate = certificate.map_err(|_| unreadable())?;
                store.add(certificate).map_err(|_| unreadable())?;
            }
        }
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.unwrap_or_default());
        }
    }
    if store.is_empty() {
        return Err(invalid(
            "TLS is asked for, and there are no trusted certificates",
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Broken(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        parse(url).unwrap().0.get_ssl_mode()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_clear_unasked() {
        for local in ["localhost", "127.0.0.1", "[::1]", "%2Fvar%2Frun"] {
            assert_eq!(
                mode(&format!("postgres://u:p@{local}/d")),
                SslMode::Disable,
                "{local}"
            );
        }
        assert_eq!(mode("postgres://u:p@db.example/d"), SslMode::Require);
        assert_eq!(
            mode("postgres://u@localhost,db.example/d"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://u@db.example/d?sslmode=disable"),
            SslMode::Disable
        );
        assert_eq!(
            mode("postgres://u@localhost/d?sslmode=verify-full"),
            SslMode::Require
        );
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_quoted() {
        for url in [
            "postgres://u:hunter2@h:notaport/d",
            "postgres://u:hunter2@h/d?sslmode=maybe",
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn roots_come_from_a_file_where_one_is_named() {
        let (config, roots) = parse("postgres://u@db.example/d?sslrootcert=/no/such.pem").unwrap();
        assert_eq!(roots, Roots::File("/no/such.pem".into()));
        assert!(connector(&config, roots).is_err());
    }
}
