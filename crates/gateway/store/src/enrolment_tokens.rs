//! Tokens that enrol devices: what devices become is decided when the token is made.

use serde_json::json;
use tidegate_types::{DeviceGroupId, EnrolmentTokenId, KeyHash, TeamId, Timestamp, UserId};
use uuid::Uuid;

use crate::{
    Actor, Cursor, NewSecret, Page, Store, StoreError,
    change::Effect,
    device_groups, input,
    page::page_size,
    scope,
    sql::{Row, Sql, Where, params},
};

/// An enrolment token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    /// Its id.
    pub id: EnrolmentTokenId,
    /// Name for people.
    pub name: String,
    /// How lists show the secret.
    pub hint: String,
    /// The team of devices that it enrols.
    pub team: Option<TeamId>,
    /// The user of devices that it enrols.
    pub user: Option<UserId>,
    /// The group that devices join which it enrols.
    pub group: Option<DeviceGroupId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// How many devices it enrols at most.
    pub max_uses: u64,
    /// How many it has enrolled.
    pub used: u64,
    /// Revoked, for good.
    pub revoked_at: Option<Timestamp>,
}

/// A token to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrolmentToken {
    /// Name for people, 1 to 100 characters.
    pub name: String,
    /// Its secret.
    pub secret: NewSecret,
    /// The team of devices that it enrols.
    pub team: Option<TeamId>,
    /// The user of devices that it enrols.
    pub user: Option<UserId>,
    /// The group that devices join which it enrols.
    pub group: Option<DeviceGroupId>,
    /// From when on it is refused; in the future.
    pub expires_at: Timestamp,
    /// How many devices it enrols at most: 1 to 1,000,000.
    pub max_uses: u64,
}

const COLUMNS: &str = "id, name, hint, team_id, user_id, created_at, expires_at, max_uses, used, revoked_at, group_id";

impl Store {
    /// Creates a token.
    ///
    /// # Errors
    /// `Invalid` name, team, user, group, expiry or number of uses; `Conflict` when the secret is in use.
    pub async fn create_enrolment_token(
        &self,
        actor: Actor,
        new: NewEnrolmentToken,
    ) -> Result<EnrolmentToken, StoreError> {
        self.administer(actor, "enrolment_token.create", move |sql, now| {
            if new.expires_at <= now {
                return Err(StoreError::invalid("expires_at", "it is in the past"));
            }
            if !(1..=1_000_000).contains(&new.max_uses) {
                return Err(StoreError::invalid("max_uses", "it is 1 to 1,000,000"));
            }
            scope::team_exists(sql, new.team)?;
            scope::user_exists(sql, new.user)?;
            device_groups::exists(sql, new.group, "group")?;
            let token = EnrolmentToken {
                id: EnrolmentTokenId::generate(now),
                name: input::name(&new.name)?,
                hint: new.secret.hint,
                team: new.team,
                user: new.user,
                group: new.group,
                created_at: now,
                expires_at: new.expires_at,
                max_uses: new.max_uses,
                used: 0,
                revoked_at: None,
            };
            insert(sql, &token, new.secret.hash)?;
            let detail = json!({
                "name": token.name, "hint": token.hint, "team": token.team, "user": token.user,
                "group": token.group, "expires_at": token.expires_at, "max_uses": token.max_uses,
            });
            Ok(Effect::changed(token.clone(), token.id, detail))
        })
        .await
    }

    /// The token with this hash, if it still enrols a device.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn enrolment_token(&self, hash: KeyHash) -> Result<EnrolmentToken, StoreError> {
        let now = self.now();
        self.read(move |sql| usable(sql, hash, now)).await
    }

    /// Tokens, oldest first, those that are used up included.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn enrolment_tokens(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<EnrolmentToken>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select =
                format!("SELECT {COLUMNS} FROM enrolment_tokens{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let tokens = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(tokens, limit, |token: &EnrolmentToken| {
                token.id.uuid()
            }))
        })
        .await
    }

    /// Revokes a token for good; devices that it enrolled stay. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_enrolment_token(
        &self,
        actor: Actor,
        id: EnrolmentTokenId,
    ) -> Result<EnrolmentToken, StoreError> {
        self.administer(actor, "enrolment_token.revoke", move |sql, now| {
            let select = format!("SELECT {COLUMNS} FROM enrolment_tokens WHERE id = $1");
            let mut token = read(&sql.one(&select, &params![id.uuid()], "enrolment token")?)?;
            if token.revoked_at.is_some() {
                return Ok(Effect::Same(token));
            }
            token.revoked_at = Some(now);
            let update = "UPDATE enrolment_tokens SET revoked_at = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), now])?;
            let detail = json!({ "name": token.name });
            Ok(Effect::changed(token, id, detail))
        })
        .await
    }
}

/// The token with this hash, if it still enrols a device.
pub(crate) fn usable(
    sql: &mut dyn Sql,
    hash: KeyHash,
    now: Timestamp,
) -> Result<EnrolmentToken, StoreError> {
    let select = format!(
        "SELECT {COLUMNS} FROM enrolment_tokens WHERE hash = $1 AND revoked_at IS NULL \
         AND expires_at > $2 AND used < max_uses"
    );
    read(&sql.one(&select, &params![hash, now], "enrolment token")?)
}

/// Counts a use. Called within a change, so that no two uses are counted as one.
pub(crate) fn used(sql: &mut dyn Sql, token: &EnrolmentToken) -> Result<(), StoreError> {
    let update = "UPDATE enrolment_tokens SET used = used + 1 WHERE id = $1";
    sql.execute(update, &params![token.id.uuid()]).map(drop)
}

/// No token that still enrols names this team, user or group; `column` says which of them it is.
pub(crate) fn none_of(
    sql: &mut dyn Sql,
    column: &'static str,
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let used = format!(
        "SELECT 1 FROM enrolment_tokens WHERE {column} = $1 AND revoked_at IS NULL \
         AND expires_at > $2 AND used < max_uses LIMIT 1"
    );
    if sql.query(&used, &params![id, now])?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict(
        "there are enrolment tokens for it; revoke them first",
    ))
}

pub(crate) fn insert(
    sql: &mut dyn Sql,
    token: &EnrolmentToken,
    hash: KeyHash,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO enrolment_tokens (id, name, hash, hint, team_id, user_id, \
         created_at, expires_at, max_uses, group_id, used) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)";
    let values = params![
        token.id.uuid(),
        token.name.as_str(),
        hash,
        token.hint.as_str(),
        token.team.map(TeamId::uuid),
        token.user.map(UserId::uuid),
        token.created_at,
        token.expires_at,
        token.max_uses,
        token.group.map(DeviceGroupId::uuid),
    ];
    sql.execute(insert, &values).map(drop)
}

fn read(row: &Row) -> Result<EnrolmentToken, StoreError> {
    Ok(EnrolmentToken {
        id: EnrolmentTokenId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        hint: row.text_owned(2)?,
        team: row.opt(3, Row::uuid)?.map(TeamId::from_uuid),
        user: row.opt(4, Row::uuid)?.map(UserId::from_uuid),
        created_at: row.time(5)?,
        expires_at: row.time(6)?,
        max_uses: row.count(7)?,
        used: row.count(8)?,
        revoked_at: row.opt(9, Row::time)?,
        group: row.opt(10, Row::uuid)?.map(DeviceGroupId::from_uuid),
    })
}
