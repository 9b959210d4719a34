//! After a crash: what the journal holds goes to the database before the first call is served.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tidegate_types::NodeId;

use super::{
    commit,
    committer::delete,
    frame::{self, Found},
    journal::{self, Journal},
};
use crate::{StoreError, engine::Engine};

/// Opens the journal and lists the segments that are left.
pub(super) async fn open(
    dir: PathBuf,
    node: NodeId,
) -> Result<(Journal, Vec<PathBuf>), StoreError> {
    let name = dir.display().to_string();
    blocking(move || journal::open(&dir, node))
        .await
        .map_err(|error| StoreError::Unavailable(format!("the journal {name}: {error}")))
}

/// Commits the frames of all segments, deletes them, and tells how many frames there were.
pub(super) async fn replay(
    engine: &Engine,
    segments: Vec<PathBuf>,
    batch: usize,
) -> Result<u64, StoreError> {
    let mut total = 0;
    for path in segments {
        let frames = segment(engine, &path, batch).await?;
        tracing::info!(path = %path.display(), frames, "replayed a journal segment");
        total += frames;
    }
    Ok(total)
}

async fn segment(engine: &Engine, path: &Path, batch: usize) -> Result<u64, StoreError> {
    let read = path.to_owned();
    let bytes = blocking(move || fs::read(read)).await.map_err(|error| {
        StoreError::Unavailable(format!("the journal {}: {error}", path.display()))
    })?;
    let Some(node) = journal::author(&bytes) else {
        // Killed before the first frame, or not ours.
        return if bytes.len() < journal::PREFACE {
            delete(vec![path.to_owned()]).await;
            Ok(0)
        } else {
            set_aside(path, "it does not start as a segment does").await
        };
    };
    let (slices, end) = commit::cut(&bytes, journal::PREFACE, batch);
    let whole = end == bytes.len() || frame::next(&bytes[end..]) == Found::Torn;
    let bytes = Arc::new(bytes);
    let mut todo = slices;
    todo.reverse();
    let (mut frames, mut refused) = (0, 0_u64);
    while let Some(slice) = todo.pop() {
        match commit::slice(engine, node, &bytes, &slice).await {
            Ok(()) => frames += slice.frames,
            Err(error @ StoreError::Unavailable(_)) => return Err(error),
            Err(error) => match slice.halves(&bytes) {
                Some((left, right)) => todo.extend([right, left]),
                None => {
                    tracing::error!(%error, "the database refused a finished call");
                    refused += 1;
                }
            },
        }
    }
    if refused > 0 || !whole {
        set_aside(path, "a part of it could not be used").await?;
    } else {
        delete(vec![path.to_owned()]).await;
    }
    Ok(frames)
}

/// Keeps a segment for people to look at, under a name that is not replayed again.
async fn set_aside(path: &Path, why: &'static str) -> Result<u64, StoreError> {
    tracing::error!(path = %path.display(), why, "a journal segment was set aside");
    let (from, to) = (path.to_owned(), path.with_extension("damaged"));
    blocking(move || fs::rename(from, to))
        .await
        .map_err(|error| {
            StoreError::Unavailable(format!("the journal {}: {error}", path.display()))
        })?;
    Ok(0)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
