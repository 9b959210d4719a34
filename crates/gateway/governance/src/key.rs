//! Virtual keys, compiled for look-up: who is calling, what they may call, what counts for them.

mod permit;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::Arc,
};

use tidegate_types::{
    BudgetId, Clock, DeviceGroupId, DeviceId, KeyHash, LimitId, TeamId, Timestamp, UserId,
};

use permit::Entry;
pub use permit::Permit;

use crate::{
    budget::{Account, Meter},
    entity::{Governed, Scope, Team, User, VirtualKey},
    limit::Limiter,
};

/// Whom an admin has disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The key itself.
    Key,
    /// Its team, or its user's.
    Team,
    /// Its user.
    User,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Team => "team",
            Self::User => "user",
        })
    }
}

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthRefusal {
    /// The key, its team or its user is disabled.
    #[error("this key may not be used: its {what} is disabled", what = whose(*.what))]
    Disabled {
        /// Which of them.
        what: Holder,
    },
    /// The key's time is over.
    #[error("this key expired at {at}")]
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Never issued, revoked, or replaced by a rotation whose grace is over.
    #[error("this key is not known: it was never issued, was revoked or was replaced")]
    Unknown,
}

const fn whose(what: Holder) -> &'static str {
    match what {
        Holder::Key => "own switch",
        Holder::Team => "team",
        Holder::User => "user",
    }
}

/// All keys, with the limits and budgets that apply to each. Immutable; counters live on from
/// one keyring to the next.
#[derive(Debug, Default)]
pub struct Keyring {
    revision: u64,
    keys: usize,
    secrets: HashMap<Slot, Secret, BuildHasherDefault<Uniform>>,
    meters: HashMap<BudgetId, Arc<Meter>>,
    limiters: HashMap<LimitId, Arc<Limiter>>,
}

/// A secret that opens a key.
#[derive(Debug)]
struct Secret {
    entry: Arc<Entry>,
    /// The end of the grace after a rotation.
    until: Option<Timestamp>,
}

impl Keyring {
    /// Compiles a snapshot of the store. Limits and budgets that `previous` knew keep their
    /// counters and leases, with the new numbers. Secrets whose grace is over are left out.
    #[must_use]
    pub fn compile(governed: &Governed, previous: Option<&Self>, clock: &Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let mut ring = Self {
            revision: governed.revision,
            ..Self::default()
        };
        let mut scopes = Scopes::default();
        for budget in &governed.budgets {
            let known = previous
                .and_then(|p| p.meters.get(&budget.id))
                .map(AsRef::as_ref);
            let meter = Arc::new(Meter::new(budget.clone(), known));
            scopes
                .meters
                .entry(budget.scope)
                .or_default()
                .push(Arc::clone(&meter));
            ring.meters.insert(budget.id, meter);
        }
        for limit in &governed.limits {
            let known = previous
                .and_then(|p| p.limiters.get(&limit.id))
                .map(AsRef::as_ref);
            let limiter = Arc::new(Limiter::new(limit.clone(), known));
            scopes
                .limiters
                .entry(limit.scope)
                .or_default()
                .push(Arc::clone(&limiter));
            ring.limiters.insert(limit.id, limiter);
        }
        let teams = governed.teams.iter().map(|team| (team.id, team)).collect();
        let users = governed.users.iter().map(|user| (user.id, user)).collect();
        let groups = governed.grouped.iter().copied().collect();
        let holders = Holders {
            teams,
            users,
            groups,
        };
        for key in governed.keys.iter().filter(|key| key.revoked_at.is_none()) {
            ring.add(key, &holders, &scopes, now);
        }
        ring
    }

