//! Finding users for an identity provider.

use tidegate_types::UserId;

use super::{
    ProvisionedUser,
    row::{COLUMNS, VISIBLE, one, read, with_groups},
};
use crate::{
    Store, StoreError,
    page::page_size,
    sql::{Row, Value, params},
};

/// By what a user is found without looking at the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKey {
    /// Their id at the provider.
    ExternalId(String),
    /// Their id here.
    Id(UserId),
    /// What identifies them at the provider, in any case.
    UserName(String),
}

impl Store {
    /// One user, unless the provider deleted them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn provisioned_user(&self, id: UserId) -> Result<ProvisionedUser, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Users from a place on, the first being 0, oldest first, and how many there are in all.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn provisioned_users(
        &self,
        from: usize,
        limit: usize,
    ) -> Result<(u64, Vec<ProvisionedUser>), StoreError> {
        let limit = limit.min(page_size(limit));
        self.read(move |sql| {
            let count = format!("SELECT COUNT(*) FROM users WHERE {VISIBLE}");
            let total = sql.one(&count, &[], "schema")?.count(0)?;
            let select = format!(
                "SELECT {COLUMNS} FROM users WHERE {VISIBLE} ORDER BY id LIMIT $1 OFFSET $2"
            );
            let rows = sql.query(&select, &params![limit, from])?;
            let mut users = all(&rows)?;
            with_groups(sql, &mut users)?;
            Ok((total, users))
        })
        .await
    }

    /// Users after one, oldest first, without their groups: to look at all of them, part by part.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn provisioned_users_after(
        &self,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<ProvisionedUser>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let after = after.map(UserId::uuid).unwrap_or_default();
            let select = format!(
                "SELECT {COLUMNS} FROM users WHERE id > $1 AND {VISIBLE} ORDER BY id LIMIT $2"
            );
            all(&sql.query(&select, &params![after, limit])?)
        })
        .await
    }

    /// The same users with their groups.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn groups_of_provisioned_users(
        &self,
        mut users: Vec<ProvisionedUser>,
    ) -> Result<Vec<ProvisionedUser>, StoreError> {
        self.read(move |sql| {
            with_groups(sql, &mut users)?;
            Ok(users)
        })
        .await
    }

    /// Users by a key, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn find_provisioned_users(
        &self,
        key: UserKey,
    ) -> Result<Vec<ProvisionedUser>, StoreError> {
        let (condition, value) = match key {
            UserKey::ExternalId(text) => ("external_id = $1", Value::from(text)),
            UserKey::Id(id) => ("id = $1", id.uuid().into()),
            UserKey::UserName(text) => (BY_USER_NAME, text.to_lowercase().into()),
        };
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS} FROM users WHERE ({condition}) AND {VISIBLE} ORDER BY id"
            );
            let mut users = all(&sql.query(&select, &[value])?)?;
            with_groups(sql, &mut users)?;
            Ok(users)
        })
        .await
    }
}

/// A user that was made here is known by their address.
pub(super) const BY_USER_NAME: &str =
    "user_name_key = $1 OR (user_name_key IS NULL AND email = $1)";

fn all(rows: &[Row]) -> Result<Vec<ProvisionedUser>, StoreError> {
    rows.iter().map(read).collect()
}
