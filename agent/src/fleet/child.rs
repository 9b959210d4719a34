//! What the children do: `fleet-home` as a home's user, `fleet-machine` as root without capabilities.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde::{Serialize, de::DeserializeOwned};
use tidegate_device_api::{Coverage, Looked};
use tidegate_discovery::{Found, Home, Places};
use tidegate_enforce::{Judged, Outcome, RunningClient, Settings};
use tidegate_policy::{AppId, Decision, Document};

use super::{
    DeniedProgram, HomeAnswer, HomeTask, MachineAnswer, MachineTask, PassDone, Purpose,
    executed::Ended,
    kill, start,
    trial::{self, Said, Trial},
};

/// The longest task, in bytes: the answers of all homes.
const LONGEST: u64 = 256 << 20;
/// Where clients' policies for the machine lie on Linux.
const POLICIES: &[&str] = &[
    "etc/claude-code",
    "etc/claude-code/managed-settings.d",
    "etc/codex",
    "etc/gemini-cli",
    "etc/gemini-cli/policies",
    "etc/github-copilot",
    "etc/opencode",
];
/// The most programs whose start is refused.
const MOST_DENIED: usize = 1_000;

/// `fleet-home`.
///
/// # Errors
/// The task cannot be read, or the answer not be written.
pub fn home(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    start::confine()?;
    let task: HomeTask = read(input)?;
    write(output, &in_home(&task))
}

/// `fleet-machine`.
///
/// # Errors
/// The task cannot be read, or the answer not be written.
pub fn machine(input: impl Read, output: impl Write) -> anyhow::Result<()> {
    start::confine()?;
    let task: MachineTask = read(input)?;
    write(output, &on_machine(&task))
}

fn read<T: DeserializeOwned>(input: impl Read) -> anyhow::Result<T> {
    let mut text = Vec::new();
    input.take(LONGEST + 1).read_to_end(&mut text)?;
    ensure!(text.len() as u64 <= LONGEST, "the task is too long");
    serde_json::from_slice(&text).context("the task cannot be read")
}

fn write(mut output: impl Write, answer: &impl Serialize) -> anyhow::Result<()> {
    output.write_all(&serde_json::to_vec(answer)?)?;
    Ok(output.flush()?)
}

/// How clients' files are changed, and which clients run meanwhile.
fn settings(running: Vec<RunningClient>) -> Settings {
    Settings {
        running,
        ..Settings::default()
    }
}

/// A pass over one home, in this process.
#[must_use]
pub fn in_home(task: &HomeTask) -> HomeAnswer {
    let (places, home) = (&task.places, &task.home);
    let found = look(places, home);
    let running: Vec<_> = tidegate_discovery::clients_at_work(places, home)
        .into_iter()
        .map(|(client, started)| RunningClient {
            client,
            uid: home.uid,
            started,
        })
        .collect();
    let mut outcome = match (task.purpose, &task.document) {
        (Purpose::Enforce, Some(document)) => {
            let settings = settings(running.clone());
            let mut outcome = tidegate_enforce::home(places, home, &found, document, &settings);
            outcome
                .effects
                .extend(kill::denied(places, home, &found, document));
            outcome
        }
        (Purpose::Undo, _) => tidegate_enforce::undo_home(places, home),
        _ => Outcome::default(),
    };
    let mut found = match outcome.changed.is_empty() {
        true => found,
        // What is told is what is there now.
        false => look(places, home),
    };
    found.servers.append(&mut outcome.withheld);
    HomeAnswer {
        found,
        running,
        shadowed: outcome.shadowed,
        effects: outcome.effects,
        problems: outcome.problems,
    }
}

fn look(places: &Places, home: &Home) -> Found {
    let mut found = tidegate_discovery::scan_home(places, home);
    found.programs = tidegate_discovery::programs(places, Some(home), &found.apps);
    found
}

