//! Sign-ins between their two halves. Taking one deletes it, whatever becomes of it: a second callback,
//! on any replica, finds nothing.

use std::time::Duration;

use tidegate_types::{IdentityProviderId, KeyHash};

use crate::{Store, StoreError, sql::params};

/// Sign-ins under way at once, on all nodes. Anybody may begin one, so the oldest make room: a person
/// needs a minute, and a flood has to be a large one to be faster than that.
const MOST: i64 = 10_000;

/// A sign-in to remember.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// The hash of what comes back with the browser.
    pub state: KeyHash,
    /// The hash of the browser's cookie.
    pub browser: KeyHash,
    /// Where the browser went.
    pub provider: IdentityProviderId,
    /// What the second half needs, sealed.
    pub handshake: Vec<u8>,
    /// For whom the person signs in, where it is a device: its own reference.
    pub device: Option<String>,
    /// Where the browser goes in the end.
    pub return_to: String,
    /// How long it may take.
    pub lifetime: Duration,
}

/// A sign-in that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// The hash of the browser's cookie.
    pub browser: KeyHash,
    /// Where the browser went.
    pub provider: IdentityProviderId,
    /// What the second half needs, sealed.
    pub handshake: Vec<u8>,
    /// For whom the person signs in, where it is a device.
    pub device: Option<String>,
    /// Where the browser goes in the end.
    pub return_to: String,
    /// Whether it took too long.
    pub expired: bool,
}

impl Store {
    /// Remembers a sign-in that was begun.
    ///
    /// # Errors
    /// The store is unavailable, or the provider is gone.
    pub async fn begin_sign_in(&self, new: NewSignIn) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |sql| {
            sql.execute("DELETE FROM sign_ins WHERE expires_at <= $1", &params![now])?;
            let room = "DELETE FROM sign_ins WHERE state NOT IN \
                 (SELECT state FROM sign_ins ORDER BY expires_at DESC LIMIT $1)";
            let count = "SELECT COUNT(*) FROM sign_ins";
            if sql.one(count, &[], "schema")?.int(0)? >= MOST {
                sql.execute(room, &params![MOST - 1])?;
            }
            let insert = "INSERT INTO sign_ins (state, browser, provider_id, handshake, device, \
                 return_to, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let values = params![
                new.state,
                new.browser,
                new.provider.uuid(),
                new.handshake.as_slice(),
                new.device,
                new.return_to,
                now,
                now.plus(new.lifetime),
            ];
            sql.execute(insert, &values).map(drop)
        })
        .await
    }

    /// Takes a sign-in away: it comes back once.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it came back before.
    pub async fn take_sign_in(&self, state: KeyHash) -> Result<PendingSignIn, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            let take = "DELETE FROM sign_ins WHERE state = $1 RETURNING browser, provider_id, \
                 handshake, device, return_to, expires_at";
            let row = sql.one(take, &params![state], "sign-in")?;
            Ok(PendingSignIn {
                browser: row.hash(0)?,
                provider: IdentityProviderId::from_uuid(row.uuid(1)?),
                handshake: row.blob(2)?.to_vec(),
                device: row.opt(3, crate::sql::Row::text_owned)?,
                return_to: row.text_owned(4)?,
                expired: row.time(5)? <= now,
            })
        })
        .await
    }

    /// Forgets sign-ins that took too long; how many.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn purge_sign_ins(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let delete = "DELETE FROM sign_ins WHERE expires_at <= $1";
        self.write(move |sql| sql.execute(delete, &params![now]))
            .await
    }
}
