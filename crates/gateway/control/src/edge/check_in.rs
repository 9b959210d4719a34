//! A check-in, as it is heard: whose it is, what of it is news, and what the device is told.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, MutexGuard},
    time::Duration,
};

use tidegate_device_api::{
    AccessRequest, CheckInRequest, CheckInResponse, EffectReport, LONGEST_NAME, LONGEST_REASON,
    Wanted,
};
use tidegate_governance::record::printable;
use tidegate_store::{NewInventory, NewRequest, StoreError};
use tidegate_types::Timestamp;

use super::{
    Edge, EdgeError, Entry, Policies,
    counter::Number,
    roster::{Said, State},
    sightings::{Kept, sighting},
};

/// Somebody else checks in as this device: the check-in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicate {
    /// From another machine than the one that was enrolled.
    Machine,
    /// With a number that was used before.
    Number,
    /// With a number that came late: nobody needs to be told.
    Late,
}

impl Duplicate {
    const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Machine => Some("A check-in came from another machine than the one enrolled."),
            Self::Number => Some("A check-in had a number that an earlier one had."),
            Self::Late => None,
        }
    }
}

/// What a device is told, beside its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) want_inventory: bool,
    pub(crate) scan: bool,
}

/// The most requests of one check-in, and the digests of requests that are remembered of a device.
const MAX_REQUESTS: usize = 50;

impl Edge {
    /// Hears a check-in. What came of decisions and what people ask for is written when this returns,
    /// together with what other devices said; the rest is written now and then.
    pub(crate) async fn hear(
        &self,
        entry: &Entry,
        said: &mut CheckInRequest,
        digest: u64,
    ) -> Result<Result<Told, Duplicate>, StoreError> {
        let now = self.clock.now();
        let number = match number(entry, said, digest) {
            Ok(number) => number,
            Err(duplicate) => {
                self.mark(entry, duplicate).await?;
                return Ok(Err(duplicate));
            }
        };
        let hash = said.inventory.as_deref().and_then(from_hex);
        let has = match hash {
            Some(hash) => self.has_inventory(entry, hash).await?,
            None => true,
        };
        let requests = requests(entry, std::mem::take(&mut said.requests));
        let mut seen = sighting(entry.id, said, number == Number::Again, now);
        let reported = said.effects.take().map(bounded);
        let (kept, told, effects) = {
            let mut state = entry.live.state();
            state.heard_at = Some(now);
            let spoken = Said::of(said);
            let mut changed = state.said.as_ref() != Some(&spoken);
            if let Some(hash) = hash.filter(|hash| has && state.inventory != Some(*hash)) {
                (state.inventory, seen.inventory, changed) = (Some(hash), Some(hash), true);
            }
            if let Some(asked) = told_before(&mut state, said.seq) {
                (seen.scan_told_at, changed) = (Some(asked), true);
            }
            let effects = reported.as_ref().map(hashed);
            if effects.is_some() && effects != state.effects {
                (seen.effects, changed) = (reported, true);
            }
            seen.seq = (state.counter.last(), state.resets);
            let waits = seen.effects.is_some();
            let kept = self
                .gathered
                .add(seen, changed, state.noted_at, self.clock.mono());
            if kept != Kept::Nothing {
                (state.noted_at, state.said) = (Some(now), Some(spoken));
            }
            let told = Told {
                want_inventory: !has,
                scan: tell_scan(&mut state, said.seq),
            };
            (kept, told, effects.filter(|_| waits))
        };
        if effects.is_some() {
            // Whoever is answered may forget it.
            self.flush().await?;
            entry.live.state().effects = effects;
        } else if kept == Kept::Due
            && let Err(error) = self.flush().await
        {
            tracing::warn!(%error, "what devices said is written later");
        }
        self.note_requests(entry, requests).await?;
        Ok(Ok(told))
    }

