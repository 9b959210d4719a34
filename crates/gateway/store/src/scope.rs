//! Those whom budgets and limits apply to: that they exist, and what goes when they go.

use std::collections::HashSet;
use tidegate_governance::entity::Scope;

use tidegate_types::{KeyId, TeamId, UserId};

use crate::{
    Store, StoreError,
    sql::{Row, Sql, params},
};

impl Store {
    /// The team that something belongs to: a key to its own or its user's. None where it belongs to
    /// none, and where there is no such thing.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn team_of(&self, scope: Scope) -> Result<Option<TeamId>, StoreError> {
        self.read(move |sql| {
            let (select, id) = match scope {
                Scope::Organization => return Ok(None),
                Scope::Team(team) => return Ok(Some(team)),
                Scope::User(user) => ("SELECT team_id FROM users WHERE id = $1", user.uuid()),
                Scope::Key(key) => (
                    "SELECT COALESCE(k.team_id, u.team_id) FROM virtual_keys k \
                     LEFT JOIN users u ON u.id = k.user_id WHERE k.id = $1",
                    key.uuid(),
                ),
            };
            let rows = sql.query(select, &params![id])?;
            let team = rows.first().map(|row| row.opt(0, Row::uuid)).transpose()?;
            Ok(team.flatten().map(TeamId::from_uuid))
        })
        .await
    }
}

/// Everything that belongs to a team and may have budgets and limits, as their rows name it.
pub(crate) fn within(sql: &mut dyn Sql, team: TeamId) -> Result<HashSet<String>, StoreError> {
    let mut scopes = HashSet::from([Scope::Team(team).to_string()]);
    let users = "SELECT id FROM users WHERE team_id = $1";
    for row in sql.query(users, &params![team.uuid()])? {
        scopes.insert(Scope::User(UserId::from_uuid(row.uuid(0)?)).to_string());
    }
    let keys = format!(
        "SELECT id FROM virtual_keys WHERE {}",
        KEY_WITHIN.replace("{}", "$1")
    );
    for row in sql.query(&keys, &params![team.uuid()])? {
        scopes.insert(Scope::Key(KeyId::from_uuid(row.uuid(0)?)).to_string());
    }
    Ok(scopes)
}

/// That a key belongs to a team: its own, or its user's where it has none.
pub(crate) const KEY_WITHIN: &str = "(team_id = {} OR (team_id IS NULL AND user_id IN \
     (SELECT id FROM users WHERE team_id = {})))";

/// The team exists, if one is named.
pub(crate) fn team_exists(sql: &mut dyn Sql, team: Option<TeamId>) -> Result<(), StoreError> {
    let Some(team) = team else { return Ok(()) };
    let found = sql.query("SELECT 1 FROM teams WHERE id = $1", &params![team.uuid()])?;
    some(&found, "team", "there is no such team")
}

/// The user exists, if one is named.
pub(crate) fn user_exists(sql: &mut dyn Sql, user: Option<UserId>) -> Result<(), StoreError> {
    let Some(user) = user else { return Ok(()) };
    let found = sql.query("SELECT 1 FROM users WHERE id = $1", &params![user.uuid()])?;
    some(&found, "user", "there is no such user")
}

/// Whom it applies to exists; a revoked key no longer does.
pub(crate) fn exists(sql: &mut dyn Sql, scope: Scope) -> Result<(), StoreError> {
    match scope {
        Scope::Organization => Ok(()),
        Scope::Team(team) => team_exists(sql, Some(team)),
        Scope::User(user) => user_exists(sql, Some(user)),
        Scope::Key(key) => {
            let found = "SELECT 1 FROM virtual_keys WHERE id = $1 AND revoked_at IS NULL";
            let found = sql.query(found, &params![key.uuid()])?;
            some(&found, "scope", "there is no such key, or it is revoked")
        }
    }
}

fn some<T>(found: &[T], field: &'static str, reason: &str) -> Result<(), StoreError> {
    if found.is_empty() {
        Err(StoreError::invalid(field, reason))
    } else {
        Ok(())
    }
}

/// Deletes the budgets and limits of one who goes.
pub(crate) fn clear(sql: &mut dyn Sql, scope: Scope) -> Result<(), StoreError> {
    let scope = scope.to_string();
    for ledger in ["budget_windows", "budget_leases"] {
        let delete = format!(
            "DELETE FROM {ledger} WHERE budget_id IN (SELECT id FROM budgets WHERE scope = $1)"
        );
        sql.execute(&delete, &params![scope.as_str()])?;
    }
    for table in ["budgets", "limits"] {
        sql.execute(
            &format!("DELETE FROM {table} WHERE scope = $1"),
            &params![scope.as_str()],
        )?;
    }
    Ok(())
}
