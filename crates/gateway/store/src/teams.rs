//! Teams.

use serde_json::json;
use tidegate_governance::entity::{Scope, Team};
use tidegate_types::TeamId;

use crate::{
    Actor, Audience, Cursor, Page, Store, StoreError,
    change::Effect,
    edge::raise,
    enrolment_tokens, input,
    page::page_size,
    scope,
    sql::{Row, Sql, Where, params},
};

/// A team to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeam {
    /// Its name: 1 to 100 characters, unique among teams.
    pub name: String,
}

/// What to change of a team; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamPatch {
    /// A new name.
    pub name: Option<String>,
    /// Whether its keys are refused.
    pub disabled: Option<bool>,
}

const COLUMNS: &str = "id, name, created_at, disabled";

impl Store {
    /// Creates a team.
    ///
    /// # Errors
    /// `Invalid` name; `Conflict` when there is a team of that name.
    pub async fn create_team(&self, actor: Actor, new: NewTeam) -> Result<Team, StoreError> {
        self.govern(actor, "team.create", move |sql, now| {
            let name = input::name(&new.name)?;
            let team = Team {
                id: TeamId::generate(now),
                name,
                created_at: now,
                disabled: false,
            };
            name_is_free(sql, &team)?;
            let insert = format!("INSERT INTO teams ({COLUMNS}) VALUES ($1, $2, $3, $4)");
            sql.execute(
                &insert,
                &params![team.id.uuid(), team.name.as_str(), now, false],
            )?;
            let detail = json!({ "name": team.name });
            Ok(Effect::changed(team.clone(), team.id, detail))
        })
        .await
    }

    /// One team.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn team(&self, id: TeamId) -> Result<Team, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// The team of that name.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn team_by_name(&self, name: &str) -> Result<Team, StoreError> {
        let name = name.to_owned();
        self.read(move |sql| {
            let select = format!("SELECT {COLUMNS} FROM teams WHERE name = $1");
            read(&sql.one(&select, &params![name], "team")?)
        })
        .await
    }

    /// Teams, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn teams(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Team>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select = format!("SELECT {COLUMNS} FROM teams{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let teams = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(teams, limit, |team: &Team| team.id.uuid()))
        })
        .await
    }

    /// Changes a team.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name; `Conflict` when another team has that name.
    pub async fn patch_team(
        &self,
        actor: Actor,
        id: TeamId,
        patch: TeamPatch,
    ) -> Result<Team, StoreError> {
        self.govern(actor, "team.update", move |sql, _| {
            let before = one(sql, id)?;
            let mut team = before.clone();
            if let Some(name) = &patch.name {
                team.name = input::name(name)?;
                name_is_free(sql, &team)?;
            }
            team.disabled = patch.disabled.unwrap_or(team.disabled);
            if team == before {
                return Ok(Effect::Same(team));
            }
            let update = "UPDATE teams SET name = $2, disabled = $3 WHERE id = $1";
            sql.execute(
                update,
                &params![id.uuid(), team.name.as_str(), team.disabled],
            )?;
            let detail = json!({ "name": team.name, "disabled": team.disabled });
            Ok(Effect::changed(team, id, detail))
        })
        .await
    }

    /// Deletes a team with its budgets and limits; its revoked keys then belong to no team.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while it has users, keys that are not revoked, enrolment tokens, or admins
    /// of its own.
    pub async fn delete_team(&self, actor: Actor, id: TeamId) -> Result<(), StoreError> {
        self.govern(actor, "team.delete", move |sql, now| {
            let team = one(sql, id)?;
            let used = "SELECT 1 FROM users WHERE team_id = $1 UNION ALL \
                 SELECT 1 FROM virtual_keys WHERE team_id = $1 AND revoked_at IS NULL LIMIT 1";
            if !sql.query(used, &params![id.uuid()])?.is_empty() {
                return Err(StoreError::conflict(
                    "the team has users, or keys that are in use",
                ));
            }
            let confined = "SELECT 1 FROM accounts WHERE team_id = $1 UNION ALL \
                 SELECT 1 FROM api_tokens WHERE team_id = $1 AND revoked_at IS NULL LIMIT 1";
            if !sql.query(confined, &params![id.uuid()])?.is_empty() {
                return Err(StoreError::conflict(
                    "there are accounts or API tokens of admins of this team",
                ));
            }
            enrolment_tokens::none_of(sql, "team_id", id.uuid(), now)?;
            scope::clear(sql, Scope::Team(id))?;
            if Audience::Team(id).clear(sql)? {
                raise(sql)?;
            }
            let detach = "UPDATE virtual_keys SET team_id = NULL WHERE team_id = $1";
            sql.execute(detach, &params![id.uuid()])?;
            sql.execute("DELETE FROM teams WHERE id = $1", &params![id.uuid()])?;
            Ok(Effect::changed((), id, json!({ "name": team.name })))
        })
        .await
    }
}

fn name_is_free(sql: &mut dyn Sql, team: &Team) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM teams WHERE name = $1 AND id <> $2";
    if sql
        .query(taken, &params![team.name.as_str(), team.id.uuid()])?
        .is_empty()
    {
        return Ok(());
    }
    Err(StoreError::conflict("there is a team of that name"))
}

fn one(sql: &mut dyn Sql, id: TeamId) -> Result<Team, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM teams WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "team")?)
}

pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<Team>, StoreError> {
    let rows = sql.query(&format!("SELECT {COLUMNS} FROM teams ORDER BY id"), &[])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Team, StoreError> {
    Ok(Team {
        id: TeamId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        created_at: row.time(2)?,
        disabled: row.bool(3)?,
    })
}
