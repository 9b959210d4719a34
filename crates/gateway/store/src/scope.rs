//! Those whom budgets and limits apply to: that they exist, and what goes when they go.

use tidegate_governance::entity::Scope;
use tidegate_types::{TeamId, UserId};

use crate::{
    StoreError,
    sql::{Sql, params},
};

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
