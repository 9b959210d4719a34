//! Changes of groups by an identity provider.

use serde_json::json;
use tidegate_types::GroupId;

use super::{
    Group, GroupInput, MemberStep,
    members::{of, step},
    row::one,
    team::settle,
};
use crate::{
    Actor, Store, StoreError,
    change::Effect,
    provisioned::short,
    sql::{Sql, params},
};

impl Store {
    /// Creates a group.
    ///
    /// # Errors
    /// `Invalid` name or member; `Conflict` when there is a group of that name.
    pub async fn create_group(
        &self,
        actor: Actor,
        input: GroupInput,
        members: Vec<tidegate_types::UserId>,
    ) -> Result<Group, StoreError> {
        self.administer(actor, "group.create", move |sql, now| {
            let input = checked(input)?;
            let id = GroupId::generate(now);
            name_is_free(sql, id, &input.name)?;
            let insert = "INSERT INTO user_groups \
                 (id, name, name_key, external_id, resource, version, created_at, changed_at) \
                 VALUES ($1, $2, $3, $4, $5, 1, $6, $6)";
            let values = params![
                id.uuid(),
                input.name.as_str(),
                input.name.to_lowercase(),
                input.external_id.as_deref(),
                input.resource.as_str(),
                now,
            ];
            sql.execute(insert, &values)?;
            let moved = step(sql, id, vec![MemberStep::Add(members)])?;
            let mut detail = json!({ "name": input.name, "external_id": input.external_id });
            moved.detail(&mut detail);
            let group = one(sql, id)?;
            Ok(Effect::changed(group, id, detail))
        })
        .await
    }

    /// Changes a group to what `change` makes of it, and then its members, step by step. Whatever `change`
    /// refuses with is passed on, and nothing changes.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name or member; `Conflict` when there is another group of that name.
    pub async fn change_group<E: Send + 'static>(
        &self,
        actor: Actor,
        id: GroupId,
        change: impl FnOnce(&Group) -> Result<(GroupInput, Vec<MemberStep>), E> + Send + 'static,
    ) -> Result<Result<Group, E>, StoreError> {
        self.administer(actor, "group.update", move |sql, now| {
            let before = one(sql, id)?;
            let (input, steps) = match change(&before) {
                Ok((input, steps)) => (checked(input)?, steps),
                Err(refused) => return Ok(Effect::Same(Err(refused))),
            };
            let moved = step(sql, id, steps)?;
            let renamed = input.name != before.name;
            let same = !renamed
                && input.external_id == before.external_id
                && input.resource == before.resource;
            if same && moved.is_empty() {
                return Ok(Effect::Same(Ok(before)));
            }
            name_is_free(sql, id, &input.name)?;
            let update = "UPDATE user_groups SET name = $2, name_key = $3, external_id = $4, \
                 resource = $5, changed_at = $6, version = version + 1 WHERE id = $1";
            let values = params![
                id.uuid(),
                input.name.as_str(),
                input.name.to_lowercase(),
                input.external_id.as_deref(),
                input.resource.as_str(),
                now,
            ];
            sql.execute(update, &values)?;
            let mut detail = json!({ "name": input.name, "external_id": input.external_id });
            moved.detail(&mut detail);
            if before.team.is_some() {
                // With another name it may be another group that comes first.
                let mut users = moved.everyone();
                if renamed {
                    users.extend(of(sql, id)?);
                }
                detail["moved"] = settle(sql, &users)?.into();
            }
            Ok(Effect::changed(Ok(one(sql, id)?), id, detail))
        })
        .await
    }

    /// Deletes a group; its members lose the team that came with it. `check` may refuse it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_group<E: Send + 'static>(
        &self,
        actor: Actor,
        id: GroupId,
        check: impl FnOnce(&Group) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<(), E>, StoreError> {
        self.administer(actor, "group.delete", move |sql, _| {
            let group = one(sql, id)?;
            if let Err(refused) = check(&group) {
                return Ok(Effect::Same(Err(refused)));
            }
            let moved = step(sql, id, vec![MemberStep::Replace(Vec::new())])?;
            sql.execute("DELETE FROM user_groups WHERE id = $1", &params![id.uuid()])?;
            let mut detail = json!({ "name": group.name, "external_id": group.external_id });
            moved.detail(&mut detail);
            if group.team.is_some() {
                detail["moved"] = settle(sql, &moved.everyone())?.into();
            }
            Ok(Effect::changed(Ok(()), id, detail))
        })
        .await
    }
}

fn checked(mut input: GroupInput) -> Result<GroupInput, StoreError> {
    input.name = short("displayName", &input.name)?.to_owned();
    if let Some(id) = &input.external_id {
        input.external_id = Some(short("externalId", id)?.to_owned());
    }
    Ok(input)
}

fn name_is_free(sql: &mut dyn Sql, id: GroupId, name: &str) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM user_groups WHERE name_key = $1 AND id <> $2";
    if sql
        .query(taken, &params![name.to_lowercase(), id.uuid()])?
        .is_empty()
    {
        return Ok(());
    }
    Err(StoreError::conflict("there is a group of that name"))
}
