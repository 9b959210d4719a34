//! In the loader: hears from the kernel what is executed, and tells the hands what was executed below an AI
//! client. While no MCP server is denied, the kernel tells nothing.
//!
//! A thread of its own: it asks `/proc` about programs whose files may lie anywhere. Should it be late, the
//! kernel's buffer is full at some point; that is noticed, and leads to a look at everything.

use std::{sync::Arc, thread};

use tidegate_attribution::{Clients, Executed as Seen, Kin, Proc, StartTime};
use tidegate_redirect::{Execution, Executions, Redirector};
use tokio::sync::mpsc;

use super::{client::Client, executed::Executed};

/// What waits to be told to the hands, and how much is told at once.
const WAITING: usize = 1_024;
const AT_ONCE: usize = 64;

/// Follows executions from now on, whenever the hands want to hear of them. Must be called within a tokio
/// runtime.
pub fn follow<R: Redirector>(redirector: Arc<R>, hands: Arc<Client>, processes: Arc<Proc>) {
    tokio::spawn(async move {
        let (mut wanted, mut started) = (hands.wants_executions(), false);
        while wanted.changed().await.is_ok() {
            let on = *wanted.borrow_and_update();
            if let Err(error) = redirector.tell_executions(on) {
                // It is among the limitations that `status` shows.
                tracing::debug!(%error, on, "executions are not told");
                continue;
            }
            tracing::debug!(on, "executions are told");
            if on && !std::mem::replace(&mut started, true) {
                start(&*redirector, &hands, &processes);
            }
        }
    });
}

fn start<R: Redirector>(redirector: &R, hands: &Arc<Client>, processes: &Arc<Proc>) {
    let Some(told) = redirector.executions() else {
        return;
    };
    let (to, from) = mpsc::channel(WAITING);
    tokio::spawn(tell(Arc::clone(hands), from));
    let clients = Clients::among(Arc::clone(processes));
    let hands = Arc::clone(hands);
    let work = move || {
        read(told, &clients, &to, || hands.look());
        // From here on only looks find what is started.
        hands.look();
    };
    if let Err(error) = thread::Builder::new().name("executions".into()).spawn(work) {
        tracing::error!(%error, "what is executed is not heard of");
    }
}

/// Reads until nothing is told any more. `look` is called where something was missed.
fn read(
    mut told: Box<dyn Executions>,
    clients: &Clients,
    to: &mpsc::Sender<Executed>,
    look: impl Fn(),
) {
    let (mut kin, mut all) = (Kin::default(), Vec::new());
    loop {
        all.clear();
        match told.next(&mut all) {
            Ok(false) => {}
            Ok(true) => {
                kin.forget();
                look();
            }
            Err(error) => {
                return tracing::error!(%error, "what is executed is not heard of any more");
            }
        }
        for one in &all {
            let Some((client, StartTime(start))) = kin.executed(seen(one), clients) else {
                continue;
            };
            let executed = Executed {
                pid: one.pid,
                start,
                uid: one.uid,
                client,
            };
            if to.try_send(executed).is_err() {
                look();
            }
        }
    }
}

fn seen(one: &Execution) -> Seen {
    Seen {
        pid: one.pid,
        start: one.start.map(StartTime),
        parent: one.parent.map(|(pid, start)| (pid, StartTime(start))),
    }
}

async fn tell(hands: Arc<Client>, mut from: mpsc::Receiver<Executed>) {
    let mut all = Vec::new();
    while from.recv_many(&mut all, AT_ONCE).await > 0 {
        hands.executed(&all).await;
        all.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, os::unix::fs::symlink, path::Path};

    use tidegate_redirect::RedirectError;

    use super::*;

    /// A kernel that tells what a test gives it.
    struct Scripted(Vec<(Vec<Execution>, bool)>);

    impl Executions for Scripted {
        fn next(&mut self, into: &mut Vec<Execution>) -> Result<bool, RedirectError> {
            if self.0.is_empty() {
                return Err(RedirectError::Unsupported("the end".into()));
            }
            let (told, missed) = self.0.remove(0);
            into.extend(told);
            Ok(missed)
        }
    }

    fn process(root: &Path, pid: u32, parent: u32, exe: &str) -> std::io::Result<()> {
        let folder = root.join(format!("proc/{pid}"));
        std::fs::create_dir_all(&folder)?;
        let tail = "1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0";
        std::fs::write(
            folder.join("stat"),
            format!("{pid} (x) S {parent} {tail} {pid} 1 1\n"),
        )?;
        std::fs::write(folder.join("cmdline"), format!("{exe}\0"))?;
        symlink(exe, folder.join("exe"))?;
        symlink("/", folder.join("root"))
    }

    fn execution(pid: u32, parent: u32) -> Execution {
        Execution {
            pid,
            uid: 1000,
            start: Some(pid.into()),
            parent: Some((parent, parent.into())),
        }
    }

    fn run(told: Vec<(Vec<Execution>, bool)>, room: usize) -> anyhow::Result<(Vec<u32>, u32)> {
        let root = tempfile::tempdir()?;
        process(root.path(), 10, 1, "/bin/bash")?;
        process(root.path(), 20, 10, "/usr/bin/codex")?;
        for (pid, parent) in [(30, 20), (31, 30), (40, 10)] {
            process(root.path(), pid, parent, "/usr/bin/env")?;
        }
        let clients = Clients::among(Arc::new(Proc::at(root.path())));
        let ((to, mut from), looks) = (mpsc::channel(room), Cell::new(0));
        read(Box::new(Scripted(told)), &clients, &to, || {
            looks.set(looks.get() + 1)
        });
        let mut heard = Vec::new();
        while let Ok(executed) = from.try_recv() {
            assert_eq!((executed.client.as_str(), executed.uid), ("codex", 1000));
            assert_eq!(executed.start, u64::from(executed.pid));
            heard.push(executed.pid);
        }
        Ok((heard, looks.get()))
    }

    #[test]
    fn what_clients_start_is_told_and_nothing_else() -> anyhow::Result<()> {
        let all = vec![
            execution(20, 10),
            execution(30, 20),
            execution(40, 10),
            execution(31, 30),
        ];
        assert_eq!(run(vec![(all.clone(), false)], 10)?, (vec![30, 31], 0));
        let one_by_one = all.into_iter().map(|one| (vec![one], false)).collect();
        assert_eq!(run(one_by_one, 10)?, (vec![30, 31], 0));
        Ok(())
    }

    #[test]
    fn what_was_missed_leads_to_one_look_at_everything() -> anyhow::Result<()> {
        let missed = vec![(vec![execution(30, 20)], true), (Vec::new(), false)];
        assert_eq!(run(missed, 10)?, (vec![30], 1));
        let too_many = vec![(vec![execution(30, 20), execution(31, 30)], false)];
        assert_eq!(run(too_many, 1)?, (vec![30], 1), "for want of room");
        Ok(())
    }
}
