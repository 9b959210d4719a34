//! The pass itself, in the hands: starts the children, believes what it may, refuses programs, watches.

use std::{path::PathBuf, sync::Arc};

use serde_json::value::RawValue;
use tidegate_device_api::SignedPolicy;
use tidegate_discovery::{Home, Os, Places};
use tidegate_enforce::Judged;
use tidegate_policy::Document;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    HomeSaid, HomeTask, MachineAnswer, MachineTask, PassDone, Purpose,
    exec::{Guard, Refusal},
    executed::Ended,
    shim,
    start::ask,
    stop::Stopper,
    trial::{Said, Trial, Trials},
    watch::Watcher,
};
use crate::signature::Verifier;

/// Homes that are looked at at once: the machine's user is at work meanwhile.
const AT_ONCE: usize = 2;
/// The most homes.
const MOST_HOMES: usize = 500;

/// Makes passes over this machine.
pub struct Passer {
    places: Places,
    /// Where what our shims obey is written.
    rules: PathBuf,
    watcher: Watcher,
    guard: Guard,
    stopper: Stopper,
    /// Clients that are to be run; none where that is switched off.
    trials: Option<Trials>,
}

impl Passer {
    /// Over this machine. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(rules: PathBuf, canary: bool) -> Self {
        Self {
            places: here(),
            rules,
            watcher: Watcher::default(),
            guard: Guard::open(),
            stopper: Stopper::new(here()),
            trials: canary.then(Trials::default),
        }
    }

    /// Who ends what starts between two passes.
    #[must_use]
    pub const fn stopper(&self) -> &Stopper {
        &self.stopper
    }

    /// Takes back everything that was ever done: the device is managed no more.
    pub async fn undo(&self) -> PassDone {
        let mut done = undo(&self.places).await;
        self.guard.set(&[]).await;
        if let Err(error) = std::fs::remove_file(&self.rules)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            let problem = format!("{} stays: {error}", self.rules.display());
            done.problems.push(problem);
        }
        done
    }

    /// Puts a policy in force.
    pub async fn enforce(&self, document: Document) -> PassDone {
        let written = shim::publish(&self.rules, &document);
        let began = std::time::Instant::now();
        let since = self.watcher.now();
        let wanted = Wanted {
            document: Some(document),
            trial: self.trials.is_some(),
            ended: self.stopper.ended(),
        };
        let mut answer = match machine(&self.places, Purpose::Enforce, wanted).await {
            Ok(answer) => answer,
            Err(error) => return failed(&format!("{error:#}")),
        };
        self.watcher.watch(&answer.watch, since);
        if let Some(trials) = &self.trials {
            trials.add(std::mem::take(&mut answer.trials)).await;
        }
        answer
            .done
            .effects
            .extend(self.guard.set(&answer.denied).await);
        if let Err(error) = written {
            let problem = format!("{} is as it was: {error}", self.rules.display());
            answer.done.problems.push(problem);
        }
        tracing::debug!(
            took = ?began.elapsed(),
            servers = answer.done.inventory.mcp_servers.len(),
            apps = answer.done.inventory.apps.len(),
            "the clients of this machine were looked at"
        );
        answer.done
    }

    /// The next client that was run because its policy was written. May be given up and called again.
    pub async fn tried(&self) -> (Trial, Said) {
        match &self.trials {
            Some(trials) => trials.next().await,
            None => std::future::pending().await,
        }
    }

    /// Goes on with its trial: whether another pass has to look.
    pub async fn judge(&self, trial: Trial, said: Said) -> bool {
        match &said {
            Said::Starts => tracing::debug!(client = ?trial.client, "it starts with its policy"),
            said => {
                tracing::warn!(client = ?trial.client, ?said, "a client was tried with its policy")
            }
        }
        let task = MachineTask {
            places: self.places.clone(),
            homes: Vec::new(),
            purpose: Purpose::Judge,
            document: None,
            trial: true,
            ended: Vec::new(),
            said: Some((trial.clone(), said)),
        };
        let answer = async {
            let said = ask("fleet-machine", 0, 0, &task).await?;
            anyhow::Ok(serde_json::from_slice::<MachineAnswer>(&said)?)
        };
        let answer = answer.await.unwrap_or_else(|error| {
            tracing::error!(%error, client = ?trial.client, "what came of a trial is not put in force");
            MachineAnswer::default()
        });
        for problem in &answer.done.problems {
            tracing::warn!(client = ?trial.client, problem, "a trial");
        }
        if let Some(trials) = &self.trials {
            trials.add(answer.trials).await;
        }
        answer.judged == Some(Judged::Changed)
    }

    /// The next start of a denied program.
    pub async fn refused(&self) -> Refusal {
        self.guard.refused().await
    }

    /// Done when something that the last pass looked at has changed.
    pub async fn changed(&self) {
        self.watcher.changed().await;
    }
}

