//! The system's own store: Debian's and Red Hat's ways, and those who took them over. Both keep a folder
//! for local certificates and a tool that makes bundles of them.

use std::fs;

use super::{Store, Work};
use crate::{Command, Root, RunError, Runner, ledger::LedgerError};

const DEBIAN: &str = "/usr/local/share/ca-certificates/tidegate-ca.crt";
const RED_HAT: &str = "/etc/pki/ca-trust/source/anchors/tidegate-ca.pem";
/// Which certificates the administrator chose (update-ca-certificates(8)).
const CHOICE: &str = "/etc/ca-certificates.conf";
/// The same with ours deselected, for one run of the tool; in a folder that is root's alone.
const DESELECTED: &str = "/var/lib/tidegate-edge-trust/deselected.conf";
const DESELECT: &str = "\n!tidegate-ca.crt\n";
/// Where distributions keep the bundle of all roots, most common first.
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

pub(super) fn present(root: &Root, runner: &dyn Runner) -> Option<Store> {
    if runner.has("update-ca-trust") && root.is_folder("/etc/pki/ca-trust/source/anchors") {
        return Some(Store::RedHat);
    }
    let debian = runner.has("update-ca-certificates") && root.is_folder("/etc/ssl/certs");
    debian.then_some(Store::Debian)
}

/// The bundle of all roots, as an absolute path.
pub(super) fn bundle(root: &Root) -> Option<&'static str> {
    let found = BUNDLES.iter().find(|path| root.path(path).is_file());
    found.copied()
}

/// The same with its text.
pub(super) fn bundle_text(root: &Root) -> Option<(&'static str, String)> {
    let path = bundle(root)?;
    Some((path, fs::read_to_string(root.path(path)).ok()?))
}

pub(super) fn install(store: &Store, work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
    let path = if *store == Store::RedHat {
        RED_HAT
    } else {
        DEBIAN
    };
    let (name, pem) = (store.name(), work.ca.pem().into_bytes());
    work.ledger.write(&name, path, pem)?;
    let command = update(store, work.ledger.root());
    work.runner.run(&command)?;
    if store.holds(work) {
        return Ok(None);
    }
    Err(LedgerError::Run(RunError::Failed {
        command: command.to_string(),
        message: "the bundle that it made does not hold the CA".into(),
    }))
}

pub(super) fn uninstall(store: &Store, work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
    if !work.ledger.knows(&store.name()) {
        return Ok(None);
    }
    let restored = work.ledger.restore(&store.name());
    // Also where the file was left: the bundles follow what is there.
    let command = update(store, work.ledger.root());
    if *store == Store::Debian && restored.is_ok() && !work.ledger.root().has(DEBIAN) {
        deselected(work, command)?;
    } else {
        work.runner.run(&command)?;
    }
    restored.map(|()| None)
}

/// Runs Debian's tool with our certificate named as deselected. Of one whose file is just gone it leaves
/// the links dangling, and never tells its hooks, so that Java would go on trusting it.
fn deselected(work: &mut Work<'_>, command: Command) -> Result<(), LedgerError> {
    let root = work.ledger.root();
    let failed = |error| LedgerError::File(DESELECTED.into(), error);
    let path = root.path(DESELECTED);
    let mut choice = match fs::read_to_string(root.path(CHOICE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LedgerError::File(CHOICE.into(), error));
        }
        choice => choice.unwrap_or_default(),
    };
    choice.push_str(DESELECT);
    fs::write(&path, choice).map_err(failed)?;
    // The last of two options counts.
    let command = command.arg("--certsconf").arg(&path);
    let done = work.runner.run(&command);
    fs::remove_file(&path).map_err(failed)?;
    Ok(done?)
}

/// The tool that makes the bundles. Debian's takes other folders as options; Red Hat's has to run
/// inside of another root.
fn update(store: &Store, root: &Root) -> Command {
    match (store, root.is_system()) {
        (Store::RedHat, true) => Command::new("update-ca-trust").arg("extract"),
        (Store::RedHat, false) => Command::new("chroot")
            .arg(root.path("/"))
            .args(["update-ca-trust", "extract"]),
        (_, true) => Command::new("update-ca-certificates"),
        (_, false) => [
            ("--certsconf", CHOICE),
            ("--certsdir", "/usr/share/ca-certificates"),
            ("--localcertsdir", "/usr/local/share/ca-certificates"),
            ("--etccertsdir", "/etc/ssl/certs"),
            ("--hooksdir", "/etc/ca-certificates/update.d"),
        ]
        .into_iter()
        .fold(
            Command::new("update-ca-certificates"),
            |command, (option, path)| command.arg(option).arg(root.path(path)),
        ),
    }
}
