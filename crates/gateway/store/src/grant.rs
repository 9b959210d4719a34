//! What an account or a token may do, as two columns: a role, and the team where the role has one.

use tidegate_types::{Grant, Role, TeamId};
use uuid::Uuid;

use crate::{
    StoreError, scope,
    sql::{Row, Sql},
};

/// The team that it is confined to exists.
pub(crate) fn exists(sql: &mut dyn Sql, grant: Grant) -> Result<(), StoreError> {
    scope::team_exists(sql, grant.team())
}

/// The values of its two columns.
pub(crate) fn columns(grant: Grant) -> (&'static str, Option<Uuid>) {
    (grant.role().name(), grant.team().map(|team| team.uuid()))
}

/// What two columns hold.
pub(crate) fn read(row: &Row, role: usize, team: usize) -> Result<Grant, StoreError> {
    let team = row.opt(team, Row::uuid)?.map(TeamId::from_uuid);
    Grant::new(row.parsed::<Role>(role)?, team)
        .ok_or_else(|| StoreError::Broken("a role does not go with its team".to_owned()))
}
