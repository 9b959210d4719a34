//! The NSS database of a home: Chrome, Chromium and what is built on them read it. The home's owner may
//! put anything there, so the tool runs as them, and no link is followed.
//!
//! Chromium 146 and newer make theirs below `.local/share` where there is none at the old place.

use std::fs;

use super::{CA_FILE, Work};
use crate::{Command, Root, disk::Place, ledger::LedgerError};

const OLD: &str = ".pki/nssdb";
const FOLDERS: &[&str] = &[OLD, ".local/share/pki/nssdb"];
/// What `certutil` may write (NSS's shared databases).
const FILES: &[&str] = &["cert9.db", "key4.db", "pkcs11.txt"];
const FIRST_PERSON: u32 = 1000;
const NOBODY: u32 = 65534;

/// A database in a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    path: String,
    folder: &'static str,
    user: String,
    uid: u32,
}

/// The homes of people and of root, in the order of `/etc/passwd` (passwd(5)).
pub(super) fn present(root: &Root) -> Vec<Home> {
    let text = fs::read(root.path("/etc/passwd")).unwrap_or_default();
    let mut homes: Vec<Home> = Vec::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [user, _, uid, _, _, path, ..] = fields[..] else {
            continue;
        };
        let Ok(uid) = uid.parse() else { continue };
        let person = uid == 0 || uid >= FIRST_PERSON && uid != NOBODY;
        let known = homes.iter().any(|home| home.path == path);
        if !person || known || path.len() <= 1 || !path.starts_with('/') {
            continue;
        }
        let here = |folder: &&&str| root.is_folder(&format!("{path}/{folder}"));
        homes.extend(FOLDERS.iter().filter(here).map(|folder| Home {
            path: path.to_owned(),
            folder,
            user: user.to_owned(),
            uid,
        }));
    }
    homes
}

impl Home {
    /// Its name as a store: the home where it is at the old place.
    pub(crate) fn name(&self) -> String {
        match self.folder {
            OLD => format!("nss:{}", self.path),
            folder => format!("nss:{}/{folder}", self.path),
        }
    }

    fn places(&self) -> Vec<Place> {
        let place = |file: &&str| Place::Home {
            home: self.path.clone(),
            file: format!("{}/{file}", self.folder),
        };
        FILES.iter().map(place).collect()
    }

    fn certutil(&self, root: &Root, doing: &str) -> Command {
        let folder = root.path(&format!("{}/{}", self.path, self.folder));
        let ours = nix::unistd::geteuid().as_raw() == self.uid;
        let mut database = std::ffi::OsString::from("sql:");
        database.push(folder);
        Command::new("certutil")
            .as_user((!ours).then(|| self.user.clone()))
            .args([doing, "-d"])
            .arg(database)
    }
}

pub(super) fn install(
    name: &str,
    home: &Home,
    work: &mut Work<'_>,
) -> Result<Option<String>, LedgerError> {
    if !work.runner.has("certutil") {
        let missing = "`certutil` is missing (libnss3-tools or nss-tools): browsers of this home do not trust us";
        return Err(LedgerError::Skipped(missing.into()));
    }
    let places = home.places();
    // The database itself: a folder without one is nobody's store.
    let database = work.ledger.now(&places[0])?;
    if database.owner() != Some(home.uid) || database.bytes().is_none() {
        let unfit = format!(
            "{} is not a file of {}; it is left alone",
            places[0].shown(),
            home.user
        );
        return Err(LedgerError::Skipped(unfit));
    }
    if holds(home, work) {
        return Ok(None);
    }
    let root = work.ledger.root().clone();
    let command = home
        .certutil(&root, "-A")
        // Trusted to name servers, and for nothing else.
        .args(["-t", "C,,", "-n", &work.ca.nickname(), "-i"])
        .arg(root.path(CA_FILE));
    let runner = work.runner;
    work.ledger
        .through(name, &places, || runner.run(&command))?;
    Ok(None)
}

pub(super) fn uninstall(
    name: &str,
    home: &Home,
    work: &mut Work<'_>,
) -> Result<Option<String>, LedgerError> {
    if !work.ledger.knows(name) {
        return Ok(None);
    }
    if work.ledger.is_intact(name) {
        return work.ledger.restore(name).map(|()| None);
    }
    // The browser or its owner wrote to it since: only ours is taken out.
    let root = work.ledger.root().clone();
    let command = home.certutil(&root, "-D").args(["-n", &work.ca.nickname()]);
    work.runner.run(&command)?;
    work.ledger.forget(name)?;
    Ok(Some(
        "the database was written to since; our CA was taken out, and the rest left".into(),
    ))
}

pub(super) fn holds(home: &Home, work: &Work<'_>) -> bool {
    let command = home
        .certutil(work.ledger.root(), "-L")
        .args(["-n", &work.ca.nickname()]);
    work.runner.has("certutil") && work.runner.run(&command).is_ok()
}
