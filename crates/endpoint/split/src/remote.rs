//! The relay's side: the redirector and the process table, as the loader has them.

use std::{
    net::TcpStream as StdStream,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tidegate_redirect::{Flow, Health, Opener, RedirectError, Redirector, Tables};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::{Mutex as AsyncMutex, Notify, mpsc, watch},
    task::JoinHandle,
};

use crate::{
    LONGEST, Link, LinkError, Notice, Refused, ToLoader, ToRelay, VERSION,
    link::Reply,
    message::{Answer, Attributed},
    paper::{read_paper, written},
    wire::Malformed,
};

/// Connections that were handed over and wait; the loader sends no more than that before they are taken.
const FLOWS: usize = 64;
/// Refused starts that wait. More are dropped.
const REFUSALS: usize = 64;
/// How long an answer may take. The loader looks at a process for less; what is more is the queue.
const EXEMPTED: Duration = Duration::from_secs(2);
const APPLIED: Duration = Duration::from_secs(10);
const CHECKED: Duration = Duration::from_secs(10);
const ATTRIBUTED: Duration = Duration::from_secs(2);
/// A pass reads all homes; the loader gives each of them less.
const PASSED: Duration = Duration::from_secs(300);

/// What the loader gave.
#[derive(Debug)]
pub struct Given {
    /// As text.
    pub text: Vec<u8>,
    /// Files, in the order in which the loader put them.
    pub files: Vec<OwnedFd>,
}

/// The loader's redirector, seen from the relay.
#[derive(Debug)]
pub struct Remote {
    link: Arc<Link>,
    ready: AtomicBool,
    flows: AsyncMutex<mpsc::Receiver<Flow>>,
    changes: Arc<Notify>,
    refusals: AsyncMutex<mpsc::Receiver<Refused>>,
    /// True when the relay is to finish.
    stop: watch::Receiver<bool>,
    hearing: JoinHandle<()>,
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

impl Remote {
    /// Says hello on a link to the loader, and takes what it gives. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The loader is gone, or another version.
    pub async fn join(link: Link) -> Result<(Self, Given), LinkError> {
        let version = VERSION;
        link.send(&ToLoader::Hello { version }.encode()?, &[])
            .await?;
        let mut buffer = vec![0; LONGEST];
        let frame = link.receive(&mut buffer).await?;
        let text = match ToRelay::decode(frame.bytes)? {
            ToRelay::Start {
                version: VERSION,
                given,
            } => given,
            _ => return Err(Malformed::Value("version").into()),
        };
        let files = frame.files;
        let link = Arc::new(link);
        let (flow, flows) = mpsc::channel(FLOWS);
        let (stopped, stop) = watch::channel(false);
        let changes = Arc::new(Notify::new());
        let (refused, refusals) = mpsc::channel(REFUSALS);
        let ear = Ear {
            link: Arc::clone(&link),
            changes: Arc::clone(&changes),
            refusals: refused,
            flows: flow,
            stop: stopped,
        };
        let remote = Self {
            link,
            ready: AtomicBool::new(false),
            flows: AsyncMutex::new(flows),
            changes,
            refusals: AsyncMutex::new(refusals),
            stop,
            hearing: tokio::spawn(ear.hear(buffer)),
        };
        Ok((remote, Given { text, files }))
    }

    /// Turns true when the relay is to finish: the loader says so, or is gone.
    #[must_use]
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// Who opened a connection. Blocks for as long as the loader looks: milliseconds as a rule. Where it
    /// does not answer, the app is unknown.
    pub fn attribute(&self, opener: &Opener) -> Attributed {
        match self.ask(&ToLoader::Attribute(opener.clone()), &[], ATTRIBUTED) {
            Ok(Answer::Attributed(who)) => who,
            Ok(_) => Attributed::unknown(opener.uid),
            Err(error) => {
                tracing::warn!(%error, pid = opener.pid, "a process could not be looked at");
                Attributed::unknown(opener.uid)
            }
        }
    }

    /// Has somebody told that an app of theirs was refused. What cannot be said now is not said.
    pub fn notify(&self, notice: Notice) {
        if let Err(error) = self.tell(&ToLoader::Notify(notice)) {
            tracing::debug!(%error, "nobody was told");
        }
    }

    /// Has the clients of this machine looked at and made to obey the policy, as the gateway signed it;
    /// what came of it. Blocks for as long as it takes, seconds as a rule.
    ///
    /// # Errors
    /// The loader does not answer, is busy with another pass, or there is no memory.
    pub fn pass(&self, policy: &[u8]) -> Result<Vec<u8>, RedirectError> {
        let papers = || Ok((written(policy)?, written(&[])?));
        let (policy, result) = papers().map_err(|error: std::io::Error| RedirectError::Os {
            what: "making room for a policy".into(),
            error,
        })?;
        let files = [policy.as_fd(), result.as_fd()];
        self.done(&ToLoader::Pass, &files, PASSED)?;
        read_paper(result).map_err(|error| RedirectError::Os {
            what: "reading what came of a policy".into(),
            error,
        })
    }

    /// The next start of a denied program that was refused; none when the loader is gone.
    pub async fn refused(&self) -> Option<Refused> {
        self.refusals.lock().await.recv().await
    }

