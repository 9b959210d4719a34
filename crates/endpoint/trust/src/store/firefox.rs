//! Firefox: `policies.json` lists certificates to install (the `Certificates` policy). Whatever else is
//! in it stays.

use std::fs;

use serde_json::{Map, Value, json};

use super::{Store, Work};
use crate::{
    Root,
    disk::{Place, Snapshot},
    ledger::LedgerError,
};

const NAME: &str = "firefox";
const POLICIES: &str = "/etc/firefox/policies/policies.json";
/// Beside the policies: Firefox as a snap may read this folder, and not others.
const CERTIFICATE: &str = "/etc/firefox/policies/tidegate-ca.pem";
const SIGNS: &[&str] = &[
    "/etc/firefox",
    "/usr/lib/firefox",
    "/usr/lib/firefox-esr",
    "/usr/lib64/firefox",
    "/opt/firefox",
    "/snap/firefox",
];

pub(super) fn present(root: &Root) -> Option<Store> {
    SIGNS
        .iter()
        .any(|sign| root.has(sign))
        .then_some(Store::Firefox)
}

pub(super) fn install(work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
    let place = Place::system(POLICIES);
    let before = work.ledger.before(&place)?;
    let base = match &before {
        Snapshot::Absent => Vec::new(),
        Snapshot::File { bytes, .. } => bytes.0.clone(),
        // Someone's tool keeps the file elsewhere: what it says is merged, and the link comes back.
        Snapshot::Link { .. } => fs::read(work.ledger.root().path(POLICIES))
            .map_err(|error| LedgerError::File(POLICIES.into(), error))?,
    };
    let merged = merge(&base).ok_or_else(|| {
        LedgerError::Unfit(format!(
            "{POLICIES} is not a JSON object of policies; it is left as it is"
        ))
    })?;
    work.ledger
        .write(NAME, CERTIFICATE, work.ca.pem().into_bytes())?;
    match work.ledger.write(NAME, POLICIES, merged) {
        Err(LedgerError::Changed(_)) if holds(work.ledger.root()) => Ok(Some(format!(
            "{POLICIES} was changed by someone else since, and still lists our CA"
        ))),
        written => written.map(|()| None),
    }
}

/// The policies with our certificate among those to install; none where they are something else.
fn merge(base: &[u8]) -> Option<Vec<u8>> {
    let mut document: Map<String, Value> = match base.trim_ascii() {
        [] => Map::new(),
        text => serde_json::from_slice(text).ok()?,
    };
    let policies = document
        .entry("policies")
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    let certificates = policies
        .entry("Certificates")
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    let install = certificates
        .entry("Install")
        .or_insert_with(|| json!([]))
        .as_array_mut()?;
    if !install.iter().any(|path| path == CERTIFICATE) {
        install.push(CERTIFICATE.into());
    }
    let mut text = serde_json::to_vec_pretty(&document).ok()?;
    text.push(b'\n');
    Some(text)
}

pub(super) fn holds(root: &Root) -> bool {
    let text = fs::read(root.path(POLICIES)).unwrap_or_default();
    let document: Value = serde_json::from_slice(&text).unwrap_or_default();
    let listed = document
        .pointer("/policies/Certificates/Install")
        .and_then(Value::as_array);
    listed.is_some_and(|paths| paths.iter().any(|path| path == CERTIFICATE))
        && root.has(CERTIFICATE)
}
