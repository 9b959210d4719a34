//! A home: its configurations are edited where no policy of the client itself does better.
//!
//! It runs as the home's user, so nothing in the home can make it read or write what that user could not.

mod orphan;
mod plan;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use tidegate_device_api::{EffectState, Means};
use tidegate_discovery::{Format, Found, Home, Located, Places};
use tidegate_policy::{Decision, Document, McpVerdict};

use crate::{
    Outcome, Remote, Settings,
    disk::{self, Hook},
    lever,
    op::Op,
    overlay::{self, Passed, Target},
    record::{Edit, Record, Store},
    text::{Doc, TextError},
    verdict::{self, Duty},
};
use plan::{Plan, Planner, Wish};

/// What we keep about our edits, in a home.
const FOLDER: &str = ".local/state/tidegate/edits";

/// Puts the policy in force in one home. The process must be its user's.
#[must_use]
pub fn home(
    places: &Places,
    home: &Home,
    found: &Found,
    document: &Document,
    settings: &Settings,
) -> Outcome {
    with_hook(places, home, found, document, settings, &disk::no_hook)
}

/// Takes everything of ours out of one home.
#[must_use]
pub fn undo_home(places: &Places, home: &Home) -> Outcome {
    let mut outcome = Outcome::default();
    let folder = lever::in_home(places, home, FOLDER);
    let store = Store {
        folder: &folder,
        hook: &disk::no_hook,
    };
    overlay::undo(store, &mut outcome);
    outcome
}

pub(crate) fn with_hook(
    places: &Places,
    home: &Home,
    found: &Found,
    document: &Document,
    settings: &Settings,
    hook: Hook<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let folder = lever::in_home(places, home, FOLDER);
    let store = Store {
        folder: &folder,
        hook,
    };
    let (records, problems) = store.all();
    outcome.problems = problems;
    let planner = Planner {
        places,
        home,
        settings,
    };
    outcome.shadowed.extend(planner.shadow());
    let todo = decide(store, &records, found, document, &planner, &mut outcome);
    let mut targets: BTreeMap<PathBuf, Target> = BTreeMap::new();
    for record in &records {
        // Without a wish for it, a file goes back to what it was.
        targets.insert(
            record.file.clone(),
            Target::none(&record.file, record.format),
        );
    }
    for (located, _, plan) in &todo {
        if let Plan::Edit(wish) = plan {
            let new = || Target::none(&wish.file, wish.format);
            let target = targets.entry(wish.file.clone()).or_insert_with(new);
            let same = |edit: &Edit| edit.op == wish.op;
            if !target.edits.iter().any(same) {
                target.edits.push(Edit {
                    op: wish.op.clone(),
                    since: None,
                    server: Some(located.clone()),
                });
            }
        }
    }
    let mut passed = BTreeMap::new();
    for (file, target) in &mut targets {
        // The same edits in the same order, in whatever order the servers were found.
        target.edits.sort_by_key(|edit| order(&edit.op));
        let result = overlay::pass(store, target);
        overlay::note(&mut outcome, file, result.as_ref());
        let reason = result.as_ref().err().map(ToString::to_string);
        passed.insert(file.clone(), (result.unwrap_or_default(), reason));
    }
    let mut ends = Ends {
        home,
        settings,
        targets: &targets,
        passed: &passed,
        read: BTreeMap::new(),
    };
    for (located, verdict, plan) in todo {
        match &plan {
            Plan::Edit(wish) => ends.report(&mut outcome, &located, &verdict, wish),
            other => report_unedited(&mut outcome, &located, &verdict, other),
        }
    }
    outcome
}

/// What is to be done about each server.
fn decide(
    store: Store<'_>,
    records: &[Record],
    found: &Found,
    document: &Document,
    planner: &Planner<'_>,
    outcome: &mut Outcome,
) -> Vec<(Located, McpVerdict, Plan)> {
    let mut todo: Vec<(Located, McpVerdict, Plan)> = Vec::new();
    for (located, done) in candidates(found, records, planner) {
        let verdict = verdict::of(document, &located);
        outcome.remote.extend(Remote::of(&located, &verdict));
        let duty = verdict::duty(&verdict);
        if located.wrapped
            && duty != Duty::Filter
            && let Some(file) = planner.file(&located)
        {
            orphan::unwrap(store, records, &located, &file, outcome);
        }
        let plan = match (planner.plan(&located, duty), done) {
            (Plan::Edit(wish), Some(done)) if matches!(wish.op, Op::Take { .. }) => {
                Plan::Edit(Wish {
                    detail: wish.detail,
                    ..done
                })
            }
            (plan, _) => plan,
        };
        todo.push((located, verdict, plan));
    }
    todo
}

/// What takes entries out of a list comes last, so that places in it hold until then.
fn order(op: &Op) -> (u8, String) {
    match op {
        Op::Set { keys, .. } | Op::Flag { keys, .. } => (0, keys.join("\n")),
        Op::Wrap { keys, .. } => (1, keys.join("\n")),
        Op::Add { keys, item } => (2, format!("{}\n{item}", keys.join("\n"))),
        Op::Take { keys, .. } => (3, keys.join("\n")),
        Op::Whole { .. } => (4, String::new()),
    }
}