/// A pass over the machine's own files, in this process, after those over its homes.
#[must_use]
pub fn on_machine(task: &MachineTask) -> MachineAnswer {
    if let Some((trial, said)) = &task.said {
        return judge(&task.places, trial, said.clone());
    }
    let (mut homes, mut effects, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let (mut running, mut shadowed) = (Vec::new(), Vec::new());
    for said in &task.homes {
        let answer = match (&said.answer, &said.failure) {
            (Some(answer), None) => serde_json::from_str::<HomeAnswer>(answer.get())
                .map_err(|_| "what it said cannot be read".to_owned()),
            (_, failure) => Err(failure.clone().unwrap_or_default()),
        };
        let answer = answer.unwrap_or_else(|why| {
            problems.push(format!("the home of {}: {why}", said.home.user));
            HomeAnswer {
                found: unseen(&said.home, &why),
                ..HomeAnswer::default()
            }
        });
        effects.extend(answer.effects);
        problems.extend(answer.problems);
        running.extend(answer.running);
        shadowed.extend(answer.shadowed);
        homes.push((said.home.clone(), answer.found));
    }
    let mut found = tidegate_discovery::scan_machine(&task.places);
    tidegate_enforce::leave_out_ours(&task.places, &mut found);
    found.programs = tidegate_discovery::programs(&task.places, None, &found.apps);
    let outcome = match (task.purpose, &task.document) {
        (Purpose::Enforce, Some(document)) => {
            let settings = Settings {
                shadowed,
                trial: task.trial,
                ..settings(running)
            };
            tidegate_enforce::machine(&task.places, &homes, &found, document, &settings)
        }
        (Purpose::Undo, _) => tidegate_enforce::undo_machine(&task.places),
        _ => Outcome::default(),
    };
    effects.extend(outcome.effects);
    effects.extend(task.ended.iter().flat_map(Ended::effects));
    problems.extend(outcome.problems);
    let denied = match (task.purpose, &task.document) {
        (Purpose::Enforce, Some(document)) => denied(document, &homes, &found),
        _ => Vec::new(),
    };
    let trials = match task.purpose {
        Purpose::Enforce if task.trial => tidegate_enforce::on_trial(&task.places),
        _ => Vec::new(),
    };
    let trials = trials.into_iter().map(|(client, what)| Trial {
        client,
        what,
        program: trial::program(client, &found),
    });
    let trials = trials.collect();
    let mut watch = found.watch.clone();
    // What we write there is to stay as it is.
    watch.extend(POLICIES.iter().map(|folder| task.places.root.join(folder)));
    watch.extend(
        homes
            .iter()
            .flat_map(|(_, found)| found.watch.iter().cloned()),
    );
    let mut all: Vec<(Option<String>, Found)> = vec![(None, found)];
    all.extend(
        homes
            .into_iter()
            .map(|(home, found)| (Some(home.user), found)),
    );
    MachineAnswer {
        done: PassDone {
            inventory: tidegate_discovery::inventory(&all).inventory,
            effects: tidegate_enforce::merge(effects),
            problems,
        },
        denied,
        watch,
        trials,
        judged: None,
    }
}

/// Goes on with the trials of a client.
fn judge(places: &Places, trial: &Trial, said: Said) -> MachineAnswer {
    let (judged, outcome) =
        tidegate_enforce::judge(places, trial.client, &trial.what, &said.result());
    let rest = tidegate_enforce::on_trial(places).into_iter();
    let rest = rest.filter(|(client, _)| judged == Judged::Again && *client == trial.client);
    MachineAnswer {
        done: PassDone {
            problems: outcome.problems,
            ..PassDone::default()
        },
        trials: rest
            .map(|(client, what)| Trial {
                client,
                what,
                program: trial.program.clone(),
            })
            .collect(),
        judged: Some(judged),
        ..MachineAnswer::default()
    }
}

/// A home that could not be looked at is told of, and not passed over.
fn unseen(home: &Home, why: &str) -> Found {
    Found {
        coverage: vec![Coverage {
            user: Some(home.user.clone()),
            client: AppId::unknown(),
            path: "~".into(),
            looked: Looked::Unreadable,
            detail: Some(why.chars().take(200).collect()),
        }],
        ..Found::default()
    }
}

/// Programs of apps that the policy denies.
fn denied(document: &Document, homes: &[(Home, Found)], machine: &Found) -> Vec<DeniedProgram> {
    let is_denied = |app: &AppId| {
        let rule = document.apps.iter().find(|rule| rule.app == *app);
        rule.is_some_and(|rule| rule.decision == Decision::Denied)
    };
    let of = |found: &Found, home: Option<&Home>| -> Vec<DeniedProgram> {
        let programs = found.programs.iter();
        let programs = programs.filter(|program| is_denied(&program.app));
        programs
            .map(|program| DeniedProgram {
                app: program.app.clone(),
                path: program.path.clone(),
                script: program.script,
                home: home.cloned(),
            })
            .collect()
    };
    let mut all = of(machine, None);
    all.extend(homes.iter().flat_map(|(home, found)| of(found, Some(home))));
    all.truncate(MOST_DENIED);
    all
}

/// Where a path that was found for a home leads, if it is that user's own file in that home.
#[must_use]
pub fn own_file(home: &Home, path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let path = std::fs::canonicalize(path).ok()?;
    let inside = std::fs::canonicalize(&home.path).ok()?;
    let meta = std::fs::metadata(&path).ok()?;
    (path.starts_with(inside) && meta.is_file() && meta.uid() == home.uid).then_some(path)
}
