//! A user that an identity provider creates, or has again.

use serde_json::json;
use tidegate_governance::entity::User;
use tidegate_types::{Timestamp, UserId};

use super::{
    ProvisionedUser, UserInput, accounts,
    change::{address, checked, write},
    list::BY_USER_NAME,
    row::{self, COLUMNS, read},
};
use crate::{
    Actor, Store, StoreError,
    change::{Effect, Entry, bump},
    sql::{Row, Sql, params},
    users,
};

impl Store {
    /// Creates a user.
    ///
    /// Whom the provider deleted and has again under the same id of its own is themself again. Under another
    /// id, or none, it is somebody else who has the address now: a new user, while the old one keeps their
    /// past, and their keys stay refused.
    ///
    /// # Errors
    /// `Invalid` name; `Conflict` when a user has that user name or address.
    pub async fn create_provisioned_user(
        &self,
        actor: Actor,
        input: UserInput,
    ) -> Result<ProvisionedUser, StoreError> {
        self.administer(actor, "user.create", move |sql, now| {
            let input = checked(input)?;
            let (back, mut entries) = make_room(sql, &input)?;
            let id = match back {
                Some(id) => revive(sql, now, id, &input, &mut entries)?,
                None => insert(sql, now, &input, &mut entries)?,
            };
            let value = row::one(sql, id)?;
            Ok(Effect::Several { value, entries })
        })
        .await
    }
}

/// Who has the user name or the address: nobody who is there; of those who are deleted the one who is back,
/// if any, and the others give it up.
fn make_room(
    sql: &mut dyn Sql,
    input: &UserInput,
) -> Result<(Option<UserId>, Vec<Entry>), StoreError> {
    let mut holders = Vec::new();
    let select = |condition| format!("SELECT {COLUMNS}, deleted_at FROM users WHERE {condition}");
    let key = input.user_name.to_lowercase();
    let mut rows = sql.query(&select(BY_USER_NAME), &params![key])?;
    if let Some(email) = &input.email {
        rows.extend(sql.query(&select("email = $1"), &params![email.as_str()])?);
    }
    for row in &rows {
        if row.opt(11, Row::time)?.is_none() {
            let what = "a user has that user name or address";
            return Err(StoreError::conflict(what));
        }
        let user = read(row)?;
        if !holders
            .iter()
            .any(|known: &ProvisionedUser| known.user.id == user.user.id)
        {
            holders.push(user);
        }
    }
    let same = |user: &ProvisionedUser| {
        user.external_id.is_some() && user.external_id == input.external_id
    };
    let back = holders
        .iter()
        .find(|user| same(user))
        .map(|user| user.user.id);
    let mut entries = Vec::new();
    for holder in holders.iter().filter(|user| Some(user.user.id) != back) {
        let id = holder.user.id;
        let name = id.to_string();
        let update =
            "UPDATE users SET email = $2, user_name = $3, user_name_key = $3 WHERE id = $1";
        sql.execute(update, &params![id.uuid(), address(id), name.as_str()])?;
        entries.push(Entry {
            action: "user.release",
            target: name,
            detail: json!({ "email": holder.user.email, "user_name": holder.user_name }),
        });
    }
    Ok((back, entries))
}

fn insert(
    sql: &mut dyn Sql,
    now: Timestamp,
    input: &UserInput,
    entries: &mut Vec<Entry>,
) -> Result<UserId, StoreError> {
    let id = UserId::generate(now);
    let user = User {
        id,
        email: input.email.clone().unwrap_or_else(|| address(id)),
        name: input.name.clone(),
        team: None,
        created_at: now,
        disabled: !input.active,
    };
    users::insert(sql, &user)?;
    let update = "UPDATE users SET user_name = $2, user_name_key = $3, external_id = $4, \
         resource = $5, changed_at = $6 WHERE id = $1";
    let values = params![
        id.uuid(),
        input.user_name.as_str(),
        input.user_name.to_lowercase(),
        input.external_id.as_deref(),
        input.resource.as_str(),
        now,
    ];
    sql.execute(update, &values)?;
    bump(sql)?;
    entries.push(Entry {
        action: "user.create",
        target: id.to_string(),
        detail: json!({
            "email": user.email, "user_name": input.user_name, "external_id": input.external_id,
            "disabled": user.disabled,
        }),
    });
    if user.disabled {
        entries.extend(accounts::disable(sql, &user, input.external_id.as_deref())?);
    }
    Ok(id)
}

fn revive(
    sql: &mut dyn Sql,
    now: Timestamp,
    id: UserId,
    input: &UserInput,
    entries: &mut Vec<Entry>,
) -> Result<UserId, StoreError> {
    let update = "UPDATE users SET deleted_at = NULL WHERE id = $1";
    sql.execute(update, &params![id.uuid()])?;
    let before = row::one(sql, id)?;
    entries.extend(write(sql, now, &before, input, "user.restore")?);
    Ok(id)
}
