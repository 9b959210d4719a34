//! Changing accounts. Whoever may do something else from now on, or nothing any more, signs in anew.

use serde_json::json;
use tidegate_types::{AccountId, Grant, Secret};

use super::{Account, one, optional_name};
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    grant,
    sessions::end_all,
    sql::{Sql, params},
};

/// What to change of an account. Absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountPatch {
    /// Name for people, at most 100 characters; may be empty.
    pub name: Option<String>,
    /// What it may do. Another grant ends its sessions.
    pub grant: Option<Grant>,
    /// Whether it cannot sign in. Disabling ends its sessions.
    pub disabled: Option<bool>,
}

impl Store {
    /// Changes an account.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name or team; `Conflict` when nobody with a password could administer
    /// the gateway any more.
    pub async fn patch_account(
        &self,
        actor: Actor,
        id: AccountId,
        patch: AccountPatch,
    ) -> Result<Account, StoreError> {
        self.administer(actor, "account.update", move |sql, _| {
            let before = one(sql, id)?;
            let mut account = before.clone();
            if let Some(name) = &patch.name {
                account.name = optional_name(name)?;
            }
            account.grant = patch.grant.unwrap_or(account.grant);
            account.disabled = patch.disabled.unwrap_or(account.disabled);
            if account == before {
                return Ok(Effect::Same(account));
            }
            grant::exists(sql, account.grant)?;
            if administers(&before) && !administers(&account) {
                others_administer(sql, id)?;
            }
            let update = "UPDATE accounts SET name = $2, role = $3, team_id = $4, disabled = $5 \
                 WHERE id = $1";
            let (role, team) = grant::columns(account.grant);
            let name = account.name.as_str();
            sql.execute(
                update,
                &params![id.uuid(), name, role, team, account.disabled],
            )?;
            if account.disabled || account.grant != before.grant {
                end_all(sql, id)?;
            }
            let detail = json!({
                "email": account.email, "name": account.name, "role": role,
                "team": account.grant.team().map(|team| team.to_string()),
                "disabled": account.disabled,
            });
            Ok(Effect::changed(account, id, detail))
        })
        .await
    }

    /// Disables (and ends its sessions) or enables an account.
    ///
    /// # Errors
    /// As [`patch_account`](Self::patch_account).
    pub async fn set_account_disabled(
        &self,
        actor: Actor,
        id: AccountId,
        disabled: bool,
    ) -> Result<Account, StoreError> {
        let patch = AccountPatch {
            disabled: Some(disabled),
            ..AccountPatch::default()
        };
        self.patch_account(actor, id, patch).await
    }

    /// Sets another password hash and ends the account's sessions.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_password(
        &self,
        actor: Actor,
        id: AccountId,
        password_hash: Secret<String>,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.password", move |sql, _| {
            let account = one(sql, id)?;
            let update = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), password_hash.expose().as_str()])?;
            end_all(sql, id)?;
            Ok(Effect::changed((), id, json!({ "email": account.email })))
        })
        .await
    }
}

/// Whether it can administer the gateway when no identity provider answers.
pub(crate) const fn administers(account: &Account) -> bool {
    account.has_password && !account.disabled && matches!(account.grant, Grant::Admin)
}

/// The break-glass rule: an admin with a password of their own is left.
pub(crate) fn others_administer(sql: &mut dyn Sql, but: AccountId) -> Result<(), StoreError> {
    let select = "SELECT 1 FROM accounts WHERE id <> $1 AND role = $2 AND disabled = $3 \
         AND password_hash <> '' LIMIT 1";
    let role = grant::columns(Grant::Admin).0;
    if sql
        .query(select, &params![but.uuid(), role, false])?
        .is_empty()
    {
        return Err(StoreError::conflict(
            "this is the last account with the role `admin` that can sign in by a password; \
             without it nobody could get in when no identity provider answers",
        ));
    }
    Ok(())
}
