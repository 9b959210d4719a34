//! In the hands: who is told of an execution. For each person whose clients start things there is one process of
//! theirs ([`super::executed`]); it starts with the first execution and ends when there were none for a while.
//!
//! Everything here is bounded. What there is no room for, or what went wrong, leads to a look at everything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use serde_json::value::RawValue;
use tidegate_discovery::{Home, Places};
use tidegate_notice::Child;
use tidegate_policy::Document;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::{Notify, mpsc},
    time::timeout,
};

use super::executed::{Ended, Executed, Task, is_wanted};

/// Executions of one person that wait, and how many are told at once.
const WAITING: usize = 512;
const AT_ONCE: usize = 64;
/// People who are looked after at a time.
const MOST_PEOPLE: usize = 32;
/// How long a process stays that is told nothing.
const IDLE: Duration = Duration::from_secs(60);
/// How long it may take to answer: it waits for servers to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where one cannot be started, the next is not tried at once.
const REST: Duration = Duration::from_secs(1);
/// The longest answer, and the most that is kept for the next report, in bytes.
const LONGEST: u64 = 256 << 10;
const MOST_KEPT: usize = 1 << 20;
/// Between two reports of what was ended: a client may start its server again and again.
const APART: Duration = Duration::from_secs(5);
/// How long what was ended is part of reports: one that is made right after another may be the only one that is
/// heard.
const KEPT: Duration = Duration::from_secs(10);

/// Ends denied servers as they start.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: Places,
    state: Mutex<State>,
    /// There is something to report, or something was missed.
    news: Notify,
    /// The same, not too often.
    report: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// What holds; none while nothing is denied.
    document: Option<Arc<Document>>,
    /// Who is told, by user.
    people: HashMap<u32, mpsc::Sender<Executed>>,
    ended: Vec<(Instant, Ended)>,
}

