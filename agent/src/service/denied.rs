//! Processes of denied apps: the kernel refuses their next connections at once. A process is forgotten
//! when it ends, or its number would refuse the next one that gets it.

use std::{collections::BTreeMap, os::fd::OwnedFd};

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::{io::unix::AsyncFd, sync::mpsc, task::AbortHandle};

use super::Input;

/// More are refused by the proxy alone.
const MOST: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Denied(BTreeMap<u32, AbortHandle>);

impl Denied {
    /// Adds a process; `false` where it is there already, gone, or one too many.
    pub(super) fn add(&mut self, pid: u32, inputs: &mpsc::Sender<Input>) -> bool {
        if self.0.contains_key(&pid) || self.0.len() >= MOST {
            return false;
        }
        let Some(handle) = open(pid) else {
            return false;
        };
        let inputs = inputs.clone();
        let watch = tokio::spawn(async move {
            // A pidfd is readable when its process has ended (pidfd_open(2)).
            if handle.readable().await.is_ok() {
                drop(inputs.send(Input::Ended(pid)).await);
            }
        });
        self.0.insert(pid, watch.abort_handle());
        true
    }

    /// Forgets a process that has ended; `false` where it was not there.
    pub(super) fn remove(&mut self, pid: u32) -> bool {
        self.0.remove(&pid).is_some()
    }

    /// Forgets all: the policy has changed, and they are judged anew.
    pub(super) fn clear(&mut self) {
        for watch in std::mem::take(&mut self.0).into_values() {
            watch.abort();
        }
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe; an owned pidfd stays open and the same while it is held"
)]
fn open(pid: u32) -> Option<AsyncFd<OwnedFd>> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
    let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
    AsyncFd::with_interest(handle, tokio::io::Interest::READABLE).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_forgotten_when_it_ends() -> anyhow::Result<()> {
        let (sender, mut received) = mpsc::channel(4);
        let mut denied = Denied::default();
        let mut child = tokio::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        assert!(denied.add(pid, &sender));
        assert!(!denied.add(pid, &sender));
        assert_eq!(denied.pids(), [pid]);
        drop(child.stdin.take());
        child.wait().await?;
        assert!(matches!(received.recv().await, Some(Input::Ended(ended)) if ended == pid));
        assert!(denied.remove(pid));
        assert!(!denied.add(pid, &sender), "it is gone");
        Ok(())
    }
}
