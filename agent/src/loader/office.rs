//! What the loader does for the relay that only root may do: look at other people's processes, and speak
//! to their desktops.

use std::sync::{
    Arc, OnceLock,
    mpsc::{SyncSender, sync_channel},
};

use tidegate_attribution::Proc;
use tidegate_notice::{Child, Notifier};
use tidegate_redirect::Opener;
use tidegate_split::{Attributed, Host, Notice, Refused};

use crate::{
    fleet::{PassDone, client::Client},
    who::Who,
};

/// Openers that wait to be looked at. More are not, until the relay asks for them.
const WAITING: usize = 256;

pub(super) struct Office {
    processes: Arc<Proc>,
    notifier: Notifier,
    hands: Arc<Client>,
    looking: OnceLock<Option<SyncSender<Opener>>>,
}

impl Office {
    /// Must be called within a tokio runtime.
    pub(super) fn open(hands: Arc<Client>) -> Self {
        Self {
            processes: Arc::new(Proc::system()),
            notifier: Notifier::start(Child::myself("notify")),
            hands,
            looking: OnceLock::new(),
        }
    }

    /// What is known of processes, for others who look at them.
    pub(super) fn processes(&self) -> Arc<Proc> {
        Arc::clone(&self.processes)
    }

    /// One thread looks at openers as they connect, since their files may lie anywhere.
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

    fn opened(&self, opener: &Opener) {
        let looking = self.looking.get_or_init(|| self.look());
        if let Some(looking) = looking
            && looking.try_send(opener.clone()).is_err()
        {
            tracing::debug!("more connections are opened than openers can be looked at");
        }
    }

    fn notify(&self, notice: Notice) {
        let Ok(app) = notice.app.parse() else {
            tracing::debug!("a notice for an app that cannot be");
            return;
        };
        let text = tidegate_notice::Notice {
            app,
            server: notice.server,
            reason: notice.reason,
            ask: notice.ask,
            granted: notice.granted,
        };
        if !self.notifier.notify(notice.uid, text) {
            tracing::debug!("too many notices at once");
        }
    }

    async fn pass(self: &Arc<Self>, policy: Vec<u8>) -> Vec<u8> {
        let why = match self.hands.pass(&policy).await {
            Ok(done) => return done,
            Err(error) => format!("the clients of this machine were not looked at: {error:#}"),
        };
        tracing::error!("{why}");
        let done = PassDone {
            problems: vec![why],
            ..PassDone::default()
        };
        // Words and numbers only: it is always JSON.
        serde_json::to_vec(&done).unwrap_or_default()
    }

    async fn changed(&self) {
        self.hands.changed().await;
    }

    async fn refused(&self) -> Refused {
        let refusal = self.hands.refused().await;
        Refused {
            app: refusal.app.to_string(),
            // What is longer is no path.
            program: refusal.path.chars().take(1_000).collect(),
            uid: refusal.uid,
        }
    }
}

#[cfg(test)]
mod tests {
    use tidegate_attribution::{Seen, StartTime};

    use super::*;

    /// A client that only says hello may be gone by the time the relay has read it and asks.
    #[tokio::test]
    async fn an_opener_that_ends_at_once_is_known_all_the_same() {
        let office = {
            let nowhere = std::path::PathBuf::from("/nowhere");
            let hands = Client::new(nowhere.clone(), nowhere.clone(), nowhere, true);
            Office::open(Arc::new(hands))
        };
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let start = office.processes.start_time(child.id());
        let opener = |start: Option<StartTime>| Opener {
            pid: child.id(),
            uid: nix::unistd::geteuid().as_raw(),
            start: start.map(|start| start.0),
            comm: "sleep".into(),
            cgroup: 0,
            netns: 0,
        };
        let (known, stranger) = (
            opener(start),
            opener(start.map(|start| StartTime(start.0 + 1))),
        );
        office.opened(&known);
        let seen = Seen {
            start,
            ..Seen::pid(child.id())
        };
        while office.processes.remembered(seen).is_none() {
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let who = office.attribute(&known);
        assert!(
            who.program.ends_with("/sleep") || who.program.ends_with("coreutils"),
            "{who:?}"
        );
        assert_eq!(
            office.attribute(&stranger).program,
            "",
            "its number may be another's"
        );
    }
}
