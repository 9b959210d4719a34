//! Saved views: the filters of a page of the console, by the account that saved them. They change nothing
//! for anybody else, so they are not audited.

use tidegate_types::{AccountId, Timestamp, ViewId};

use crate::{
    Store, StoreError,
    sql::{Row, params},
};

/// A view to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    /// Whose it is.
    pub account: AccountId,
    /// The page, such as `devices`; 1 to 64 bytes.
    pub page: String,
    /// What the person calls it; 1 to 100 characters.
    pub name: String,
    /// The filters as a query string; 2 KiB at most.
    pub query: String,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// The page.
    pub page: String,
    /// What the person calls it.
    pub name: String,
    /// The filters as a query string.
    pub query: String,
    /// When it was saved.
    pub created_at: Timestamp,
}

/// The most views of one account.
const MAX: i64 = 100;
/// The longest texts, in bytes; a name is counted in characters.
const LONGEST_PAGE: usize = 64;
const LONGEST_NAME: usize = 100;
const LONGEST_QUERY: usize = 2_048;

const COLUMNS: &str = "id, page, name, query, created_at";

impl Store {
    /// An account's views, by page and name.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn views(&self, account: AccountId) -> Result<Vec<View>, StoreError> {
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS} FROM console_views WHERE account_id = $1 ORDER BY page, name, id"
            );
            let rows = sql.query(&select, &params![account.uuid()])?;
            rows.iter().map(read).collect()
        })
        .await
    }

    /// Saves a view. One of the same page and name gets the new filters.
    ///
    /// # Errors
    /// `Invalid` when a text is empty or too long; `Conflict` when the account has 100 already.
    pub async fn save_view(&self, new: NewView) -> Result<View, StoreError> {
        check(&new)?;
        let now = self.now();
        self.write(move |sql| {
            let account = new.account.uuid();
            let lock = format!("SELECT 1 FROM accounts WHERE id = $1{}", sql.for_update());
            sql.one(&lock, &params![account], "account")?;
            let same = format!(
                "SELECT {COLUMNS} FROM console_views WHERE account_id = $1 AND page = $2 AND name = $3"
            );
            let same = sql.query(&same, &params![account, &*new.page, &*new.name])?;
            if let Some(row) = same.first() {
                let before = read(row)?;
                let update = "UPDATE console_views SET query = $2 WHERE id = $1";
                sql.execute(update, &params![before.id.uuid(), &*new.query])?;
                return Ok(View {
                    query: new.query,
                    ..before
                });
            }
            let count = "SELECT COUNT(*) FROM console_views WHERE account_id = $1";
            if sql.one(count, &params![account], "account")?.int(0)? >= MAX {
                return Err(StoreError::conflict("there are 100 saved views already"));
            }
            let view = View {
                id: ViewId::generate(now),
                page: new.page,
                name: new.name,
                query: new.query,
                created_at: now,
            };
            let insert = "INSERT INTO console_views (id, account_id, page, name, query, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)";
            let values = params![
                view.id.uuid(),
                account,
                &*view.page,
                &*view.name,
                &*view.query,
                now
            ];
            sql.execute(insert, &values)?;
            Ok(view)
        })
        .await
    }

    /// Deletes a view of an account.
    ///
    /// # Errors
    /// `NotFound`, also where it is another account's.
    pub async fn delete_view(&self, account: AccountId, id: ViewId) -> Result<(), StoreError> {
        self.write(move |sql| {
            let delete = "DELETE FROM console_views WHERE id = $1 AND account_id = $2";
            match sql.execute(delete, &params![id.uuid(), account.uuid()])? {
                0 => Err(StoreError::NotFound("view")),
                _ => Ok(()),
            }
        })
        .await
    }
}

fn check(new: &NewView) -> Result<(), StoreError> {
    let clean = |text: &str| !text.contains(char::is_control);
    if new.page.is_empty() || new.page.len() > LONGEST_PAGE || !clean(&new.page) {
        return Err(StoreError::invalid("page", "it has 1 to 64 bytes"));
    }
    let name = new.name.chars().count();
    if !(1..=LONGEST_NAME).contains(&name) || !clean(&new.name) {
        return Err(StoreError::invalid("name", "it has 1 to 100 characters"));
    }
    if new.query.len() > LONGEST_QUERY || !clean(&new.query) {
        return Err(StoreError::invalid("query", "it has at most 2,048 bytes"));
    }
    Ok(())
}

fn read(row: &Row) -> Result<View, StoreError> {
    Ok(View {
        id: ViewId::from_uuid(row.uuid(0)?),
        page: row.text_owned(1)?,
        name: row.text_owned(2)?,
        query: row.text_owned(3)?,
        created_at: row.time(4)?,
    })
}
