//! From a launch to an identity. A launch can be spelled in many ways, and a decision must hold for all
//! of them: what only stands around a server (`env`, `sh -c`, a launcher's flags, a wrapper, our own
//! shim) is taken off first, and what is left is brought into one form.
//!
//! An identity says what a launch claims to be: whoever puts another program under the name `npx` is
//! not found out here, but by the digests of a launch and by where programs may be started.

mod git;
mod npm;
mod oci;
mod prefix;
mod python;
mod script;
mod shell;
mod step;
mod url;
mod words;
mod wrapper;

use sha2::{Digest, Sha256};
use step::{Server, Step, World};

use super::{Launch, LaunchHash, McpIdentity, Scheme, redact};
use crate::Package;

/// What the world around says about files. The endpoint looks; tests make it up. Paths are absolute
/// where the launch has them so or a folder is known, else as they are written; a program without a
/// folder is to be looked for as the client would.
pub trait Lookup {
    /// The npm or Python package that a file belongs to (the nearest `package.json` or `*.dist-info`).
    fn package_of(&self, path: &str) -> Option<Package>;
    /// The system's package that owns a program, or its signer: `dpkg:git`, `rpm:git`, `apple:TEAMID`.
    fn owner_of(&self, path: &str) -> Option<String>;
    /// SHA-256 of a file's content.
    fn digest_of(&self, path: &str) -> Option<[u8; 32]>;
    /// The Python package that brings a module along (`python -m NAME`).
    fn package_of_module(&self, module: &str) -> Option<Package> {
        let _ = module;
        None
    }
}

/// Nothing is known about files.
#[derive(Debug, Clone, Copy)]
pub struct NoLookup;

impl Lookup for NoLookup {
    fn package_of(&self, _: &str) -> Option<Package> {
        None
    }

    fn owner_of(&self, _: &str) -> Option<String> {
        None
    }

    fn digest_of(&self, _: &str) -> Option<[u8; 32]> {
        None
    }
}

/// What a launch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// The server.
    pub identity: McpIdentity,
    /// The version that the launch asks for, where it does.
    pub version: Option<String>,
    /// Over the identity and the arguments that the server itself gets, secrets taken out.
    pub arguments: LaunchHash,
    /// Over the whole launch, secrets taken out.
    pub launch: LaunchHash,
}

/// How many things may stand around a server.
const DEEPEST: usize = 40;

/// What a launch is. `home` is the home that it was found in, so that no user's path gets into it. Of a
/// very long launch, the first 256 words are looked at, and 8 KiB of each.
#[must_use]
pub fn identify(launch: &Launch, home: Option<&str>, look: &dyn Lookup) -> Identified {
    match launch {
        Launch::Remote { url } => remote(url),
        Launch::Local { command, args } if args.is_empty() && url::normal(command).is_some() => {
            remote(command)
        }
        Launch::Local { command, args } => {
            let mut words = words::bounded(std::iter::once(command).chain(args));
            let mut shims = 0;
            while let Some((command, args)) = words.split_first()
                && let Some(inner) = wrapper::shimmed(&words::program_name(command), args)
                && shims < DEEPEST
            {
                words = inner.to_vec();
                shims += 1;
            }
            local(spread(words), home, look)
        }
    }
}

fn remote(url: &str) -> Identified {
    let (told, _) = redact::redact_url(url.trim());
    let server = url::normal(url).map(|rest| Server::new(Scheme::Url, rest, &[]));
    let told = [told];
    finish(server.ok_or(&told), hash("launch", &told), None)
}

fn local(words: Vec<String>, home: Option<&str>, look: &dyn Lookup) -> Identified {
    let launch = hash("launch", &told(&words, home));
    let mut world = World {
        home,
        look,
        folder: None,
    };
    match resolve(words, &mut world) {
        Ok(server) => finish(Ok(server), launch, home),
        Err(words) => finish(Err(&told(&words, home)), launch, home),
    }
}

