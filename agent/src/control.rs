//! The socket that `tidegate-edge status`, `request`, `login`, `logout` and the tray ask: one question and
//! one answer for each connection. Whoever binds it owns its path; another process may answer on it.
//!
//! A question is a JSON object, `{"ask": {…}}`, `{"sign_in": {…}}`, `{"sync": true}` or `{}`; who only
//! connects and listens asks for the status, as `status` of older versions does.

use std::{
    io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{FileTypeExt, PermissionsExt},
            net::UnixListener as StdListener,
        },
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use arc_swap::ArcSwap;
use nix::unistd::{Uid, User};
use serde::{Deserialize, Serialize};
use tidegate_agent_core::{Event, View};
use tidegate_device_api::Wanted;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

use crate::{
    service::{Asked, Input},
    sign_in::{Desk, Step, Stepped},
};

/// The longest answer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// How long an agent may take to answer: one that starts does not yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest question, in bytes.
const LONGEST_QUESTION: u64 = 8 * 1024;
/// How long who connects may say nothing, before that is taken for the question how the agent is.
const SILENCE: Duration = Duration::from_millis(200);
/// How long one connection may take.
const EACH: Duration = Duration::from_secs(1);
/// Steps of sign-ins that are under way at once: the gateway is asked meanwhile.
const STEPS: usize = 4;
/// How long such a step may take, and how long whoever asks for it waits.
const STEP: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Question {
    /// Something for a person; none: how the agent is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ask: Option<Request>,
    /// A step of somebody's sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<Step>,
    /// To ask the gateway for news now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sync: bool,
}

/// What a person asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// What.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Why, in their words.
    pub reason: String,
}

/// The answer to a request.
#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    taken: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The listening socket; its file goes with it.
pub struct ControlSocket {
    listener: StdListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Listens. Everybody at the machine may ask how the agent is, for access and for news, and sign in; the
    /// OS says who asks.
    ///
    /// # Errors
    /// The path cannot be used.
    pub fn bind(path: &Path) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        // A leftover of an agent that was killed; whether one runs was asked before.
        if let Ok(found) = std::fs::symlink_metadata(path) {
            ensure!(
                found.file_type().is_socket(),
                "{} is there, and no socket",
                path.display()
            );
            std::fs::remove_file(path)?;
        }
        let listener = StdListener::bind(path)
            .with_context(|| format!("{} cannot be listened on", path.display()))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// For whoever answers.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn listener(&self) -> io::Result<OwnedFd> {
        Ok(self.listener.try_clone()?.into())
    }
}

/// Answers on a control socket.
pub struct Answering(UnixListener);

impl Answering {
    /// On a socket that listens. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// It is none.
    pub fn on(listener: OwnedFd) -> io::Result<Self> {
        let listener = StdListener::from(listener);
        listener.set_nonblocking(true)?;
        UnixListener::from_std(listener).map(Self)
    }

    /// Answers with what there is to see, and hands on what people ask for, until dropped.
    pub async fn serve(
        &self,
        view: Arc<ArcSwap<Option<View>>>,
        inputs: mpsc::Sender<Input>,
        desk: Arc<Desk>,
    ) {
        let steps = Arc::new(Semaphore::new(STEPS));
        loop {
            let Ok((stream, _)) = self.0.accept().await else {
                // Out of file descriptors: those who ask wait in the kernel's queue.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            // One at a time, each for a second at the most: nobody can pile connections up.
            match timeout(EACH, answer(stream, &view, &inputs)).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(later))) => later.take(&steps, &desk),
                Ok(Err(error)) => tracing::debug!(%error, "who asked left"),
                Err(_) => tracing::debug!("who asked does not read the answer"),
            }
        }
    }
}

/// A question whose answer takes longer than others may be held up.
struct Later {
    step: Step,
    uid: Uid,
    stream: UnixStream,
}

impl Later {
    /// Takes the step beside everything else, if there is a place.
    fn take(self, steps: &Arc<Semaphore>, desk: &Arc<Desk>) {
        let Self {
            step,
            uid,
            mut stream,
        } = self;
        let (seat, desk) = (Arc::clone(steps).try_acquire_owned(), Arc::clone(desk));
        tokio::spawn(async move {
            let stepped = match seat {
                Ok(_) => timeout(STEP, desk.step(step, uid)).await,
                Err(_) => Ok(Stepped::refused("others sign in right now; try again")),
            };
            let late = || Stepped::refused("the gateway did not answer in time");
            let stepped = stepped.unwrap_or_else(|_| late());
            if let Ok(text) = serde_json::to_vec(&stepped)
                && let Err(error) = stream.write_all(&text).await
            {
                tracing::debug!(%error, "who signed in left");
            }
            drop(seat);
        });
    }
}

