//! Processes of denied apps: the kernel refuses their next connections at once, and forgets each when it
//! ends. The list here is what new tables are made of, so it must not bring back one that has ended: its
//! number may be another's by now. A pidfd tells for sure.

use std::{collections::BTreeMap, os::fd::OwnedFd};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

/// More are refused by the proxy alone.
const MOST: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Denied(BTreeMap<u32, OwnedFd>);

impl Denied {
    /// Adds a process; `false` where it is there already, gone, or one too many.
    pub(super) fn add(&mut self, pid: u32) -> bool {
        if self.0.len() >= MOST {
            self.forget_ended();
        }
        if let Some(held) = self.0.get(&pid) {
            if runs(held) {
                return false;
            }
            self.0.remove(&pid);
        }
        let opened = (self.0.len() < MOST).then(|| open(pid)).flatten();
        opened.map(|handle| self.0.insert(pid, handle)).is_some()
    }

    /// Forgets those that have ended; whether there were any.
    pub(super) fn forget_ended(&mut self) -> bool {
        let before = self.0.len();
        self.0.retain(|_, handle| runs(handle));
        self.0.len() < before
    }

    /// Forgets all: the policy has changed, and they are judged anew.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that run.
    pub(super) fn pids(&mut self) -> Vec<u32> {
        self.forget_ended();
        self.0.keys().copied().collect()
    }
}

/// A pidfd is readable when its process has ended (pidfd_open(2)). Where that cannot be asked, it counts as
/// ended: nobody is refused by mistake.
fn runs(handle: &OwnedFd) -> bool {
    let mut asked = [PollFd::new(handle, PollFlags::IN)];
    poll(&mut asked, Some(&Timespec::default())) == Ok(0)
}

fn open(pid: u32) -> Option<OwnedFd> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_forgotten_when_it_ends() -> anyhow::Result<()> {
        let mut denied = Denied::default();
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()?;
        let (pid, own) = (child.id(), std::process::id());
        assert!(denied.add(pid) && denied.add(own));
        assert!(!denied.add(pid));
        assert!(!denied.forget_ended());
        assert_eq!(denied.pids().len(), 2);
        drop(child.stdin.take());
        child.wait()?;
        assert_eq!(denied.pids(), [own]);
        assert!(!denied.add(pid), "it is gone");
        Ok(())
    }
}
