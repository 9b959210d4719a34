//! Users.

use serde_json::json;
use tidegate_governance::entity::{Scope, User};
use tidegate_types::{TeamId, UserId};

use crate::{
    Actor, Cursor, Page, Store, StoreError,
    change::{Effect, Entry},
    edge::teams_moved,
    enrolment_tokens, input,
    page::page_size,
    provisioned::accounts,
    scope,
    sql::{Row, Sql, Where, params},
};

/// A user to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// E-mail address, unique among users; stored in lower case.
    pub email: String,
    /// Display name, up to 100 characters.
    pub name: String,
    /// The team they belong to.
    pub team: Option<TeamId>,
}

/// What to change of a user; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new display name.
    pub name: Option<String>,
    /// A new team, or none.
    pub team: Option<Option<TeamId>>,
    /// Whether their keys are refused.
    pub disabled: Option<bool>,
}

const COLUMNS: &str = "id, email, name, team_id, created_at, disabled";

impl Store {
    /// Creates a user.
    ///
    /// # Errors
    /// `Invalid` address, name or team; `Conflict` when there is a user with that address.
    pub async fn create_user(&self, actor: Actor, new: NewUser) -> Result<User, StoreError> {
        self.govern(actor, "user.create", move |sql, now| {
            let user = User {
                id: UserId::generate(now),
                email: input::email(&new.email)?,
                name: input::name(&new.name)?,
                team: new.team,
                created_at: now,
                disabled: false,
            };
            scope::team_exists(sql, user.team)?;
            if by_email(sql, &user.email)?.is_some() {
                return Err(StoreError::conflict("there is a user with that address"));
            }
            insert(sql, &user)?;
            let detail = json!({ "email": user.email, "team": user.team });
            Ok(Effect::changed(user.clone(), user.id, detail))
        })
        .await
    }

    /// One user.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn user(&self, id: UserId) -> Result<User, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Users, oldest first, of one team if given.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn users(
        &self,
        team: Option<TeamId>,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<User>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            filter.maybe("team_id = {}", team.map(TeamId::uuid));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select = format!("SELECT {COLUMNS} FROM users{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let users = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(users, limit, |user: &User| user.id.uuid()))
        })
        .await
    }

    /// Changes a user. Whoever is disabled cannot use the console either: their accounts there are disabled and
    /// signed out, and enabled again with them.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name or team.
    pub async fn patch_user(
        &self,
        actor: Actor,
        id: UserId,
        patch: UserPatch,
    ) -> Result<User, StoreError> {
        self.govern(actor, "user.update", move |sql, now| {
            let before = one(sql, id)?;
            let mut user = before.clone();
            if let Some(name) = &patch.name {
                user.name = input::name(name)?;
            }
            user.team = patch.team.unwrap_or(user.team);
            user.disabled = patch.disabled.unwrap_or(user.disabled);
            if user == before {
                return Ok(Effect::Same(user));
            }
            scope::team_exists(sql, user.team)?;
            // Whoever is enabled again is back, and a team that was chosen here goes with no group.
            let update = "UPDATE users SET name = $2, team_id = $3, disabled = $4, \
                 version = version + 1, changed_at = $5, \
                 deleted_at = CASE WHEN $6 THEN deleted_at END, \
                 team_by_group = team_by_group AND $7 WHERE id = $1";
            let (name, team) = (user.name.as_str(), user.team.map(TeamId::uuid));
            let (stays, same_team) = (user.disabled, user.team == before.team);
            let values = params![id.uuid(), name, team, user.disabled, now, stays, same_team];
            sql.execute(update, &values)?;
            if user.team != before.team {
                teams_moved(sql)?;
            }
            let detail = json!({ "name": name, "team": user.team, "disabled": user.disabled });
            let mut entries = vec![Entry {
                action: "user.update",
                target: id.to_string(),
                detail,
            }];
            if user.disabled != before.disabled {
                entries.extend(switch_accounts(sql, &user)?);
            }
            Ok(Effect::Several {
                value: user,
                entries,
            })
        })
        .await
    }

    /// Deletes a user with their budgets and limits; their revoked keys then belong to no user.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` while they have keys that are not revoked, or enrolment tokens.
    pub async fn delete_user(&self, actor: Actor, id: UserId) -> Result<(), StoreError> {
        self.govern(actor, "user.delete", move |sql, now| {
            let user = one(sql, id)?;
            let used =
                "SELECT 1 FROM virtual_keys WHERE user_id = $1 AND revoked_at IS NULL LIMIT 1";
            if !sql.query(used, &params![id.uuid()])?.is_empty() {
                return Err(StoreError::conflict("the user has keys that are in use"));
            }
            enrolment_tokens::none_of(sql, "user_id", id.uuid(), now)?;
            scope::clear(sql, Scope::User(id))?;
            let detach = "UPDATE virtual_keys SET user_id = NULL WHERE user_id = $1";
            sql.execute(detach, &params![id.uuid()])?;
            sql.execute("DELETE FROM users WHERE id = $1", &params![id.uuid()])?;
            Ok(Effect::changed((), id, json!({ "email": user.email })))
        })
        .await
    }
}

/// Switches the console's accounts of a user along with them; the entries for the audit log.
fn switch_accounts(sql: &mut dyn Sql, user: &User) -> Result<Vec<Entry>, StoreError> {
    if !user.disabled {
        return accounts::enable(sql, user);
    }
    let select = "SELECT external_id FROM users WHERE id = $1";
    let row = sql.one(select, &params![user.id.uuid()], "user")?;
    accounts::disable(sql, user, row.opt(0, Row::text_owned)?.as_deref())
}

pub(crate) fn one(sql: &mut dyn Sql, id: UserId) -> Result<User, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM users WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "user")?)
}

/// The user with this address, in lower case, if there is one.
pub(crate) fn by_email(sql: &mut dyn Sql, email: &str) -> Result<Option<User>, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM users WHERE email = $1");
    let rows = sql.query(&select, &params![email])?;
    rows.first().map(read).transpose()
}

/// Writes a new user.
pub(crate) fn insert(sql: &mut dyn Sql, user: &User) -> Result<(), StoreError> {
    let insert = format!("INSERT INTO users ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
    let values = params![
        user.id.uuid(),
        user.email.as_str(),
        user.name.as_str(),
        user.team.map(TeamId::uuid),
        user.created_at,
        user.disabled,
    ];
    sql.execute(&insert, &values).map(drop)
}

pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<User>, StoreError> {
    let rows = sql.query(&format!("SELECT {COLUMNS} FROM users ORDER BY id"), &[])?;
    rows.iter().map(read).collect()
}

pub(crate) fn read(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::from_uuid(row.uuid(0)?),
        email: row.text_owned(1)?,
        name: row.text_owned(2)?,
        team: row.opt(3, Row::uuid)?.map(TeamId::from_uuid),
        created_at: row.time(4)?,
        disabled: row.bool(5)?,
    })
}
