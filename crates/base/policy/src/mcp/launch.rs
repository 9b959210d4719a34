//! How a client starts or reaches a server, and digests of it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How a client starts or reaches a server, as its configuration says, variables expanded as far as
/// they are known. It may hold secrets: it never leaves the process.
#[derive(Clone, PartialEq, Eq)]
pub enum Launch {
    /// A program that speaks over its standard input and output.
    Local {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// A server on the network.
    Remote {
        /// Where.
        url: String,
    },
}

/// Arguments and URLs carry credentials, so they are left out.
impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { args, .. } => write!(f, "Local({} arguments)", args.len()),
            Self::Remote { .. } => f.write_str("Remote"),
        }
    }
}

/// A text is no digest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a launch hash is 64 lower-case hexadecimal digits")]
pub struct LaunchHashError;

/// SHA-256 (FIPS 180-4) over a normalised launch whose secrets were taken out first: it tells two
/// launches apart, stays the same when a token is rotated, and gives nothing away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaunchHash(pub [u8; 32]);

impl fmt::Display for LaunchHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LaunchHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for LaunchHash {
    type Err = LaunchHashError;

    fn from_str(text: &str) -> Result<Self, LaunchHashError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(LaunchHashError),
        };
        if text.len() != 64 {
            return Err(LaunchHashError);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl Serialize for LaunchHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LaunchHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
