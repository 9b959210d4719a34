//! All devices that are enrolled, in memory: a check-in asks no database. The roster is read anew when
//! the store's revision rises; what this process heard from a device meanwhile stays.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tidegate_device_api::{CheckInRequest, SignedIn};
use tidegate_governance::record::printable;
use tidegate_store::Enrolled;
use tidegate_types::{DeviceId, KeyHash, KeyId, TeamId, Timestamp, UserId};
use tokio::sync::Notify;

use super::counter::Counter;

/// A device that is enrolled.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: DeviceId,
    /// The virtual key that its key is.
    pub(crate) key: KeyId,
    /// Whose it is.
    pub(crate) user: Option<UserId>,
    /// The same for people.
    pub(crate) person: Option<SignedIn>,
    /// Its team, or else its user's.
    pub(crate) team: Option<TeamId>,
    /// It, its team or its user is switched off.
    pub(crate) off: bool,
    /// When its key ends, if ever.
    pub(crate) expires_at: Option<Timestamp>,
    /// The machine's id, hashed, as at enrolment.
    pub(super) machine: String,
    /// What is known of it from moment to moment.
    pub(super) live: Arc<Live>,
}

/// What this process knows of a device from moment to moment.
#[derive(Debug)]
pub(super) struct Live {
    state: Mutex<State>,
    /// Something is there for this device alone.
    pub(super) wake: Notify,
}

/// What a device says at each check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    agent_version: String,
    revision: u64,
    effective: bool,
    problem: Option<String>,
}

impl Said {
    pub(super) fn of(said: &CheckInRequest) -> Self {
        Self {
            agent_version: printable(&said.agent_version, 64),
            revision: said.revision,
            effective: said.effective,
            problem: said.problem.as_deref().map(|text| printable(text, 500)),
        }
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) counter: Counter,
    /// Which count the numbers are of: an admin may let a device count anew.
    pub(super) resets: u64,
    pub(super) said: Option<Said>,
    /// When it last said something.
    pub(super) heard_at: Option<Timestamp>,
    /// When that was last kept to be written.
    pub(super) noted_at: Option<Timestamp>,
    pub(super) inventory: Option<[u8; 32]>,
    /// A digest of the effects that were last written.
    pub(super) effects: Option<u64>,
    /// Digests of the last requests for access that were written.
    pub(super) asked: Vec<u64>,
    /// When it was asked to scan, until it is known to have been told.
    pub(super) scan_asked: Option<Timestamp>,
    /// In the answer to which number it was last told, and of what it was asked when.
    pub(super) telling: Option<(u64, Timestamp)>,
    pub(super) quarantined: bool,
    /// Whose it was last told that it is; none: nothing was told since this process began.
    pub(super) told_whose: Option<Option<UserId>>,
}

impl Entry {
    /// Its check-in that waits is answered.
    pub(super) fn wake(&self) {
        self.live.wake.notify_waiters();
    }

    /// Whether it is somebody else's than before, or nobody's: they see another name, another budget.
    fn is_anothers(&self, before: &Self) -> bool {
        (self.team, self.user) != (before.team, before.user) || self.person != before.person
    }
}

