//! The loader's side of the hands: asks for passes, hears of changes, and reads nothing of what they say.

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use tokio::{
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::Command,
    sync::{Mutex, Notify, mpsc, watch},
};

use super::{
    exec::Refusal,
    executed::Executed,
    frame::{self, Kind},
};

/// Refused starts that wait to be told. More are refused and not told.
const WAITING: usize = 64;
/// How long a pass may take: homes are given less.
const PATIENCE: Duration = Duration::from_secs(240);

/// Where the service manager listens for the hands, if it does. Only root can make it.
pub const SOCKET: &str = "/run/tidegate-edge-hands/socket";

/// The hands, started when they are first needed, and again when they are gone.
#[derive(Debug)]
pub struct Client {
    /// Which program the hands are, where the service manager has none.
    program: PathBuf,
    /// What the hands write for our shims.
    rules: PathBuf,
    /// The relay's folder.
    state: PathBuf,
    /// Clients are run when their policy was written.
    canary: bool,
    /// Held for a whole pass: there is one at a time.
    talk: Mutex<Option<Talk>>,
    /// Where they are told of executions, also while they make a pass.
    line: StdMutex<Option<Line>>,
    /// Whether they want to be.
    watching: watch::Sender<bool>,
    changes: Arc<Notify>,
    refusals: (mpsc::Sender<Refusal>, Mutex<mpsc::Receiver<Refusal>>),
}

/// Our end of their socket, for one frame at a time.
type Line = Arc<Mutex<OwnedWriteHalf>>;

#[derive(Debug)]
struct Talk {
    to: Line,
    answers: mpsc::Receiver<Vec<u8>>,
}

impl Client {
    /// Hands that write for our shims here, of an agent that keeps its state there.
    #[must_use]
    pub fn new(program: PathBuf, rules: PathBuf, state: PathBuf, canary: bool) -> Self {
        let (refused, refusals) = mpsc::channel(WAITING);
        Self {
            program,
            rules,
            state,
            canary,
            talk: Mutex::default(),
            line: StdMutex::default(),
            watching: watch::Sender::new(false),
            changes: Arc::default(),
            refusals: (refused, Mutex::new(refusals)),
        }
    }

    /// Has a signed policy put in force; what came of it, as the hands say it.
    ///
    /// # Errors
    /// The hands cannot be started, end, or take too long.
    pub async fn pass(&self, policy: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut held = self.talk.lock().await;
        let mut talk = match held.take() {
            Some(talk) if !talk.answers.is_closed() => talk,
            _ => self.start().await?,
        };
        let asked = async {
            frame::write(&mut *talk.to.lock().await, Kind::Policy, policy).await?;
            talk.answers.recv().await.context("they ended")
        };
        let answer = tokio::time::timeout(PATIENCE, asked)
            .await
            .context("they did not answer in time")
            .flatten();
        match answer {
            // Only one that answered is asked again: the answer of another would come late.
            Ok(_) => *held = Some(talk),
            Err(_) => self.hang_up(),
        }
        answer
    }

    /// Whether executions below clients are to be told.
    #[must_use]
    pub fn wants_executions(&self) -> watch::Receiver<bool> {
        self.watching.subscribe()
    }

    /// Tells of executions. Where that fails, the hands are gone, and the pass that is asked for starts others.
    pub async fn executed(&self, all: &[Executed]) {
        let Some(line) = self.line().clone() else {
            return;
        };
        let told = async {
            let text = serde_json::to_vec(all)?;
            frame::write(&mut *line.lock().await, Kind::Executed, &text).await
        };
        if let Err(error) = told.await {
            tracing::debug!(%error, "what was executed is not told");
            self.hang_up();
            self.look();
        }
    }

    /// Asks for a pass.
    pub fn look(&self) {
        self.changes.notify_one();
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Option<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hang_up(&self) {
        *self.line() = None;
        self.watching.send_replace(false);
    }

    /// The next start of a denied program.
    pub async fn refused(&self) -> Refusal {
        match self.refusals.1.lock().await.recv().await {
            Some(refusal) => refusal,
            // The other end is in this very struct.
            None => std::future::pending().await,
        }
    }

    /// Done when files of clients have changed since the last call.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }

    async fn start(&self) -> anyhow::Result<Talk> {
        let stream = match Path::new(SOCKET).exists() {
            true => UnixStream::connect(SOCKET).await.context(SOCKET)?,
            false => self.child()?,
        };
        let (from, to) = stream.into_split();
        let (answer, answers) = mpsc::channel(1);
        let to = Arc::new(Mutex::new(to));
        *self.line() = Some(Arc::clone(&to));
        let ear = Ear {
            answer,
            watching: self.watching.clone(),
            changes: Arc::clone(&self.changes),
            refusals: self.refusals.0.clone(),
        };
        tokio::spawn(ear.hear(from));
        Ok(Talk { to, answers })
    }

    /// Starts the hands with their socket as standard input. They end when it does.
    fn child(&self) -> anyhow::Result<UnixStream> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut child = Command::new(&self.program)
            .arg0("tidegate-edge")
            .arg("hands")
            .arg("--rules")
            .arg(&self.rules)
            .arg("--state")
            .arg(&self.state)
            .args((!self.canary).then_some("--no-canary"))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .spawn()
            .context("the hands cannot be started")?;
        tokio::spawn(async move {
            let status = child.wait().await;
            tracing::debug!(?status, "the hands ended");
        });
        Ok(UnixStream::from_std(ours)?)
    }
}

/// Hears what the hands say.
struct Ear {
    answer: mpsc::Sender<Vec<u8>>,
    watching: watch::Sender<bool>,
    changes: Arc<Notify>,
    refusals: mpsc::Sender<Refusal>,
}

impl Ear {
    /// Ends when the hands do, or say what is no frame.
    async fn hear(self, mut from: OwnedReadHalf) {
        loop {
            match frame::read(&mut from).await {
                Ok(Some((Kind::Done, text))) => {
                    if self.answer.send(text).await.is_err() {
                        return;
                    }
                }
                Ok(Some((Kind::Changed, _))) => self.changes.notify_one(),
                Ok(Some((Kind::Refused, text))) => {
                    let told = serde_json::from_slice(&text).map(|one| self.refusals.try_send(one));
                    if !matches!(told, Ok(Ok(()))) {
                        tracing::debug!("a refused start is not told");
                    }
                }
                Ok(Some((Kind::Watch, text))) => {
                    self.watching.send_replace(text == [1]);
                }
                Ok(Some((Kind::Policy | Kind::Executed, _)) | None) => return,
                Err(error) => return tracing::warn!(%error, "the hands cannot be understood"),
            }
        }
    }
}
