//! What a process runs: executable, script, package. This part of a process stays the same until it
//! executes something else.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tidegate_policy::{AppId, Catalogue, Package, ProcessFacts};

use crate::{
    FileId,
    interpreter::{Interpreter, Runs},
    npm, python,
    view::{self, View},
};

/// Command lines and environments are cut here.
const LARGEST_TEXT: u64 = 64 * 1024;

/// What tells one execution from the next: cheap to read, compared before a cached identity is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// The link `/proc/PID/exe`, as it stands.
    pub(crate) link: Option<PathBuf>,
    pub(crate) file: Option<FileId>,
    pub(crate) command: Arc<[String]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) image: Image,
    pub(crate) app: AppId,
    pub(crate) version: Option<String>,
    pub(crate) facts: ProcessFacts,
    pub(crate) deleted: bool,
}

impl Image {
    /// Reads it from `/proc/PID`.
    pub(crate) fn read(folder: &Path) -> Self {
        let exe = folder.join("exe");
        let file = exe.metadata().ok().map(|meta| FileId {
            device: meta.dev(),
            inode: meta.ino(),
        });
        let command = words(&folder.join("cmdline")).into();
        Self {
            link: exe.read_link().ok(),
            file,
            command,
        }
    }
}

/// Texts that end in NUL, as in `cmdline` and `environ`.
fn words(path: &Path) -> Vec<String> {
    let bytes = view::open(path).and_then(|file| view::read(&file, LARGEST_TEXT));
    split(&bytes.unwrap_or_default())
}

pub(crate) fn split(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    let word = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    bytes.split(|&b| b == 0).map(word).collect()
}

impl Identity {
    /// Works out the identity of an image. `bundle` is what the cgroup said.
    pub(crate) fn of(folder: &Path, image: Image, bundle: Option<String>) -> Self {
        let view = View::new(folder.join("root"));
        let (executable, deleted) = executable(&view, &image);
        let mut facts = ProcessFacts {
            executable: executable.as_ref().map(|path| text(path)),
            bundle,
            ..ProcessFacts::default()
        };
        if let Some(executable) = &executable {
            Reader {
                folder,
                view: &view,
                executable,
                command: &image.command,
            }
            .read(&mut facts);
        }
        let app = Catalogue::builtin().app(&facts);
        let version = facts
            .package
            .as_ref()
            .and_then(|package| package.version.clone());
        Self {
            app,
            version: version.or_else(|| executable.as_deref().and_then(version_of)),
            facts,
            deleted,
            image,
        }
    }
}