/// Takes back everything that was ever done in homes and on the machine. Takes root.
pub async fn undo(places: &Places) -> PassDone {
    match machine(places, Purpose::Undo, Wanted::default()).await {
        Ok(answer) => PassDone {
            // What is there is nobody's business any more.
            problems: answer.done.problems,
            ..PassDone::default()
        },
        Err(error) => failed(&format!("{error:#}")),
    }
}

/// This machine.
#[must_use]
pub fn here() -> Places {
    Places {
        root: "/".into(),
        os: Os::Linux,
    }
}

/// A pass that was not made.
#[must_use]
pub fn failed(why: &str) -> PassDone {
    PassDone {
        problems: vec![why.to_owned()],
        ..PassDone::default()
    }
}

/// Opens a policy, if the gateway signed it.
///
/// # Errors
/// It did not, or this is none.
pub fn open(verifier: &Verifier, policy: &[u8]) -> Result<Document, String> {
    let signed: Result<SignedPolicy, _> = serde_json::from_slice(policy);
    match signed {
        Ok(signed) => verifier.open(&signed).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// What a pass is to bring about.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The policy.
    pub document: Option<Document>,
    /// What is written for clients is on trial.
    pub trial: bool,
    /// What was ended since the last one.
    pub ended: Vec<Ended>,
}

/// One pass, by children: over all homes, then over the machine. Takes root.
///
/// # Errors
/// The child of the machine fails; a home that fails is told of in the answer.
pub async fn machine(
    places: &Places,
    purpose: Purpose,
    wanted: Wanted,
) -> anyhow::Result<MachineAnswer> {
    let mut homes = tidegate_discovery::homes(places);
    let left_out = homes.len().saturating_sub(MOST_HOMES);
    homes.truncate(MOST_HOMES);
    let homes = all(places, homes, purpose, wanted.document.as_ref()).await;
    let task = MachineTask {
        places: places.clone(),
        homes,
        purpose,
        document: wanted.document,
        trial: wanted.trial,
        ended: wanted.ended,
        said: None,
    };
    let said = ask("fleet-machine", 0, 0, &task).await?;
    let mut answer: MachineAnswer = serde_json::from_slice(&said)?;
    if left_out > 0 {
        let problem =
            format!("{left_out} homes were not looked at: there are more than {MOST_HOMES}");
        answer.done.problems.push(problem);
    }
    Ok(answer)
}

async fn all(
    places: &Places,
    homes: Vec<Home>,
    purpose: Purpose,
    document: Option<&Document>,
) -> Vec<HomeSaid> {
    let (turns, mut running) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for home in homes {
        let task = HomeTask {
            places: places.clone(),
            home,
            purpose,
            document: document.cloned(),
        };
        let turns = Arc::clone(&turns);
        running.spawn(async move {
            // Closed by nobody.
            let _turn = turns.acquire_owned().await;
            one(task).await
        });
    }
    let mut said = running.join_all().await;
    said.sort_by(|a, b| a.home.path.cmp(&b.home.path));
    said
}

async fn one(task: HomeTask) -> HomeSaid {
    let (uid, gid) = (task.home.uid, task.home.gid);
    let answer = ask("fleet-home", uid, gid, &task).await.and_then(|said| {
        // Only whether it is JSON: what it says is read by the child of the machine.
        Ok(RawValue::from_string(String::from_utf8(said)?)?)
    });
    let (answer, failure) = match answer {
        Ok(answer) => (Some(answer), None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    HomeSaid {
        home: task.home,
        answer,
        failure,
    }
}
