//! What the loader answers.

use std::io;

use tidegate_policy::AppId;
use tidegate_redirect::{Health, Limitation, RedirectError};

use super::{NAME, PATH, SENTENCE};
use crate::{
    LONGEST_ANSWER, names,
    wire::{Malformed, Reader, Writer},
};

/// Most limitations and counters of a backend, and the longest text of each, in bytes. More is left out.
const LIMITATIONS: u32 = 16;
const COUNTERS: u32 = 64;
const EFFECT: usize = 400;
const SHORT: usize = 64;

const _: () = assert!(
    LIMITATIONS as usize * (EFFECT + SHORT + 8) + COUNTERS as usize * (SHORT + 12) + SENTENCE + 64
        < LONGEST_ANSWER,
    "the longest health is an answer"
);

/// Who opened a connection, as far as the relay has to know: no command line and no parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributed {
    /// The app, `unknown` where nothing tells.
    pub app: AppId,
    /// Its version, where known.
    pub version: Option<String>,
    /// The user's name, or number where there is no name.
    pub user: String,
    /// Script or executable; empty where it cannot be told.
    pub program: String,
}

impl Attributed {
    /// Of whom nothing but the user is known.
    #[must_use]
    pub fn unknown(uid: u32) -> Self {
        Self {
            app: AppId::unknown(),
            version: None,
            user: uid.to_string(),
            program: String::new(),
        }
    }
}

/// What went wrong at the loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried; empty where `said` says all.
    pub what: String,
    /// What the system said.
    pub said: String,
    /// Its number (errno(3)), 0 where there is none.
    pub errno: i32,
}

impl From<&RedirectError> for Failure {
    fn from(error: &RedirectError) -> Self {
        match error {
            RedirectError::Unsupported(said) => Self {
                what: String::new(),
                said: said.clone(),
                errno: 0,
            },
            RedirectError::Os { what, error } => Self {
                what: what.clone(),
                said: error.to_string(),
                errno: error.raw_os_error().unwrap_or(0),
            },
        }
    }
}

impl From<Failure> for RedirectError {
    fn from(failure: Failure) -> Self {
        if failure.what.is_empty() {
            return Self::Unsupported(failure.said);
        }
        let error = match failure.errno {
            0 => io::Error::other(failure.said),
            number => io::Error::from_raw_os_error(number),
        };
        Self::Os {
            what: failure.what,
            error,
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It is not.
    Failed(Failure),
    /// How the redirection is doing.
    Health(Health),
    /// Who it is.
    Attributed(Attributed),
    /// How many.
    Count(u64),
}

impl Answer {
    /// Of something that was tried.
    pub(crate) fn of(tried: Result<(), RedirectError>) -> Self {
        match tried {
            Ok(()) => Self::Done,
            Err(error) => Self::Failed(Failure::from(&error)),
        }
    }

    /// As a frame.
    ///
    /// # Errors
    /// It is too long.
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        match self {
            Self::Done => Writer::new(1),
            Self::Failed(failure) => Writer::new(2)
                .text(&failure.what, SENTENCE)
                .text(&failure.said, SENTENCE)
                .raw(&failure.errno.to_le_bytes()),
            Self::Health(health) => put_health(Writer::new(3), health),
            Self::Attributed(who) => Writer::new(4)
                .text(who.app.as_str(), NAME)
                .optional(who.version.as_deref(), NAME)
                .text(&who.user, NAME)
                .text(&who.program, PATH),
            Self::Count(count) => Writer::new(5).u64(*count),
        }
        .end()
    }

    /// From a frame.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(frame: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(frame);
        let answer = match reader.u8()? {
            1 => Self::Done,
            2 => Self::Failed(Failure {
                what: reader.text("attempt", SENTENCE)?.to_owned(),
                said: reader.text("error", SENTENCE)?.to_owned(),
                errno: reader.array().map(i32::from_le_bytes)?,
            }),
            3 => Self::Health(health(&mut reader)?),
            4 => {
                let app = reader.text("app", NAME)?.parse();
                Self::Attributed(Attributed {
                    app: app.map_err(|_| Malformed::Value("app"))?,
                    version: reader.optional("version", NAME)?.map(str::to_owned),
                    user: reader.text("user", NAME)?.to_owned(),
                    program: reader.text("program", PATH)?.to_owned(),
                })
            }
            5 => Self::Count(reader.u64()?),
            kind => return Err(Malformed::Kind(kind)),
        };
        reader.end(answer)
    }
}

fn put_health(writer: Writer, health: &Health) -> Writer {
    let limitations = health.limitations.get(..LIMITATIONS as usize);
    let counters = health.counters.get(..COUNTERS as usize);
    writer
        .u8(u8::from(health.effective))
        .optional(health.problem.as_deref(), SENTENCE)
        .list(
            limitations.unwrap_or(&health.limitations),
            |writer, limitation| {
                writer
                    .text(limitation.name, SHORT)
                    .text(&limitation.effect, EFFECT)
            },
        )
        .list(
            counters.unwrap_or(&health.counters),
            |writer, (name, count)| writer.text(name, SHORT).u64(*count),
        )
}

fn health(reader: &mut Reader<'_>) -> Result<Health, Malformed> {
    Ok(Health {
        effective: reader.flag("effect")?,
        problem: reader.optional("problem", SENTENCE)?.map(str::to_owned),
        limitations: reader.list("number of limitations", LIMITATIONS, |reader| {
            Ok(Limitation {
                name: names::kept(reader.text("limitation", SHORT)?),
                effect: reader.text("effect", EFFECT)?.to_owned(),
            })
        })?,
        counters: reader.list("number of counters", COUNTERS, |reader| {
            let name = names::kept(reader.text("counter", SHORT)?);
            Ok((name, reader.u64()?))
        })?,
    })
}
