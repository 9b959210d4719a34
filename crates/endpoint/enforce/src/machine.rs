//! The machine: the clients' own policies below `/etc`, which hold for everybody.
//!
//! It runs as root, and what was found in the homes comes to it as data. A file of ours that a client
//! refuses would stop that client for everybody, so each is checked before it is put in place, is on trial
//! afterwards where that is asked for, and taken back when the client refuses it.

mod codex;
#[cfg(test)]
pub(crate) mod fixture;
mod gemini;
mod kept;
mod launches;
mod opencode;
mod refused;
mod trial;
mod work;

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use tidegate_device_api::{EffectState, Means};
use tidegate_discovery::{Found, Home, Places};
use tidegate_policy::Document;

use crate::{
    Outcome, Remote, Settings,
    canary::Client,
    disk::{self, DiskError, Hook},
    lever::{self, Native},
    overlay::{self, Target},
    record::{self, Store},
    verdict::Duty,
};
pub use trial::{Judged, judge, on_trial, try_out};
use work::{Holds, Seen, Work};

/// What we keep about our edits. Only root may write it, since root puts back what it says: so it does
/// not lie below the agent's state, which belongs to an unprivileged user.
const FOLDER: &str = "var/lib/tidegate-edge-enforce";

/// Puts the policy in force in the clients' own policies for the machine. `homes` is what was found in
/// each home, what a pass there withheld ([`Outcome::withheld`]) included; `machine` what was found outside
/// of homes, without what is ours ([`leave_out_ours`]).
#[must_use]
pub fn machine(
    places: &Places,
    homes: &[(Home, Found)],
    machine: &Found,
    document: &Document,
    settings: &Settings,
) -> Outcome {
    with_hook(places, homes, machine, document, settings, &disk::no_hook)
}

/// Takes everything of ours out of the machine's files.
#[must_use]
pub fn undo_machine(places: &Places) -> Outcome {
    let mut outcome = Outcome::default();
    let folder = places.root.join(FOLDER);
    let store = Store {
        folder: &folder,
        hook: &disk::no_hook,
    };
    trial::forget_all(&folder);
    refused::forget_all(&folder);
    overlay::undo(store, &mut outcome);
    outcome
}

/// Leaves out of what was found on the machine, outside of homes, what is there only because of us: an
/// entry that switches a name off is nobody's server. Seen as one, it would be a server that may run under
/// the name that is denied, and each pass would take back what the one before wrote.
pub fn leave_out_ours(places: &Places, machine: &mut Found) {
    let folder = places.root.join(FOLDER);
    let store = Store {
        folder: &folder,
        hook: &disk::no_hook,
    };
    machine.servers.retain(|located| {
        let Some(entry) = &located.entry else {
            return true;
        };
        let file = disk::resolve(&lever::below(places, &entry.file), &places.root);
        !file.is_ok_and(|file| overlay::is_ours(store, &file, entry.format, &entry.keys))
    });
}

pub(crate) fn with_hook(
    places: &Places,
    homes: &[(Home, Found)],
    machine: &Found,
    document: &Document,
    settings: &Settings,
    hook: Hook<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let folder = places.root.join(FOLDER);
    let store = Store {
        folder: &folder,
        hook,
    };
    let work = Work::new(places, homes, machine, document, settings, store);
    for seen in &work.seen {
        outcome
            .remote
            .extend(Remote::of(seen.located, &seen.verdict));
    }
    outcome.remote.dedup();
    let made = record::folders(&store.all().0);
    let mut reasons = Vec::new();
    let mut files = Vec::new();
    for native in Native::ALL {
        for mut target in targets(native, &work) {
            if work.blind {
                kept::keep(&work, native, &mut target);
            }
            if let Err(reason) = put(&work, native, &target, &mut outcome) {
                outcome
                    .problems
                    .push(format!("{}: {reason}", target.file.display()));
                reasons.push((native, reason));
            }
            files.push(target.file);
        }
    }
    // What an older version of us wrote elsewhere goes back.
    let (records, problems) = store.all();
    outcome.problems.extend(problems);
    for record in records
        .iter()
        .filter(|record| !files.contains(&record.file))
    {
        let target = Target::none(&record.file, record.format);
        overlay::note(
            &mut outcome,
            &target.file,
            overlay::pass(store, &target).as_ref(),
        );
    }
    store.sweep(&made);
    for seen in &work.seen {
        let reason = |native| reasons.iter().find(|(of, _)| *of == native);
        report(&work, seen, &mut outcome, |native| {
            reason(native).map(|(_, why)| why.clone())
        });
    }
    outcome
}

