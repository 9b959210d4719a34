//! Keystores of Java runtimes that the system does not feed. Debian's and Red Hat's packages link
//! `cacerts` to one that is made together with the bundles, and need nothing of us.

use super::{CA_FILE, Work};
use crate::{Command, Root, disk::Place, ledger::LedgerError};

const ALIAS: &str = "tidegate-ca";
/// Every JDK's `cacerts` is made with it; it protects nothing.
const PASSWORD: &str = "changeit";
const MOST: usize = 64;

/// A runtime's own keystore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keystore {
    pub(crate) path: String,
    keytool: String,
}

/// Keystores that are files of their own: a link leads to one that something else keeps.
pub(super) fn present(root: &Root) -> Vec<Keystore> {
    let mut found: Vec<(std::path::PathBuf, Keystore)> = Vec::new();
    let runtimes = ["/usr/lib/jvm", "/opt", "/usr/java"].into_iter();
    for runtime in runtimes.flat_map(|folder| root.folders(folder)).take(MOST) {
        for home in ["", "/jre", "/jbr"].map(|part| format!("{runtime}{part}")) {
            let path = format!("{home}/lib/security/cacerts");
            let real = root.path(&path);
            let is_file = real.symlink_metadata().is_ok_and(|meta| meta.is_file());
            // The folders may be links to each other.
            let Some(real) = real.canonicalize().ok().filter(|_| is_file) else {
                continue;
            };
            if found.iter().any(|(known, _)| *known == real) {
                continue;
            }
            let own = format!("{home}/bin/keytool");
            let keytool = match root.has(&own) {
                true => root.path(&own).to_string_lossy().into_owned(),
                false => "keytool".into(),
            };
            found.push((real, Keystore { path, keytool }));
        }
    }
    found.into_iter().map(|(_, keystore)| keystore).collect()
}

impl Keystore {
    fn command(&self, root: &Root, doing: &str) -> Command {
        Command::new(&self.keytool)
            .args([doing, "-keystore"])
            .arg(root.path(&self.path))
            .args(["-storepass", PASSWORD, "-alias", ALIAS])
    }
}

pub(super) fn install(
    name: &str,
    keystore: &Keystore,
    work: &mut Work<'_>,
) -> Result<Option<String>, LedgerError> {
    if work.ledger.knows(name) && holds(keystore, work) {
        return Ok(None);
    }
    let root = work.ledger.root().clone();
    let command = keystore
        .command(&root, "-importcert")
        .args(["-noprompt", "-file"])
        .arg(root.path(CA_FILE));
    let runner = work.runner;
    let places = [Place::system(&keystore.path)];
    work.ledger
        .through(name, &places, || runner.run(&command))?;
    Ok(None)
}

pub(super) fn uninstall(
    name: &str,
    keystore: &Keystore,
    work: &mut Work<'_>,
) -> Result<Option<String>, LedgerError> {
    if !work.ledger.knows(name) {
        return Ok(None);
    }
    if work.ledger.is_intact(name) {
        return work.ledger.restore(name).map(|()| None);
    }
    let root = work.ledger.root().clone();
    work.runner.run(&keystore.command(&root, "-delete"))?;
    work.ledger.forget(name)?;
    Ok(Some(
        "the keystore was written to since; our CA was taken out, and the rest left".into(),
    ))
}

pub(super) fn holds(keystore: &Keystore, work: &Work<'_>) -> bool {
    work.runner
        .run(&keystore.command(work.ledger.root(), "-list"))
        .is_ok()
}
