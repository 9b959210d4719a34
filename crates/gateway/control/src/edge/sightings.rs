//! What devices say at check-ins, gathered in memory: no check-in writes by itself. A device's row is
//! written when what it says has changed, or a minute has passed, together with all others'.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidegate_device_api::{AppSeen, CheckInRequest};
use tidegate_governance::record::printable;
use tidegate_store::{AppSighting, Sighting};
use tidegate_types::{DeviceId, Mono, Timestamp};

/// How long an unchanged device waits for its next row, and counts of apps for theirs.
const CALM: Duration = Duration::from_secs(60);

/// How long a change waits for others.
const URGENT: Duration = Duration::from_secs(5);

/// Devices that are kept at once; each is enrolled. Others say it again at their next check-in.
const MAX_DEVICES: usize = 65_536;

/// Apps of one check-in, and of one device between two writings.
const MAX_APPS: usize = 256;

/// The most that one check-in adds to a count: sums stay far from the end of a column.
const MAX_COUNT: u32 = 1_000_000_000;

/// What became of what a device said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is no news: nothing was kept.
    Nothing,
    /// It is written with others'.
    Later,
    /// It is time to write.
    Due,
}

/// What was said and not written yet.
#[derive(Debug, Default)]
pub(super) struct Gathered(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    devices: HashMap<DeviceId, Sighting>,
    /// Something changed.
    urgent: bool,
    /// When it was last written; never at first.
    written: Option<Mono>,
}

impl Gathered {
    /// Adds what a device says, if it is news or a minute has passed since it was noted.
    pub(super) fn add(
        &self,
        seen: Sighting,
        changed: bool,
        noted: Option<Timestamp>,
        mono: Mono,
    ) -> Kept {
        // A clock that was set back makes no moment of calm: what was noted lies ahead of it then.
        let calm = |last: Timestamp| last <= seen.at && last.until(seen.at) < CALM;
        let mut state = self.state();
        let idle = seen.apps.is_empty() && !state.devices.contains_key(&seen.device);
        if !changed && idle && noted.is_some_and(calm) {
            return Kept::Nothing;
        }
        if state.devices.len() >= MAX_DEVICES && !state.devices.contains_key(&seen.device) {
            tracing::warn!("more devices check in than are noted at once");
            return Kept::Due;
        }
        state.urgent |= changed;
        match state.devices.get_mut(&seen.device) {
            Some(before) => join(before, seen),
            None => drop(state.devices.insert(seen.device, seen)),
        }
        let patience = if state.urgent { URGENT } else { CALM };
        if state.written.is_none_or(|at| mono.since(at) >= patience) {
            Kept::Due
        } else {
            Kept::Later
        }
    }

    /// Takes out everything, to be written.
    pub(super) fn take(&self, mono: Mono) -> Vec<Sighting> {
        let mut state = self.state();
        (state.urgent, state.written) = (false, Some(mono));
        std::mem::take(&mut state.devices).into_values().collect()
    }

    /// Puts back what could not be written; what was said since is newer.
    pub(super) fn put_back(&self, sightings: Vec<Sighting>) {
        let mut state = self.state();
        for mut old in sightings {
            if let Some(newer) = state.devices.remove(&old.device) {
                join(&mut old, newer);
            }
            state.devices.insert(old.device, old);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is noted of a check-in; of one that is said again its counts were noted before.
pub(super) fn sighting(
    device: DeviceId,
    said: &CheckInRequest,
    again: bool,
    now: Timestamp,
) -> Sighting {
    let mut seen = Sighting {
        device,
        at: now,
        agent_version: printable(&said.agent_version, 64),
        policy_revision: said.revision,
        effective: said.effective,
        problem: said.problem.as_deref().map(|text| printable(text, 500)),
        apps: Vec::new(),
        seq: (0, 0),
        inventory: None,
        effects: None,
        scan_told_at: None,
    };
    let apps = said.apps.iter().take(if again { 0 } else { MAX_APPS });
    apps.for_each(|app| count(&mut seen.apps, app_sighting(app)));
    seen
}

fn app_sighting(seen: &AppSeen) -> AppSighting {
    let count = |number: u64| u32::try_from(number).unwrap_or(MAX_COUNT).min(MAX_COUNT);
    AppSighting {
        app: seen.app.clone(),
        version: seen.version.as_deref().map(|text| printable(text, 64)),
        path: printable(&seen.path, 1_024),
        relayed: count(seen.relayed),
        denied: count(seen.denied),
        pinned: count(seen.pinned),
    }
}

/// Adds what came later.
fn join(before: &mut Sighting, mut later: Sighting) {
    let mut apps = std::mem::take(&mut before.apps);
    later.apps.drain(..).for_each(|app| count(&mut apps, app));
    later.apps = apps;
    later.inventory = later.inventory.or(before.inventory);
    later.effects = later.effects.or_else(|| before.effects.take());
    later.scan_told_at = later.scan_told_at.or(before.scan_told_at);
    *before = later;
}

fn count(apps: &mut Vec<AppSighting>, more: AppSighting) {
    let add = |a: u32, b: u32| a.saturating_add(b).min(MAX_COUNT);
    if let Some(known) = apps.iter_mut().find(|known| known.app == more.app) {
        *known = AppSighting {
            relayed: add(known.relayed, more.relayed),
            denied: add(known.denied, more.denied),
            pinned: add(known.pinned, more.pinned),
            ..more
        };
    } else if apps.len() < MAX_APPS {
        apps.push(more);
    }
}

#[cfg(test)]
mod tests;
