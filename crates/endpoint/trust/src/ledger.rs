//! What was there before we wrote. Written down first, so that a crash in between loses nothing.

use std::{
    fs::{self, File, Permissions, TryLockError},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    Root, RunError,
    disk::{Place, Snapshot},
};

/// Only root reads it: key databases of homes may be in it. And only root writes it, since root puts back
/// what it says: so it does not lie below the agent's state, which belongs to an unprivileged user.
const FOLDER: &str = "/var/lib/tidegate-edge-trust";
const MANIFEST: &str = "/var/lib/tidegate-edge-trust/manifest.json";

/// Why something could not be written or put back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("{0}: {1}")]
    File(String, io::Error),
    #[error("{0} was changed by someone else since; it is left as it is")]
    Changed(String),
    #[error("{MANIFEST} cannot be read: {0}")]
    Manifest(serde_json::Error),
    #[error("another install or uninstall is at work")]
    Busy,
    /// It would do harm to go on.
    #[error("{0}")]
    Unfit(String),
    /// There is nothing that could be done, and nothing was.
    #[error("{0}")]
    Skipped(String),
    #[error(transparent)]
    Run(#[from] RunError),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    store: String,
    place: Place,
    before: Snapshot,
    /// The digest of what we put there.
    after: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    /// The CA that is installed.
    ca: Option<String>,
    /// The gateway's key: only a CA that its owner vouches for takes the place of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gateway_key: Option<String>,
    entries: Vec<Entry>,
    /// Folders that we made, in that order.
    folders: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    root: Root,
    manifest: Manifest,
    /// Held while this is open.
    lock: Option<File>,
}

impl Ledger {
    pub(crate) fn open(root: &Root) -> Result<Self, LedgerError> {
        let mut ledger = Self {
            root: root.clone(),
            manifest: Manifest::default(),
            lock: None,
        };
        ledger.read()?;
        Ok(ledger)
    }

