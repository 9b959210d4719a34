//! The socket that `tidegate-edge status` asks: one answer for each connection, nothing is taken.

use std::{
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
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

/// The listening socket; its file goes with it.
pub struct ControlSocket {
    listener: UnixListener,
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
        let listener = UnixListener::bind(path)
            .with_context(|| format!("{} cannot be listened on", path.display()))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// Answers with what there is to see, until dropped.
    pub async fn serve(self, view: Arc<ArcSwap<Option<View>>>) {
        loop {
            let Ok((mut stream, _)) = self.listener.accept().await else {
                // Out of file descriptors: those who ask wait in the kernel's queue.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            };
            let text = serde_json::to_vec(&**view.load()).unwrap_or_default();
            let answer = async move {
                if let Err(error) = stream.write_all(&text).await {
                    tracing::debug!(%error, "who asked for the status left");
                }
            };
            // One at a time, each for a second at the most: nobody can pile connections up.
            let second = std::time::Duration::from_secs(1);
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
    let stream = UnixStream::connect(path).await.with_context(|| {
        format!(
            "no agent answers at {}; is tidegate-edge running?",
            path.display()
        )
    })?;
    let mut text = Vec::new();
    stream.take(LONGEST).read_to_end(&mut text).await?;
    Ok(serde_json::from_slice(&text)?)
}
