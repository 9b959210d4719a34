//! One look at a command line: it is a server, or something stands around another command line.

use super::{Lookup, McpIdentity, Scheme};
use crate::{Package, PackageSource, mcp::redact};

/// What one look says.
pub(super) enum Step {
    /// Something stood around this; look again.
    Inside(Vec<String>),
    /// The same, in another folder.
    InsideAt(String, Vec<String>),
    /// This is it.
    Is(Server),
    /// It cannot be told from outside.
    Opaque,
}

impl Step {
    pub(super) fn inside(words: &[String]) -> Self {
        if words.is_empty() {
            Self::Opaque
        } else {
            Self::Inside(words.to_vec())
        }
    }

    /// A command line with another program in front.
    pub(super) fn of(program: &str, args: &[String]) -> Self {
        let command = std::iter::once(program.to_owned());
        Self::Inside(command.chain(args.iter().cloned()).collect())
    }
}

/// A server, before it is known to have a proper identity.
pub(super) struct Server {
    pub(super) scheme: Scheme,
    pub(super) rest: String,
    pub(super) version: Option<String>,
    pub(super) args: Vec<String>,
}

/// Longer names are no names.
const LONGEST_VERSION: usize = 128;

impl Server {
    pub(super) fn new(scheme: Scheme, rest: impl Into<String>, args: &[String]) -> Self {
        Self {
            scheme,
            rest: rest.into(),
            version: None,
            args: args.to_vec(),
        }
    }

    /// With the version that is asked for. What says "any" is none, and neither is what looks like a
    /// credential.
    pub(super) fn version(mut self, version: Option<&str>) -> Self {
        let proper = |text: &&str| {
            let plain = |c: char| !c.is_whitespace() && !c.is_control();
            (1..=LONGEST_VERSION).contains(&text.len())
                && text.chars().all(plain)
                && !matches!(*text, "*" | "latest")
                && !redact::secret_segment(text)
        };
        self.version = version.filter(proper).map(str::to_owned);
        self
    }

    pub(super) fn package(package: &Package, args: &[String]) -> Self {
        let version = package.version.as_deref();
        match package.source {
            PackageSource::Npm => Self::new(Scheme::Npm, package.name.as_str(), args),
            PackageSource::Python => {
                Self::new(Scheme::Pypi, super::python::normal(&package.name), args)
            }
        }
        .version(version)
    }

    /// The identity, unless it is no proper one or would give a credential or a home away.
    pub(super) fn identity(&self, home: Option<&str>) -> Option<McpIdentity> {
        // Digests that were put in here look like credentials and are none.
        let text = self.rest.split("+sha256:").next().unwrap_or_default();
        let secret = |part: &str| part != redact::MARK && redact::secret_segment(part);
        // A URL's path is the server's, whatever folder of ours it spells.
        let home = home.filter(|home| home.len() > 1 && self.scheme != Scheme::Url);
        // Spaces became `_`: a whole command line may stand where a program's name should.
        let mut parts = text.split(['/', '#', '@']).chain(text.split('_'));
        let told = parts.any(secret)
            || redact::tilde(text, None) != text
            || home.is_some_and(|home| text.contains(home));
        if told || !self.is_named_properly() {
            return None;
        }
        McpIdentity::new(self.scheme, &self.rest).ok()
    }

    /// What a registry could hold under this name: anything else is a launch that does not work, or a way
    /// to write one server in many ways.
    fn is_named_properly(&self) -> bool {
        let plain = |text: &str, more: &str| {
            let proper = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            !text.is_empty() && text.chars().all(proper)
        };
        match self.scheme {
            Scheme::Npm => {
                let (scope, name) = match self.rest.strip_prefix('@') {
                    Some(rest) => rest.split_once('/').unwrap_or(("", "")),
                    None => ("x", self.rest.as_str()),
                };
                plain(scope, "-_.~") && plain(name, "-_.~!*'()")
            }
            Scheme::Pypi => plain(&self.rest, "-"),
            Scheme::Py => self.rest.split('.').all(|part| {
                let proper = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
                !part.is_empty() && part.chars().all(proper)
            }),
            Scheme::Oci => plain(&self.rest, "-_./:"),
            _ => true,
        }
    }
}

/// What is known besides the command line.
pub(super) struct World<'a> {
    pub(super) home: Option<&'a str>,
    pub(super) look: &'a dyn Lookup,
    /// The folder that the launch changes to, where it says so.
    pub(super) folder: Option<String>,
}

impl World<'_> {
    /// A path as the system would open it, as far as that can be told.
    pub(super) fn path(&self, word: &str) -> String {
        for start in ["~/", "$HOME/", "${HOME}/", "~\\"] {
            if let Some(rest) = word.strip_prefix(start)
                && let Some(home) = self.home
            {
                return format!("{}/{rest}", home.trim_end_matches('/'));
            }
        }
        let word = word.strip_prefix("file://").unwrap_or(word);
        let drive = word.as_bytes().get(1) == Some(&b':');
        match &self.folder {
            Some(folder) if !word.starts_with(['/', '\\']) && !drive => {
                let word = word.strip_prefix("./").unwrap_or(word);
                format!("{}/{word}", folder.trim_end_matches('/'))
            }
            _ => word.to_owned(),
        }
    }
}