    /// For looking only. Whoever may not read our records sees by the files that everyone may read
    /// whether a CA of ours is installed.
    pub(crate) fn look(root: &Root, ca_file: &str) -> Result<Self, LedgerError> {
        match Self::open(root) {
            Err(LedgerError::File(_, error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                let ca = fs::read_to_string(root.path(ca_file)).ok();
                let manifest = Manifest {
                    ca,
                    ..Manifest::default()
                };
                Ok(Self {
                    root: root.clone(),
                    manifest,
                    lock: None,
                })
            }
            opened => opened,
        }
    }

    /// As [`open`](Self::open), and alone.
    pub(crate) fn open_alone(root: &Root) -> Result<Self, LedgerError> {
        let mut ledger = Self::open(root)?;
        if root.is_folder(FOLDER) {
            ledger.take_lock()?;
            // Someone may have written it before we were alone.
            ledger.read()?;
        }
        Ok(ledger)
    }

    fn read(&mut self) -> Result<(), LedgerError> {
        self.manifest = match fs::read(self.root.path(MANIFEST)) {
            Ok(text) => serde_json::from_slice(&text).map_err(LedgerError::Manifest)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Manifest::default(),
            Err(error) => return Err(LedgerError::File(MANIFEST.into(), error)),
        };
        Ok(())
    }

    fn take_lock(&mut self) -> Result<(), LedgerError> {
        let failed = |error| LedgerError::File(FOLDER.into(), error);
        let folder = File::open(self.root.path(FOLDER)).map_err(failed)?;
        match folder.try_lock() {
            Ok(()) => self.lock = Some(folder),
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Busy),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(())
    }

    pub(crate) const fn root(&self) -> &Root {
        &self.root
    }

    /// The CA that is installed, as PEM.
    pub(crate) fn ca(&self) -> Option<&str> {
        self.manifest.ca.as_deref()
    }

    /// The gateway's key, as it was at the first install.
    pub(crate) fn gateway_key(&self) -> Option<&str> {
        self.manifest.gateway_key.as_deref()
    }

    /// Notes the gateway's key; saved with the next change.
    pub(crate) fn set_gateway_key(&mut self, key: Option<String>) {
        self.manifest.gateway_key = key;
    }

    pub(crate) fn set_ca(&mut self, pem: &str) -> Result<(), LedgerError> {
        self.manifest.ca = Some(pem.to_owned());
        self.save()
    }

    /// Whether a store has anything written down.
    pub(crate) fn knows(&self, store: &str) -> bool {
        self.manifest
            .entries
            .iter()
            .any(|entry| entry.store == store)
    }

    /// The stores that have something written down, in that order.
    pub(crate) fn stores(&self) -> Vec<String> {
        let mut stores: Vec<String> = Vec::new();
        for entry in &self.manifest.entries {
            if !stores.contains(&entry.store) {
                stores.push(entry.store.clone());
            }
        }
        stores
    }

    /// Whether every file of a store is as we left it.
    pub(crate) fn is_intact(&self, store: &str) -> bool {
        let mut entries = self
            .manifest
            .entries
            .iter()
            .filter(|entry| entry.store == store);
        entries.all(|entry| {
            let now = entry.place.snapshot(&self.root);
            now.is_ok_and(|now| now.digest() == entry.after)
        })
    }

    /// What is at a place now.
    pub(crate) fn now(&self, place: &Place) -> Result<Snapshot, LedgerError> {
        place
            .snapshot(&self.root)
            .map_err(|error| LedgerError::File(place.shown(), error))
    }

    /// What was at a place before us; what is there now where we never wrote.
    pub(crate) fn before(&self, place: &Place) -> Result<Snapshot, LedgerError> {
        match self
            .manifest
            .entries
            .iter()
            .find(|entry| entry.place == *place)
        {
            Some(entry) => Ok(entry.before.clone()),
            None => self.now(place),
        }
    }

    /// Puts a file of ours in place. One that was changed since is not written again.
    pub(crate) fn write(
        &mut self,
        store: &str,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<(), LedgerError> {
        let place = Place::system(path);
        let wanted = Snapshot::ours(bytes);
        let now = self.now(&place)?;
        let known = self
            .manifest
            .entries
            .iter_mut()
            .find(|entry| entry.place == place);
        match known {
            Some(entry) if now.digest() != entry.after && now != entry.before => {
                return Err(LedgerError::Changed(path.into()));
            }
            Some(entry) => entry.after = wanted.digest(),
            None => self.manifest.entries.push(Entry {
                store: store.to_owned(),
                place: place.clone(),
                before: now.clone(),
                after: wanted.digest(),
            }),
        }
        self.make_parents(path)?;
        self.save()?;
        if now.digest() == wanted.digest() && now.mode() == wanted.mode() {
            return Ok(());
        }
        self.put(&place, &wanted)
    }

    /// Lets a command change files that are its own, and writes down what they were. Should the command
    /// fail, they are put back.
    pub(crate) fn through(
        &mut self,
        store: &str,
        places: &[Place],
        run: impl FnOnce() -> Result<(), RunError>,
    ) -> Result<(), LedgerError> {
        let before: Vec<Snapshot> = places
            .iter()
            .map(|place| self.now(place))
            .collect::<Result<_, _>>()?;
        let ran = run();
        for (place, before) in places.iter().zip(before) {
            let now = self.now(place)?;
            if now.digest() == before.digest() {
                continue;
            }
            if ran.is_err() {
                self.put(place, &before)?;
                continue;
            }
            let after = now.digest();
            match self
                .manifest
                .entries
                .iter_mut()
                .find(|entry| entry.place == *place)
            {
                Some(entry) => entry.after = after,
                None => self.manifest.entries.push(Entry {
                    store: store.to_owned(),
                    place: place.clone(),
                    before,
                    after,
                }),
            }
        }
        self.save()?;
        Ok(ran?)
    }

    /// Puts everything of a store back as it was. What was changed since is left, and stays written
    /// down; the first such file is the error.
    pub(crate) fn restore(&mut self, store: &str) -> Result<(), LedgerError> {
        let (ours, mut left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.manifest.entries)
            .into_iter()
            .partition(|entry| entry.store == store);
        let mut first = Ok(());
        for entry in ours.into_iter().rev() {
            if let Err(error) = self.put_back(&entry) {
                left.push(entry);
                first = first.and(Err(error));
            }
        }
        self.manifest.entries = left;
        self.save()?;
        first
    }

    fn put_back(&self, entry: &Entry) -> Result<(), LedgerError> {
        let now = self.now(&entry.place)?;
        // What went with its home is nobody's loss.
        let moved_out = now == Snapshot::Absent && matches!(entry.place, Place::Home { .. });
        if now == entry.before || moved_out {
            return Ok(());
        }
        // Written down, but a crash came before it was written; or someone else removed what was
        // not there before us either.
        if now.digest() == entry.before.digest() && now.digest() != entry.after {
            return Ok(());
        }
        if now.digest() != entry.after {
            return Err(LedgerError::Changed(entry.place.shown()));
        }
        self.put(&entry.place, &entry.before)
    }

    /// Forgets what is written down about a store, and leaves its files.
    pub(crate) fn forget(&mut self, store: &str) -> Result<(), LedgerError> {
        self.manifest.entries.retain(|entry| entry.store != store);
        self.save()
    }

    /// The end of an uninstall: folders that we made and that are empty go, and the ledger with them
    /// when nothing is left in it.
    pub(crate) fn close(mut self) -> Result<(), LedgerError> {
        self.manifest.ca = None;
        self.manifest.gateway_key = None;
        let done = self.manifest.entries.is_empty();
        if done && let Err(error) = fs::remove_file(self.root.path(MANIFEST)) {
            return Err(LedgerError::File(MANIFEST.into(), error));
        }
        let folders = std::mem::take(&mut self.manifest.folders);
        // One that others put something into stays, and theirs it is.
        let still = |folder: &String| fs::remove_dir(self.root.path(folder)).is_err();
        let mut left: Vec<String> = folders.into_iter().rev().filter(still).collect();
        if done {
            return Ok(());
        }
        left.reverse();
        self.manifest.folders = left;
        self.save()
    }

    fn put(&self, place: &Place, wanted: &Snapshot) -> Result<(), LedgerError> {
        let put = place
            .folder(&self.root)
            .and_then(|folder| folder.put(wanted));
        put.map_err(|error| LedgerError::File(place.shown(), error))
    }

    fn save(&mut self) -> Result<(), LedgerError> {
        let failed = |error: io::Error| LedgerError::File(MANIFEST.into(), error);
        self.make_parents(MANIFEST)?;
        if self.lock.is_none() {
            self.take_lock()?;
        }
        let text = serde_json::to_vec(&self.manifest).map_err(|error| failed(error.into()))?;
        let mut file = Snapshot::ours(text);
        if let Snapshot::File { mode, .. } = &mut file {
            *mode = 0o600;
        }
        self.put(&Place::system(MANIFEST), &file)
    }

    /// Makes the folders that a path lacks, and remembers them.
    fn make_parents(&mut self, path: &str) -> Result<(), LedgerError> {
        let folders = Path::new(path).ancestors().skip(1).filter_map(Path::to_str);
        let missing: Vec<String> = folders
            .take_while(|folder| !self.root.is_folder(folder))
            .map(str::to_owned)
            .collect();
        for folder in missing.into_iter().rev() {
            let mode = if folder == FOLDER { 0o700 } else { 0o755 };
            let path = self.root.path(&folder);
            // Whatever our umask is, others must be able to read what is in there.
            let made = fs::create_dir(&path)
                .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(mode)));
            made.map_err(|error| LedgerError::File(folder.clone(), error))?;
            self.manifest.folders.push(folder);
        }
        Ok(())
    }
}

/// For fuzzing: see [`crate::fuzzing::ledger`].
pub(crate) fn check_manifest(text: &[u8]) {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(text) else {
        return;
    };
    let written = serde_json::to_vec(&manifest).unwrap_or_default();
    let again = serde_json::from_slice::<Manifest>(&written);
    assert!(
        again.is_ok_and(|again| again == manifest),
        "something else would be put back"
    );
    let ledger = Ledger {
        root: Root::system(),
        manifest,
        lock: None,
    };
    let stores = ledger.stores();
    assert!(stores.iter().all(|store| ledger.knows(store)));
    assert_eq!(stores.is_empty(), ledger.manifest.entries.is_empty());
    for entry in &ledger.manifest.entries {
        assert!(entry.place.shown().len() <= text.len() + 1);
        assert_eq!(entry.before.digest().len(), 64);
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Closing is not enough: a process that is being started may hold the file for a moment.
        if let Some(lock) = &self.lock {
            drop(lock.unlock());
        }
    }
}
