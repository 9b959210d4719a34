//! Sign-ins of people on devices, from the first call to the code that the device redeems. Rows live for
//! minutes; of every secret only the hash is here, and each step is taken once.

mod begin;
mod confirm;
mod link;
mod poll;
mod redeem;

use tidegate_governance::entity::User;
use tidegate_types::{Timestamp, UserId};
use uuid::Uuid;

pub use self::{
    begin::{NewDeviceSignIn, NewWay, SignInPerson},
    confirm::Confirmed,
    link::Linked,
    poll::Polled,
    redeem::Redeemed,
};
use crate::{
    StoreError,
    sql::{Row, Sql, Value, params},
};

/// How a sign-in comes back to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The browser of the same machine goes to this port, with this state.
    Loopback {
        /// The port.
        port: u16,
        /// Comes back unchanged.
        state: String,
    },
    /// The device asks for it.
    Code,
}

/// A sign-in, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSignIn {
    /// The machine's name, as the device said it.
    pub hostname: String,
    /// How it comes back.
    pub way: Way,
    /// Whom an identity provider vouched for, once it did.
    pub person: Option<SignInPerson>,
    /// Up to when it can be finished.
    pub expires_at: Timestamp,
}

/// Where a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    SignedIn,
    Confirmed,
    Redeemed,
    Denied,
}

impl Stage {
    const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::SignedIn => "signed_in",
            Self::Confirmed => "confirmed",
            Self::Redeemed => "redeemed",
            Self::Denied => "denied",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let all = [
            Self::Begun,
            Self::SignedIn,
            Self::Confirmed,
            Self::Redeemed,
            Self::Denied,
        ];
        let found = all.into_iter().find(|stage| stage.word() == word);
        found.ok_or_else(|| StoreError::Broken("a sign-in is at an unknown stage".into()))
    }
}

const COLUMNS: &str = "id, way, stage, challenge, hostname, port, state, email, name, provider, \
     user_id, expires_at, code_expires_at, polled_at, interval_seconds";

/// A row as it is.
#[derive(Debug)]
struct Held {
    id: Uuid,
    stage: Stage,
    challenge: String,
    shown: DeviceSignIn,
    user: Option<UserId>,
    code_expires_at: Option<Timestamp>,
    polled_at: Option<Timestamp>,
    interval_seconds: u64,
}

fn read(row: &Row) -> Result<Held, StoreError> {
    let broken = || StoreError::Broken("a sign-in on a device cannot be read".into());
    let way = match row.text(1)? {
        "loopback" => Way::Loopback {
            port: u16::try_from(row.int(5)?).map_err(|_| broken())?,
            state: row.text_owned(6)?,
        },
        "code" => Way::Code,
        _ => return Err(broken()),
    };
    let person = match row.opt(7, Row::text_owned)? {
        Some(email) => Some(SignInPerson {
            email,
            name: row.text_owned(8)?,
            provider: row.text_owned(9)?,
        }),
        None => None,
    };
    Ok(Held {
        id: row.uuid(0)?,
        stage: Stage::read(row.text(2)?)?,
        challenge: row.text_owned(3)?,
        shown: DeviceSignIn {
            hostname: row.text_owned(4)?,
            way,
            person,
            expires_at: row.time(11)?,
        },
        user: row.opt(10, Row::uuid)?.map(UserId::from_uuid),
        code_expires_at: row.opt(12, Row::time)?,
        polled_at: row.opt(13, Row::time)?,
        interval_seconds: row.count(14)?,
    })
}

/// The sign-in whose `column` has this hash, whatever its stage and age.
fn find(sql: &mut dyn Sql, column: &'static str, hash: Value) -> Result<Held, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM device_sign_ins WHERE {column} = $1");
    read(&sql.one(&select, &[hash], "sign-in")?)
}

/// The same, if it is at a stage and can still be finished.
fn at_stage(
    sql: &mut dyn Sql,
    column: &'static str,
    hash: Value,
    stage: Stage,
    now: Timestamp,
) -> Result<Held, StoreError> {
    let held = find(sql, column, hash)?;
    if held.stage == stage && held.shown.expires_at > now {
        return Ok(held);
    }
    Err(StoreError::NotFound("sign-in"))
}

/// Takes a step: false where another one took it meanwhile.
fn step(sql: &mut dyn Sql, id: Uuid, from: Stage, to: Stage) -> Result<bool, StoreError> {
    let update = "UPDATE device_sign_ins SET stage = $3 WHERE id = $1 AND stage = $2";
    Ok(sql.execute(update, &params![id, from.word(), to.word()])? == 1)
}

/// The team's name, for people.
fn team_name(sql: &mut dyn Sql, user: &User) -> Result<Option<String>, StoreError> {
    let Some(team) = user.team else {
        return Ok(None);
    };
    let rows = sql.query(
        "SELECT name FROM teams WHERE id = $1",
        &params![team.uuid()],
    )?;
    rows.first().map(|row| row.text_owned(0)).transpose()
}
