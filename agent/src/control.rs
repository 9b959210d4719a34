//! The socket that `tidegate-edge status` asks: one answer for each connection, nothing is taken. Whoever
//! binds it owns its path; another process may answer on it.

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
use tidegate_agent_core::View;
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
};

/// The longest answer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// How long an agent may take to answer: one that starts does not yet.
const PATIENCE: Duration = Duration::from_secs(5);

/// The listening socket; its file goes with it.
pub struct ControlSocket {
    listener: StdListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Listens. Everybody at the machine may ask how the agent is; nobody can tell it anything.
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

    /// Answers with what there is to see, until dropped.
    pub async fn serve(self, view: Arc<ArcSwap<Option<View>>>) {
        loop {
            let Ok((mut stream, _)) = self.0.accept().await else {
                // Out of file descriptors: those who ask wait in the kernel's queue.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let text = serde_json::to_vec(&**view.load()).unwrap_or_default();
            let answer = async move {
                if let Err(error) = stream.write_all(&text).await {
                    tracing::debug!(%error, "who asked for the status left");
                }
            };
            // One at a time, each for a second at the most: nobody can pile connections up.
            let second = Duration::from_secs(1);
            if tokio::time::timeout(second, answer).await.is_err() {
                tracing::debug!("who asked for the status does not read it");
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket's file stays");
        }
    }
}

/// Asks a running agent.
///
/// # Errors
/// None runs, or its answer cannot be read.
pub async fn ask(path: &Path) -> anyhow::Result<serde_json::Value> {
    use tokio::io::AsyncReadExt;
    let nobody = || {
        format!(
            "no agent answers at {}; is tidegate-edge running?",
            path.display()
        )
    };
    let stream = UnixStream::connect(path).await.with_context(nobody)?;
    // Of whoever listens, which is whoever bound it: the agent is root's, or in tests the caller's.
    let listens = stream.peer_cred()?.uid();
    ensure!(
        listens == 0 || listens == nix::unistd::geteuid().as_raw(),
        "user {listens} listens at {}, which is not the agent",
        path.display()
    );
    let mut text = Vec::new();
    let mut stream = stream.take(LONGEST);
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text))
        .await
        .context("the agent does not answer; it may just be starting")??;
    Ok(serde_json::from_slice(&text)?)
}
