//! The doctor: asks the agent, looks at what is installed, and has every client of this machine make a
//! TLS connection to a listener that shows the device's leaf. Nothing leaves loopback.
//!
//! ```text
//! examine ─┬─ checks        the agent, its certificate, its kernel programs
//!          ├─ environment   variables of the caller's shell and of running apps
//!          └─ probe         one client after the other, against `listener`
//! ```

mod browsers;
pub(crate) mod caller;
pub(crate) mod checks;
mod clients;
pub(crate) mod environment;
mod listener;
mod probe;
mod report;
mod scripts;
pub(crate) mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tidegate_trust::Ca;
use tidegate_types::Timestamp;

pub use report::{Check, Diagnosis, Level, Tested, Verdict};

use crate::{
    config::Config,
    control,
    state::{LeafFiles, State},
};
use caller::Caller;
use listener::Listener;
use probe::{Outcome, Probe, Surroundings, Target, cannot};

/// Where programs are when nobody says.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The state of a device that is enrolled; looking makes no folder.
///
/// # Errors
/// There is none.
pub(crate) fn existing_state(config: &Config) -> anyhow::Result<State> {
    let dir = &config.agent.state;
    ensure!(
        dir.is_dir(),
        "this device is not enrolled: {} is not there",
        dir.display()
    );
    State::open(dir)
}

/// Looks at everything.
pub async fn examine(config: &Config, now: Timestamp) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let view = control::ask(&config.agent.socket).await;
    diagnosis.checks.extend(checks::agent(view.as_ref()));
    let pinned = &config.linux.pin;
    let folder = pinned
        .clone()
        .unwrap_or_else(|| tidegate_redirector_user::DEFAULT_PINS.into());
    diagnosis
        .checks
        .push(checks::pins(&folder, pinned.is_some(), view.is_ok()));

    let files = shown_to_clients(config);
    let open = ca_for_everyone();
    let ca = files.as_ref().ok().map(|(ca, _)| ca).or(open.as_ref());
    let caller = Caller::find();
    let root = Path::new("/");
    let installed = environment::installed(root);
    match &installed {
        None => diagnosis.checks.push(Check::problem(
            "trust",
            "the CA was not installed into this machine's stores",
            "tidegate-edge trust install",
        )),
        Some(installed) => {
            diagnosis
                .checks
                .push(environment::shell(&caller, installed, ca));
            diagnosis
                .checks
                .push(environment::running(&root.join("proc")));
        }
    }
    if existing_state(config).is_ok_and(|state| is_unsigned(&state)) {
        diagnosis.checks.push(Check::note(
            "gateway",
            "it does not sign its CA, as newer ones do: should the organisation replace the CA, it is not \
             installed until the gateway is updated",
        ));
    }
    match files {
        Ok((ca, leaf)) => match checks::leaf_facts(&leaf.certificate) {
            Ok(facts) => {
                diagnosis.checks.push(checks::leaf(&facts, now));
                let examiner = Examiner {
                    host: facts.host,
                    ca,
                    has_variables: installed.is_some(),
                };
                diagnosis.clients = examiner.clients(&leaf, surroundings(&caller)).await;
            }
            Err(error) => diagnosis.checks.push(Check::problem(
                "certificate",
                format!("{error:#}"),
                "restart the agent, which gets another one",
            )),
        },
        Err(error) => diagnosis.checks.push(Check::problem(
            "clients",
            format!("not tested: {error:#}"),
            match nix::unistd::geteuid().is_root() {
                true => "enrol this device: tidegate-edge login",
                false => "run the doctor with sudo: only root may read the device's leaf",
            },
        )),
    }
    diagnosis
}

/// Whether there is a CA without its gateway's signature.
fn is_unsigned(state: &State) -> bool {
    let there = |read: anyhow::Result<Option<String>>| read.map(|text| text.is_some());
    matches!(
        (there(state.ca()), there(state.ca_signature())),
        (Ok(true), Ok(false))
    )
}

/// The CA and the leaf that apps are shown.
fn shown_to_clients(config: &Config) -> anyhow::Result<(Ca, LeafFiles)> {
    let state = existing_state(config)?;
    let ca = state.ca()?.context("this device has no CA yet")?;
    let leaf = state
        .leaf()?
        .context("this device has no certificate yet")?;
    Ok((Ca::from_pem(&ca)?, leaf))
}