/// Servers that were found, and those that only our records know, with what was done to them: what we took
/// out nobody else would find, and what a look passes over is still there.
fn candidates(
    found: &Found,
    records: &[Record],
    planner: &Planner<'_>,
) -> Vec<(Located, Option<Wish>)> {
    let mut all: Vec<_> = found
        .servers
        .iter()
        .map(|server| (server.clone(), None))
        .collect();
    for record in records {
        for edit in &record.edits {
            let Some(server) = &edit.server else {
                continue;
            };
            let place = |located: &Located| {
                let entry = located.entry.as_ref();
                let entry = entry.map(|entry| (entry.file.clone(), entry.keys.clone()));
                // In a list another one may have its place by now.
                let in_list = matches!(edit.op, Op::Take { is: Some(_), .. });
                (entry, in_list.then_some(located.server.launch))
            };
            let is_found = all.iter().any(|(other, _)| place(other) == place(server));
            let is_there = matches!(edit.op, Op::Take { .. }) || planner.has(server);
            if !is_found && is_there {
                let (file, format) = (record.file.clone(), record.format);
                let op = edit.op.clone();
                all.push((
                    server.clone(),
                    Some(Wish {
                        file,
                        format,
                        op,
                        detail: None,
                    }),
                ));
            }
        }
    }
    all
}

/// What a pass ends with: what was wanted, what came of it, and what files say now, each read once.
struct Ends<'a> {
    home: &'a Home,
    settings: &'a Settings,
    targets: &'a BTreeMap<PathBuf, Target>,
    passed: &'a BTreeMap<PathBuf, (Passed, Option<String>)>,
    read: BTreeMap<PathBuf, Option<Doc>>,
}

impl Ends<'_> {
    /// Whether an edit stands in its file. No file, no server in it.
    fn stands(&mut self, wish: &Wish) -> bool {
        let read = || match disk::read(&wish.file) {
            Ok(text) => {
                let text = text.map(|(text, _)| text).unwrap_or_default();
                Doc::read(wish.format, &text).ok()
            }
            Err(_) => None,
        };
        let doc = self.read.entry(wish.file.clone()).or_insert_with(read);
        doc.as_ref().is_some_and(|doc| wish.op.stands(doc))
    }

    fn report(
        &mut self,
        outcome: &mut Outcome,
        located: &Located,
        verdict: &McpVerdict,
        wish: &Wish,
    ) {
        let stands = self.stands(wish);
        let target = self.targets.get(&wish.file);
        let (result, reason) = match self.passed.get(&wish.file) {
            Some((passed, reason)) => {
                let at = target.and_then(|t| t.edits.iter().position(|edit| edit.op == wish.op));
                (
                    at.and_then(|at| passed.edits.get(at).cloned()),
                    reason.clone(),
                )
            }
            None => (None, None),
        };
        let means = [match wish.op {
            Op::Wrap { .. } => Means::Shim,
            _ => Means::ConfigEdit,
        }];
        if let Op::Take { .. } = wish.op
            && stands
        {
            let mut withheld = located.clone();
            withheld.server.enabled = false;
            outcome.withheld.push(withheld);
        }
        let client = &located.server.client;
        let (state, detail) = match (stands, result) {
        (true, Some(Ok(since))) if self.settings.is_stale(client, Some(self.home.uid), since) => (
            EffectState::PendingRestart,
            Some("a running client still has the configuration from before: it has to be started anew".into()),
        ),
        (true, _) => (EffectState::Verified, None),
        (false, Some(Err(error @ TextError::Place))) => {
            (EffectState::Unsupported, Some(error.to_string()))
        }
        (false, Some(Err(error))) => (EffectState::Failed, Some(error.to_string())),
        (false, _) => {
            let reason = reason.unwrap_or_else(|| "somebody else writes the file again and again".into());
            (EffectState::Failed, Some(reason))
        }
    };
        let means = if state == EffectState::Unsupported {
            &[][..]
        } else {
            &means[..]
        };
        let detail = [detail, wish.detail.map(str::to_owned)]
            .into_iter()
            .flatten();
        let detail: Vec<String> = detail.collect();
        let detail = (!detail.is_empty()).then(|| detail.join("; "));
        outcome.effect(&located.server, verdict.decision, state, means, detail);
    }
}

fn report_unedited(outcome: &mut Outcome, located: &Located, verdict: &McpVerdict, plan: &Plan) {
    let server = &located.server;
    match plan {
        Plan::Cannot(reason) => {
            let state = EffectState::Unsupported;
            outcome.effect(
                server,
                verdict.decision,
                state,
                &[],
                Some((*reason).to_owned()),
            );
        }
        // Nothing of ours stands in its way any more.
        Plan::Leave if !verdict.unknown && verdict.decision == Decision::Approved => {
            outcome.effect(server, verdict.decision, EffectState::Verified, &[], None);
        }
        Plan::Leave | Plan::Native | Plan::Relay | Plan::Edit(_) => {}
    }
}

/// What a file says at a place, for plans.
fn entry_at(file: &Path, format: Format, keys: &[String]) -> Option<(serde_json::Value, bool)> {
    let (text, _) = disk::read(file).ok()??;
    let doc = Doc::read(format, &text).ok()?;
    let (_, parents) = keys.split_last()?;
    let in_list = doc.at(parents).is_some_and(serde_json::Value::is_array);
    Some((doc.at(keys)?.clone(), in_list))
}

#[cfg(test)]
mod tests;
