//! A CA bundle that a connection is verified against, known by what stands in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use blake3::Hash;
use rustls::pki_types::{CertificateDer, pem::PemObject};

/// A bundle: where it is, and what stood in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Roots {
    path: PathBuf,
    content: Hash,
}

impl Roots {
    /// # Errors
    /// The file cannot be read, or holds no certificates.
    pub(super) fn read(path: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let Some(path) = path else {
            return Ok(None);
        };
        let name = || format!("{} is no readable PEM file of certificates", path.display());
        let content = std::fs::read(path).with_context(name)?;
        let mut found = CertificateDer::pem_slice_iter(&content).peekable();
        ensure!(found.peek().is_some(), name());
        for certificate in found {
            certificate.with_context(name)?;
        }
        Ok(Some(Self {
            path: path.to_owned(),
            content: blake3::hash(&content),
        }))
    }

    /// The path, as Pingora takes it. It reads the file itself and panics where that fails, so it is seen before
    /// that the file is still what it was.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn file(&self) -> anyhow::Result<String> {
        let now = Self::read(Some(&self.path))?;
        ensure!(
            now.as_ref() == Some(self),
            "{} changed while it was read",
            self.path.display()
        );
        Ok(self.path.display().to_string())
    }
}