/// The CA as it is installed, for whoever may not look into the state.
fn ca_for_everyone() -> Option<Ca> {
    let text = std::fs::read_to_string(tidegate_trust::CA_FILE).ok()?;
    Ca::from_pem(&text).ok()
}

fn surroundings(caller: &Caller) -> Surroundings {
    Surroundings {
        path: std::env::var_os("PATH").unwrap_or_else(|| PATH.into()),
        home: std::env::var_os("HOME").unwrap_or_else(|| "/".into()),
        person: std::env::var("SUDO_USER").unwrap_or_else(|_| "root".into()),
        trust: caller.variables.clone().into_iter().collect(),
    }
}

/// Has the clients make connections.
pub(crate) struct Examiner {
    /// The governed name that they ask for.
    pub(crate) host: String,
    pub(crate) ca: Ca,
    /// Whether `trust install` was run.
    pub(crate) has_variables: bool,
}

impl Examiner {
    async fn clients(&self, leaf: &LeafFiles, surroundings: Surroundings) -> Vec<Tested> {
        let ready = async {
            let files = scripts::Files::for_host(&self.host)?;
            anyhow::Ok((files, Listener::bind(leaf).await?))
        };
        let (files, listener) = match ready.await {
            Ok(ready) => ready,
            Err(error) => return vec![self.tested("all", cannot(format!("{error:#}")), None)],
        };
        let mut tested = Vec::new();
        for probe in clients::PROBES.iter().chain(browsers::PROBES) {
            tested.push(self.client(probe, &listener, &files.0, &surroundings).await);
        }
        tested
    }

    /// Tries one.
    pub(crate) async fn client(
        &self,
        probe: &Probe,
        listener: &Listener,
        folder: &PathBuf,
        surroundings: &Surroundings,
    ) -> Tested {
        let target = Target {
            host: &self.host,
            port: listener.port,
            folder,
            person: &surroundings.person,
        };
        let mut outcome = probe.run(listener, &target, surroundings).await;
        if probe.client == "java" && outcome.verdict == Verdict::CannotTell {
            outcome = self.keystore(surroundings).await.unwrap_or(outcome);
        }
        let todo = (outcome.verdict == Verdict::DoesNotTrust)
            .then(|| self.todo(probe, &surroundings.trust));
        self.tested(probe.client, outcome, todo)
    }

    /// Where `java` runs no source (before 11, and runtimes without a compiler), its keystore is read.
    async fn keystore(&self, surroundings: &Surroundings) -> Option<Outcome> {
        let keytool = surroundings.find("keytool")?;
        let arguments: Vec<_> = clients::KEYTOOL
            .iter()
            .map(|&word| word.to_owned())
            .collect();
        let listed = surroundings.run(&keytool, &arguments, &[]).await.ok()?;
        (listed.code == Some(0)).then(|| Outcome {
            verdict: match self.ca.is_in(&listed.said) {
                true => Verdict::Trusts,
                false => Verdict::DoesNotTrust,
            },
            detail: Some("by its keystore; no connection was made".into()),
        })
    }

    /// Which variable or store would help a client.
    fn todo(&self, probe: &Probe, trust: &[(String, String)]) -> String {
        let install = format!("tidegate-edge trust install; its roots are {}", probe.store);
        // Before that a variable may name the system's bundle and be right.
        if !self.has_variables {
            return install;
        }
        let value = |name: &str| trust.iter().find(|(set, _)| set == name);
        let winning = probe.variables.iter().find_map(|name| value(name));
        if let Some((name, path)) = winning {
            return match environment::holds(Path::new(path), &self.ca) {
                true => format!(
                    "{name} names {path}, which holds our CA: its certificate is wrong otherwise"
                ),
                false => format!(
                    "{name} names {path}, which does not hold our CA: add it, or unset {name}"
                ),
            };
        }
        let needed = probe.variables.first();
        match needed.filter(|_| !probe.store.starts_with("the system")) {
            Some(name) => format!(
                "{name} is not set here: log out and in; its roots are {}",
                probe.store
            ),
            None => install,
        }
    }

    fn tested(&self, client: &'static str, outcome: Outcome, todo: Option<String>) -> Tested {
        Tested {
            client,
            verdict: outcome.verdict,
            detail: outcome.detail,
            todo,
        }
    }
}

#[cfg(test)]
mod tests;
