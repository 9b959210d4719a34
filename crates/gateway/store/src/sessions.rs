//! Signed-in sessions of the control plane.

use std::time::Duration;

use serde_json::json;
use tidegate_types::{AccountId, KeyHash, SessionId, Timestamp};

use crate::{
    Account, Actor, Cursor, Page, Store, StoreError, accounts,
    change::Effect,
    page::page_size,
    sql::{Row, Sql, Where, params},
};

/// A signed-in session, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// From when on it is refused, however much it is used.
    pub expires_at: Timestamp,
    /// The identity provider that vouched for the account; none where it gave its own password.
    pub provider: Option<String>,
    /// The address that it was opened from; empty where it was not noted.
    pub address: String,
    /// What the client called itself; empty where it did not.
    pub user_agent: String,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
}

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose it is.
    pub account: AccountId,
    /// The hash of its secret.
    pub hash: KeyHash,
    /// The identity provider that vouched for the account; none where it gave its own password.
    pub provider: Option<String>,
    /// The address that it is opened from.
    pub address: String,
    /// What the client calls itself; may be empty.
    pub user_agent: String,
    /// The session that the client had until now, which ends; whose ever it is.
    pub replaces: Option<KeyHash>,
}

const COLUMNS: &str =
    "id, account_id, created_at, expires_at, provider, address, user_agent, last_used_at";

/// A use is noted at most once in this time, in microseconds: reads stay reads.
const COARSE: i64 = 60_000_000;

/// An account has at most this many sessions: the oldest make room.
const MOST: i64 = 50;

impl Store {
    /// Opens a session for an account that is not disabled.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the account is disabled.
    pub async fn create_session(
        &self,
        new: NewSession,
        ttl: Duration,
    ) -> Result<Session, StoreError> {
        let actor = Actor::Account(new.account);
        self.administer(actor, "session.create", move |sql, now| {
            if accounts::one(sql, new.account)?.disabled {
                return Err(StoreError::conflict("the account is disabled"));
            }
            let id = SessionId::generate(now);
            let session = Session {
                id,
                account: new.account,
                created_at: now,
                expires_at: now.plus(ttl),
                provider: new.provider,
                address: new.address,
                user_agent: new.user_agent,
                last_used_at: now,
            };
            if let Some(hash) = new.replaces {
                sql.execute("DELETE FROM sessions WHERE hash = $1", &params![hash])?;
            }
            make_room(sql, new.account)?;
            insert(sql, &session, new.hash)?;
            let detail = json!({ "address": session.address, "provider": session.provider });
            Ok(Effect::changed(session, new.account, detail))
        })
        .await
    }

    /// The session with this hash and its account, if it has not expired, was used within `idle`, and
    /// the account is not disabled. Notes its use.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn session(
        &self,
        hash: KeyHash,
        idle: Duration,
    ) -> Result<(Session, Account), StoreError> {
        let now = self.now();
        let (mut session, account) = self
            .read(move |sql| {
                let select =
                    format!("SELECT {COLUMNS} FROM sessions WHERE hash = $1 AND expires_at > $2");
                let session = read(&sql.one(&select, &params![hash, now], "session")?)?;
                let account = accounts::one(sql, session.account)?;
                if account.disabled || session.last_used_at.plus(idle) <= now {
                    return Err(StoreError::NotFound("session"));
                }
                Ok((session, account))
            })
            .await?;
        if session.last_used_at.micros() < now.micros().saturating_sub(COARSE) {
            let id = session.id.uuid();
            let update = "UPDATE sessions SET last_used_at = $2 WHERE id = $1";
            self.write(move |sql| sql.execute(update, &params![id, now]))
                .await?;
            session.last_used_at = now;
        }
        Ok((session, account))
    }

    /// Sessions that have not expired, oldest first: of one account, or of all.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn sessions(
        &self,
        account: Option<AccountId>,
        idle: Duration,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Session>, StoreError> {
        let (now, limit) = (self.now(), page_size(limit));
        let idle = i64::try_from(idle.as_micros()).unwrap_or(i64::MAX);
        let used_since = now.micros().saturating_sub(idle);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("account_id = {}", account.map(AccountId::uuid));
            filter.maybe("expires_at > {}", Some(now));
            filter.maybe(
                "COALESCE(last_used_at, created_at) > {}",
                Some(Timestamp::from_micros(used_since)),
            );
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select =
                format!("SELECT {COLUMNS} FROM sessions{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let sessions = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(sessions, limit, |session: &Session| {
                session.id.uuid()
            }))
        })
        .await
    }

    /// Ends a session: any, or one of an account.
    ///
    /// # Errors
    /// `NotFound`: there is none with this id, or it is another account's.
    pub async fn end_session(
        &self,
        actor: Actor,
        id: SessionId,
        of: Option<AccountId>,
    ) -> Result<(), StoreError> {
        self.administer(actor, "session.end", move |sql, _| {
            let select = format!("SELECT {COLUMNS} FROM sessions WHERE id = $1");
            let session = read(&sql.one(&select, &params![id.uuid()], "session")?)?;
            if of.is_some_and(|account| account != session.account) {
                return Err(StoreError::NotFound("session"));
            }
            sql.execute("DELETE FROM sessions WHERE id = $1", &params![id.uuid()])?;
            let detail = json!({ "session": id.to_string() });
            Ok(Effect::changed((), session.account, detail))
        })
        .await
    }

    /// Signs an account out everywhere; how many sessions ended.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn end_sessions(&self, actor: Actor, account: AccountId) -> Result<u64, StoreError> {
        self.administer(actor, "account.sign_out", move |sql, _| {
            accounts::one(sql, account)?;
            let ended = end_all(sql, account)?;
            let detail = json!({ "sessions": ended });
            Ok(Effect::changed(ended, account, detail))
        })
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

/// Ends all sessions of an account; how many.
pub(crate) fn end_all(sql: &mut dyn Sql, account: AccountId) -> Result<u64, StoreError> {
    let delete = "DELETE FROM sessions WHERE account_id = $1";
    sql.execute(delete, &params![account.uuid()])
}

/// Who signs in again and again without signing out does not fill the table.
fn make_room(sql: &mut dyn Sql, account: AccountId) -> Result<(), StoreError> {
    let delete = "DELETE FROM sessions WHERE account_id = $1 AND id NOT IN \
         (SELECT id FROM sessions WHERE account_id = $1 ORDER BY id DESC LIMIT $2)";
    sql.execute(delete, &params![account.uuid(), MOST - 1])
        .map(drop)
}

fn insert(sql: &mut dyn Sql, session: &Session, hash: KeyHash) -> Result<(), StoreError> {
    let insert = "INSERT INTO sessions \
         (id, hash, account_id, created_at, expires_at, provider, address, user_agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![
        session.id.uuid(),
        hash,
        session.account.uuid(),
        session.created_at,
        session.expires_at,
        session.provider.as_deref(),
        session.address.as_str(),
        session.user_agent.as_str()
    ];
    sql.execute(insert, &values).map(drop)
}

fn read(row: &Row) -> Result<Session, StoreError> {
    let created_at = row.time(2)?;
    Ok(Session {
        id: SessionId::from_uuid(row.uuid(0)?),
        account: AccountId::from_uuid(row.uuid(1)?),
        created_at,
        expires_at: row.time(3)?,
        provider: row.opt(4, Row::text_owned)?,
        address: row.text_owned(5)?,
        user_agent: row.text_owned(6)?,
        last_used_at: row.opt(7, Row::time)?.unwrap_or(created_at),
    })
}
