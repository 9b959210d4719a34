//! Runs clients whose policies were just written, so that a file of ours that stops one is taken back
//! (`tidegate_enforce::judge`). It waits for nothing and nothing waits for it: a decision is in force, and told,
//! before the first client is run.
//!
//! What runs is a client that root alone can have changed, as nobody, in an empty home, without a network. Where the
//! service manager has a unit for it ([`SOCKET`]), in that one's sandbox: the hands' own has no room for the engines
//! that clients are built on.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tidegate_discovery::Found;
use tidegate_enforce::{Canary, CanaryError, Client, Runner, is_roots};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::Mutex,
    task::JoinHandle,
};

/// Where the service manager listens for clients to be run, if it does. Only root can make it.
pub const SOCKET: &str = "/run/tidegate-edge-canary/socket";
/// For what listens there; a client has less.
const PATIENCE: Duration = Duration::from_secs(40);
/// The longest that is said there, in bytes.
const LONGEST: u64 = 16 << 10;
/// Nobody and their group, as Linux has them where no name is known for an id.
const NOBODY: (u32, u32) = (65_534, 65_534);
/// Where the empty home is made: a folder that only root writes.
const SCRATCH: &str = "/run";

/// A client to be run, and where its program is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The client.
    pub client: Client,
    /// What of it is on trial.
    pub what: String,
    /// Its program; none where no client of this kind can be run.
    pub program: Option<PathBuf>,
}

/// What came of running a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It starts.
    Starts,
    /// It ended with this.
    Refuses(String),
    /// It could not be run.
    Untried(String),
}

impl Said {
    /// As enforcement takes it.
    ///
    /// # Errors
    /// It did not start.
    pub fn result(self) -> Result<(), CanaryError> {
        match self {
            Self::Starts => Ok(()),
            Self::Refuses(why) => Err(CanaryError::Refused(why)),
            Self::Untried(why) => Err(CanaryError::Untried(io::Error::other(why))),
        }
    }
}

impl From<Result<(), CanaryError>> for Said {
    fn from(result: Result<(), CanaryError>) -> Self {
        match result {
            Ok(()) => Self::Starts,
            Err(CanaryError::Refused(why)) => Self::Refuses(why),
            Err(error @ CanaryError::Untried(_)) => Self::Untried(error.to_string()),
        }
    }
}

/// Which program a client is run by: one of the machine's own, by its command's name, and nobody's but root's. A
/// client for which the machine has servers of its own would start those, so it is not run.
#[must_use]
pub fn program(client: Client, machine: &Found) -> Option<PathBuf> {
    let (name, _) = client.command()?;
    let mine = |app| Client::of(app) == Some(client);
    if client != Client::Codex && machine.servers.iter().any(|one| mine(&one.server.client)) {
        return None;
    }
    let programs = machine.programs.iter().filter(|one| mine(&one.app));
    let mut named: Vec<_> = programs
        .filter(|one| one.path.file_stem().is_some_and(|stem| stem == name))
        .filter(|one| is_roots(&one.path))
        .collect();
    // A binary needs no interpreter to be found.
    named.sort_by_key(|one| one.script);
    named.first().map(|one| one.path.clone())
}

/// The trials of this machine, one at a time.
#[derive(Debug, Default)]
pub struct Trials(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Trial>,
    running: Option<(Trial, JoinHandle<Said>)>,
}

impl Trials {
    /// These clients are to be run. One that waits already is run once.
    pub async fn add(&self, trials: Vec<Trial>) {
        let mut state = self.0.lock().await;
        for trial in trials {
            if state.running.as_ref().is_some_and(|(one, _)| *one == trial) {
                continue;
            }
            state.waiting.retain(|one| one.client != trial.client);
            state.waiting.push_back(trial);
        }
    }

    /// The next client that was run. May be given up and called again.
    pub async fn next(&self) -> (Trial, Said) {
        let mut state = self.0.lock().await;
        if state.running.is_none() {
            let Some(trial) = state.waiting.pop_front() else {
                drop(state);
                return std::future::pending().await;
            };
            let run = tokio::spawn(run(trial.clone()));
            state.running = Some((trial, run));
        }
        let Some((trial, run)) = &mut state.running else {
            return std::future::pending().await;
        };
        let said = run.await;
        let ended = (
            trial.clone(),
            said.unwrap_or_else(|error| Said::Untried(error.to_string())),
        );
        state.running = None;
        ended
    }
}

