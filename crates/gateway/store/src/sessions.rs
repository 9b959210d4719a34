//! Signed-in sessions of the control plane.

use std::time::Duration;

use tidegate_types::{AccountId, KeyHash, SessionId, Timestamp};

use crate::{
    Account, Store, StoreError, accounts,
    sql::{Row, params},
};

/// A signed-in session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

impl Store {
    /// Opens a session for an account that is not disabled.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the account is disabled.
    pub async fn create_session(
        &self,
        account: AccountId,
        hash: KeyHash,
        ttl: Duration,
    ) -> Result<Session, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            if accounts::one(sql, account)?.disabled {
                return Err(StoreError::conflict("the account is disabled"));
            }
            let id = SessionId::generate(now);
            let session = Session {
                id,
                account,
                created_at: now,
                expires_at: now.plus(ttl),
            };
            let insert = "INSERT INTO sessions (id, hash, account_id, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5)";
            let values = params![id.uuid(), hash, account.uuid(), now, session.expires_at];
            sql.execute(insert, &values)?;
            Ok(session)
        })
        .await
    }

    /// The session with this hash and its account, if it has not expired and the account is not
    /// disabled.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn session(&self, hash: KeyHash) -> Result<(Session, Account), StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let select = "SELECT id, account_id, created_at, expires_at FROM sessions \
                 WHERE hash = $1 AND expires_at > $2";
            let session = read(&sql.one(select, &params![hash, now], "session")?)?;
            let account = accounts::one(sql, session.account)?;
            if account.disabled {
                return Err(StoreError::NotFound("session"));
            }
            Ok((session, account))
        })
        .await
    }

    /// Ends a session. Ending one that is gone is fine.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        let delete = "DELETE FROM sessions WHERE id = $1";
        self.write(move |sql| sql.execute(delete, &params![id.uuid()]).map(drop))
            .await
    }

    /// Deletes expired sessions; how many.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn purge_sessions(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let delete = "DELETE FROM sessions WHERE expires_at <= $1";
        self.write(move |sql| sql.execute(delete, &params![now]))
            .await
    }
}

fn read(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_uuid(row.uuid(0)?),
        account: AccountId::from_uuid(row.uuid(1)?),
        created_at: row.time(2)?,
        expires_at: row.time(3)?,
    })
}
