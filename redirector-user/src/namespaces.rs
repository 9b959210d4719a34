//! Network namespaces of containers: served once one of their processes wants to go to a governed
//! destination. The kernel tells; nobody has to know the container engine.

use std::{fs, io, path::PathBuf, sync::Arc};

use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::EventKind;

use crate::{
    Event, Linux, Namespace,
    maps::lock,
    netns::{self, Identity},
    os,
};

/// Served at once, at the most; each takes two sockets and two tasks.
const MOST: usize = 512;

impl Linux {
    /// Serves namespaces as they turn up, and leaves those that nobody is in any more, until the kernel
    /// tells nothing any more; says why. The first connection of a namespace follows the fail mode, as
    /// there is no listener yet. Takes all events: what is told besides is logged.
    pub async fn follow_namespaces(self: Arc<Self>) -> RedirectError {
        let mut told = false;
        loop {
            let event = match self.event().await {
                Ok(event) => event,
                Err(error) => return error,
            };
            tracing::debug!(kind = ?event.kind, to = %event.destination, opener = ?event.opener, "the kernel tells");
            if event.kind != EventKind::NoListener {
                continue;
            }
            let linux = Arc::clone(&self);
            let done = tokio::task::spawn_blocking(move || linux.take_in(&event)).await;
            match done {
                Ok(Ok(Some(cookie))) => tracing::info!(cookie, "a network namespace is served"),
                Ok(Ok(None)) => {}
                // The reason is the same for all of them as a rule: no right to enter them.
                Ok(Err(error)) if !told => {
                    told = true;
                    tracing::warn!(%error, "a container's connections follow the fail mode (told once)");
                }
                Ok(Err(error)) => tracing::debug!(%error, "a network namespace is not served"),
                Err(error) => tracing::error!(%error, "a network namespace is not served"),
            }
        }
    }

    /// Serves the namespace that an event came from. None where it is served already, or its process is
    /// gone.
    fn take_in(&self, event: &Event) -> Result<Option<u64>, RedirectError> {
        let Some(opener) = &event.opener else {
            return Ok(None);
        };
        if self.serves(opener.netns) {
            return Ok(None);
        }
        self.leave_empty_namespaces()?;
        if lock(&self.serving).len() >= MOST {
            return Err(RedirectError::Unsupported(format!(
                "{MOST} network namespaces are served already"
            )));
        }
        // A thread may be elsewhere than its process, and only a namespace's cookie says which is meant.
        for path in self.strange(opener.pid).map_err(os("reading /proc"))? {
            let cookie = self.serve_namespace(&Namespace::Path(path))?;
            if cookie == opener.netns {
                return Ok(Some(cookie));
            }
        }
        Ok(None)
    }

    fn serves(&self, cookie: u64) -> bool {
        lock(&self.serving).iter().any(|one| one.cookie == cookie)
    }

    /// The namespaces of a process's threads that are not served, by file; none where it is gone.
    fn strange(&self, pid: u32) -> io::Result<Vec<PathBuf>> {
        let tasks = match fs::read_dir(format!("/proc/{pid}/task")) {
            Ok(tasks) => tasks,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut known: Vec<Identity> = lock(&self.serving).iter().map(|one| one.identity).collect();
        let mut found = Vec::new();
        for task in tasks.flatten() {
            let path = task.path().join("ns/net");
            if let Ok(identity) = netns::identity(&path)
                && !known.contains(&identity)
            {
                known.push(identity);
                found.push(path);
            }
        }
        Ok(found)
    }
}