async fn answer(
    mut stream: UnixStream,
    view: &ArcSwap<Option<View>>,
    inputs: &mpsc::Sender<Input>,
) -> anyhow::Result<Option<Later>> {
    let uid = Uid::from_raw(stream.peer_cred()?.uid());
    let question = question(&mut stream).await?;
    if let Some(step) = question.sign_in {
        return Ok(Some(Later { step, uid, stream }));
    }
    let user = user(uid).await;
    let text = match question.ask {
        Some(request) => {
            let refused = forward(request, user, inputs).await.err();
            serde_json::to_vec(&Taken {
                taken: refused.is_none(),
                reason: refused,
            })?
        }
        None if question.sync => {
            let known = Input::Known(Event::Sync);
            let taken = inputs.try_send(known).is_ok();
            let reason = (!taken).then(|| "the agent is busy".to_owned());
            serde_json::to_vec(&Taken { taken, reason })?
        }
        None => {
            let all = uid.is_root() || uid == nix::unistd::geteuid();
            let view = view.load().as_ref().clone();
            let view = view.map(|view| if all { view } else { view.of(&user) });
            serde_json::to_vec(&view)?
        }
    };
    stream.write_all(&text).await?;
    Ok(None)
}

async fn question(stream: &mut UnixStream) -> anyhow::Result<Question> {
    let mut text = Vec::new();
    let mut limited = stream.take(LONGEST_QUESTION);
    let first = timeout(SILENCE, limited.read_buf(&mut text)).await;
    if !matches!(first, Ok(Ok(1..))) {
        return Ok(Question::default());
    }
    limited.read_to_end(&mut text).await?;
    Ok(serde_json::from_slice(&text)?)
}

/// What the OS calls a user. Where users are a directory's this may take a moment.
async fn user(uid: Uid) -> String {
    let found = tokio::task::spawn_blocking(move || User::from_uid(uid).ok().flatten());
    let found = found.await.ok().flatten();
    found.map_or_else(|| uid.to_string(), |user| user.name)
}

/// Hands a request to the agent's mind. Why it was not taken.
async fn forward(
    request: Request,
    user: String,
    inputs: &mpsc::Sender<Input>,
) -> Result<(), String> {
    let busy = || "the agent does not take requests now".to_owned();
    let (answer, taken) = oneshot::channel();
    let asked = Asked {
        wanted: request.wanted,
        reason: request.reason,
        user,
        answer,
    };
    inputs.try_send(Input::Asked(asked)).map_err(|_| busy())?;
    taken.await.unwrap_or_else(|_| Err(busy()))
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket's file stays");
        }
    }
}

/// Asks a running agent how it is.
///
/// # Errors
/// None runs, or its answer cannot be read.
pub async fn ask(path: &Path) -> anyhow::Result<serde_json::Value> {
    put(path, &Question::default(), PATIENCE).await
}

/// Takes a step of a sign-in.
///
/// # Errors
/// No agent runs, or its answer cannot be read.
pub async fn sign_in(path: &Path, step: Step) -> anyhow::Result<Stepped> {
    let question = Question {
        sign_in: Some(step),
        ..Question::default()
    };
    put(path, &question, STEP + PATIENCE).await
}

/// Has the agent ask the gateway for news.
///
/// # Errors
/// No agent runs, or it is busy.
pub async fn sync(path: &Path) -> anyhow::Result<()> {
    let question = Question {
        sync: true,
        ..Question::default()
    };
    taken(put(path, &question, PATIENCE).await?)
}

/// Asks for access or support.
///
/// # Errors
/// No agent runs, or it does not take the request: says why.
pub async fn request(path: &Path, request: Request) -> anyhow::Result<()> {
    let question = Question {
        ask: Some(request),
        ..Question::default()
    };
    taken(put(path, &question, PATIENCE).await?)
}

fn taken(answer: Taken) -> anyhow::Result<()> {
    let reason = answer.reason.as_deref().unwrap_or("it says not why");
    ensure!(answer.taken, "this was not taken: {reason}");
    Ok(())
}

async fn put<A: serde::de::DeserializeOwned>(
    path: &Path,
    question: &Question,
    patience: Duration,
) -> anyhow::Result<A> {
    let nobody = || {
        format!(
            "no agent answers at {}; is tidegate-edge running?",
            path.display()
        )
    };
    let mut stream = UnixStream::connect(path).await.with_context(nobody)?;
    // Of whoever listens, which is whoever bound it: the agent is root's, or in tests the caller's.
    let listens = stream.peer_cred()?.uid();
    ensure!(
        listens == 0 || listens == nix::unistd::geteuid().as_raw(),
        "user {listens} listens at {}, which is not the agent",
        path.display()
    );
    // An agent of an older version answers without reading, and may be gone by now.
    let said = serde_json::to_vec(question)?;
    if stream.write_all(&said).await.is_ok() {
        let _end = stream.shutdown().await;
    }
    let mut text = Vec::new();
    let mut stream = stream.take(LONGEST);
    timeout(patience, stream.read_to_end(&mut text))
        .await
        .context("the agent does not answer; it may just be starting")??;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests;
