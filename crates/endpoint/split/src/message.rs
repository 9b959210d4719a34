//! The frames.

mod answer;
mod parts;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use tidegate_redirect::{Opener, Tables};

use crate::{
    MOST_FILES,
    wire::{Malformed, Reader, Writer},
};

pub use answer::{Answer, Attributed, Failure};

/// The longest texts, in bytes: of a program's path (Linux's `PATH_MAX`), of what is said to people, of
/// names.
const PATH: usize = 4096;
const SENTENCE: usize = 1024;
const NAME: usize = 256;

/// A person is to be told that an app of theirs was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose app.
    pub uid: u32,
    /// The app, as an id of the catalogue.
    pub app: String,
    /// The MCP server of it that was refused, as the person calls it; none where the app itself was.
    pub server: Option<String>,
    /// Why, in the organisation's words.
    pub reason: Option<String>,
    /// How to ask for it.
    pub ask: Option<String>,
    /// It is the answer to what the person asked for, a yes or a no; none where something was refused.
    pub granted: Option<bool>,
}

/// The start of a denied program that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The app, as an id of the catalogue.
    pub app: String,
    /// Its file.
    pub program: String,
    /// Whose process tried; none where it cannot be told any more.
    pub uid: Option<u32>,
}

/// What the relay says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToLoader {
    /// First of all.
    Hello {
        /// Of what is said.
        version: u16,
    },
    /// It takes connections from now on.
    Ready,
    /// A connection was taken.
    Taken,
    /// Somebody is to be told.
    Notify(Notice),
    /// A socket of its own is not to be redirected. Files: the answer's socket, the socket.
    Exempt,
    /// New tables. Files: the answer's socket.
    Apply(Tables),
    /// How the redirection is doing. Files: the answer's socket.
    Health,
    /// Who opened a connection. Files: the answer's socket.
    Attribute(Opener),
    /// Connections from before are to end. Files: the answer's socket.
    ResetOlder,
    /// The clients of this machine are to be looked at, and to obey. Files: the answer's socket, the
    /// policy as the gateway signed it, where what came of it is written.
    Pass,
}

/// What the loader says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToRelay {
    /// First of all, in answer to the hello.
    Start {
        /// Of what is said.
        version: u16,
        /// What the relay is given to work with. Files: as both know.
        given: Vec<u8>,
    },
    /// An app's connection. Files: it.
    Flow {
        /// Where it was going.
        destination: SocketAddr,
        /// Who opened it.
        opener: Option<Opener>,
    },
    /// Finish, and end.
    Stop,
    /// Something that the last pass looked at is another now.
    Changed,
    /// The start of a denied program was refused.
    Refused(Refused),
}

impl ToLoader {
    /// As a frame.
    ///
    /// # Errors
    /// It is too long.
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        match self {
            Self::Hello { version } => Writer::new(1).u16(*version),
            Self::Ready => Writer::new(2),
            Self::Taken => Writer::new(3),
            Self::Notify(notice) => Writer::new(5)
                .u32(notice.uid)
                .text(&notice.app, NAME)
                .optional(notice.server.as_deref(), NAME)
                .optional(notice.reason.as_deref(), SENTENCE)
                .optional(notice.ask.as_deref(), SENTENCE)
                .u8(match notice.granted {
                    None => 0,
                    Some(false) => 1,
                    Some(true) => 2,
                }),
            Self::Exempt => Writer::new(6),
            Self::Apply(tables) => parts::put_tables(Writer::new(7), tables),
            Self::Health => Writer::new(8),
            Self::Attribute(opener) => parts::put_opener(Writer::new(9), opener),
            Self::ResetOlder => Writer::new(10),
            Self::Pass => Writer::new(11),
        }
        .end()
    }

    /// From a frame.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(frame);
        let message = match reader.u8()? {
            1 => Self::Hello {
                version: reader.u16()?,
            },
            2 => Self::Ready,
            3 => Self::Taken,
            5 => Self::Notify(Notice {
                uid: reader.u32()?,
                app: reader.text("app", NAME)?.to_owned(),
                server: reader.optional("server", NAME)?.map(str::to_owned),
                reason: reader.optional("reason", SENTENCE)?.map(str::to_owned),
                ask: reader.optional("request", SENTENCE)?.map(str::to_owned),
                granted: match reader.u8()? {
                    0 => None,
                    1 => Some(false),
                    2 => Some(true),
                    kind => return Err(Malformed::Kind(kind)),
                },
            }),
            6 => Self::Exempt,
            7 => Self::Apply(parts::tables(&mut reader)?),
            8 => Self::Health,
            9 => Self::Attribute(parts::opener(&mut reader)?),
            10 => Self::ResetOlder,
            11 => Self::Pass,
            kind => return Err(Malformed::Kind(kind)),
        };
        reader.end(message)
    }

    /// How many files come with it.
    #[must_use]
    pub const fn files(&self) -> usize {
        match self {
            Self::Hello { .. } | Self::Ready | Self::Taken | Self::Notify(_) => 0,
            Self::Apply(_) | Self::Health | Self::Attribute(_) | Self::ResetOlder => 1,
            Self::Exempt => 2,
            Self::Pass => 3,
        }
    }
}

impl ToRelay {
    /// As a frame.
    ///
    /// # Errors
    /// It is too long.
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        match self {
            Self::Start { version, given } => Writer::new(1).u16(*version).bytes(given),
            Self::Flow {
                destination,
                opener,
            } => {
                let start = parts::put_address(Writer::new(2), *destination);
                match opener {
                    None => start.u8(0),
                    Some(opener) => parts::put_opener(start.u8(1), opener),
                }
            }
            Self::Stop => Writer::new(4),
            Self::Changed => Writer::new(5),
            Self::Refused(refused) => {
                let start = Writer::new(6)
                    .text(&refused.app, NAME)
                    .text(&refused.program, PATH);
                match refused.uid {
                    None => start.u8(0),
                    Some(uid) => start.u8(1).u32(uid),
                }
            }
        }
        .end()
    }

    /// From a frame.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(frame);
        let message = match reader.u8()? {
            1 => Self::Start {
                version: reader.u16()?,
                given: reader.bytes()?.to_vec(),
            },
            2 => Self::Flow {
                destination: parts::address(&mut reader)?,
                opener: match reader.flag("opener")? {
                    true => Some(parts::opener(&mut reader)?),
                    false => None,
                },
            },
            4 => Self::Stop,
            5 => Self::Changed,
            6 => Self::Refused(Refused {
                app: reader.text("app", NAME)?.to_owned(),
                program: reader.text("program", PATH)?.to_owned(),
                uid: match reader.flag("user")? {
                    true => Some(reader.u32()?),
                    false => None,
                },
            }),
            kind => return Err(Malformed::Kind(kind)),
        };
        reader.end(message)
    }

    /// Whether so many files may come with it.
    #[must_use]
    pub const fn may_have(&self, files: usize) -> bool {
        match self {
            Self::Start { .. } => files <= MOST_FILES,
            Self::Flow { .. } => files == 1,
            Self::Stop | Self::Changed | Self::Refused(_) => files == 0,
        }
    }
}
