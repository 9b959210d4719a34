//! The console's accounts of a user: they are switched off and on with the user.

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::AccountId;

use crate::{
    StoreError,
    accounts::{self, administers, others_administer},
    change::Entry,
    sessions::end_all,
    sql::{Sql, params},
};

/// Disables the accounts of a user and ends their sessions; the entries for the audit log.
///
/// The last one by which somebody could get in when no identity provider answers stays enabled, since a
/// provider that is taken over must not lock everybody out. Its sessions end all the same.
pub(crate) fn disable(
    sql: &mut dyn Sql,
    user: &User,
    external_id: Option<&str>,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for id in of(sql, user, external_id)? {
        let account = accounts::one(sql, id)?;
        end_all(sql, id)?;
        if account.disabled {
            continue;
        }
        let detail = json!({ "email": account.email, "user": user.id });
        if administers(&account)
            && let Err(StoreError::Conflict { .. }) = others_administer(sql, id)
        {
            entries.push(Entry {
                action: "account.keep",
                target: id.to_string(),
                detail,
            });
            continue;
        }
        set(sql, id, true)?;
        let lock = "INSERT INTO user_account_locks (account_id, user_id) VALUES ($1, $2) \
             ON CONFLICT (account_id) DO UPDATE SET user_id = excluded.user_id";
        sql.execute(lock, &params![id.uuid(), user.id.uuid()])?;
        entries.push(Entry {
            action: "account.disable",
            target: id.to_string(),
            detail,
        });
    }
    Ok(entries)
}

/// Enables the accounts that were disabled along with the user, and no others.
pub(crate) fn enable(sql: &mut dyn Sql, user: &User) -> Result<Vec<Entry>, StoreError> {
    let locked = "DELETE FROM user_account_locks WHERE user_id = $1 RETURNING account_id";
    let mut entries = Vec::new();
    for row in sql.query(locked, &params![user.id.uuid()])? {
        let id = AccountId::from_uuid(row.uuid(0)?);
        let account = accounts::one(sql, id)?;
        if account.disabled {
            set(sql, id, false)?;
            entries.push(Entry {
                action: "account.enable",
                target: id.to_string(),
                detail: json!({ "email": account.email, "user": user.id }),
            });
        }
    }
    Ok(entries)
}

fn set(sql: &mut dyn Sql, id: AccountId, disabled: bool) -> Result<(), StoreError> {
    let update = "UPDATE accounts SET disabled = $2 WHERE id = $1";
    sql.execute(update, &params![id.uuid(), disabled]).map(drop)
}

/// The accounts with the user's address, and those for which an identity provider vouched under it, or under
/// the id that it gives the user.
fn of(
    sql: &mut dyn Sql,
    user: &User,
    external_id: Option<&str>,
) -> Result<Vec<AccountId>, StoreError> {
    let select = "SELECT id FROM accounts WHERE email = $1 OR id IN \
         (SELECT account_id FROM account_identities WHERE email = $1 OR subject = $2)";
    let rows = sql.query(select, &params![user.email.as_str(), external_id])?;
    rows.iter()
        .map(|row| row.uuid(0).map(AccountId::from_uuid))
        .collect()
}
