//! Changes of a user by an identity provider. Each reads the user, decides and writes in one transaction.

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::{Timestamp, UserId};

use super::{ProvisionedUser, UserInput, accounts, list::BY_USER_NAME, row::one};
use crate::{
    Actor, Store, StoreError,
    change::{Effect, Entry, bump},
    groups, input,
    sql::{Sql, params},
};

/// The longest user name and external id, in bytes.
const LONGEST: usize = 1_024;

/// The largest resource, in bytes.
const LARGEST: usize = 128 * 1_024;

impl Store {
    /// Changes a user to what `change` makes of them. Whatever it refuses with is passed on, and nothing
    /// changes.
    ///
    /// Deactivation disables the user, so that their keys and devices are refused, disables their account in
    /// the console and ends its sessions. Their team stays what it is until they are active again: what is
    /// denied to them on a device does not become less.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name; `Conflict` when another user has that user name or address.
    pub async fn change_provisioned_user<E: Send + 'static>(
        &self,
        actor: Actor,
        id: UserId,
        change: impl FnOnce(&ProvisionedUser) -> Result<UserInput, E> + Send + 'static,
    ) -> Result<Result<ProvisionedUser, E>, StoreError> {
        self.administer(actor, "user.update", move |sql, now| {
            let before = one(sql, id)?;
            let input = match change(&before) {
                Ok(input) => checked(input)?,
                Err(refused) => return Ok(Effect::Same(Err(refused))),
            };
            let entries = write(sql, now, &before, &input, "user.update")?;
            if entries.is_empty() {
                return Ok(Effect::Same(Ok(before)));
            }
            let value = Ok(one(sql, id)?);
            Ok(Effect::Several { value, entries })
        })
        .await
    }

    /// Deletes a user as far as the provider is concerned: they are disabled, as are their accounts, leave
    /// their groups, and are shown to it no more. What they did, their keys and their team are kept.
    /// `check` may refuse it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_provisioned_user<E: Send + 'static>(
        &self,
        actor: Actor,
        id: UserId,
        check: impl FnOnce(&ProvisionedUser) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<(), E>, StoreError> {
        self.administer(actor, "user.delete", move |sql, now| {
            let before = one(sql, id)?;
            if let Err(refused) = check(&before) {
                return Ok(Effect::Same(Err(refused)));
            }
            let update = "UPDATE users SET disabled = $2, deleted_at = $3, changed_at = $3, \
                 version = version + 1 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), true, now])?;
            let leave = "DELETE FROM user_group_members WHERE user_id = $1";
            sql.execute(leave, &params![id.uuid()])?;
            bump(sql)?;
            let groups: Vec<&str> = before
                .groups
                .iter()
                .map(|(_, name)| name.as_str())
                .collect();
            let mut entries = vec![Entry {
                action: "user.delete",
                target: id.to_string(),
                detail: json!({
                    "email": before.user.email, "user_name": before.user_name,
                    "external_id": before.external_id, "kept": true, "groups": groups,
                }),
            }];
            let known = before.external_id.as_deref();
            entries.extend(accounts::disable(sql, &before.user, known)?);
            Ok(Effect::Several {
                value: Ok(()),
                entries,
            })
        })
        .await
    }
}

/// The rules for what a provider sends.
pub(super) fn checked(mut input: UserInput) -> Result<UserInput, StoreError> {
    input.name = input::name(&input.name)?;
    if let Some(email) = &input.email {
        input.email = Some(input::email(email)?);
    }
    input.user_name = short("userName", &input.user_name)?.to_owned();
    if let Some(id) = &input.external_id {
        input.external_id = Some(short("externalId", id)?.to_owned());
    }
    if input.resource.len() > LARGEST {
        return Err(StoreError::invalid("resource", "it is too large"));
    }
    Ok(input)
}

/// A text of 1 to 1024 bytes that PostgreSQL can hold.
pub(crate) fn short<'t>(field: &'static str, text: &'t str) -> Result<&'t str, StoreError> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || text.contains('\0') {
        return Err(StoreError::invalid(field, "it is 1 to 1024 bytes of text"));
    }
    Ok(text)
}

/// The address of someone who has none: the name is one that never resolves (RFC 6761 §6.4).
pub(super) fn address(id: UserId) -> String {
    format!("{id}@users.invalid")
}

/// Writes what differs; the entries for the audit log, none when nothing does.
pub(super) fn write(
    sql: &mut dyn Sql,
    now: Timestamp,
    before: &ProvisionedUser,
    input: &UserInput,
    action: &'static str,
) -> Result<Vec<Entry>, StoreError> {
    let id = before.user.id;
    let user = User {
        email: input
            .email
            .clone()
            .unwrap_or_else(|| before.user.email.clone()),
        name: input.name.clone(),
        disabled: !input.active,
        ..before.user.clone()
    };
    let same = user == before.user
        && input.user_name == before.user_name
        && input.external_id == before.external_id
        && before.resource.as_ref() == Some(&input.resource);
    if same {
        return Ok(Vec::new());
    }
    let key = input.user_name.to_lowercase();
    others_have(sql, id, BY_USER_NAME, &key)?;
    others_have(sql, id, "email = $1", &user.email)?;
    let update = "UPDATE users SET email = $2, name = $3, disabled = $4, user_name = $5, \
         user_name_key = $6, external_id = $7, resource = $8, changed_at = $9, \
         version = version + 1 WHERE id = $1";
    let values = params![
        id.uuid(),
        user.email.as_str(),
        user.name.as_str(),
        user.disabled,
        input.user_name.as_str(),
        key,
        input.external_id.as_deref(),
        input.resource.as_str(),
        now,
    ];
    sql.execute(update, &values)?;
    let mut entries = vec![Entry {
        action,
        target: id.to_string(),
        detail: json!({
            "email": user.email, "user_name": input.user_name, "external_id": input.external_id,
            "name": user.name, "disabled": user.disabled,
        }),
    }];
    if user != before.user {
        bump(sql)?;
    }
    match (before.user.disabled, user.disabled) {
        (false, true) => {
            // Under the address they had too: a change of it must not save an account.
            let known = before.external_id.as_deref();
            entries.extend(accounts::disable(sql, &before.user, known)?);
            if (&user.email, &input.external_id) != (&before.user.email, &before.external_id) {
                let known = input.external_id.as_deref();
                entries.extend(accounts::disable(sql, &user, known)?);
            }
        }
        (true, false) => {
            entries.extend(accounts::enable(sql, &user)?);
            groups::settle(sql, &[id])?;
        }
        _ => {}
    }
    Ok(entries)
}

/// Nobody else has it; whom the provider deleted counts, since they may be back.
fn others_have(
    sql: &mut dyn Sql,
    but: UserId,
    condition: &str,
    value: &str,
) -> Result<(), StoreError> {
    let select = format!("SELECT 1 FROM users WHERE ({condition}) AND id <> $2");
    if sql.query(&select, &params![value, but.uuid()])?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict(
        "another user has that user name or address",
    ))
}
