//! The second factor of an account (RFC 6238) and its recovery codes. The secret is sealed before it
//! comes here, and codes come as hashes.

use serde_json::json;
use tidegate_types::{AccountId, KeyHash, Timestamp};

use super::one;
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sessions::end_all,
    sql::{Row, Sql, params},
};

/// An account's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The sealed secret.
    pub sealed: Vec<u8>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When a code confirmed it. Before, it is asked of nobody.
    pub confirmed_at: Option<Timestamp>,
    /// The time step of the last code that was accepted.
    pub last_step: u64,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u64,
}

impl Store {
    /// Begins a second factor, in place of one that was begun and not confirmed.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when one is in force, or the account has no password.
    pub async fn begin_second_factor(
        &self,
        actor: Actor,
        account: AccountId,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.totp_begin", move |sql, now| {
            if !one(sql, account)?.has_password {
                return Err(StoreError::conflict(
                    "the account signs in at an identity provider, which asks for the second factor",
                ));
            }
            if find(sql, account)?.is_some_and(|factor| factor.confirmed_at.is_some()) {
                return Err(StoreError::conflict("the account has a second factor"));
            }
            delete(sql, account)?;
            let insert = "INSERT INTO second_factors (account_id, secret, created_at, last_step) \
                 VALUES ($1, $2, $3, 0)";
            sql.execute(insert, &params![account.uuid(), sealed.as_slice(), now])?;
            Ok(Effect::changed((), account, json!({})))
        })
        .await
    }

    /// The account's second factor, confirmed or not.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn second_factor(
        &self,
        account: AccountId,
    ) -> Result<Option<SecondFactor>, StoreError> {
        self.read(move |sql| find(sql, account)).await
    }

    /// Puts a second factor in force: its first code was right. The recovery codes are these.
    ///
    /// # Errors
    /// `NotFound` when none was begun; `Conflict` when one is in force.
    pub async fn confirm_second_factor(
        &self,
        actor: Actor,
        account: AccountId,
        step: u64,
        recovery: Vec<KeyHash>,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.totp_confirm", move |sql, now| {
            let update = "UPDATE second_factors SET confirmed_at = $2, last_step = $3 \
                 WHERE account_id = $1 AND confirmed_at IS NULL";
            if sql.execute(update, &params![account.uuid(), now, step])? == 0 {
                return Err(match find(sql, account)? {
                    Some(_) => StoreError::conflict("the account has a second factor"),
                    None => StoreError::NotFound("second factor"),
                });
            }
            let insert = "INSERT INTO recovery_codes (account_id, hash) VALUES ($1, $2)";
            let rows = recovery.iter().map(|hash| params![account.uuid(), *hash]);
            let rows: Vec<_> = rows.map(Vec::from).collect();
            sql.execute_all(insert, &rows)?;
            Ok(Effect::changed((), account, json!({})))
        })
        .await
    }

    /// Accepts the code of a time step, once: whether it was not accepted before, nor any later one.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn accept_step(&self, account: AccountId, step: u64) -> Result<bool, StoreError> {
        let update = "UPDATE second_factors SET last_step = $2 \
             WHERE account_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2";
        self.write(move |sql| sql.execute(update, &params![account.uuid(), step]))
            .await
            .map(|changed| changed == 1)
    }

    /// Takes a recovery code, once: whether there was such a code.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn accept_recovery_code(
        &self,
        account: AccountId,
        hash: KeyHash,
    ) -> Result<bool, StoreError> {
        let actor = Actor::Account(account);
        self.administer(actor, "account.recovery_code", move |sql, _| {
            let delete = "DELETE FROM recovery_codes WHERE account_id = $1 AND hash = $2";
            if sql.execute(delete, &params![account.uuid(), hash])? == 0 {
                return Ok(Effect::Same(false));
            }
            let left = codes_left(sql, account)?;
            Ok(Effect::changed(true, account, json!({ "left": left })))
        })
        .await
    }

    /// Removes the second factor, by whoever proved to have it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_second_factor(
        &self,
        actor: Actor,
        account: AccountId,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.totp_remove", move |sql, _| {
            find(sql, account)?.ok_or(StoreError::NotFound("second factor"))?;
            delete(sql, account)?;
            Ok(Effect::changed((), account, json!({})))
        })
        .await
    }

    /// Removes the second factor of somebody who lost it, and ends their sessions. Doing it twice
    /// changes nothing.
    ///
    /// # Errors
    /// `NotFound`: there is no such account.
    pub async fn reset_second_factor(
        &self,
        actor: Actor,
        account: AccountId,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.totp_reset", move |sql, _| {
            let of = one(sql, account)?;
            if find(sql, account)?.is_none() {
                return Ok(Effect::Same(()));
            }
            delete(sql, account)?;
            end_all(sql, account)?;
            Ok(Effect::changed((), account, json!({ "email": of.email })))
        })
        .await
    }
}

fn find(sql: &mut dyn Sql, account: AccountId) -> Result<Option<SecondFactor>, StoreError> {
    let select = "SELECT secret, created_at, confirmed_at, last_step FROM second_factors \
         WHERE account_id = $1";
    let rows = sql.query(select, &params![account.uuid()])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(SecondFactor {
        sealed: row.blob(0)?.to_vec(),
        created_at: row.time(1)?,
        confirmed_at: row.opt(2, Row::time)?,
        last_step: row.count(3)?,
        recovery_codes_left: codes_left(sql, account)?,
    }))
}

fn codes_left(sql: &mut dyn Sql, account: AccountId) -> Result<u64, StoreError> {
    let count = "SELECT COUNT(*) FROM recovery_codes WHERE account_id = $1";
    sql.one(count, &params![account.uuid()], "recovery code")?
        .count(0)
}

fn delete(sql: &mut dyn Sql, account: AccountId) -> Result<(), StoreError> {
    for table in ["recovery_codes", "second_factors"] {
        let delete = format!("DELETE FROM {table} WHERE account_id = $1");
        sql.execute(&delete, &params![account.uuid()])?;
    }
    Ok(())
}