fn targets(native: Native, work: &Work<'_>) -> Vec<Target> {
    match native {
        Native::ClaudeCode => vec![launches::claude_code(work)],
        Native::Copilot => vec![launches::copilot(work)],
        Native::Codex => codex::targets(work),
        Native::Gemini => gemini::targets(work),
        Native::OpenCode => vec![opencode::target(work)],
    }
}

/// Brings one file to where it should be, unless its client refused just that. The error says why the policy
/// is not in force.
fn put(
    work: &Work<'_>,
    native: Native,
    target: &Target,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let store = work.store;
    let before = store
        .load(&target.file)
        .map_err(|error| error.to_string())?;
    if before.is_none() && target.edits.is_empty() {
        return Ok(());
    }
    safe_folders(&target.file, &work.places.root).map_err(|error| error.to_string())?;
    if let Some(reason) = refused::why(store.folder, target) {
        return Err(reason);
    }
    let trial = work.settings.trial && trial::begin(store.folder, native, target, before.as_ref())?;
    let passed = overlay::pass(store, target);
    trial::end(
        store.folder,
        target,
        trial && !passed.as_ref().is_ok_and(|passed| passed.changed),
    );
    overlay::note(
        outcome,
        &target.file,
        passed.as_ref().map_err(|_| &DiskError::Raced),
    );
    let passed = passed.map_err(|error| error.to_string())?;
    if let Some(error) = passed.edits.iter().find_map(|edit| edit.as_ref().err()) {
        return Err(error.to_string());
    }
    Ok(())
}

const fn client(native: Native) -> Client {
    match native {
        Native::ClaudeCode => Client::ClaudeCode,
        Native::Copilot => Client::Copilot,
        Native::Codex => Client::Codex,
        Native::Gemini => Client::GeminiCli,
        Native::OpenCode => Client::OpenCode,
    }
}

/// Folders that others may write are no place for a policy: some clients pass over it silently, and root
/// must not follow what others put there.
fn safe_folders(file: &Path, root: &Path) -> Result<(), DiskError> {
    let us = nix::unistd::geteuid().as_raw();
    let above = file
        .ancestors()
        .skip(1)
        .take_while(|folder| folder.starts_with(root));
    for folder in above {
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Ok(meta) if meta.is_dir() && meta.uid() == us && meta.mode() & 0o022 == 0 => {}
            Ok(_) => return Err(DiskError::Kind("its folder is not root's alone")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What came of one server's denial in its client's own policy.
fn report(
    work: &Work<'_>,
    seen: &Seen<'_>,
    outcome: &mut Outcome,
    why_not: impl Fn(Native) -> Option<String>,
) {
    if seen.duty != Duty::Stop {
        return;
    }
    let Some(native) = Native::of(&seen.located.server.client) else {
        if seen.home.is_none() {
            let why = "the machine's management set it, and the client has no policy for it";
            let (decision, state) = (seen.verdict.decision, EffectState::Unsupported);
            outcome.effect(&seen.located.server, decision, state, &[], Some(why.into()));
        }
        return;
    };
    let holds = match native {
        Native::ClaudeCode | Native::Copilot => launches::holds(work, native, seen),
        Native::Codex => codex::holds(work, seen),
        Native::Gemini => gemini::holds(work, seen),
        Native::OpenCode => opencode::holds(work, seen),
    };
    let server = &seen.located.server;
    let uid = seen.home.map(|home| home.uid);
    let (state, detail) = match holds {
        Holds::Elsewhere => return,
        Holds::Yes { since, detail }
            if !native.by_launch() && work.settings.is_stale(&server.client, uid, since) =>
        {
            let wait =
                "a running client still has the policy from before: it has to be started anew";
            let said = detail.map_or(String::new(), |detail| format!("; {detail}"));
            (EffectState::PendingRestart, Some(format!("{wait}{said}")))
        }
        Holds::Yes { detail, .. } => (EffectState::Verified, detail.map(str::to_owned)),
        Holds::Shadowed(by) => (EffectState::Shadowed, Some(format!("{by} hold instead"))),
        Holds::Cannot(reason) => {
            let decision = seen.verdict.decision;
            let (state, detail) = (EffectState::Unsupported, Some(reason.to_owned()));
            outcome.effect(server, decision, state, &[], detail);
            return;
        }
        Holds::No => {
            let reason =
                why_not(native).unwrap_or_else(|| "the policy file does not say it".into());
            (EffectState::Failed, Some(reason))
        }
    };
    outcome.effect(
        server,
        seen.verdict.decision,
        state,
        &[Means::NativePolicy],
        detail,
    );
}

#[cfg(test)]
mod tests;
