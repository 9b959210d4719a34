//! All stores below a made-up root, with tools that do in small what the real ones do.

mod browsers;
mod fake;
mod identity;
mod offer;
mod real;
mod stores;
mod trouble;

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use anyhow::Result;

use super::*;
use crate::Trusted;
use fake::{Machine, POLICIES};

/// A CA.
pub(crate) fn ca(name: &str) -> String {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

/// An offer of a CA that everybody vouches for.
fn signed(ca_pem: &str) -> Offer<'_> {
    Offer {
        ca_pem,
        gateway_key: "key",
        is_signed: true,
        vouches: &|_, _| true,
    }
}

/// Everything below a folder: what it is, who may do what with it, what it holds, when it was written.
/// Folders are written whenever something in them is, and so are the bundles that tools make.
fn tree(root: &Path) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let meta = path.symlink_metadata()?;
            let name = path.strip_prefix(root)?.display().to_string();
            let (mode, uid, gid) = (meta.mode(), meta.uid(), meta.gid());
            let content = if meta.is_dir() {
                todo.push(path);
                String::new()
            } else if meta.is_symlink() {
                format!("-> {}", fs::read_link(&path)?.display())
            } else {
                let time = match name.starts_with("etc/ssl/certs") {
                    true => (0, 0),
                    false => (meta.mtime(), meta.mtime_nsec()),
                };
                format!("{time:?} {:?}", fs::read(&path)?)
            };
            lines.push(format!("{name} {mode:o} {uid}:{gid} {content}"));
        }
    }
    lines.sort();
    Ok(lines)
}

/// Whether the client whose name has this in it trusts us.
fn trusted(report: &Report, name: &str) -> Trusted {
    let mut clients = report.clients.iter();
    let client = clients.find(|client| client.client.contains(name));
    client.unwrap().trusted
}