    /// Done when something that the last pass looked at has changed since the last call.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }

    fn tell(&self, message: &ToLoader) -> Result<(), LinkError> {
        self.link.send_now(&message.encode()?, &[])
    }

    /// Asks, and blocks until there is an answer.
    fn ask(
        &self,
        question: &ToLoader,
        files: &[BorrowedFd<'_>],
        patience: Duration,
    ) -> Result<Answer, LinkError> {
        let (reply, theirs) = Reply::pair()?;
        let mut all = vec![theirs.as_fd()];
        all.extend(files);
        self.link.send_now(&question.encode()?, &all)?;
        // Only the loader has it now: when it goes, so does the wait.
        drop(theirs);
        Ok(Answer::decode(&reply.wait(patience)?)?)
    }

    fn done(
        &self,
        question: &ToLoader,
        files: &[BorrowedFd<'_>],
        patience: Duration,
    ) -> Result<(), RedirectError> {
        match self.ask(question, files, patience) {
            Ok(Answer::Done) => Ok(()),
            Ok(Answer::Failed(failure)) => Err(failure.into()),
            Ok(other) => Err(odd(&other)),
            Err(error) => Err(unheard(&error)),
        }
    }
}

fn odd(answer: &Answer) -> RedirectError {
    RedirectError::Unsupported(format!("the loader gave an odd answer: {answer:?}"))
}

fn unheard(error: &LinkError) -> RedirectError {
    RedirectError::Unsupported(format!("the loader did not answer: {error}"))
}

fn lost() -> RedirectError {
    RedirectError::Unsupported("the loader is gone".into())
}

impl Redirector for Remote {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        if !self.ready.swap(true, Ordering::Relaxed) {
            self.tell(&ToLoader::Ready)
                .map_err(|error| unheard(&error))?;
        }
        let flow = self.flows.lock().await.recv().await.ok_or_else(lost)?;
        self.tell(&ToLoader::Taken)
            .map_err(|error| unheard(&error))?;
        Ok(flow)
    }

    fn bypass(&self, socket: &TcpSocket) -> Result<(), RedirectError> {
        self.done(&ToLoader::Exempt, &[socket.as_fd()], EXEMPTED)
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        self.done(&ToLoader::Apply(tables.clone()), &[], APPLIED)
    }

    fn reset_older(&self) -> Result<usize, RedirectError> {
        match self.ask(&ToLoader::ResetOlder, &[], CHECKED) {
            Ok(Answer::Count(count)) => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
            Ok(Answer::Failed(failure)) => Err(failure.into()),
            Ok(other) => Err(odd(&other)),
            Err(error) => Err(unheard(&error)),
        }
    }

    fn health(&self) -> Health {
        let problem = match self.ask(&ToLoader::Health, &[], CHECKED) {
            Ok(Answer::Health(health)) => return health,
            Ok(Answer::Failed(failure)) => RedirectError::from(failure),
            Ok(other) => odd(&other),
            Err(error) => unheard(&error),
        };
        Health {
            problem: Some(problem.to_string()),
            ..Health::default()
        }
    }
}

/// Hears what the loader says.
struct Ear {
    link: Arc<Link>,
    flows: mpsc::Sender<Flow>,
    changes: Arc<Notify>,
    refusals: mpsc::Sender<Refused>,
    stop: watch::Sender<bool>,
}

impl Ear {
    /// Until the loader is gone. What waits for it hears that by the channels.
    async fn hear(self, mut buffer: Vec<u8>) {
        loop {
            let heard = match self.link.receive(&mut buffer).await {
                Ok(frame) => ToRelay::decode(frame.bytes)
                    .map_err(LinkError::from)
                    .and_then(|message| self.one(message, frame.files)),
                Err(error) => Err(error),
            };
            if let Err(error) = heard {
                if !matches!(error, LinkError::Gone) {
                    tracing::error!(%error, "the loader cannot be understood");
                }
                self.stop.send_replace(true);
                return;
            }
        }
    }

    fn one(&self, message: ToRelay, mut files: Vec<OwnedFd>) -> Result<(), LinkError> {
        if !message.may_have(files.len()) {
            return Err(Malformed::Files(files.len()).into());
        }
        match message {
            ToRelay::Start { .. } => return Err(Malformed::Value("second start").into()),
            ToRelay::Stop => {
                self.stop.send_replace(true);
            }
            ToRelay::Changed => self.changes.notify_one(),
            ToRelay::Refused(refused) => {
                if self.refusals.try_send(refused).is_err() {
                    tracing::debug!("more starts are refused than are heard of");
                }
            }
            ToRelay::Flow {
                destination,
                opener,
            } => {
                let Some(file) = files.pop() else {
                    return Err(Malformed::Files(0).into());
                };
                let flow = Flow {
                    stream: stream(file)?,
                    destination,
                    opener,
                };
                // There is room: the loader waits for what it sent to be taken.
                if self.flows.try_send(flow).is_err() {
                    return Err(Malformed::Value("connection too many").into());
                }
            }
        }
        Ok(())
    }
}

fn stream(file: OwnedFd) -> std::io::Result<TcpStream> {
    let stream = StdStream::from(file);
    stream.set_nonblocking(true)?;
    TcpStream::from_std(stream)
}