async fn run(trial: Trial) -> Said {
    if trial.program.is_none() {
        return Said::Untried("no program of it that only root can change".into());
    }
    if Path::new(SOCKET).exists() {
        let asked = tokio::time::timeout(PATIENCE, ask(&trial)).await;
        return asked
            .unwrap_or_else(|_| Err(anyhow::anyhow!("it did not end in time")))
            .unwrap_or_else(|error| Said::Untried(format!("{error:#}")));
    }
    if !is_free(Path::new("/proc/self/status")) {
        // It would fail with any policy, and each failure takes one back for a moment.
        return Said::Untried(
            "this process is in a sandbox, and nothing listens for clients to be run".into(),
        );
    }
    let here = tokio::task::spawn_blocking(move || here(&trial, SCRATCH.into(), Some(NOBODY)));
    here.await
        .unwrap_or_else(|error| Said::Untried(error.to_string()))
}

/// Whether no filter of system calls (seccomp(2)) holds for a process, by what the kernel says of it (proc(5)).
fn is_free(status: &Path) -> bool {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let mut lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("Seccomp:"));
    lines.next().is_some_and(|mode| mode.trim() == "0")
}

/// Runs it from this process.
fn here(trial: &Trial, scratch: PathBuf, becomes: Option<(u32, u32)>) -> Said {
    let program = trial.program.clone();
    let runner = Runner {
        programs: HashMap::from_iter(program.map(|program| (trial.client, program))),
        scratch,
        becomes,
        tools: "/usr/bin".into(),
    };
    runner.run(trial.client).into()
}

async fn ask(trial: &Trial) -> anyhow::Result<Said> {
    let mut stream = UnixStream::connect(SOCKET).await.context(SOCKET)?;
    stream.write_all(&serde_json::to_vec(trial)?).await?;
    stream.shutdown().await?;
    let mut said = Vec::new();
    stream.take(LONGEST).read_to_end(&mut said).await?;
    serde_json::from_slice(&said).context("what runs clients does not say what came of it")
}

/// `tidegate-edge canary`: runs one client, as the service manager's unit for that, whose user is nobody.
///
/// # Errors
/// What to run cannot be read, or what came of it not be written.
pub fn serve(
    input: impl io::Read,
    mut output: impl io::Write,
    scratch: PathBuf,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        !nix::unistd::geteuid().is_root(),
        "clients are not run as root: this is started by its unit"
    );
    let mut text = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(input, LONGEST), &mut text)?;
    let trial: Trial = serde_json::from_slice(&text).context("no client to run")?;
    let said = here(&trial, scratch, None);
    output.write_all(&serde_json::to_vec(&said)?)?;
    Ok(output.flush()?)
}

#[cfg(test)]
mod tests {
    use tidegate_discovery::Program;

    use super::*;

    fn found(paths: &[(&str, bool)]) -> Found {
        let programs = paths.iter().map(|(path, script)| Program {
            app: "codex".parse().unwrap(),
            path: path.into(),
            script: *script,
        });
        Found {
            programs: programs.collect(),
            ..Found::default()
        }
    }

    #[test]
    fn only_a_program_of_roots_by_its_commands_name_is_run() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("codex");
        std::fs::copy("/bin/true", &own)?;
        let own = own.to_string_lossy().into_owned();
        assert_eq!(program(Client::Codex, &found(&[(&own, false)])), None);
        assert_eq!(
            program(Client::Codex, &found(&[("/bin/true", false)])),
            None
        );
        assert_eq!(program(Client::OpenCode, &Found::default()), None);
        assert_eq!(program(Client::Copilot, &Found::default()), None);
        Ok(())
    }

    #[test]
    fn a_sandbox_is_known_by_the_kernels_word() -> anyhow::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        for (text, free) in [
            ("Name:\tx\nSeccomp:\t0\nSeccomp_filters:\t0\n", true),
            ("Seccomp:\t2\nSeccomp_filters:\t39\n", false),
            ("Name:\tx\n", false),
        ] {
            std::fs::write(file.path(), text)?;
            assert_eq!(is_free(file.path()), free, "{text}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn each_client_is_run_once_and_waiting_can_be_given_up() {
        let trials = Trials::default();
        let trial = |client| Trial {
            client,
            what: String::new(),
            program: None,
        };
        trials
            .add(vec![trial(Client::Codex), trial(Client::OpenCode)])
            .await;
        trials.add(vec![trial(Client::Codex)]).await;
        let mut seen = Vec::new();
        while seen.len() < 2 {
            // Something else comes first, as a policy may.
            tokio::select! {
                biased;
                (trial, said) = trials.next() => {
                    assert!(matches!(said, Said::Untried(_)));
                    seen.push(trial.client);
                }
                () = tokio::task::yield_now() => {}
            }
        }
        assert_eq!(seen, [Client::OpenCode, Client::Codex]);
        let none = tokio::time::timeout(Duration::from_millis(20), trials.next());
        assert!(none.await.is_err(), "nothing waits any more");
        trials.add(vec![trial(Client::Codex)]).await;
        assert_eq!(trials.next().await.0.client, Client::Codex);
    }
}
