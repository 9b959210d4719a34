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

use tidegate_redirect::{Flow, Health, Opener, ProcessEvent, RedirectError, Redirector, Tables};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::{Mutex as AsyncMutex, mpsc, watch},
    task::JoinHandle,
};

use crate::{
    LONGEST, Link, LinkError, Notice, ToLoader, ToRelay, VERSION,
    link::Reply,
    message::{Answer, Attributed},
    wire::Malformed,
};

/// Connections that were handed over and wait; the loader sends no more than that before they are taken.
const FLOWS: usize = 64;
/// Ends of processes that wait. More are dropped.
const EVENTS: usize = 256;
/// How long an answer may take. The loader looks at a process for less; what is more is the queue.
const EXEMPTED: Duration = Duration::from_secs(2);
const APPLIED: Duration = Duration::from_secs(10);
const CHECKED: Duration = Duration::from_secs(10);
const ATTRIBUTED: Duration = Duration::from_secs(2);

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
    watching: AtomicBool,
    events: AsyncMutex<mpsc::Receiver<ProcessEvent>>,
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
        let (event, events) = mpsc::channel(EVENTS);
        let (stopped, stop) = watch::channel(false);
        let ear = Ear {
            link: Arc::clone(&link),
            flows: flow,
            events: event,
            stop: stopped,
        };
        let remote = Self {
            link,
            ready: AtomicBool::new(false),
            flows: AsyncMutex::new(flows),
            watching: AtomicBool::new(false),
            events: AsyncMutex::new(events),
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
        match self.ask(&ToLoader::Attribute(opener.clone()), None, ATTRIBUTED) {
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

    fn tell(&self, message: &ToLoader) -> Result<(), LinkError> {
        self.link.send_now(&message.encode()?, &[])
    }

    /// Asks, and blocks until there is an answer.
    fn ask(
        &self,
        question: &ToLoader,
        file: Option<BorrowedFd<'_>>,
        patience: Duration,
    ) -> Result<Answer, LinkError> {
        let (reply, theirs) = Reply::pair()?;
        let files = [Some(theirs.as_fd()), file];
        let files: Vec<_> = files.into_iter().flatten().collect();
        self.link.send_now(&question.encode()?, &files)?;
        // Only the loader has it now: when it goes, so does the wait.
        drop(theirs);
        Ok(Answer::decode(&reply.wait(patience)?)?)
    }

    fn done(
        &self,
        question: &ToLoader,
        file: Option<BorrowedFd<'_>>,
        patience: Duration,
    ) -> Result<(), RedirectError> {
        match self.ask(question, file, patience) {
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
        self.done(&ToLoader::Exempt, Some(socket.as_fd()), EXEMPTED)
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        self.done(&ToLoader::Apply(tables.clone()), None, APPLIED)
    }

    /// Only what has ended: the loader itself looks at what executes something.
    async fn process(&self) -> Result<ProcessEvent, RedirectError> {
        if !self.watching.swap(true, Ordering::Relaxed) {
            self.tell(&ToLoader::Watch)
                .map_err(|error| unheard(&error))?;
        }
        self.events.lock().await.recv().await.ok_or_else(lost)
    }

    fn reset_older(&self) -> Result<usize, RedirectError> {
        match self.ask(&ToLoader::ResetOlder, None, CHECKED) {
            Ok(Answer::Count(count)) => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
            Ok(Answer::Failed(failure)) => Err(failure.into()),
            Ok(other) => Err(odd(&other)),
            Err(error) => Err(unheard(&error)),
        }
    }

    fn health(&self) -> Health {
        let problem = match self.ask(&ToLoader::Health, None, CHECKED) {
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
    events: mpsc::Sender<ProcessEvent>,
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
            ToRelay::Process(event) => {
                if self.events.try_send(event).is_err() {
                    tracing::debug!("more processes end than are heard of");
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