impl Stopper {
    /// On a machine. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(places: Places) -> Self {
        let inner = Arc::new(Inner {
            places,
            state: Mutex::default(),
            news: Notify::new(),
            report: Notify::new(),
        });
        let reports = Arc::clone(&inner);
        tokio::spawn(async move {
            loop {
                reports.news().await;
                reports.report.notify_one();
                tokio::time::sleep(APART).await;
            }
        });
        Self(inner)
    }

    /// This holds from now on; whether executions are to be told.
    #[must_use]
    pub fn hold(&self, document: Option<&Document>) -> bool {
        let mut state = self.0.lock();
        let wanted = document.filter(|document| is_wanted(document));
        // Whoever looks after people by another policy ends.
        if state.document.as_deref() != wanted {
            state.people.clear();
            state.document = wanted.cloned().map(Arc::new);
        }
        wanted.is_some()
    }

    /// A process below a client has executed a program.
    pub fn executed(&self, executed: Executed) {
        let mut state = self.0.lock();
        let Some(document) = state.document.clone() else {
            return;
        };
        let uid = executed.uid;
        state.people.retain(|_, to| !to.is_closed());
        let told = match state.people.get(&uid) {
            Some(to) => to.try_send(executed).is_ok(),
            None if state.people.len() >= MOST_PEOPLE => false,
            None => {
                let (to, from) = mpsc::channel(WAITING);
                let told = to.try_send(executed).is_ok();
                state.people.insert(uid, to);
                tokio::spawn(Arc::clone(&self.0).look_after(uid, document, from));
                told
            }
        };
        drop(state);
        if !told {
            tracing::debug!(uid, "more is executed than can be looked at");
            self.0.news.notify_one();
        }
    }

    /// What was ended lately.
    #[must_use]
    pub fn ended(&self) -> Vec<Ended> {
        let mut state = self.0.lock();
        state.ended.retain(|(at, _)| at.elapsed() < KEPT);
        state.ended.iter().map(|(_, one)| one.clone()).collect()
    }

    /// Done when there is something to report, or everything has to be looked at.
    pub async fn changed(&self) {
        self.0.report.notified().await;
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until there is something to report, or something is no news any more.
    async fn news(&self) {
        let oldest = self.lock().ended.first().map(|(at, _)| *at + KEPT);
        match oldest {
            None => self.news.notified().await,
            Some(until) => {
                // Either way there is something.
                tokio::select! {
                    () = self.news.notified() => {}
                    () = tokio::time::sleep_until(until.into()) => {}
                }
            }
        }
        self.lock().ended.retain(|(at, _)| at.elapsed() < KEPT);
    }

    async fn look_after(
        self: Arc<Self>,
        uid: u32,
        document: Arc<Document>,
        from: mpsc::Receiver<Executed>,
    ) {
        if let Err(error) = self.tell(uid, &document, from).await {
            tracing::warn!(
                uid,
                error = format!("{error:#}"),
                "what clients start is met by the next look"
            );
            self.news.notify_one();
            tokio::time::sleep(REST).await;
        }
    }

    /// Tells a process of the person's, until there is nothing to tell.
    async fn tell(
        &self,
        uid: u32,
        document: &Document,
        mut from: mpsc::Receiver<Executed>,
    ) -> anyhow::Result<()> {
        let places = self.places.clone();
        let homes = tokio::task::spawn_blocking(move || tidegate_discovery::homes(&places)).await?;
        let home = homes.into_iter().find(|home| home.uid == uid);
        let mut child = match home {
            Some(home) => Some(Told::start(&self.places, home, document).await?),
            // A service's user: as a look has nothing to do with it either.
            None => None,
        };
        loop {
            let mut all = Vec::new();
            match timeout(IDLE, from.recv_many(&mut all, AT_ONCE)).await {
                Ok(1..) => {}
                Ok(0) => return Ok(()),
                Err(_) => {
                    // What came in this very moment is told yet.
                    from.close();
                    continue;
                }
            }
            let Some(child) = &mut child else { continue };
            let said = timeout(PATIENCE, child.tell(&all));
            let said = said.await.context("it did not answer in time")??;
            if said.get() != "[]" {
                let user = &child.home.user;
                tracing::info!(user, "a denied MCP server was ended as it started");
                self.keep(Ended {
                    user: child.home.user.clone(),
                    said,
                });
            }
        }
    }

    fn keep(&self, ended: Ended) {
        let mut state = self.lock();
        let sizes = state.ended.iter().map(|(_, one)| one.said.get().len());
        if sizes.sum::<usize>() + ended.said.get().len() <= MOST_KEPT {
            state.ended.push((Instant::now(), ended));
        }
        drop(state);
        self.news.notify_one();
    }
}

/// A process that is told of executions; it ends with this.
struct Told {
    home: Home,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    _child: tokio::process::Child,
}

impl Told {
    async fn start(places: &Places, home: Home, document: &Document) -> anyhow::Result<Self> {
        let mut child = Child::myself("fleet-executed").spawn_as(home.uid, home.gid)?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (mut to, from) = (to.context("its input")?, from.context("its output")?);
        let task = Task {
            places: places.clone(),
            home,
            document: document.clone(),
        };
        let mut line = serde_json::to_vec(&task)?;
        line.push(b'\n');
        to.write_all(&line).await?;
        Ok(Self {
            home: task.home,
            to,
            from: BufReader::new(from),
            _child: child,
        })
    }

    async fn tell(&mut self, all: &[Executed]) -> anyhow::Result<Box<RawValue>> {
        let mut line = serde_json::to_vec(all)?;
        line.push(b'\n');
        self.to.write_all(&line).await?;
        let mut said = Vec::new();
        let mut bounded = (&mut self.from).take(LONGEST);
        bounded.read_until(b'\n', &mut said).await?;
        ensure!(said.pop() == Some(b'\n'), "it ended, or says too much");
        // Only whether it is JSON: what it says is read by the child of the machine.
        Ok(RawValue::from_string(String::from_utf8(said)?)?)
    }
}

#[cfg(test)]
mod tests;
