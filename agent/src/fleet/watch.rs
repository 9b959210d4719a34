//! Notices that files of clients change (inotify(7)), so that a pass need not be made by the clock.
//!
//! Folders are watched, not files: programs replace their files by others of the same name.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    mem::MaybeUninit,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt, fs::MetadataExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
    task::JoinHandle,
};

/// The most folders; what lies in others is met by the hourly pass.
const MOST: usize = 4_096;

/// What happens to a file that matters.
const WHAT: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    // A link at the end would make it another's folder.
    .union(WatchFlags::DONT_FOLLOW)
    .union(WatchFlags::ONLYDIR);

/// Watches what it was told last.
#[derive(Debug, Default)]
pub struct Watcher {
    changes: Arc<Notify>,
    reading: Mutex<Option<Reading>>,
}

/// The task that reads events; it ends with this.
#[derive(Debug)]
struct Reading(JoinHandle<()>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Names that matter in a folder; none: all of them.
type Names = Option<HashSet<OsString>>;

impl Watcher {
    /// A moment before looking, for [`Self::watch`]: as file systems tell it.
    #[must_use]
    pub fn now(&self) -> (i64, i64) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        (now.tv_sec, now.tv_nsec)
    }

    /// Watches these from now on, and no others. What changed since a moment, while nobody watched, is a
    /// change too.
    pub fn watch(&self, paths: &[PathBuf], since: (i64, i64)) {
        let folders = folders(paths);
        let reading = match start(&folders, Arc::clone(&self.changes)) {
            Ok(reading) => Some(reading),
            Err(error) => {
                tracing::warn!(%error, "changes of clients' files are noticed by the hour only");
                None
            }
        };
        let mut held = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        *held = reading;
        drop(held);
        let later = |path: &PathBuf| {
            let changed =
                std::fs::symlink_metadata(path).map(|meta| (meta.ctime(), meta.ctime_nsec()));
            changed.is_ok_and(|changed| changed > since)
        };
        if paths.iter().any(later) {
            self.changes.notify_one();
        }
    }

    /// Done when something has changed since the last call.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }
}

/// The folders to watch, and the names that matter in them. What is not there yet is watched by the folder
/// that would have to hold it, or the nearest above.
fn folders(paths: &[PathBuf]) -> HashMap<PathBuf, Names> {
    let mut folders: HashMap<PathBuf, Names> = HashMap::new();
    for path in paths {
        let is_folder = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
        if is_folder && (folders.len() < MOST || folders.contains_key(path)) {
            folders.insert(path.clone(), None);
        }
        let mut at: &Path = path;
        while let (Some(above), Some(name)) = (at.parent(), at.file_name()) {
            if std::fs::symlink_metadata(above).is_ok_and(|meta| meta.is_dir()) {
                note(&mut folders, above, name);
                break;
            }
            at = above;
        }
    }
    folders
}

fn note(folders: &mut HashMap<PathBuf, Names>, folder: &Path, name: &OsStr) {
    let is_full = folders.len() >= MOST;
    match folders.get_mut(folder) {
        Some(Some(names)) => {
            names.insert(name.to_owned());
        }
        None if !is_full => {
            let names = HashSet::from([name.to_owned()]);
            folders.insert(folder.to_owned(), Some(names));
        }
        Some(None) | None => {}
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe; an owned file stays open and the same while it is held"
)]
fn start(folders: &HashMap<PathBuf, Names>, changes: Arc<Notify>) -> std::io::Result<Reading> {
    let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
    let mut watched: HashMap<i32, Names> = HashMap::new();
    for (folder, names) in folders {
        // Gone since, or a limit (fs.inotify.max_user_watches): the hourly pass meets it.
        if let Ok(descriptor) = inotify::add_watch(&queue, folder, WHAT) {
            watched.insert(descriptor, names.clone());
        }
    }
    let queue = AsyncFd::with_interest(queue, Interest::READABLE)?;
    let read = async move {
        while let Ok(matters) = queue
            .async_io(Interest::READABLE, |queue| read(queue, &watched))
            .await
        {
            if matters {
                changes.notify_one();
            }
        }
    };
    Ok(Reading(tokio::spawn(read)))
}

/// Reads what is there, and says whether any of it matters.
fn read(queue: &OwnedFd, watched: &HashMap<i32, Names>) -> std::io::Result<bool> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(queue, &mut buffer);
    let (mut any, mut matters) = (false, false);
    loop {
        let event = match events.next() {
            Ok(event) => event,
            Err(rustix::io::Errno::WOULDBLOCK) if any => return Ok(matters),
            Err(error) => return Err(error.into()),
        };
        any = true;
        let named = || match (watched.get(&event.wd()), event.file_name()) {
            (Some(Some(names)), Some(name)) => names.contains(OsStr::from_bytes(name.to_bytes())),
            (Some(None), _) => true,
            _ => false,
        };
        matters |= event.events().contains(ReadFlags::QUEUE_OVERFLOW) || named();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(watcher: &Watcher) -> bool {
        tokio::time::timeout(std::time::Duration::from_secs(5), watcher.changed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_file_that_is_written_replaced_made_or_removed_has_changed() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("settings.json");
        let later = folder.path().join("deep/er/mcp.json");
        std::fs::write(&file, "{}")?;
        let watcher = Watcher::default();
        let paths = [file.clone(), later.clone()];
        watcher.watch(&paths, (i64::MAX, 0));
        std::fs::write(&file, "{ }")?;
        assert!(told(&watcher).await, "written");
        std::fs::write(folder.path().join("new"), "{  }")?;
        std::fs::rename(folder.path().join("new"), &file)?;
        assert!(told(&watcher).await, "replaced");
        std::fs::remove_file(&file)?;
        assert!(told(&watcher).await, "removed");
        std::fs::create_dir(folder.path().join("deep"))?;
        assert!(told(&watcher).await, "its folder was made");
        watcher.watch(&paths, (i64::MAX, 0));
        std::fs::create_dir(folder.path().join("deep/er"))?;
        assert!(told(&watcher).await);
        Ok(())
    }

    #[tokio::test]
    async fn what_changed_while_nobody_watched_has_changed_and_others_do_not_count()
    -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        let watcher = Watcher::default();
        std::fs::write(&file, "")?;
        watcher.watch(std::slice::from_ref(&file), (0, 0));
        assert!(told(&watcher).await);
        watcher.watch(std::slice::from_ref(&file), (i64::MAX, 0));
        std::fs::write(&other, "")?;
        std::fs::write(&file, "x")?;
        assert!(told(&watcher).await);
        let quiet = tokio::time::timeout(std::time::Duration::from_millis(50), watcher.changed());
        assert!(
            quiet.await.is_err(),
            "once for one change, nothing for the other's"
        );
        Ok(())
    }
}