impl Live {
    fn new(row: &Enrolled) -> Self {
        let device = &row.device;
        let reported = &device.reported;
        let said = device.effective.map(|effective| Said {
            agent_version: device.agent_version.clone(),
            revision: device.policy_revision,
            effective,
            problem: device.problem.clone(),
        });
        Self {
            state: Mutex::new(State {
                counter: Counter::at(reported.seq),
                resets: reported.seq_resets,
                said,
                heard_at: device.last_seen_at,
                noted_at: device.last_seen_at,
                inventory: reported.inventory,
                effects: None,
                asked: Vec::new(),
                scan_asked: pending(row),
                telling: None,
                quarantined: reported.quarantine.is_some(),
                told_whose: None,
            }),
            wake: Notify::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what was done to the device by admins, here or on another node.
    fn follow(&self, row: &Enrolled) {
        let reported = &row.device.reported;
        let mut state = self.state();
        if reported.seq_resets != state.resets {
            (state.resets, state.counter) = (reported.seq_resets, Counter::at(reported.seq));
        }
        state.quarantined = reported.quarantine.is_some();
        let asked = pending(row);
        let known = state.scan_asked.or(state.telling.map(|(_, asked)| asked));
        if asked.is_some() && asked != known {
            state.scan_asked = asked;
            drop(state);
            self.wake.notify_waiters();
        }
    }
}

/// When a scan was asked for that the device was not told of.
fn pending(row: &Enrolled) -> Option<Timestamp> {
    let reported = &row.device.reported;
    reported
        .scan_requested_at
        // Told is which asking was told of. That it comes later is not to be had of clocks that are set.
        .filter(|asked| reported.scan_told_at != Some(*asked))
}

/// All devices.
#[derive(Debug, Default)]
pub(super) struct Roster {
    held: RwLock<Held>,
    /// Inventories that are known to be stored.
    inventories: RwLock<HashSet<[u8; 32]>>,
}

#[derive(Debug, Default)]
struct Held {
    by_key: HashMap<KeyHash, Arc<Entry>>,
    by_id: HashMap<DeviceId, Arc<Entry>>,
    /// The store's revision that it was read at.
    revision: u64,
}

impl Roster {
    /// The store's revision that it was last read at.
    pub(super) fn revision(&self) -> u64 {
        self.held().revision
    }

    pub(super) fn by_key(&self, hash: &KeyHash) -> Option<Arc<Entry>> {
        self.held().by_key.get(hash).cloned()
    }

    pub(super) fn by_id(&self, id: DeviceId) -> Option<Arc<Entry>> {
        self.held().by_id.get(&id).cloned()
    }

    /// Takes over all rows. Devices that are gone or were switched off and wait are woken; who came to another team
    /// or another person is told of, to be woken when what holds there is known.
    pub(super) fn replace(&self, rows: Vec<Enrolled>, revision: u64) -> Vec<Arc<Entry>> {
        let mut next = Held {
            revision,
            ..Held::default()
        };
        {
            let before = self.held();
            for row in &rows {
                next.add(row, before.by_id.get(&row.device.id));
            }
        }
        let before = std::mem::replace(&mut *self.held_mut(), next);
        let now = self.held();
        let mut moved = Vec::new();
        for (id, entry) in &before.by_id {
            match now.by_id.get(id) {
                Some(now) if !now.off => {
                    if now.is_anothers(entry) {
                        moved.push(Arc::clone(now));
                    }
                }
                _ => entry.wake(),
            }
        }
        moved
    }

    /// Adds a device, or takes over what its row says.
    pub(super) fn add(&self, row: &Enrolled) -> Arc<Entry> {
        let mut held = self.held_mut();
        let before = held.by_id.get(&row.device.id).cloned();
        let entry = held.add(row, before.as_ref());
        if before.is_some_and(|before| entry.is_anothers(&before)) {
            entry.wake();
        }
        entry
    }

    /// Whether an inventory is known to be stored.
    pub(super) fn has_inventory(&self, hash: &[u8; 32]) -> bool {
        let known = self
            .inventories
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        known.contains(hash)
    }

    /// An inventory is stored.
    pub(super) fn stored(&self, hashes: impl IntoIterator<Item = [u8; 32]>) {
        let mut known = self
            .inventories
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.extend(hashes);
    }

    /// These devices named inventories that are stored no more.
    pub(super) fn lacks(&self, lacking: &[(DeviceId, [u8; 32])]) {
        for (device, hash) in lacking {
            let mut known = self
                .inventories
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            known.remove(hash);
            drop(known);
            if let Some(entry) = self.by_id(*device) {
                let mut state = entry.live.state();
                state.inventory = state.inventory.filter(|named| named != hash);
            }
        }
    }

    /// What is known to be stored, in place of all that was.
    pub(super) fn only_stored(&self, hashes: impl IntoIterator<Item = [u8; 32]>) {
        let mut known = self
            .inventories
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = hashes.into_iter().collect();
    }

    fn held(&self) -> std::sync::RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn held_mut(&self) -> std::sync::RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn add(&mut self, row: &Enrolled, before: Option<&Arc<Entry>>) -> Arc<Entry> {
        let live = match before {
            Some(before) => {
                before.live.follow(row);
                Arc::clone(&before.live)
            }
            None => Arc::new(Live::new(row)),
        };
        let entry = Arc::new(Entry {
            id: row.device.id,
            key: row.device.key,
            user: row.device.user,
            person: row.device.owner.as_ref().map(|owner| SignedIn {
                name: owner.name.clone(),
                email: owner.email.clone(),
                team: row.team_name.clone(),
            }),
            team: row.team,
            off: row.off,
            expires_at: row.expires_at,
            machine: row.device.machine.id_hash.clone(),
            live,
        });
        self.by_key.insert(row.hash, Arc::clone(&entry));
        self.by_id.insert(row.device.id, Arc::clone(&entry));
        entry
    }
}
