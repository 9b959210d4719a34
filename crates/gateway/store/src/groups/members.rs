//! Who comes into a group and who leaves it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tidegate_types::{GroupId, UserId};

use crate::{
    StoreError,
    sql::{Row, Sql, params},
};

/// A change of a group's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberStep {
    /// These too.
    Add(Vec<UserId>),
    /// Not these.
    Remove(Vec<UserId>),
    /// These and no others.
    Replace(Vec<UserId>),
}

/// Who came and who left, on the whole.
#[derive(Debug, Default)]
pub(super) struct Moved {
    came: BTreeSet<UserId>,
    left: BTreeSet<UserId>,
}

/// How many of each the audit log names.
const NAMED: usize = 100;

impl Moved {
    pub(super) fn is_empty(&self) -> bool {
        self.came.is_empty() && self.left.is_empty()
    }

    pub(super) fn everyone(&self) -> Vec<UserId> {
        self.came.union(&self.left).copied().collect()
    }

    /// For the audit log.
    pub(super) fn detail(&self, detail: &mut Json) {
        for (word, who) in [("added", &self.came), ("removed", &self.left)] {
            if !who.is_empty() {
                let named: Vec<_> = who.iter().take(NAMED).collect();
                detail[word] = json!({ "count": who.len(), "users": named });
            }
        }
    }
}

/// Does the steps one after the other.
pub(super) fn step(
    sql: &mut dyn Sql,
    group: GroupId,
    steps: Vec<MemberStep>,
) -> Result<Moved, StoreError> {
    let mut moved = Moved::default();
    for one in steps {
        let (add, remove) = match one {
            MemberStep::Add(users) => (users, Vec::new()),
            MemberStep::Remove(users) => (Vec::new(), users),
            MemberStep::Replace(users) => {
                let wanted: BTreeSet<UserId> = users.into_iter().collect();
                let there: BTreeSet<UserId> = of(sql, group)?.into_iter().collect();
                (
                    wanted.difference(&there).copied().collect(),
                    there.difference(&wanted).copied().collect(),
                )
            }
        };
        exist(sql, &add)?;
        let insert = "INSERT INTO user_group_members (group_id, user_id) VALUES ($1, $2) \
             ON CONFLICT DO NOTHING RETURNING user_id";
        for user in changed(sql, insert, group, &add)? {
            if !moved.left.remove(&user) {
                moved.came.insert(user);
            }
        }
        let delete = "DELETE FROM user_group_members WHERE group_id = $1 AND user_id = $2 \
             RETURNING user_id";
        for user in changed(sql, delete, group, &remove)? {
            if !moved.came.remove(&user) {
                moved.left.insert(user);
            }
        }
    }
    Ok(moved)
}

/// The members of a group.
pub(super) fn of(sql: &mut dyn Sql, group: GroupId) -> Result<Vec<UserId>, StoreError> {
    let select = "SELECT user_id FROM user_group_members WHERE group_id = $1";
    users(&sql.query(select, &params![group.uuid()])?)
}

/// Runs a statement for each user; those for whom it did something.
fn changed(
    sql: &mut dyn Sql,
    statement: &str,
    group: GroupId,
    who: &[UserId],
) -> Result<Vec<UserId>, StoreError> {
    let rows: Vec<_> = who
        .iter()
        .map(|user| params![group.uuid(), user.uuid()].to_vec())
        .collect();
    users(&sql.query_all(statement, &rows)?.concat())
}

/// Only users who are there can come into a group.
fn exist(sql: &mut dyn Sql, who: &[UserId]) -> Result<(), StoreError> {
    let select = "SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL";
    let rows: Vec<_> = who
        .iter()
        .map(|user| params![user.uuid()].to_vec())
        .collect();
    let found = sql.query_all(select, &rows)?;
    match who.iter().zip(found).find(|(_, rows)| rows.is_empty()) {
        None => Ok(()),
        Some((user, _)) => Err(StoreError::invalid(
            "members",
            format!("there is no user {user}"),
        )),
    }
}

fn users(rows: &[Row]) -> Result<Vec<UserId>, StoreError> {
    rows.iter()
        .map(|row| row.uuid(0).map(UserId::from_uuid))
        .collect()
}
