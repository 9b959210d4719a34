//! Chromium and what is built on it: a managed policy lists certificates to trust (`CACertificates`). It
//! counts for everyone on the machine, also for homes that have no database yet. Versions that do not know
//! the policy read the home's database, see `super::nss`.

use std::fs;

use serde_json::{Value, json};

use super::Work;
use crate::{Root, ledger::LedgerError};

const POLICY: &str = "CACertificates";
const FILE: &str = "tidegate.json";
/// Larger ones, and more of them, are not looked into.
const LARGEST: u64 = 1 << 20;
const MOST: usize = 64;

/// Folders of managed policies, and what shows that their browser is here.
const BROWSERS: &[(&str, &[&str])] = &[
    (
        "/etc/chromium/policies/managed",
        &[
            "/etc/chromium",
            "/usr/lib/chromium",
            "/usr/lib64/chromium-browser",
        ],
    ),
    (
        "/etc/chromium-browser/policies/managed",
        &["/etc/chromium-browser", "/snap/chromium"],
    ),
    ("/etc/opt/chrome/policies/managed", &["/opt/google/chrome"]),
    ("/etc/opt/edge/policies/managed", &["/opt/microsoft/msedge"]),
    ("/etc/brave/policies/managed", &["/opt/brave.com/brave"]),
];

/// The folders of browsers that are here.
pub(super) fn present(root: &Root) -> impl Iterator<Item = &'static str> {
    BROWSERS
        .iter()
        .filter(|(_, signs)| signs.iter().any(|sign| root.has(sign)))
        .map(|(folder, _)| *folder)
}

fn file(folder: &str) -> String {
    format!("{folder}/{FILE}")
}

pub(super) fn install(
    name: &str,
    folder: &str,
    work: &mut Work<'_>,
) -> Result<Option<String>, LedgerError> {
    // A policy is taken from one file only, so with a second one either of them would be lost.
    if let Some(other) = other(work.ledger.root(), folder) {
        return Err(LedgerError::Skipped(format!(
            "{other} sets {POLICY} already: add our CA there"
        )));
    }
    let policies = json!({ POLICY: [work.ca.base64()] });
    let mut text = format!("{policies:#}").into_bytes();
    text.push(b'\n');
    work.ledger.write(name, &file(folder), text)?;
    Ok(None)
}

/// Whether the policy lists our CA, and is the one that counts.
pub(super) fn holds(folder: &str, work: &Work<'_>) -> bool {
    let root = work.ledger.root();
    let text = read(root, &file(folder)).unwrap_or_default();
    let policies: Value = serde_json::from_str(&text).unwrap_or_default();
    let listed = policies[POLICY].as_array().into_iter().flatten();
    let ours = listed.into_iter().any(|one| one == work.ca.base64());
    ours && other(root, folder).is_none()
}

/// A file of somebody else that sets the same policy.
fn other(root: &Root, folder: &str) -> Option<String> {
    let key = format!("\"{POLICY}\"");
    let entries = fs::read_dir(root.path(folder));
    let names = entries.into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| name != FILE && name.ends_with(".json"))
        .take(MOST)
        .map(|name| format!("{folder}/{name}"))
        // Browsers allow comments in there, which a JSON parser does not.
        .find(|path| read(root, path).is_some_and(|text| text.contains(&key)))
}

fn read(root: &Root, path: &str) -> Option<String> {
    let path = root.path(path);
    let small = fs::metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST);
    small.then(|| fs::read_to_string(path).ok()).flatten()
}
