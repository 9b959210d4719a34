//! The thread that answers. It looks at what the kernel hands it and at `/proc`, opens no file, and takes no
//! lock that anybody holds for long: whoever touches a denied file waits for it.

#[cfg(test)]
use std::sync::Mutex;
use std::{os::fd::AsFd, path::Path, sync::Arc, thread};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::fanotify::{FanotifyEvent, FanotifyResponse, MaskFlags, Response},
};
use tidegate_redirect::RedirectError;

use super::{Denied, Refused, Shared, file::Inode, group::Closer, opener, watchdog::Watchdog};
use crate::{maps::lock, os};

pub(super) struct Answerer {
    pub(super) shared: Arc<Shared>,
    /// Holding it stalls the thread.
    #[cfg(test)]
    pub(super) pause: Arc<Mutex<()>>,
}

/// Whatever ends the thread, a panic included, ends the asking.
struct Ending(Closer);

impl Drop for Ending {
    fn drop(&mut self) {
        if self.0.is_open() {
            tracing::error!("denied apps are not kept from starting any more");
            self.0.close();
        }
    }
}

impl Answerer {
    pub(super) fn start(self, group: Closer, watchdog: Watchdog) -> Result<(), RedirectError> {
        thread::Builder::new()
            .name("exec-guard".into())
            .spawn(move || {
                let ending = Ending(group.clone());
                self.run(&group, &watchdog);
                drop(ending);
            })
            .map(drop)
            .map_err(os("starting a thread"))
    }

    fn run(&self, group: &Closer, watchdog: &Watchdog) {
        loop {
            let mut asked =
                [group.as_fd(), group.closing()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            match poll(&mut asked, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return tracing::error!(%error, "waiting for the kernel's questions"),
            }
            if !group.is_open() {
                return;
            }
            watchdog.begin();
            #[cfg(test)]
            drop(lock(&self.pause));
            match group.events() {
                // Closed meanwhile.
                Ok(events) if events.is_empty() => return,
                Ok(events) => events.iter().for_each(|event| self.one(group, event)),
                Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return tracing::error!(%error, "reading the kernel's questions"),
            }
            watchdog.end();
        }
    }

    fn one(&self, group: &Closer, event: &FanotifyEvent) {
        // None: there were more than fit; those were let through.
        let Some(file) = event.fd() else {
            return;
        };
        let refused = self.judge(event);
        let response = match refused {
            Some(_) => Response::FAN_DENY,
            None => Response::FAN_ALLOW,
        };
        if let Err(error) = group.answer(FanotifyResponse::new(file, response)) {
            tracing::debug!(%error, "who asked does not wait any more");
        }
        if let Some(refused) = refused
            && self.shared.refused.try_send(refused).is_err()
        {
            tracing::debug!("more starts are refused than are told of");
        }
    }

    fn judge(&self, event: &FanotifyEvent) -> Option<Refused> {
        let pid = u32::try_from(event.pid()).ok()?;
        if pid == std::process::id() {
            return None;
        }
        let inode = Inode::of(event.fd()?).ok()?;
        let table = Arc::clone(&lock(&self.shared.denied));
        let Denied { file: denied, path } = table.get(&inode)?;
        let executed = event.mask().contains(MaskFlags::FAN_OPEN_EXEC_PERM);
        if !executed
            && !opener::program(pid).is_some_and(|program| is_run_by(denied.script, path, &program))
        {
            return None;
        }
        Some(Refused {
            pid,
            uid: opener::user(pid),
            path: denied.path.clone(),
            app: denied.app.clone(),
            script: denied.script,
        })
    }
}

/// Whether a program that opens the file runs it thereby.
fn is_run_by(script: bool, path: &Path, program: &Path) -> bool {
    opener::is_loader(program) || (script && opener::runs(program, path))
}
