//! Virtual keys.

pub(crate) mod change;
mod row;

use std::time::Duration;

use tidegate_governance::entity::{Allow, VirtualKey};
use tidegate_types::{KeyHash, KeyId, PlainKey, TeamId, Timestamp, UserId};

use self::row::{COLUMNS, read};
pub(crate) use self::row::{in_use, one};
use crate::{Actor, Cursor, Page, Store, StoreError, page::page_size, scope, sql::Where};

/// What the store keeps of a new secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// Its hash.
    pub hash: KeyHash,
    /// How lists show it.
    pub hint: String,
}

impl From<&PlainKey> for NewSecret {
    fn from(key: &PlainKey) -> Self {
        Self {
            hash: key.hash(),
            hint: key.hint(),
        }
    }
}

/// A key to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Name for people, 1 to 100 characters; need not be unique.
    pub name: String,
    /// Its secret.
    pub secret: NewSecret,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// The user it belongs to.
    pub user: Option<UserId>,
    /// What it may be used for.
    pub allow: Allow,
    /// Whether prompts and answers are stored.
    pub log_content: bool,
    /// From when on it is refused; in the future.
    pub expires_at: Option<Timestamp>,
}

/// What to change of a key; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new team, or none.
    pub team: Option<Option<TeamId>>,
    /// A new user, or none.
    pub user: Option<Option<UserId>>,
    /// New allow-lists.
    pub allow: Option<Allow>,
    /// Whether prompts and answers are stored.
    pub log_content: Option<bool>,
    /// A new expiry, or none.
    pub expires_at: Option<Option<Timestamp>>,
    /// Switched off or on.
    pub disabled: Option<bool>,
}

/// Which keys to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Only those of a team.
    pub team: Option<TeamId>,
    /// Only those of a user.
    pub user: Option<UserId>,
    /// Only those whose name is this.
    pub name: Option<String>,
    /// Revoked ones too.
    pub revoked: bool,
    /// Those of devices too.
    pub devices: bool,
    /// Only those that belong to a team: to itself, or to a user of it and no other team.
    pub within: Option<TeamId>,
}

impl Store {
    /// Creates a key.
    ///
    /// # Errors
    /// `Invalid` name, team, user or expiry; `Conflict` when the secret is in use.
    pub async fn create_key(&self, actor: Actor, new: NewKey) -> Result<VirtualKey, StoreError> {
        self.govern(actor, "key.create", move |sql, now| {
            change::create(sql, now, new)
        })
        .await
    }

    /// One key, revoked or not.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn key(&self, id: KeyId) -> Result<VirtualKey, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Keys, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn keys(
        &self,
        filter: KeyFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<VirtualKey>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut conditions = Where::default();
            conditions.maybe("id > {}", cursor.map(|cursor| cursor.0));
            conditions.maybe("team_id = {}", filter.team.map(TeamId::uuid));
            conditions.maybe("user_id = {}", filter.user.map(UserId::uuid));
            conditions.maybe("name = {}", filter.name);
            conditions.maybe(scope::KEY_WITHIN, filter.within.map(TeamId::uuid));
            if !filter.revoked {
                conditions.fixed("revoked_at IS NULL");
            }
            if !filter.devices {
                conditions.fixed("device_id IS NULL");
            }
            let count = conditions.param(limit + 1);
            let clause = conditions.clause();
            let select =
                format!("SELECT {COLUMNS} FROM virtual_keys{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &conditions.params)?;
            let keys = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(keys, limit, |key: &VirtualKey| key.id.uuid()))
        })
        .await
    }

    /// Changes a key.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` name, team, user or expiry; `Conflict` when it is revoked.
    pub async fn patch_key(
        &self,
        actor: Actor,
        id: KeyId,
        patch: KeyPatch,
    ) -> Result<VirtualKey, StoreError> {
        self.govern(actor, "key.update", move |sql, now| {
            change::patch(sql, now, id, patch)
        })
        .await
    }

    /// Replaces a key's secret; the old one is accepted for `grace` more, at most 30 days. The one
    /// before the old one is accepted no longer.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` grace; `Conflict` when it is revoked or the secret is in use.
    pub async fn rotate_key(
        &self,
        actor: Actor,
        id: KeyId,
        secret: NewSecret,
        grace: Duration,
    ) -> Result<VirtualKey, StoreError> {
        let rotate =
            move |sql: &mut dyn crate::sql::Sql, now| change::rotate(sql, now, id, secret, grace);
        self.govern(actor, "key.rotate", rotate).await
    }

    /// Revokes a key for good. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_key(&self, actor: Actor, id: KeyId) -> Result<VirtualKey, StoreError> {
        self.govern(actor, "key.revoke", move |sql, now| {
            change::revoke(sql, now, id)
        })
        .await
    }
}
