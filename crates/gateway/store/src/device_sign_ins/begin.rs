//! How a sign-in begins, and what the browser's side of it does until an identity provider has vouched.

use std::time::Duration;

use tidegate_types::{DeviceSignInId, KeyHash, Timestamp};

use super::{DeviceSignIn, Stage, at_stage, find, step};
use crate::{
    Store, StoreError, input,
    sql::{Sql, Value, params},
};

/// Sign-ins that are under way at once, on all nodes. Anybody may begin one.
const MOST: i64 = 20_000;
/// How long a row is kept after its end: as long as the token that it led to may be used.
const KEPT: Duration = Duration::from_secs(3_600);

/// How a new sign-in comes back to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewWay {
    /// By the browser of the same machine.
    Loopback {
        /// What the browser goes by.
        reference: KeyHash,
        /// The port that waits.
        port: u16,
        /// Comes back unchanged.
        state: String,
    },
    /// By a code that a person types elsewhere.
    Code {
        /// What the device asks by.
        device_code: KeyHash,
        /// What the person types: 8 letters.
        user_code: String,
        /// Seconds between two polls.
        interval_seconds: u32,
    },
}

/// A sign-in to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeviceSignIn {
    /// What the verifier has to match (RFC 7636).
    pub challenge: String,
    /// The machine's name, 1 to 255 bytes.
    pub hostname: String,
    /// How it comes back.
    pub way: NewWay,
    /// How long it may take.
    pub lifetime: Duration,
}

/// Whom an identity provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPerson {
    /// Their address, which the provider says is theirs.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// The provider, for people and the audit log.
    pub provider: String,
}

/// Codes that people type are short, so their hash has a context of its own.
fn user_code(code: &str) -> Value {
    let hash = blake3::derive_key("tidegate 2026-11 user code v1", code.as_bytes());
    Value::Blob(hash.to_vec())
}

impl Store {
    /// Begins a sign-in, and forgets those that ended long ago.
    ///
    /// # Errors
    /// `Invalid` hostname; `Conflict` when too many are under way, or the code for people is in use.
    pub async fn begin_device_sign_in(&self, new: NewDeviceSignIn) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |sql| {
            let long_ago = Timestamp::from_micros(
                now.micros()
                    .saturating_sub(i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX)),
            );
            let forget = "DELETE FROM device_sign_ins WHERE expires_at < $1";
            sql.execute(forget, &params![long_ago])?;
            let count = "SELECT COUNT(*) FROM device_sign_ins WHERE expires_at > $1";
            if sql.one(count, &params![now], "schema")?.int(0)? >= MOST {
                return Err(StoreError::conflict("too many sign-ins are under way"));
            }
            insert(sql, now, &new)
        })
        .await
    }

    /// The sign-in of a browser that has not been to a provider yet.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is over.
    pub async fn device_sign_in(&self, reference: KeyHash) -> Result<DeviceSignIn, StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let held = at_stage(sql, "reference", reference.into(), Stage::Begun, now)?;
            Ok(held.shown)
        })
        .await
    }

    /// A person typed a code: the browser goes by `reference` from here on, and one before it by nothing.
    ///
    /// # Errors
    /// `NotFound` when there is no such code, or somebody has signed in with it.
    pub async fn enter_user_code(
        &self,
        code: String,
        reference: KeyHash,
    ) -> Result<DeviceSignIn, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            let held = at_stage(sql, "user_code", user_code(&code), Stage::Begun, now)?;
            let update =
                "UPDATE device_sign_ins SET reference = $2 WHERE id = $1 AND stage = 'begun'";
            match sql.execute(update, &params![held.id, reference])? {
                1 => Ok(held.shown),
                _ => Err(StoreError::NotFound("sign-in")),
            }
        })
        .await
    }

    /// An identity provider vouched: the browser goes by `ticket` from here on.
    ///
    /// # Errors
    /// `NotFound` when the sign-in is over, or had this already; `Invalid` address.
    pub async fn approve_device_sign_in(
        &self,
        reference: KeyHash,
        person: SignInPerson,
        ticket: KeyHash,
    ) -> Result<DeviceSignIn, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            let mut held = at_stage(sql, "reference", reference.into(), Stage::Begun, now)?;
            let person = SignInPerson {
                email: input::email(&person.email)?,
                ..person
            };
            if !step(sql, held.id, Stage::Begun, Stage::SignedIn)? {
                return Err(StoreError::NotFound("sign-in"));
            }
            let update = "UPDATE device_sign_ins SET email = $2, name = $3, provider = $4, \
                 ticket = $5, reference = NULL WHERE id = $1";
            let (email, name) = (person.email.as_str(), person.name.as_str());
            let values = params![held.id, email, name, person.provider.as_str(), ticket];
            sql.execute(update, &values)?;
            held.shown.person = Some(person);
            Ok(held.shown)
        })
        .await
    }

    /// Ends a sign-in that its browser cannot or will not go on with, by its reference.
    ///
    /// # Errors
    /// `NotFound` when it is over.
    pub async fn deny_device_sign_in(
        &self,
        reference: KeyHash,
    ) -> Result<DeviceSignIn, StoreError> {
        self.write(move |sql| {
            let held = find(sql, "reference", reference.into())?;
            match step(sql, held.id, Stage::Begun, Stage::Denied)? {
                true => Ok(held.shown),
                false => Err(StoreError::NotFound("sign-in")),
            }
        })
        .await
    }
}

fn insert(sql: &mut dyn Sql, now: Timestamp, new: &NewDeviceSignIn) -> Result<(), StoreError> {
    let name = new.hostname.as_str();
    if name.is_empty() || name.len() > 255 || name.contains(char::is_control) {
        return Err(StoreError::invalid(
            "hostname",
            "it is 1 to 255 bytes, without control characters",
        ));
    }
    let (way, reference, port, state, device_code, code, interval) = match &new.way {
        NewWay::Loopback {
            reference,
            port,
            state,
        } => (
            "loopback",
            Value::from(*reference),
            Value::Int(i64::from(*port)),
            Value::from(state.as_str()),
            Value::Null,
            Value::Null,
            0,
        ),
        NewWay::Code {
            device_code,
            user_code: typed,
            interval_seconds,
        } => {
            let code = user_code(typed);
            let taken = "SELECT 1 FROM device_sign_ins WHERE user_code = $1";
            if !sql.query(taken, std::slice::from_ref(&code))?.is_empty() {
                return Err(StoreError::conflict("the code is in use"));
            }
            let nothing = || Value::Null;
            (
                "code",
                nothing(),
                nothing(),
                nothing(),
                Value::from(*device_code),
                code,
                *interval_seconds,
            )
        }
    };
    let insert = "INSERT INTO device_sign_ins (id, way, stage, challenge, hostname, reference, port, \
         state, device_code, user_code, created_at, expires_at, interval_seconds) \
         VALUES ($1, $2, 'begun', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        Value::from(DeviceSignInId::generate(now).uuid()),
        Value::from(way),
        Value::from(new.challenge.as_str()),
        Value::from(name),
        reference,
        port,
        state,
        device_code,
        code,
        Value::from(now),
        Value::from(now.plus(new.lifetime)),
        Value::Int(i64::from(interval)),
    ];
    sql.execute(insert, &values).map(drop)
}