/// `server` is what was found, or the command line at which looking ended.
fn finish(server: Result<Server, &[String]>, launch: LaunchHash, home: Option<&str>) -> Identified {
    let server = server.and_then(|server| match server.identity(home) {
        Some(identity) => Ok((identity, server)),
        None => Err(&[]),
    });
    match server {
        Ok((identity, server)) => {
            let mut words = vec![identity.as_str().to_owned()];
            words.extend(redacted(&server.args, home));
            Identified {
                arguments: hash("arguments", &words),
                identity,
                version: server.version,
                launch,
            }
        }
        Err(words) => {
            let arguments = if words.is_empty() {
                launch
            } else {
                hash("launch", words)
            };
            Identified {
                identity: McpIdentity::opaque(&arguments),
                version: None,
                arguments,
                launch,
            }
        }
    }
}

/// A command line as it is hashed: the program by its name, and nothing that is secret or a home.
fn told(words: &[String], home: Option<&str>) -> Vec<String> {
    let Some((command, args)) = words.split_first() else {
        return Vec::new();
    };
    let mut told = redacted(&[words::program_name(command)], home);
    told.extend(redacted(args, home));
    told
}

fn redacted(words: &[String], home: Option<&str>) -> Vec<String> {
    // The known home first: it may not look like one.
    let words: Vec<_> = words.iter().map(|word| redact::tilde(word, home)).collect();
    redact::redact_args(&words).0
}

/// Clients that start servers through a shell take a whole command line for a command.
fn spread(words: Vec<String>) -> Vec<String> {
    let Some((command, args)) = words.split_first() else {
        return words;
    };
    let first = command.split_whitespace().next().unwrap_or_default();
    if first.len() == command.trim().len() || !starts_others(&words::program_name(first)) {
        return words;
    }
    match shell::split(command, &[]).as_deref() {
        Some([one]) => one.iter().chain(args).cloned().collect(),
        _ => words,
    }
}

/// Whether a program of this name starts another one, so that its own identity would say nothing.
fn starts_others(name: &str) -> bool {
    npm::is_launcher(name)
        || python::is_launcher(name)
        || oci::is_launcher(name)
        || shell::is_shell(name)
        || script::is_runtime(name)
        || prefix::is_prefix(name)
        || name == "tidegate-edge"
}

/// A place of which nothing is known, such as the inside of a container.
fn nowhere() -> World<'static> {
    World {
        home: None,
        look: &NoLookup,
        folder: None,
    }
}

/// The server that a command line starts in the end; or the command line whose meaning cannot be told.
fn resolve(mut words: Vec<String>, world: &mut World<'_>) -> Result<Server, Vec<String>> {
    for _ in 0..DEEPEST {
        words.truncate(words::MOST_WORDS);
        let step = match look_at(&words, world) {
            Some(Step::Is(server)) => match wrapper::inside(&server, world) {
                Some(step) => step,
                None => return Ok(server),
            },
            Some(step) => step,
            None => Step::Opaque,
        };
        match step {
            Step::Is(server) => return Ok(server),
            Step::Inside(inner) => words = inner,
            Step::InsideAt(folder, inner) => {
                world.folder = Some(world.path(&folder));
                words = inner;
            }
            Step::Opaque => return Err(words),
        }
    }
    Err(words)
}

fn look_at(words: &[String], world: &World<'_>) -> Option<Step> {
    let (command, args) = words.split_first()?;
    if command.trim().is_empty() {
        return None;
    }
    let name = words::program_name(command);
    let step = wrapper::shimmed(&name, args)
        .map(Step::inside)
        .or_else(|| prefix::off(&name, args))
        .or_else(|| shell::step(&name, args, world))
        .or_else(|| npm::step(&name, args, world))
        .or_else(|| python::step(&name, args, world))
        .or_else(|| oci::step(&name, args, world))
        .or_else(|| script::step(&name, args, world));
    Some(step.unwrap_or_else(|| Step::Is(script::program(command, args, world))))
}

/// Over the words and where they end, so that no two lists of words are one text.
fn hash(purpose: &str, words: &[String]) -> LaunchHash {
    let mut digest = Sha256::new();
    digest.update(purpose.as_bytes());
    for word in words {
        digest.update((word.len() as u64).to_be_bytes());
        digest.update(word.as_bytes());
    }
    LaunchHash(digest.finalize().into())
}

#[cfg(test)]
mod tests;
