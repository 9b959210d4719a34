//! A person's processes, from Linux's `/proc` (proc(5)). A process writes its command line and its
//! environment as it likes: what is read here leads to where else to look, and is taken for nothing more.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tidegate_policy::{Package, PackageSource, ProcessFacts};

use crate::{Os, Places, reading::read};

const MOST: usize = 8_192;
const LARGEST_COMMAND: u64 = 128 * 1024;
const LARGEST_ENVIRONMENT: u64 = 256 * 1024;
const LARGEST_STATUS: u64 = 64 * 1024;
const MOST_WORDS: usize = 1_024;

/// A process, as it stood when it was looked at.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// Clock ticks from the machine's start to its own.
    pub(crate) start: u64,
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: Option<PathBuf>,
    exe: Option<PathBuf>,
    folder: PathBuf,
}

/// The processes of a user, by number; none where there is no `/proc`.
pub(crate) fn processes(places: &Places, uid: u32) -> Vec<Process> {
    if places.os != Os::Linux {
        return Vec::new();
    }
    let folder = places.real(Path::new("/proc"));
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut pids: Vec<_> = pids.take(MOST).collect();
    pids.sort_unstable();
    let read = |pid: u32| one(&folder.join(pid.to_string()), pid, uid);
    pids.into_iter().filter_map(read).collect()
}

/// A process of a user, by its folder; none where it is gone or another's.
pub(crate) fn one(folder: &Path, pid: u32, uid: u32) -> Option<Process> {
    let status = read_file(folder, "status", LARGEST_STATUS)?;
    let status = String::from_utf8_lossy(&status);
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().next()
    };
    if field("Uid:")?.parse() != Ok(uid) {
        return None;
    }
    let (parent, start) = born(folder)?;
    let command = read_file(folder, "cmdline", LARGEST_COMMAND)?;
    Some(Process {
        pid,
        parent,
        start,
        argv: split(&command),
        cwd: fs::read_link(folder.join("cwd")).ok(),
        exe: fs::read_link(folder.join("exe")).ok(),
        folder: folder.to_path_buf(),
    })
}

/// When a process started, in clock ticks from the machine's own start (proc(5), `stat` field 22); none where there is
/// none, or it has ended.
#[must_use]
pub fn started(pid: u32) -> Option<u64> {
    born(&Path::new("/proc").join(pid.to_string())).map(|(_, start)| start)
}

/// The parent of a process that has not ended, and when it started itself.
fn born(folder: &Path) -> Option<(u32, u64)> {
    let stat = read_file(folder, "stat", LARGEST_STATUS)?;
    let stat = String::from_utf8_lossy(&stat);
    // The name in brackets may hold brackets itself.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    Some((parent, fields.nth(17)?.parse().ok()?))
}

fn read_file(folder: &Path, name: &str, largest: u64) -> Option<Vec<u8>> {
    read(&folder.join(name), None, largest).ok()
}

fn split(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    let words = bytes.split(|byte| *byte == 0).take(MOST_WORDS);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

impl Process {
    /// Shows every variable of its environment; nothing of it is kept here.
    pub(crate) fn environment(&self, mut each: impl FnMut(&str, &str)) {
        let bytes = read_file(&self.folder, "environ", LARGEST_ENVIRONMENT).unwrap_or_default();
        for variable in bytes.split(|byte| *byte == 0) {
            let variable = String::from_utf8_lossy(variable);
            if let Some((name, value)) = variable.split_once('=') {
                each(name, value);
            }
        }
    }

    /// What the catalogue can tell an app by.
    pub(crate) fn facts(&self) -> ProcessFacts {
        let executable = self.exe.as_deref().map(plain);
        let runs = executable.as_deref().is_some_and(is_interpreter);
        let script = self.argv.iter().skip(1).find(|word| !word.starts_with('-'));
        let script = script.filter(|_| runs).map(|script| {
            let folder = self.cwd.as_deref().unwrap_or(Path::new("/"));
            let script = folder.join(script);
            // A link in a `bin` folder says less than what it leads to.
            plain(&fs::canonicalize(&script).unwrap_or(script))
        });
        let package = [script.as_deref(), executable.as_deref()];
        let package = package.into_iter().flatten().find_map(npm);
        ProcessFacts {
            executable,
            script,
            package,
            ..ProcessFacts::default()
        }
    }

    /// It runs the very program that this process does.
    pub(crate) fn is_ours(&self) -> bool {
        let file = |path: &Path| {
            let meta = fs::metadata(path).ok()?;
            Some((meta.dev(), meta.ino()))
        };
        let own = file(Path::new("/proc/self/exe"));
        own.is_some() && own == file(&self.folder.join("exe"))
    }

    /// Both its input and its output lead to a pipe or a socket, as those of a server do.
    pub(crate) fn is_piped(&self) -> bool {
        let piped = |number: &str| {
            let link = fs::read_link(self.folder.join("fd").join(number));
            link.is_ok_and(|link| {
                let link = plain(&link);
                link.starts_with("pipe:") || link.starts_with("socket:")
            })
        };
        piped("0") && piped("1")
    }
}

fn plain(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.strip_suffix(" (deleted)").unwrap_or(&text).to_owned()
}

fn is_interpreter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    ["node", "bun", "deno", "python", "electron"]
        .iter()
        .any(|known| name.starts_with(known))
}

/// The npm package in a path: what follows its last `node_modules`.
fn npm(path: &str) -> Option<Package> {
    let (_, below) = path.rsplit_once("/node_modules/")?;
    let mut parts = below.split('/');
    let first = parts.next()?;
    let name = match first.strip_prefix('@') {
        Some(_) => format!("{first}/{}", parts.next()?),
        None => first.to_owned(),
    };
    Some(Package {
        source: PackageSource::Npm,
        name,
        version: None,
    })
}

/// Those of `all` that come from one of `roots`, however many generations down.
pub(crate) fn descendants(all: &[Process], roots: &HashSet<u32>) -> HashSet<u32> {
    let mut below = HashSet::new();
    // Each pass goes one generation further; pids grow with age only mostly.
    for _ in 0..16 {
        let before = below.len();
        for process in all {
            if roots.contains(&process.parent) || below.contains(&process.parent) {
                below.insert(process.pid);
            }
        }
        if below.len() == before {
            break;
        }
    }
    below
}
