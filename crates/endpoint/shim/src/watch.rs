//! Waiting for new decisions. The agent replaces the file, so it is its folder that is watched; where
//! there is no such folder yet, or no inotify, it is looked for again and again.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How often it is looked without a watch.
const LOOK: Duration = Duration::from_secs(2);
/// How often it is looked with one, in case that an event was lost.
const LOOK_BESIDES: Duration = Duration::from_secs(30);

/// Waits for changes of one file.
pub(crate) struct Watch {
    folder: PathBuf,
    held: Option<held::Held>,
}

impl Watch {
    pub(crate) fn new(file: &Path) -> Self {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        let held = held::Held::new(&folder);
        Self { folder, held }
    }

    /// Returns when the file may have changed.
    pub(crate) async fn changed(&mut self) {
        let Some(held) = &mut self.held else {
            tokio::time::sleep(LOOK).await;
            self.held = held::Held::new(&self.folder);
            return;
        };
        let alive = tokio::select! {
            alive = held.event() => alive,
            () = tokio::time::sleep(LOOK_BESIDES) => true,
        };
        if !alive {
            self.held = None;
        }
    }
}

#[cfg(target_os = "linux")]
mod held {
    use std::{path::Path, thread};

    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    use tokio::sync::mpsc::{Receiver, Sender, channel};

    /// A thread that waits, and says when something happened.
    pub(super) struct Held(Receiver<()>);

    impl Held {
        pub(super) fn new(folder: &Path) -> Option<Self> {
            let inotify = Inotify::init(InitFlags::IN_CLOEXEC).ok()?;
            let events = AddWatchFlags::IN_MOVED_TO
                | AddWatchFlags::IN_CLOSE_WRITE
                | AddWatchFlags::IN_DELETE_SELF
                | AddWatchFlags::IN_MOVE_SELF
                | AddWatchFlags::IN_ONLYDIR;
            inotify.add_watch(folder, events).ok()?;
            let (say, said) = channel(1);
            thread::spawn(move || wait(&inotify, &say));
            Some(Self(said))
        }

        /// Waits for an event; false, when there will be no more.
        pub(super) async fn event(&mut self) -> bool {
            self.0.recv().await.is_some()
        }
    }

    fn wait(inotify: &Inotify, say: &Sender<()>) {
        let gone =
            AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_IGNORED;
        loop {
            match inotify.read_events() {
                Ok(events) => {
                    let ended = events.iter().any(|event| event.mask.intersects(gone));
                    if say.blocking_send(()).is_err() || ended {
                        return;
                    }
                }
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod held {
    use std::path::Path;

    pub(super) enum Held {}

    impl Held {
        pub(super) const fn new(_: &Path) -> Option<Self> {
            None
        }

        pub(super) async fn event(&mut self) -> bool {
            match *self {}
        }
    }
}
