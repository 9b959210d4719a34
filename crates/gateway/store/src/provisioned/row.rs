//! A provisioned user as a row.

use tidegate_types::{GroupId, UserId};

use super::ProvisionedUser;
use crate::{
    StoreError,
    sql::{Row, Sql, params},
    users,
};

/// The first six are those of a user.
pub(super) const COLUMNS: &str = "id, email, name, team_id, created_at, disabled, \
     COALESCE(user_name, email), external_id, resource, version, COALESCE(changed_at, created_at)";

/// Those that a provider may see.
pub(super) const VISIBLE: &str = "deleted_at IS NULL";

pub(super) fn one(sql: &mut dyn Sql, id: UserId) -> Result<ProvisionedUser, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM users WHERE id = $1 AND {VISIBLE}");
    let mut user = [read(&sql.one(&select, &params![id.uuid()], "user")?)?];
    with_groups(sql, &mut user)?;
    let [user] = user;
    Ok(user)
}

pub(super) fn read(row: &Row) -> Result<ProvisionedUser, StoreError> {
    Ok(ProvisionedUser {
        user: users::read(row)?,
        user_name: row.text_owned(6)?,
        external_id: row.opt(7, Row::text_owned)?,
        resource: row.opt(8, Row::text_owned)?,
        version: row.count(9)?,
        changed_at: row.time(10)?,
        groups: Vec::new(),
    })
}

/// Fills in the groups of each.
pub(super) fn with_groups(
    sql: &mut dyn Sql,
    users: &mut [ProvisionedUser],
) -> Result<(), StoreError> {
    let select = "SELECT g.id, g.name, g.name_key FROM user_group_members m \
         JOIN user_groups g ON g.id = m.group_id WHERE m.user_id = $1";
    let ids: Vec<_> = users
        .iter()
        .map(|user| params![user.user.id.uuid()].to_vec())
        .collect();
    for (user, rows) in users.iter_mut().zip(sql.query_all(select, &ids)?) {
        let mut groups = rows
            .iter()
            .map(|row| Ok((row.text_owned(2)?, row.uuid(0)?, row.text_owned(1)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        // Here and not in SQL: the engines sort texts differently.
        groups.sort();
        user.groups = groups
            .into_iter()
            .map(|(_, id, name)| (GroupId::from_uuid(id), name))
            .collect();
    }
    Ok(())
}
