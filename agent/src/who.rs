//! Who opened a connection, and how to tell them something: done here, or asked of the process that may.

use tidegate_attribution::{Attribution, Proc, Seen, StartTime};
use tidegate_redirect::Opener;
use tidegate_split::{Attributed, Notice, Remote};

/// Says who opened a connection.
pub trait Who: Send + Sync {
    /// Says it. May block.
    fn who(&self, opener: &Opener) -> Attributed;

    /// Tells a person on their desktop, where there is one. At once, or not at all.
    fn tell(&self, notice: Notice);
}

impl Who for Proc {
    fn who(&self, opener: &Opener) -> Attributed {
        let found = self.attribute(Seen {
            pid: opener.pid,
            uid: Some(opener.uid),
            start: opener.start.map(StartTime),
        });
        let user = found.user().map_or_else(
            || opener.uid.to_string(),
            |user| user.name.clone().unwrap_or_else(|| user.uid.to_string()),
        );
        let program = match &found {
            Attribution::Running(process) => process.facts.program(),
            Attribution::Gone(_) => found.process().and_then(|process| process.facts.program()),
        };
        Attributed {
            app: found.app(),
            version: found.process().and_then(|process| process.version.clone()),
            user,
            program: program.unwrap_or_default().to_owned(),
        }
    }

    /// Whoever runs the agent in one process reads its log.
    fn tell(&self, _: Notice) {}
}

impl Who for Remote {
    fn who(&self, opener: &Opener) -> Attributed {
        self.attribute(opener)
    }

    fn tell(&self, notice: Notice) {
        self.notify(notice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_process_is_known() {
        let opener = Opener {
            pid: std::process::id(),
            uid: nix::unistd::geteuid().as_raw(),
            start: None,
            comm: "whatever".into(),
            cgroup: 0,
            netns: 0,
        };
        let who = Proc::system().who(&opener);
        let me = std::env::current_exe().unwrap_or_default();
        assert_eq!(who.program, me.to_string_lossy());
        let other = Opener {
            start: Some(1),
            ..opener
        };
        assert_eq!(Proc::system().who(&other).program, "", "it is another one");
    }
}
