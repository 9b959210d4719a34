//! Reading `/proc`: one process, its parents, and what was read before.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tidegate_policy::AppId;

use crate::{
    Attribution, Gone, GoneWhy, Parent, Process, Seen, Sha256Hex, StartTime,
    bounded::Bounded,
    cgroup,
    fingerprint::Fingerprints,
    identity::{Identity, Image},
    stat::{self, Stat},
    users::Users,
    view,
};

const MOST_PARENTS: usize = 8;
const MOST_KNOWN: usize = 4096;
/// `stat`, `status` and `cgroup` are some kilobytes at most.
const LARGEST_RECORD: u64 = 64 * 1024;

/// The process table of a system. Cheap to ask again: what a process runs is worked out once.
#[derive(Debug)]
pub struct Proc {
    folder: PathBuf,
    users: Users,
    fingerprints: Fingerprints,
    identities: Mutex<Bounded<(u32, StartTime), Arc<Identity>>>,
    last: Mutex<Bounded<u32, Arc<Process>>>,
}

impl Default for Proc {
    fn default() -> Self {
        Self::system()
    }
}

impl Proc {
    /// This system's.
    #[must_use]
    pub fn system() -> Self {
        Self::at(Path::new("/"))
    }

    /// The one whose `proc` and `etc/passwd` lie below `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            folder: root.join("proc"),
            users: Users::at(root.join("etc/passwd")),
            fingerprints: Fingerprints::default(),
            identities: Mutex::new(Bounded::new(MOST_KNOWN)),
            last: Mutex::new(Bounded::new(MOST_KNOWN)),
        }
    }

    /// Who opened a connection. A process that executes something else right after it opened one is
    /// told by what it runs now.
    #[must_use]
    pub fn attribute(&self, seen: Seen) -> Attribution {
        let read = |pid| self.stat(pid).filter(|stat| !stat.ended);
        let Some(before) = read(seen.pid) else {
            return self.gone(seen, GoneWhy::Ended, None);
        };
        if seen.start.is_some_and(|start| start != before.start) {
            return self.gone(seen, GoneWhy::Reused, None);
        }
        let process = Arc::new(self.process(seen, before));
        // Everything in between was read by number: only now is it known to be of one process.
        match read(seen.pid) {
            Some(after) if after.start == before.start => {
                lock(&self.last).insert(seen.pid, process.clone());
                Attribution::Running(process)
            }
            Some(_) => self.gone(seen, GoneWhy::Reused, None),
            None if process.facts.executable.is_some() => {
                self.gone(seen, GoneWhy::Ended, Some(process))
            }
            None => self.gone(seen, GoneWhy::Ended, None),
        }
    }

    /// What was read of a process before, without looking again. Only where its start time is known, and the
    /// same.
    #[must_use]
    pub fn remembered(&self, seen: Seen) -> Option<Arc<Process>> {
        lock(&self.last)
            .get(&seen.pid)
            .filter(|process| seen.start == Some(process.start))
    }

    /// The hash of a process's executable, also of a deleted one. None when it has ended, executes
    /// something else by now, or its file is larger than [`LARGEST_FILE`](crate::LARGEST_FILE). The
    /// first time it reads the whole file.
    #[must_use]
    pub fn sha256(&self, process: &Process) -> Option<Sha256Hex> {
        let opened = view::open(&self.of(process.pid).join("exe"))?;
        self.fingerprints.of(opened, process.file?)
    }

    /// When a process started; none where there is none.
    #[must_use]
    pub fn start_time(&self, pid: u32) -> Option<StartTime> {
        self.stat(pid).map(|stat| stat.start)
    }

    /// When a process started, and its parent now; none where there is none, or it has ended.
    pub(crate) fn born(&self, pid: u32) -> Option<(StartTime, u32)> {
        let stat = self.stat(pid).filter(|stat| !stat.ended)?;
        Some((stat.start, stat.parent))
    }

    /// The link to a process's executable, as it stands.
    pub(crate) fn program(&self, pid: u32) -> Option<PathBuf> {
        self.of(pid).join("exe").read_link().ok()
    }

    /// The app that a process is, without who started it.
    pub(crate) fn app(&self, pid: u32) -> Option<AppId> {
        let (start, _) = self.born(pid)?;
        let origin = cgroup::origin(&record(&self.of(pid).join("cgroup")).unwrap_or_default());
        Some(self.identity(pid, start, origin.bundle).app.clone())
    }

    /// Every process there is now, as ids.
    ///
    /// # Errors
    /// `/proc` cannot be read.
    pub fn pids(&self) -> io::Result<Vec<u32>> {
        let names = self.folder.read_dir()?.flatten();
        let ids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Ok(ids.collect())
    }

    fn process(&self, seen: Seen, stat: Stat) -> Process {
        let folder = self.of(seen.pid);
        let origin = cgroup::origin(&record(&folder.join("cgroup")).unwrap_or_default());
        let identity = self.identity(seen.pid, stat.start, origin.bundle.clone());
        let status = || stat::real_uid(&record(&folder.join("status"))?);
        Process {
            pid: seen.pid,
            start: stat.start,
            app: identity.app.clone(),
            version: identity.version.clone(),
            facts: identity.facts.clone(),
            file: identity.image.file,
            deleted: identity.deleted,
            command: identity.image.command.clone(),
            // What nobody can read is nobody's: 65534 is the kernel's overflow id.
            user: self.users.user(seen.uid.or_else(status).unwrap_or(65534)),
            origin,
            parents: self.parents(seen.pid, stat),
        }
    }

    fn identity(&self, pid: u32, start: StartTime, bundle: Option<String>) -> Arc<Identity> {
        let folder = self.of(pid);
        let image = Image::read(&folder);
        let known = lock(&self.identities).get(&(pid, start));
        if let Some(known) = known
            && known.image == image
            && known.facts.bundle == bundle
        {
            return known;
        }
        let identity = Arc::new(Identity::of(&folder, image, bundle));
        lock(&self.identities).insert((pid, start), identity.clone());
        identity
    }

    /// A parent is older than its child; one that is not took over the id of one that ended. So there
    /// are no circles either, but among equals: those end by number.
    fn parents(&self, pid: u32, mut child: Stat) -> Vec<Parent> {
        let mut parents: Vec<Parent> = Vec::new();
        while parents.len() < MOST_PARENTS {
            let id = child.parent;
            if id == 0 || id == pid || parents.iter().any(|parent| parent.pid == id) {
                break;
            }
            let Some(stat) = self.stat(id).filter(|stat| stat.start <= child.start) else {
                break;
            };
            let cgroup = record(&self.of(id).join("cgroup")).unwrap_or_default();
            let identity = self.identity(id, stat.start, cgroup::origin(&cgroup).bundle);
            parents.push(Parent {
                pid: id,
                program: identity.facts.program().map(str::to_owned),
                app: identity.app.clone(),
            });
            child = stat;
        }
        parents
    }

    /// `read` is what was read in this very call. What was read earlier counts only with a start time:
    /// without one, a stranger that was given the same id would be taken for an app that is trusted.
    fn gone(&self, seen: Seen, why: GoneWhy, read: Option<Arc<Process>>) -> Attribution {
        let last = read.or_else(|| self.remembered(seen));
        let uid = seen.uid.or_else(|| last.as_ref().map(|last| last.user.uid));
        Attribution::Gone(Gone {
            pid: seen.pid,
            why,
            user: uid.map(|uid| self.users.user(uid)),
            last,
        })
    }

    fn stat(&self, pid: u32) -> Option<Stat> {
        stat::stat(&record(&self.of(pid).join("stat"))?)
    }

    fn of(&self, pid: u32) -> PathBuf {
        self.folder.join(pid.to_string())
    }
}

fn record(path: &Path) -> Option<Vec<u8>> {
    view::read(&view::open(path)?, LARGEST_RECORD)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
