//! Which processes descend from an AI client, found out as they execute programs.
//!
//! On a machine that compiles there are hundreds a second, and hardly any matters: what is known of a parent
//! is kept, so that one more child costs a look into a table. What is kept is bounded, and whatever is not in
//! it is looked up again.

use tidegate_policy::AppId;

use crate::{StartTime, bounded::Bounded};

/// Processes that are remembered.
const MOST: usize = 8_192;
/// How far up a client is looked for: as far as a look at all processes goes.
const HIGHEST: usize = 16;

/// What is asked about processes.
pub trait Processes {
    /// When a process started, and its parent now; none where there is none.
    fn born(&self, pid: u32) -> Option<(StartTime, u32)>;

    /// The AI client that a process is, by what it runs now.
    fn client(&self, pid: u32) -> Option<AppId>;
}

/// A process that is another program from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Executed {
    /// The process.
    pub pid: u32,
    /// When it started, where known.
    pub start: Option<StartTime>,
    /// Who started it, and when that one started, where known.
    pub parent: Option<(u32, StartTime)>,
}

/// What descends from whom. Processes are told by number and start, which together are never used twice.
#[derive(Debug)]
pub struct Kin {
    known: Bounded<(u32, StartTime), Known>,
}

#[derive(Debug, Clone)]
struct Known {
    /// The client that it descends from.
    above: Option<AppId>,
    own: Own,
}

/// Whether a process is a client itself: asked when it starts something, which few do.
#[derive(Debug, Clone)]
enum Own {
    Unknown,
    Known(Option<AppId>),
}

impl Default for Kin {
    fn default() -> Self {
        Self {
            known: Bounded::new(MOST),
        }
    }
}

impl Kin {
    /// The nearest client above a process that executes a program; none where there is none, or where it is
    /// gone. Its start is told with it.
    pub fn executed(
        &mut self,
        executed: Executed,
        world: &impl Processes,
    ) -> Option<(AppId, StartTime)> {
        let born = || {
            let (start, parent) = world.born(executed.pid)?;
            let same = executed.start.is_none_or(|known| known == start);
            same.then_some((start, (parent, world.born(parent)?.0)))
        };
        let (start, parent) = match (executed.start, executed.parent) {
            (Some(start), Some(parent)) => (start, parent),
            _ => born()?,
        };
        let above = self.nearest(parent, world, HIGHEST);
        let known = Known {
            above: above.clone(),
            // Whatever it was, it is something else now.
            own: Own::Unknown,
        };
        self.known.insert((executed.pid, start), known);
        above.map(|client| (client, start))
    }

    /// The client that a process is, or else descends from.
    fn nearest(
        &mut self,
        (pid, start): (u32, StartTime),
        world: &impl Processes,
        left: usize,
    ) -> Option<AppId> {
        // The first process is everybody's parent in the end.
        if pid <= 1 || left == 0 {
            return None;
        }
        let known = match self.known.get(&(pid, start)) {
            Some(known) => known,
            None => {
                let (now, parent) = world.born(pid)?;
                if now != start {
                    return None;
                }
                let above = world.born(parent);
                Known {
                    above: above
                        .and_then(|(start, _)| self.nearest((parent, start), world, left - 1)),
                    own: Own::Unknown,
                }
            }
        };
        let own = match known.own {
            Own::Known(own) => own,
            Own::Unknown => world.client(pid),
        };
        let client = own.clone().or_else(|| known.above.clone());
        let known = Known {
            above: known.above,
            own: Own::Known(own),
        };
        self.known.insert((pid, start), known);
        client
    }

    /// Forgets everything: executions were not told, so what was known of a process may be another's.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