    /// What a device is to obey, as soon as there is something newer than `revision` for it, or something
    /// else to tell; nothing when `wait` is over, when too many wait already, or when the process is
    /// about to end.
    pub(crate) async fn answer(
        &self,
        entry: &Entry,
        (revision, seq): (u64, u64),
        open: &[String],
        told: Told,
        wait: Duration,
    ) -> Result<CheckInResponse, EdgeError> {
        let mut told = told;
        // Between two check-ins it may have come to somebody else: nobody waits then who could be woken.
        let told_whose = entry.live.state().told_whose;
        let has_news = told.scan
            || told.want_inventory
            || told_whose.is_some_and(|told| told != entry.user)
            || !self.answers.of(entry.id, open).is_empty();
        if !has_news && !wait.is_zero() {
            self.until_news(entry, revision, wait).await;
            told.scan = tell_scan(&mut entry.live.state(), seq);
        }
        // It may have come to another team or user meanwhile.
        let now = self.roster.by_id(entry.id);
        let entry = now.as_deref().unwrap_or(entry);
        entry.live.state().told_whose = Some(entry.user);
        let policy = self.policies().published(entry.id, entry.team)?;
        let mono = self.clock.mono();
        let (budgets, limits) = self.allowances.of(entry, &self.store, mono).await;
        Ok(CheckInResponse {
            next_seconds: policy.document.check_in_seconds,
            policy: (policy.document.revision > revision).then(|| policy.signed.clone()),
            want_inventory: told.want_inventory,
            scan: told.scan,
            user: entry.person.clone(),
            budgets,
            limits,
            answers: self.answers.of(entry.id, open),
        })
    }

