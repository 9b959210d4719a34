//! Tokens by which identity providers send users and groups.

use serde_json::json;
use tidegate_types::{KeyHash, ScimTokenId, Timestamp};

use crate::{
    Actor, Cursor, NewSecret, Page, Store, StoreError,
    change::Effect,
    input,
    page::page_size,
    sql::{Row, Where, params},
};

/// A token for SCIM, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimToken {
    /// Its id.
    pub id: ScimTokenId,
    /// Name for people, such as that of the identity provider.
    pub name: String,
    /// How lists show the secret.
    pub hint: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Revoked, for good.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A token to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScimToken {
    /// Name for people, 1 to 100 characters.
    pub name: String,
    /// Its secret.
    pub secret: NewSecret,
    /// From when on it is refused; in the future.
    pub expires_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, hint, created_at, expires_at, revoked_at, last_used_at";

/// A use is noted at most once in this time, in microseconds: a synchronisation is thousands of calls.
const COARSE: i64 = 60_000_000;

impl Store {
    /// Creates a token.
    ///
    /// # Errors
    /// `Invalid` name or expiry.
    pub async fn create_scim_token(
        &self,
        actor: Actor,
        new: NewScimToken,
    ) -> Result<ScimToken, StoreError> {
        self.administer(actor, "scim_token.create", move |sql, now| {
            if new.expires_at.is_some_and(|expiry| expiry <= now) {
                return Err(StoreError::invalid("expires_at", "it is in the past"));
            }
            let token = ScimToken {
                id: ScimTokenId::generate(now),
                name: input::name(&new.name)?,
                hint: new.secret.hint,
                created_at: now,
                expires_at: new.expires_at,
                revoked_at: None,
                last_used_at: None,
            };
            let insert = "INSERT INTO scim_tokens (id, name, hash, hint, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)";
            let (name, hint) = (token.name.as_str(), token.hint.as_str());
            let hash = new.secret.hash;
            let values = params![token.id.uuid(), name, hash, hint, now, token.expires_at];
            sql.execute(insert, &values)?;
            let detail = json!({ "name": name, "hint": hint, "expires_at": token.expires_at });
            Ok(Effect::changed(token.clone(), token.id, detail))
        })
        .await
    }

    /// The token with this hash, if it is neither expired nor revoked. Notes its use.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn use_scim_token(&self, hash: KeyHash) -> Result<ScimToken, StoreError> {
        let now = self.now();
        let token = self
            .read(move |sql| {
                let select = format!(
                    "SELECT {COLUMNS} FROM scim_tokens WHERE hash = $1 AND revoked_at IS NULL \
                     AND (expires_at IS NULL OR expires_at > $2)"
                );
                read(&sql.one(&select, &params![hash, now], "token")?)
            })
            .await?;
        let before = |used: Timestamp| used.micros() < now.micros().saturating_sub(COARSE);
        if token.last_used_at.is_none_or(before) {
            let id = token.id.uuid();
            let update = "UPDATE scim_tokens SET last_used_at = $2 WHERE id = $1";
            self.write(move |sql| sql.execute(update, &params![id, now]))
                .await?;
        }
        Ok(token)
    }

    /// Tokens, oldest first, revoked ones included.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn scim_tokens(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ScimToken>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select =
                format!("SELECT {COLUMNS} FROM scim_tokens{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let tokens = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(tokens, limit, |token: &ScimToken| {
                token.id.uuid()
            }))
        })
        .await
    }

    /// Revokes a token for good. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_scim_token(
        &self,
        actor: Actor,
        id: ScimTokenId,
    ) -> Result<ScimToken, StoreError> {
        self.administer(actor, "scim_token.revoke", move |sql, now| {
            let select = format!("SELECT {COLUMNS} FROM scim_tokens WHERE id = $1");
            let mut token = read(&sql.one(&select, &params![id.uuid()], "token")?)?;
            if token.revoked_at.is_some() {
                return Ok(Effect::Same(token));
            }
            token.revoked_at = Some(now);
            let update = "UPDATE scim_tokens SET revoked_at = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), now])?;
            let detail = json!({ "name": token.name });
            Ok(Effect::changed(token, id, detail))
        })
        .await
    }
}

fn read(row: &Row) -> Result<ScimToken, StoreError> {
    Ok(ScimToken {
        id: ScimTokenId::from_uuid(row.uuid(0)?),
        name: row.text_owned(1)?,
        hint: row.text_owned(2)?,
        created_at: row.time(3)?,
        expires_at: row.opt(4, Row::time)?,
        revoked_at: row.opt(5, Row::time)?,
        last_used_at: row.opt(6, Row::time)?,
    })
}
