//! A group as a row.

use tidegate_types::{GroupId, TeamId};

use super::Group;
use crate::{
    StoreError,
    sql::{Row, Sql, params},
};

pub(super) const COLUMNS: &str = "id, name, external_id, team_id, resource, version, created_at, \
     changed_at, (SELECT COUNT(*) FROM user_group_members m WHERE m.group_id = user_groups.id)";

pub(super) fn one(sql: &mut dyn Sql, id: GroupId) -> Result<Group, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM user_groups WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "group")?)
}

pub(super) fn read(row: &Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        external_id: row.opt(2, Row::text_owned)?,
        team: row.opt(3, Row::uuid)?.map(TeamId::from_uuid),
        resource: row.text_owned(4)?,
        version: row.count(5)?,
        created_at: row.time(6)?,
        changed_at: row.time(7)?,
        members: row.count(8)?,
    })
}
