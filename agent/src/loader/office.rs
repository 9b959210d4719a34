//! What the loader does for the relay that only root may do: look at other people's processes, and speak
//! to their desktops.

use std::sync::{
    Arc, OnceLock,
    mpsc::{SyncSender, sync_channel},
};

use tidegate_attribution::Proc;
use tidegate_notice::{Child, Notifier};
use tidegate_redirect::{Opener, ProcessEvent};
use tidegate_split::{Attributed, Host, Notice};

use crate::who::Who;

/// Processes that wait to be looked at. More are not: they are looked at when they open a connection.
const WAITING: usize = 256;

pub(super) struct Office {
    processes: Arc<Proc>,
    notifier: Notifier,
    looking: OnceLock<Option<SyncSender<Opener>>>,
}

impl Office {
    /// Must be called within a tokio runtime.
    pub(super) fn open() -> Self {
        Self {
            processes: Arc::new(Proc::system()),
            notifier: Notifier::start(Child::myself("notify")),
            looking: OnceLock::new(),
        }
    }

    /// One thread looks at processes as they begin, since their files may lie anywhere.
    fn look(&self) -> Option<SyncSender<Opener>> {
        let (sender, waiting) = sync_channel::<Opener>(WAITING);
        let processes = Arc::clone(&self.processes);
        let work = move || {
            for opener in waiting {
                drop(processes.who(&opener));
            }
        };
        let started = std::thread::Builder::new()
            .name("processes".into())
            .spawn(work);
        started.ok().map(|_| sender)
    }
}

impl Host for Office {
    fn attribute(&self, opener: &Opener) -> Attributed {
        self.processes.who(opener)
    }

    fn executed(&self, event: &ProcessEvent) {
        let ProcessEvent::Executed(executed) = event else {
            return;
        };
        let looking = self.looking.get_or_init(|| self.look());
        let opener = Opener {
            pid: executed.pid,
            uid: executed.uid,
            start: executed.start,
            comm: String::new(),
            cgroup: executed.cgroup,
            netns: 0,
        };
        if let Some(looking) = looking
            && looking.try_send(opener).is_err()
        {
            tracing::debug!("more processes begin than are looked at");
        }
    }

    fn notify(&self, notice: Notice) {
        let Ok(app) = notice.app.parse() else {
            tracing::debug!("a notice for an app that cannot be");
            return;
        };
        let text = tidegate_notice::Notice {
            app,
            reason: notice.reason,
            ask: notice.ask,
        };
        if !self.notifier.notify(notice.uid, text) {
            tracing::debug!("too many notices at once");
        }
    }
}
