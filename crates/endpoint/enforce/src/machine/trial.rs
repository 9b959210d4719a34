//! What was written for a client is on trial until the client has started with it: only the client itself knows
//! what it takes. The pass does not wait for that. It writes down what was good before, and whoever runs the client
//! says what came of it ([`judge`]).
//!
//! ```text
//! written ── starts ──▶ over                      could not be tried ──▶ over, it stays
//!    └ ends with an error ──▶ taken back ── does not start either ──▶ over: it was not ours, and is written again
//!                                 └ starts now ──▶ written again ── starts ──▶ over: it was neither, it stays
//!                                                       └ does not ──▶ over: it was ours, and is not tried again
//! ```
//!
//! So a client that is broken anyway, or made to look so, takes no policy away, nor does one that failed once for a
//! reason of its own.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use tidegate_discovery::{Format, Places};

use super::{FOLDER, refused};
use crate::{
    CanaryError, Outcome,
    canary::{Canary, Client},
    disk,
    lever::Native,
    overlay::{self, Target},
    record::{Edit, Record, Store, digest},
};

const END: &str = "trial";
/// Whoever runs clients is asked so often at most: each trial is over after two.
const MOST: usize = 64;

/// A file on trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Trial {
    client: Client,
    /// Tells this writing from others, also of the same.
    began: String,
    file: std::path::PathBuf,
    format: Format,
    mode: u32,
    /// What the client started with last.
    good: Vec<Edit>,
    /// What it is to start with.
    wanted: Vec<Edit>,
    stage: Stage,
}

/// How far a trial is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// It is in force, and the client is to start with it.
    Written,
    /// The client said this, so it is taken back for now.
    Back(String),
    /// The client said that, and starts without it: it is in force once more.
    Again(String),
}

impl Stage {
    /// Where a run of the client leads: the next stage, or the end.
    fn next(self, said: &Result<(), CanaryError>) -> Next {
        match (self, said) {
            (Self::Written, Ok(())) => Next::Over(End::Stays(None)),
            // It says nothing about the policy; the text was checked.
            (Self::Written, Err(CanaryError::Untried(why))) => {
                Next::Over(End::Stays(Some(format!("it could not be tried: {why}"))))
            }
            (Self::Written, Err(error)) => Next::Stage(Self::Back(error.to_string())),
            (Self::Back(why), Ok(())) => Next::Stage(Self::Again(why)),
            (Self::Back(why), Err(_)) => Next::Over(End::Doubted(why)),
            (Self::Again(why), Ok(())) => Next::Over(End::Stays(Some(format!(
                "{why}, and started with the same policy later: it stays in force"
            )))),
            // A client that nobody can try any more, and that failed with it only.
            (Self::Again(why), Err(_)) => Next::Over(End::Refused(why)),
        }
    }
}

enum Next {
    Stage(Stage),
    Over(End),
}

enum End {
    /// It stays, with what there is to say of that.
    Stays(Option<String>),
    /// The client does not start without it either.
    Doubted(String),
    /// The client starts without it only.
    Refused(String),
}

impl Trial {
    fn id(&self) -> String {
        let stage = match self.stage {
            Stage::Written => '+',
            Stage::Back(_) => '-',
            Stage::Again(_) => '=',
        };
        format!("{stage}{}", self.began)
    }

    fn target(&self, edits: &[Edit]) -> Target {
        Target {
            file: self.file.clone(),
            format: self.format,
            mode: self.mode,
            edits: edits.to_vec(),
        }
    }
}

/// What came of a trial's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// The client has to be run once more, now that its policy is as it was.
    Again,
    /// It is over, and the policy stays in force.
    Stays,
    /// It is over, and what was found before the trial holds no more: another pass has to look.
    Changed,
}

/// The clients whose policies are on trial, each with what exactly is: a client that was run for something else
/// says nothing about it.
#[must_use]
pub fn on_trial(places: &Places) -> Vec<(Client, String)> {
    let mut clients: BTreeMap<Client, Vec<String>> = BTreeMap::new();
    for trial in all(&places.root.join(FOLDER)) {
        clients.entry(trial.client).or_default().push(trial.id());
    }
    clients
        .into_iter()
        .map(|(client, ids)| (client, ids.join(" ")))
        .collect()
}

