//! What the files of a machine say about programs: the package that they belong to, and their digest.

mod dpkg;
mod python;

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tidegate_policy::{Lookup, Package, PackageSource};

use crate::{
    Home, Os, Places,
    formats::parse,
    mcp::paths::below,
    reading::{self, read},
    tree::Tree,
};

/// Larger programs have no digest.
const LARGEST_PROGRAM: u64 = 64 << 20;
const LARGEST_MANIFEST: u64 = 256 * 1024;
const HIGHEST_WALK: usize = 12;
const MOST_REMEMBERED: usize = 4_096;

/// Looks programs up, and remembers what it saw.
pub(crate) struct Files<'p> {
    places: &'p Places,
    home: Option<&'p Home>,
    owners: OnceCell<HashMap<String, String>>,
    digests: RefCell<HashMap<PathBuf, Option<[u8; 32]>>>,
    packages: RefCell<HashMap<PathBuf, Option<Package>>>,
}

/// The same, for launches from one folder.
pub(crate) struct FilesAt<'f, 'p> {
    files: &'f Files<'p>,
    folder: Option<&'f Path>,
}

impl<'p> Files<'p> {
    pub(crate) fn new(places: &'p Places, home: Option<&'p Home>) -> Self {
        Self {
            places,
            home,
            owners: OnceCell::new(),
            digests: RefCell::default(),
            packages: RefCell::default(),
        }
    }

    /// For launches whose relative paths begin at `folder` (as it is opened).
    pub(crate) fn at<'f>(&'f self, folder: Option<&'f Path>) -> FilesAt<'f, 'p> {
        FilesAt {
            files: self,
            folder,
        }
    }

    /// Forgets what was seen of files, but for who owns programs: packages come and go less often.
    pub(crate) fn forget(&self) {
        self.digests.borrow_mut().clear();
        self.packages.borrow_mut().clear();
    }

    fn uid(&self) -> Option<u32> {
        self.home.map(|home| home.uid)
    }

    fn digest(&self, path: &Path) -> Option<[u8; 32]> {
        if let Some(known) = self.digests.borrow().get(path) {
            return *known;
        }
        let digest = digest(path, self.uid());
        let mut digests = self.digests.borrow_mut();
        if digests.len() < MOST_REMEMBERED {
            digests.insert(path.to_path_buf(), digest);
        }
        digest
    }

    fn package(&self, path: &Path) -> Option<Package> {
        if let Some(known) = self.packages.borrow().get(path) {
            return known.clone();
        }
        let package = npm(path, self.uid()).or_else(|| python::package(path, self.uid()));
        let mut packages = self.packages.borrow_mut();
        if packages.len() < MOST_REMEMBERED {
            packages.insert(path.to_path_buf(), package.clone());
        }
        package
    }
}

impl FilesAt<'_, '_> {
    /// The file that a launch means, links resolved.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let files = self.files;
        let places = files.places;
        let home = files.home.map(|home| places.real(&home.path));
        let written = path.replace('\\', "/");
        let absolute = written.starts_with('/')
            || (places.os == Os::Windows && written.as_bytes().get(1) == Some(&b':'));
        let candidate = if absolute {
            places.real(Path::new(path))
        } else if let Some(rest) = written.strip_prefix("~/") {
            home?.join(rest)
        } else if written.contains('/') {
            self.folder.map(Path::to_path_buf).or(home)?.join(&written)
        } else {
            return self.on_path(&written, home.as_deref());
        };
        inside(&candidate, &places.root)
    }

    /// A bare name, where shells look for it.
    fn on_path(&self, name: &str, home: Option<&Path>) -> Option<PathBuf> {
        if name.is_empty() || name.starts_with('.') {
            return None;
        }
        let root = &self.files.places.root;
        let own = OWN_PROGRAMS
            .iter()
            .flat_map(|pattern| home.map(|home| below(home, pattern)).unwrap_or_default());
        let shared = PROGRAMS.iter().map(|folder| root.join(folder));
        let mut folders = own.chain(shared);
        folders.find_map(|folder| {
            let file = inside(&folder.join(name), root)?;
            file.is_file().then_some(file)
        })
    }
}

/// Where programs of a person lie.
const OWN_PROGRAMS: [&str; 8] = [
    ".local/bin",
    "bin",
    ".cargo/bin",
    ".bun/bin",
    ".deno/bin",
    "go/bin",
    ".npm-global/bin",
    ".nvm/versions/node/*/bin",
];
/// Where everybody's lie.
const PROGRAMS: [&str; 8] = [
    "usr/local/bin",
    "usr/bin",
    "bin",
    "usr/local/sbin",
    "usr/sbin",
    "sbin",
    "opt/homebrew/bin",
    "snap/bin",
];

/// A path with its links resolved, as long as it stays below `root`.
fn inside(path: &Path, root: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    let root = fs::canonicalize(root).ok()?;
    real.starts_with(root).then_some(real)
}

impl Lookup for FilesAt<'_, '_> {
    fn package_of(&self, path: &str) -> Option<Package> {
        self.files.package(&self.resolve(path)?)
    }

    fn owner_of(&self, path: &str) -> Option<String> {
        let file = self.resolve(path)?;
        let named = self.files.places.named(&file);
        let places = self.files.places;
        let owners = self.files.owners.get_or_init(|| dpkg::programs(places));
        owners.get(named.to_str()?).cloned()
    }

    fn digest_of(&self, path: &str) -> Option<[u8; 32]> {
        self.files.digest(&self.resolve(path)?)
    }
}

fn digest(path: &Path, uid: Option<u32>) -> Option<[u8; 32]> {
    let (file, length) = reading::open(path, uid).ok()?;
    if length > LARGEST_PROGRAM {
        return None;
    }
    let mut hash = Sha256::new();
    let mut file = file.take(LARGEST_PROGRAM + 1);
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Some(hash.finalize().into()),
            Ok(read) => hash.update(piece.get(..read)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The nearest `package.json` above a file that says a name; the walk ends at a `node_modules` folder.
fn npm(path: &Path, uid: Option<u32>) -> Option<Package> {
    for folder in path.ancestors().skip(1).take(HIGHEST_WALK) {
        if folder
            .file_name()
            .is_some_and(|name| name == "node_modules")
        {
            return None;
        }
        let Ok(bytes) = read(&folder.join("package.json"), uid, LARGEST_MANIFEST) else {
            continue;
        };
        let parsed = parse(crate::Format::Jsonc, &bytes);
        let text = |key: &str, longest: usize| {
            let text = parsed.tree.get(key).and_then(Tree::text)?;
            is_sane(text, longest).then(|| text.to_owned())
        };
        // npm allows 214 characters. Packages have nameless ones in them, which only say a type.
        if let Some(name) = text("name", 214) {
            return Some(Package {
                source: PackageSource::Npm,
                name,
                version: text("version", 64),
            });
        }
    }
    None
}

/// Whether a text from someone's file may be shown.
fn is_sane(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
