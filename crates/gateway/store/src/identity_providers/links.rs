//! Which providers may speak for an account.

use serde_json::json;
use tidegate_types::{AccountId, IdentityProviderId, Timestamp};

use super::one;
use crate::{
    Actor, Store, StoreError, accounts,
    change::Effect,
    sql::{Sql, params},
};

/// Who an account is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountIdentity {
    /// The provider.
    pub provider: IdentityProviderId,
    /// Who they are there.
    pub subject: String,
    /// Their address there, when they last signed in.
    pub email: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When they last signed in through it.
    pub last_sign_in_at: Timestamp,
}

/// Who an account is at all providers, and at which it may become somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountIdentities {
    /// Who it is.
    pub known: Vec<AccountIdentity>,
    /// The next sign-in through these with the account's address becomes the account's.
    pub expected: Vec<IdentityProviderId>,
}

impl Store {
    /// Who an account is at providers.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn account_identities(
        &self,
        account: AccountId,
    ) -> Result<AccountIdentities, StoreError> {
        self.read(move |sql| identities(sql, account)).await
    }

    /// Says whether a provider may speak for an account. To allow it: the next sign-in through the
    /// provider with the account's address becomes the account's. To take it back: the account is
    /// nobody there any more, and its sessions end.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the account is somebody there already, or is nobody there.
    pub async fn link_account(
        &self,
        actor: Actor,
        account: AccountId,
        provider: IdentityProviderId,
        linked: bool,
    ) -> Result<AccountIdentities, StoreError> {
        let action = if linked {
            "account.expect"
        } else {
            "account.unlink"
        };
        self.administer(actor, action, move |sql, now| {
            one(sql, provider)?;
            let before = identities(sql, account)?;
            let known = before.known.iter().any(|who| who.provider == provider);
            let expected = before.expected.contains(&provider);
            match (linked, known, expected) {
                (true, false, true) | (false, false, false) => return Ok(Effect::Same(before)),
                (true, true, _) => {
                    let what = "the account is somebody at that provider already";
                    return Err(StoreError::conflict(what));
                }
                (true, false, false) => allow(sql, account, provider, now)?,
                (false, ..) => {
                    for table in ["account_identities", "account_links"] {
                        let delete = format!(
                            "DELETE FROM {table} WHERE account_id = $1 AND provider_id = $2"
                        );
                        sql.execute(&delete, &params![account.uuid(), provider.uuid()])?;
                    }
                    let delete = "DELETE FROM sessions WHERE account_id = $1 AND provider = $2";
                    sql.execute(delete, &params![account.uuid(), provider.to_string()])?;
                }
            }
            let detail = json!({ "provider": provider });
            let after = identities(sql, account)?;
            Ok(Effect::changed(after, account, detail))
        })
        .await
    }
}

/// The next sign-in becomes the account's.
pub(super) fn allow(
    sql: &mut dyn Sql,
    account: AccountId,
    provider: IdentityProviderId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO account_links (account_id, provider_id, created_at) \
         VALUES ($1, $2, $3)";
    sql.execute(insert, &params![account.uuid(), provider.uuid(), now])
        .map(drop)
}

fn identities(sql: &mut dyn Sql, account: AccountId) -> Result<AccountIdentities, StoreError> {
    accounts::one(sql, account)?;
    let select = "SELECT provider_id, subject, email, created_at, last_sign_in_at \
         FROM account_identities WHERE account_id = $1 ORDER BY created_at, subject LIMIT 200";
    let known = sql.query(select, &params![account.uuid()])?;
    let known = known.iter().map(|row| {
        Ok(AccountIdentity {
            provider: IdentityProviderId::from_uuid(row.uuid(0)?),
            subject: row.text_owned(1)?,
            email: row.text_owned(2)?,
            created_at: row.time(3)?,
            last_sign_in_at: row.time(4)?,
        })
    });
    let known = known.collect::<Result<_, StoreError>>()?;
    let select = "SELECT provider_id FROM account_links WHERE account_id = $1 ORDER BY provider_id";
    let expected = sql.query(select, &params![account.uuid()])?;
    let expected = expected
        .iter()
        .map(|row| row.uuid(0).map(IdentityProviderId::from_uuid));
    Ok(AccountIdentities {
        known,
        expected: expected.collect::<Result<_, _>>()?,
    })
}
