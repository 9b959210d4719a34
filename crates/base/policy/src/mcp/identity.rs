//! The canonical identity of a server: `npm:@modelcontextprotocol/server-filesystem`,
//! `url:https://mcp.example.com/sse`.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::LaunchHash;

/// The longest identity, in bytes.
const LONGEST: usize = 512;

/// What an identity is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// An npm package.
    Npm,
    /// A Python distribution.
    Pypi,
    /// A Python module that is run from where it lies.
    Py,
    /// A container image, without tag and digest.
    Oci,
    /// A remote server: scheme, host, port and path.
    Url,
    /// An MCP bundle (`.mcpb`, `.dxt`).
    Mcpb,
    /// A Git repository that a launcher installs from.
    Git,
    /// A program: its package or signer, and its base name.
    Bin,
    /// A script or program that belongs to nothing: its base name and the digest of its content.
    Path,
    /// A command whose meaning cannot be told from outside, such as a shell script in an argument.
    Opaque,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Npm,
        Self::Pypi,
        Self::Py,
        Self::Oci,
        Self::Url,
        Self::Mcpb,
        Self::Git,
        Self::Bin,
        Self::Path,
        Self::Opaque,
    ];

    /// What stands before the colon.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Py => "py",
            Self::Oci => "oci",
            Self::Url => "url",
            Self::Mcpb => "mcpb",
            Self::Git => "git",
            Self::Bin => "bin",
            Self::Path => "path",
            Self::Opaque => "opaque",
        }
    }
}

/// Why a text is no identity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IdentityError {
    /// It has no known scheme before its first colon.
    #[error(
        "an MCP identity begins with npm:, pypi:, py:, oci:, url:, mcpb:, git:, bin:, path: or opaque:"
    )]
    Scheme,
    /// Identities end up in logs, reports and files.
    #[error("an MCP identity has 1 to 500 printable characters after its scheme, and no space")]
    Text,
}

/// The canonical identity of an MCP server. No user name, home or secret is ever in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct McpIdentity(Arc<str>);

impl McpIdentity {
    /// From its parts.
    ///
    /// # Errors
    /// `rest` is empty, too long, or holds spaces or control characters.
    pub fn new(scheme: Scheme, rest: &str) -> Result<Self, IdentityError> {
        let text = format!("{}:{rest}", scheme.word());
        let printable = |c: char| !c.is_whitespace() && !c.is_control();
        if rest.is_empty() || text.len() > LONGEST || !rest.chars().all(printable) {
            return Err(IdentityError::Text);
        }
        Ok(Self(text.into()))
    }

    /// Of a launch that cannot be looked into.
    pub(super) fn opaque(launch: &LaunchHash) -> Self {
        Self(format!("{}:{launch}", Scheme::Opaque.word()).into())
    }

    /// The text, scheme included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is made of.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        let word = self.0.split(':').next().unwrap_or_default();
        let known = Scheme::ALL.into_iter().find(|scheme| scheme.word() == word);
        // The constructor lets no other in.
        known.unwrap_or(Scheme::Opaque)
    }

    /// What follows the scheme.
    #[must_use]
    pub fn rest(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, rest)| rest)
    }
}

impl FromStr for McpIdentity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let (word, rest) = text.split_once(':').ok_or(IdentityError::Scheme)?;
        let known = Scheme::ALL.into_iter().find(|scheme| scheme.word() == word);
        Self::new(known.ok_or(IdentityError::Scheme)?, rest)
    }
}

impl fmt::Display for McpIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for McpIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for McpIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for McpIdentity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