/// Goes on with the trials of a client, which was run just now for what was on trial then.
#[must_use]
pub fn judge(
    places: &Places,
    client: Client,
    what: &str,
    said: &Result<(), CanaryError>,
) -> (Judged, Outcome) {
    // Something else was written since.
    let now = on_trial(places).into_iter().find(|(on, _)| *on == client);
    match now {
        None => return (Judged::Stays, Outcome::default()),
        Some((_, now)) if now != what => return (Judged::Again, Outcome::default()),
        Some(_) => {}
    }
    let folder = places.root.join(FOLDER);
    let store = Store {
        folder: &folder,
        hook: &disk::no_hook,
    };
    let (mut judged, mut outcome) = (Judged::Stays, Outcome::default());
    for mut trial in all(&folder).into_iter().filter(|one| one.client == client) {
        let stage = trial.stage.clone();
        let step = match stage.next(said) {
            Next::Stage(stage) => {
                let back = matches!(stage, Stage::Back(_));
                let edits = if back { &trial.good } else { &trial.wanted };
                put(store, &trial, edits, &mut outcome);
                trial.stage = stage;
                keep(&folder, &trial);
                Judged::Again
            }
            Next::Over(End::Stays(None)) => Judged::Stays,
            Next::Over(End::Stays(Some(why))) => {
                outcome
                    .problems
                    .push(format!("{}: {why}", trial.file.display()));
                Judged::Stays
            }
            Next::Over(End::Refused(why)) => {
                put(store, &trial, &trial.good, &mut outcome);
                let reason = format!("it was taken back: {why}");
                refused::remember(&folder, &trial.target(&trial.wanted), &reason);
                Judged::Changed
            }
            Next::Over(End::Doubted(why)) => {
                refused::doubt(&folder, &trial.target(&trial.wanted));
                put(store, &trial, &trial.wanted, &mut outcome);
                let problem = format!(
                    "{}: {why}, without our policy as well: it stays in force",
                    trial.file.display()
                );
                outcome.problems.push(problem);
                Judged::Changed
            }
        };
        if step != Judged::Again {
            forget(&folder, &trial.file);
        }
        judged = match (judged, step) {
            (Judged::Again, _) | (_, Judged::Again) => Judged::Again,
            (Judged::Changed, _) | (_, Judged::Changed) => Judged::Changed,
            (Judged::Stays, Judged::Stays) => Judged::Stays,
        };
    }
    (judged, outcome)
}

/// Runs every client on trial until all trials are over.
#[must_use]
pub fn try_out(places: &Places, canary: &dyn Canary) -> Outcome {
    let mut outcome = Outcome::default();
    for _ in 0..MOST {
        let Some((client, what)) = on_trial(places).into_iter().next() else {
            break;
        };
        let (_, mut step) = judge(places, client, &what, &canary.run(client));
        outcome.changed.append(&mut step.changed);
        outcome.problems.append(&mut step.problems);
    }
    outcome
}

/// The file is about to be brought to a target: whether a trial of that begins. The error says why it must not be
/// brought there now.
pub(super) fn begin(
    folder: &Path,
    native: Native,
    target: &Target,
    before: Option<&Record>,
) -> Result<bool, String> {
    let old = load(&path(folder, &target.file));
    if target.edits.is_empty() {
        forget(folder, &target.file);
        return Ok(false);
    }
    let same = |edits: &[Edit]| {
        let ops = edits.iter().map(|edit| &edit.op);
        ops.eq(target.edits.iter().map(|edit| &edit.op))
    };
    if let Some(Trial {
        stage: Stage::Back(why),
        wanted,
        ..
    }) = &old
        && same(wanted)
    {
        return Err(format!("it is taken back while the client is tried: {why}"));
    }
    let current = disk::read(&target.file).ok().flatten();
    let stands = before.is_some_and(|record| {
        same(&record.edits)
            && record.ours == [digest(current.as_ref().map(|(text, _)| text.as_str()))]
    });
    if stands || refused::is_doubted(folder, target) {
        return Ok(false);
    }
    let good = old.map_or_else(
        || {
            before
                .map(|record| record.edits.clone())
                .unwrap_or_default()
        },
        |trial| trial.good,
    );
    keep(
        folder,
        &Trial {
            client: super::client(native),
            began: began(),
            file: target.file.clone(),
            format: target.format,
            mode: target.mode,
            good,
            wanted: target.edits.clone(),
            stage: Stage::Written,
        },
    );
    Ok(true)
}

/// A writing, told from others: each pass is a process of its own.
fn began() -> String {
    static TRIALS: AtomicU64 = AtomicU64::new(0);
    let nth = TRIALS.fetch_add(1, Ordering::Relaxed);
    format!("{}.{nth}", std::process::id())
}

/// Nothing was written after all: what began just now is no trial. One that was left by a run that was killed
/// goes on.
pub(super) fn end(folder: &Path, target: &Target, began: bool) {
    if began {
        forget(folder, &target.file);
    }
}

fn forget(folder: &Path, file: &Path) {
    drop(fs::remove_file(path(folder, file)));
}

/// For an uninstall.
pub(super) fn forget_all(folder: &Path) {
    for trial in all(folder) {
        forget(folder, &trial.file);
    }
}

fn put(store: Store<'_>, trial: &Trial, edits: &[Edit], outcome: &mut Outcome) {
    let passed = overlay::pass(store, &trial.target(edits));
    overlay::note(outcome, &trial.file, passed.as_ref());
}

fn path(folder: &Path, file: &Path) -> std::path::PathBuf {
    let name = digest(Some(&file.to_string_lossy()));
    folder.join(name).with_extension(END)
}

fn keep(folder: &Path, trial: &Trial) {
    let path = path(folder, &trial.file);
    let Ok(text) = serde_json::to_string(trial) else {
        return;
    };
    // Without it the client is not tried, which is no harm: the text was checked.
    drop(disk::make_folders(&path, 0o700).map(|()| disk::overwrite(&path, &text, 0o600)));
}

fn load(path: &Path) -> Option<Trial> {
    let (text, _) = disk::read(path).ok()??;
    serde_json::from_str(&text).ok()
}

fn all(folder: &Path) -> Vec<Trial> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == END))
        .take(MOST)
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| load(path)).collect()
}