    fn add(&mut self, key: &VirtualKey, holders: &Holders<'_>, scopes: &Scopes, now: Timestamp) {
        let user_team = holders.user(key).and_then(|user| user.team);
        let mut held = vec![Scope::Organization];
        // A key of one team in the hands of another team's user counts for both.
        held.extend(key.team.map(Scope::Team));
        held.extend(
            user_team
                .filter(|&team| key.team != Some(team))
                .map(Scope::Team),
        );
        held.extend(key.user.map(Scope::User));
        held.push(Scope::Key(key.id));
        let entry = Arc::new(Entry {
            id: key.id,
            name: key.name.clone(),
            team: key.team.or(user_team),
            user: key.user,
            device: key.device,
            device_group: key
                .device
                .and_then(|device| holders.groups.get(&device).copied()),
            allow: key.allow.clone(),
            log_content: key.log_content,
            expires_at: key.expires_at,
            disabled: holders.disabled(key, user_team),
            meters: gather(&scopes.meters, &held),
            limiters: gather(&scopes.limiters, &held),
        });
        self.keys += 1;
        if let Some(old) = key.previous.filter(|old| now < old.valid_until) {
            let secret = Secret {
                entry: Arc::clone(&entry),
                until: Some(old.valid_until),
            };
            self.secrets.insert(Slot(old.hash), secret);
        }
        self.secrets
            .insert(Slot(key.hash), Secret { entry, until: None });
    }

    /// Who holds the secret with this hash.
    ///
    /// # Errors
    /// The secret opens nothing, or nothing any more, or not now.
    pub fn authenticate(&self, hash: &KeyHash, now: Timestamp) -> Result<Permit, AuthRefusal> {
        let secret = self.secrets.get(&Slot(*hash)).ok_or(AuthRefusal::Unknown)?;
        if secret.until.is_some_and(|until| now >= until) {
            return Err(AuthRefusal::Unknown);
        }
        if let Some(what) = secret.entry.disabled {
            return Err(AuthRefusal::Disabled { what });
        }
        match secret.entry.expires_at {
            Some(at) if now >= at => Err(AuthRefusal::Expired { at }),
            _ => Ok(Permit::new(Arc::clone(&secret.entry))),
        }
    }

    /// The revision of the snapshot it was compiled from.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// How many keys it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys
    }

    /// Whether it holds no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys == 0
    }

    pub(crate) fn counts_in(&self, account: &Arc<Account>) -> bool {
        self.meters
            .get(&account.id)
            .is_some_and(|meter| Arc::ptr_eq(&meter.account, account))
    }
}

/// What applies to whom.
#[derive(Default)]
struct Scopes {
    meters: HashMap<Scope, Vec<Arc<Meter>>>,
    limiters: HashMap<Scope, Vec<Arc<Limiter>>>,
}

fn gather<T>(by_scope: &HashMap<Scope, Vec<Arc<T>>>, held: &[Scope]) -> Box<[Arc<T>]> {
    held.iter()
        .filter_map(|scope| by_scope.get(scope))
        .flatten()
        .cloned()
        .collect()
}

struct Holders<'a> {
    teams: HashMap<TeamId, &'a Team>,
    users: HashMap<UserId, &'a User>,
    groups: HashMap<DeviceId, DeviceGroupId>,
}

impl<'a> Holders<'a> {
    fn user(&self, key: &VirtualKey) -> Option<&'a User> {
        self.users.get(&key.user?).copied()
    }

    /// A team or user that the snapshot does not hold counts as disabled: nobody vouches for it.
    fn disabled(&self, key: &VirtualKey, user_team: Option<TeamId>) -> Option<Holder> {
        let off_team = |id: TeamId| self.teams.get(&id).is_none_or(|team| team.disabled);
        if key.disabled {
            Some(Holder::Key)
        } else if key.user.is_some() && self.user(key).is_none_or(|user| user.disabled) {
            Some(Holder::User)
        } else if key.team.is_some_and(off_team) || user_team.is_some_and(off_team) {
            Some(Holder::Team)
        } else {
            None
        }
    }
}

/// A key's hash as a map key. It is uniform by itself: its first eight bytes place it.
#[derive(Debug)]
struct Slot(KeyHash);

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.0.matches(&other.0)
    }
}

impl Eq for Slot {}

impl Hash for Slot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.as_bytes();
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// Passes a number that is uniform already.
#[derive(Debug, Default)]
struct Uniform(u64);

impl Hasher for Uniform {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Never used for a `Slot`; still a hash, should it be.
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests;
