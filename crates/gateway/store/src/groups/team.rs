//! Which team a user's groups give them.

use tidegate_types::UserId;
use uuid::Uuid;

use crate::{
    StoreError,
    change::bump,
    edge::teams_moved,
    sql::{Row, Sql, params},
};

/// Gives users the team of the first of their groups, by name, that is mapped to one. Whose team came with a
/// group that they are no longer in has none; whose team was chosen here keeps it, as long as no group gives
/// one. Users who are disabled stay where they are, so that what is denied to their team stays denied on
/// their devices. How many moved.
pub(crate) fn settle(sql: &mut dyn Sql, users: &[UserId]) -> Result<usize, StoreError> {
    let ids: Vec<_> = users
        .iter()
        .map(|user| params![user.uuid()].to_vec())
        .collect();
    let now = "SELECT team_id, team_by_group, disabled FROM users WHERE id = $1";
    let now = sql.query_all(now, &ids)?;
    let mapped = "SELECT g.name_key, g.id, g.team_id FROM user_group_members m \
         JOIN user_groups g ON g.id = m.group_id WHERE m.user_id = $1 AND g.team_id IS NOT NULL";
    let mapped = sql.query_all(mapped, &ids)?;
    let mut updates = Vec::new();
    let mut moved = 0;
    for ((user, now), mapped) in users.iter().zip(now).zip(mapped) {
        let Some(now) = now.first() else { continue };
        let (team, by_group) = (now.opt(0, Row::uuid)?, now.bool(1)?);
        if now.bool(2)? {
            continue;
        }
        // Here and not in SQL: the engines sort texts differently.
        let mut first: Option<(String, Uuid, Uuid)> = None;
        for row in &mapped {
            let this = (row.text_owned(0)?, row.uuid(1)?, row.uuid(2)?);
            if first.as_ref().is_none_or(|first| this < *first) {
                first = Some(this);
            }
        }
        let wanted = match first {
            Some((_, _, team)) => (Some(team), true),
            None if by_group => (None, false),
            None => (team, false),
        };
        if wanted != (team, by_group) {
            updates.push(params![user.uuid(), wanted.0, wanted.1].to_vec());
        }
        moved += usize::from(wanted.0 != team);
    }
    let update = "UPDATE users SET team_id = $2, team_by_group = $3 WHERE id = $1";
    sql.execute_all(update, &updates)?;
    if moved > 0 {
        teams_moved(sql)?;
        bump(sql)?;
    }
    Ok(moved)
}