/// The executable's path, without the mark that the kernel puts behind a deleted one.
fn executable(view: &View, image: &Image) -> (Option<PathBuf>, bool) {
    let Some(link) = &image.link else {
        return (None, false);
    };
    let there = |path: &Path| {
        let meta = view.resolve(path).and_then(|path| view.metadata(&path));
        meta.is_some_and(|meta| {
            let file = FileId {
                device: meta.dev(),
                inode: meta.ino(),
            };
            Some(file) == image.file
        })
    };
    let marked = link
        .to_str()
        .and_then(|text| text.strip_suffix(" (deleted)"));
    match marked {
        // A file may really be called so.
        Some(stem) if !there(link) => (Some(stem.into()), true),
        _ => (Some(link.clone()), false),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// `…/versions/2.1.3`: installers that keep versions side by side name the file after them.
fn version_of(executable: &Path) -> Option<String> {
    let folder = executable.parent()?.file_name()?;
    let name = executable.file_name()?.to_str()?;
    let dotted = name.contains('.') && name.bytes().next().is_some_and(|b| b.is_ascii_digit());
    (folder == "versions" && dotted && npm::is_sane(name, 64)).then(|| name.to_owned())
}

/// Finds script, module and package of a process.
struct Reader<'a> {
    folder: &'a Path,
    view: &'a View,
    executable: &'a Path,
    command: &'a [String],
}

impl Reader<'_> {
    fn read(&self, facts: &mut ProcessFacts) {
        let interpreter = Interpreter::of(&text(self.executable));
        let runs = match interpreter {
            Some(interpreter) => self.runs(interpreter),
            None => self.electron_script(),
        };
        let script = match runs {
            Runs::Script(script) => {
                let resolved = self.resolve(&script);
                facts.script = Some(resolved.as_deref().map_or(script, text));
                resolved
            }
            Runs::Module(module) => {
                if interpreter == Some(Interpreter::Python) {
                    facts.package = self.module_package(&module);
                }
                facts.module = Some(module);
                None
            }
            Runs::Nothing => None,
        };
        if let Some(script) = script {
            facts.package = self.script_package(interpreter, &script);
        } else if interpreter.is_none() && text(self.executable).contains("/node_modules/") {
            facts.package = npm::package(self.view, self.executable);
        }
    }

    /// What an interpreter runs. Programs may write a title over their command line, as Node's
    /// `process.title` does; then the shell's `_` variable may still name what it started.
    fn runs(&self, interpreter: Interpreter) -> Runs {
        let said = interpreter.runs(self.command);
        let own = self.command.first().and_then(|word| Interpreter::of(word));
        let exists = |script: &str| self.resolve(script).is_some();
        match &said {
            _ if own == Some(interpreter) => said,
            // Called by another name, but the rest stands as it was.
            Runs::Script(script) if exists(script) => said,
            _ => self
                .started_as(interpreter)
                .map_or(Runs::Nothing, Runs::Script),
        }
    }

    fn started_as(&self, interpreter: Interpreter) -> Option<String> {
        let path = self.variable("_=")?;
        let resolved = self.resolve(&path)?;
        // Only a script of this interpreter: the variable is inherited by everything below the shell.
        let head = self.view.read(&resolved, 256)?;
        let head = String::from_utf8_lossy(&head);
        let line = head.strip_prefix("#!")?.lines().next()?;
        let mut words = line.split_ascii_whitespace();
        words
            .any(|word| Interpreter::of(word) == Some(interpreter))
            .then_some(path)
    }

    /// Electron apps run scripts as Node would, when told so.
    fn electron_script(&self) -> Runs {
        let first = self
            .command
            .iter()
            .skip(1)
            .find(|word| !word.starts_with('-'));
        let is_js = |word: &&String| {
            [".js", ".cjs", ".mjs"]
                .iter()
                .any(|end| word.ends_with(end))
        };
        match first.filter(is_js) {
            Some(script) if self.variable("ELECTRON_RUN_AS_NODE=").is_some() => {
                Runs::Script(script.clone())
            }
            _ => Runs::Nothing,
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        let all = words(&self.folder.join("environ"));
        all.iter()
            .find_map(|entry| entry.strip_prefix(name))
            .map(str::to_owned)
    }

    /// A path as the process meant it: relative to where it is now, links followed. Node leaves out the
    /// ending.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let folder = self
            .folder
            .join("cwd")
            .read_link()
            .unwrap_or_else(|_| "/".into());
        let path = folder.join(path);
        let endings = ["", ".js", ".mjs", ".cjs", "/index.js", "/__main__.py"];
        let named = |ending: &&str| {
            let mut name = path.clone().into_os_string();
            name.push(ending);
            self.view
                .resolve(Path::new(&name))
                .filter(|found| self.view.is_file(found))
        };
        endings.iter().find_map(named)
    }

    fn script_package(&self, interpreter: Option<Interpreter>, script: &Path) -> Option<Package> {
        match interpreter {
            Some(Interpreter::Python) => python::of_script(self.view, script),
            Some(interpreter) if !interpreter.is_javascript() => None,
            _ => npm::package(self.view, script),
        }
    }

    /// The environment is the one whose `bin/python` was called: in a virtual environment that is a
    /// link to the system's, and the link is what counts.
    fn module_package(&self, module: &str) -> Option<Package> {
        let called = self.command.first().filter(|word| word.contains('/'));
        let called = called.map(|word| {
            let folder = self
                .folder
                .join("cwd")
                .read_link()
                .unwrap_or_else(|_| "/".into());
            folder.join(word)
        });
        let candidates = called.into_iter().chain([self.executable.to_owned()]);
        candidates
            .filter_map(|python| self.view.resolve(python.parent()?.parent()?))
            .find_map(|prefix| python::of_module(self.view, &prefix, module))
    }
}