    async fn until_news(&self, entry: &Entry, revision: u64, wait: Duration) {
        let mut policies = self.policies.subscribe();
        let woken = entry.live.wake.notified();
        tokio::pin!(woken);
        // From here on nothing is missed.
        woken.as_mut().enable();
        // What was decided for others wakes nobody else.
        let (device, team) = (entry.id, entry.team);
        let news = |now: &Arc<Policies>| now.changed_at(device, team) > revision;
        if policies.borrow_and_update().revision() > revision
            || entry.live.state().scan_asked.is_some()
        {
            return;
        }
        let Ok(_seat) = self.waiting.try_acquire() else {
            return;
        };
        let mut closing = self.closing.subscribe();
        tokio::select! {
            _ = policies.wait_for(news) => {}
            () = woken => {}
            _ = closing.wait_for(|closing| *closing) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Keeps an inventory that a device uploaded.
    pub(crate) async fn keep_inventory(
        &self,
        entry: &Entry,
        new: NewInventory,
    ) -> Result<(), StoreError> {
        let hash = new.hash;
        self.store.note_inventory(entry.id, new).await?;
        self.roster.stored([hash]);
        entry.live.state().inventory = Some(hash);
        self.stir();
        Ok(())
    }

    /// Whether an inventory is stored: this node may not have heard of it yet.
    async fn has_inventory(&self, entry: &Entry, hash: [u8; 32]) -> Result<bool, StoreError> {
        if entry.live.state().inventory == Some(hash) || self.roster.has_inventory(&hash) {
            return Ok(true);
        }
        let stored = self.store.has_inventory(hash).await?;
        if stored {
            self.roster.stored([hash]);
        }
        Ok(stored)
    }

    /// Marks a device that somebody copied, once.
    async fn mark(&self, entry: &Entry, duplicate: Duplicate) -> Result<(), StoreError> {
        let Some(reason) = duplicate.reason() else {
            return Ok(());
        };
        if entry.live.state().quarantined {
            return Ok(());
        }
        tracing::warn!(device = %entry.id, reason, "a device was copied");
        self.store
            .quarantine_device(entry.id, reason.to_owned())
            .await?;
        entry.live.state().quarantined = true;
        Ok(())
    }

    /// What people ask for is rare, and written at once.
    async fn note_requests(
        &self,
        entry: &Entry,
        requests: Vec<(u64, AccessRequest)>,
    ) -> Result<(), StoreError> {
        if requests.is_empty() {
            return Ok(());
        }
        let (digests, requests): (Vec<u64>, Vec<AccessRequest>) = requests.into_iter().unzip();
        let new = requests
            .into_iter()
            .map(|request| NewRequest {
                device: entry.id,
                request,
            })
            .collect();
        self.store.note_requests(new).await?;
        self.stir();
        let mut state = entry.live.state();
        state.asked.extend(digests);
        let old = state.asked.len().saturating_sub(MAX_REQUESTS * 2);
        state.asked.drain(..old);
        Ok(())
    }
}

/// How the check-in stands to those before.
fn number(entry: &Entry, said: &CheckInRequest, digest: u64) -> Result<Number, Duplicate> {
    let machine = said.machine_id_hash.as_ref();
    if machine.is_some_and(|machine| *machine != entry.machine) {
        return Err(Duplicate::Machine);
    }
    match entry.live.state().counter.take(said.seq, digest) {
        number @ (Number::New | Number::Again) => Ok(number),
        Number::Late => Err(Duplicate::Late),
        Number::Copied => Err(Duplicate::Number),
    }
}

/// A device that goes on counting got the answer in which it was told to scan: of what was asked when.
fn told_before(state: &mut MutexGuard<'_, State>, seq: u64) -> Option<Timestamp> {
    let (_, asked) = state
        .telling
        .filter(|(number, _)| seq == 0 || seq > *number)?;
    state.telling = None;
    if state.scan_asked == Some(asked) {
        state.scan_asked = None;
    }
    Some(asked)
}

/// Whether the device is to scan; it is told until it is known that it got the answer.
fn tell_scan(state: &mut MutexGuard<'_, State>, seq: u64) -> bool {
    if let Some(asked) = state.scan_asked {
        state.telling = Some((seq, asked));
    }
    state.scan_asked.is_some()
}

/// The requests that were not written yet, their texts within bounds.
fn requests(entry: &Entry, asked: Vec<AccessRequest>) -> Vec<(u64, AccessRequest)> {
    let state = entry.live.state();
    let asked = asked.into_iter().take(MAX_REQUESTS).map(|asked| {
        let cut = |text: &str, most: usize| -> String {
            let text = printable(text, most * 4);
            text.chars().take(most).collect()
        };
        let request = AccessRequest {
            id: printable(&asked.id, 64),
            wanted: match asked.wanted {
                Wanted::Support { name } => Wanted::Support {
                    name: cut(&name, LONGEST_NAME),
                },
                other => other,
            },
            reason: cut(&asked.reason, LONGEST_REASON),
            user: printable(&asked.user, 255),
        };
        (hashed(&request.id), request)
    });
    asked
        .filter(|(digest, request)| !request.id.is_empty() && !state.asked.contains(digest))
        .collect()
}

/// A report whose texts are within bounds.
fn bounded(mut report: EffectReport) -> EffectReport {
    for effect in &mut report.effects {
        effect.means.truncate(8);
        effect.detail = effect.detail.take().map(|text| printable(&text, 500));
        if let tidegate_device_api::EffectItem::McpServer {
            name,
            user,
            config_path,
            ..
        } = &mut effect.item
        {
            *name = printable(name, 255);
            *config_path = printable(config_path, 1_024);
            *user = user.take().map(|text| printable(&text, 255));
        }
    }
    report
}

/// Of anything that can be told apart by how it is shown.
fn hashed(value: &impl std::fmt::Debug) -> u64 {
    digest(format!("{value:?}").as_bytes())
}

/// Tells bodies apart. It lives no longer than the process and protects nothing.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// A hash in hexadecimal.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    text.parse()
        .ok()
        .map(|tidegate_policy::LaunchHash(hash)| hash)
}
