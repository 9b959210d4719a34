//! Finding groups and their members.

use tidegate_types::{GroupId, UserId};

use super::{
    Group,
    members::of,
    row::{COLUMNS, one, read},
};
use crate::{
    Cursor, Page, Store, StoreError,
    page::page_size,
    sql::{Row, Value, Where, params},
};

/// By what a group is found without looking at the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKey {
    /// Its id at the provider.
    ExternalId(String),
    /// Its id here.
    Id(GroupId),
    /// Its name, in any case.
    Name(String),
}

impl Store {
    /// One group.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn group(&self, id: GroupId) -> Result<Group, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// The members of a group, in the order of their ids.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn group_members(&self, id: GroupId) -> Result<Vec<UserId>, StoreError> {
        self.read(move |sql| {
            let mut members = of(sql, id)?;
            members.sort();
            Ok(members)
        })
        .await
    }

    /// The groups of the user with an address, by name; none of one who is disabled.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn groups_of_address(&self, email: &str) -> Result<Vec<Group>, StoreError> {
        let email = email.trim().to_lowercase();
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS} FROM user_groups WHERE id IN (SELECT m.group_id \
                 FROM user_group_members m JOIN users u ON u.id = m.user_id \
                 WHERE u.email = $1 AND u.disabled = $2)"
            );
            Ok(by_name(all(&sql.query(&select, &params![email, false])?)?))
        })
        .await
    }

    /// Groups for people, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn groups(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Group>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select =
                format!("SELECT {COLUMNS} FROM user_groups{clause} ORDER BY id LIMIT {count}");
            let groups = all(&sql.query(&select, &filter.params)?)?;
            Ok(Page::cut(groups, limit, |group: &Group| group.id.uuid()))
        })
        .await
    }

    /// Groups from a place on, the first being 0, oldest first, and how many there are in all.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn groups_from(
        &self,
        from: usize,
        limit: usize,
    ) -> Result<(u64, Vec<Group>), StoreError> {
        let limit = limit.min(page_size(limit));
        self.read(move |sql| {
            let count = "SELECT COUNT(*) FROM user_groups";
            let total = sql.one(count, &[], "schema")?.count(0)?;
            let select =
                format!("SELECT {COLUMNS} FROM user_groups ORDER BY id LIMIT $1 OFFSET $2");
            let groups = all(&sql.query(&select, &params![limit, from])?)?;
            Ok((total, groups))
        })
        .await
    }

    /// Groups by a key, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn find_groups(&self, key: GroupKey) -> Result<Vec<Group>, StoreError> {
        let (condition, value) = match key {
            GroupKey::ExternalId(text) => ("external_id = $1", Value::from(text)),
            GroupKey::Id(id) => ("id = $1", id.uuid().into()),
            GroupKey::Name(text) => ("name_key = $1", text.to_lowercase().into()),
        };
        self.read(move |sql| {
            let select = format!("SELECT {COLUMNS} FROM user_groups WHERE {condition} ORDER BY id");
            all(&sql.query(&select, &[value])?)
        })
        .await
    }
}

/// Here and not in SQL: the engines sort texts differently.
fn by_name(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by_cached_key(|group| (group.name.to_lowercase(), group.id));
    groups
}

fn all(rows: &[Row]) -> Result<Vec<Group>, StoreError> {
    rows.iter().map(read).collect()
}
