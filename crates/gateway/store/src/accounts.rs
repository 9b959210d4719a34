//! Accounts of the control plane: people who sign in, by a password of their own or at an identity
//! provider.

mod change;
mod second_factor;

use serde_json::json;
use tidegate_types::{AccountId, Grant, Secret, Timestamp};

pub(crate) use self::change::{administers, others_administer};
pub use self::{change::AccountPatch, second_factor::SecondFactor};
use crate::{
    Actor, Cursor, Page, Store, StoreError,
    change::Effect,
    grant, input,
    page::page_size,
    sql::{Row, Sql, Where, params},
};

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// E-mail address, unique among accounts, lower-case.
    pub email: String,
    /// Name for people; may be empty.
    pub name: String,
    /// What it may do.
    pub grant: Grant,
    /// When it was created.
    pub created_at: Timestamp,
    /// A disabled account cannot sign in, and its sessions are refused.
    pub disabled: bool,
    /// Whether it signs in by a password of its own. Without one it needs an identity provider.
    pub has_password: bool,
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// E-mail address; stored in lower case.
    pub email: String,
    /// Name for people, at most 100 characters; may be empty.
    pub name: String,
    /// What it may do.
    pub grant: Grant,
    /// The password's hash, opaque to the store; none where an identity provider vouches for it.
    pub password_hash: Option<Secret<String>>,
}

const COLUMNS: &str = "id, email, name, role, team_id, created_at, disabled, password_hash <> ''";

impl Store {
    /// Creates an account.
    ///
    /// # Errors
    /// `Invalid` address; `Conflict` when there is an account with it.
    pub async fn create_account(
        &self,
        actor: Actor,
        new: NewAccount,
    ) -> Result<Account, StoreError> {
        self.administer(actor, "account.create", move |sql, now| {
            let email = input::email(&new.email)?;
            let id = AccountId::generate(now);
            let account = Account {
                id,
                email,
                name: optional_name(&new.name)?,
                grant: new.grant,
                created_at: now,
                disabled: false,
                has_password: new.password_hash.is_some(),
            };
            let taken = "SELECT 1 FROM accounts WHERE email = $1";
            if !sql
                .query(taken, &params![account.email.as_str()])?
                .is_empty()
            {
                return Err(StoreError::conflict(
                    "there is an account with that address",
                ));
            }
            grant::exists(sql, new.grant)?;
            insert(sql, &account, new.password_hash)?;
            let role = account.grant.role().name();
            let detail = json!({ "email": account.email, "role": role });
            Ok(Effect::changed(account, id, detail))
        })
        .await
    }

    /// One account.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn account(&self, id: AccountId) -> Result<Account, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// The account of an address with its password hash, where it has a password of its own.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn account_by_email(
        &self,
        email: &str,
    ) -> Result<(Account, Option<Secret<String>>), StoreError> {
        let email = email.trim().to_lowercase();
        self.read(move |sql| {
            let select = format!("SELECT {COLUMNS}, password_hash FROM accounts WHERE email = $1");
            let row = sql.one(&select, &params![email], "account")?;
            let (account, hash) = (read(&row)?, row.text_owned(8)?);
            let hash = account.has_password.then(|| Secret::new(hash));
            Ok((account, hash))
        })
        .await
    }

    /// Whether somebody can sign in by a password.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn has_password_accounts(&self) -> Result<bool, StoreError> {
        self.read(|sql| {
            let select = "SELECT 1 FROM accounts WHERE password_hash <> '' AND disabled = $1 \
                 LIMIT 1";
            Ok(!sql.query(select, &params![false])?.is_empty())
        })
        .await
    }

    /// Accounts, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn accounts(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Account>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut filter = Where::default();
            filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
            let count = filter.param(limit + 1);
            let clause = filter.clause();
            let select =
                format!("SELECT {COLUMNS} FROM accounts{clause} ORDER BY id LIMIT {count}");
            let rows = sql.query(&select, &filter.params)?;
            let accounts = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(accounts, limit, |account: &Account| {
                account.id.uuid()
            }))
        })
        .await
    }
}

/// Writes a new account, whose grant exists.
pub(crate) fn insert(
    sql: &mut dyn Sql,
    account: &Account,
    password_hash: Option<Secret<String>>,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO accounts \
         (id, email, password_hash, created_at, disabled, role, team_id, name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let hash = password_hash.as_ref().map_or("", |hash| hash.expose());
    let (role, team) = grant::columns(account.grant);
    let values = params![
        account.id.uuid(),
        account.email.as_str(),
        hash,
        account.created_at,
        account.disabled,
        role,
        team,
        account.name.as_str(),
    ];
    sql.execute(insert, &values).map(drop)
}

/// A name, or none.
fn optional_name(text: &str) -> Result<String, StoreError> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    input::name(text)
}

pub(crate) fn one(sql: &mut dyn Sql, id: AccountId) -> Result<Account, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM accounts WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "account")?)
}

fn read(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::from_uuid(row.uuid(0)?),
        email: row.text_owned(1)?,
        name: row.text_owned(2)?,
        grant: grant::read(row, 3, 4)?,
        created_at: row.time(5)?,
        disabled: row.bool(6)?,
        has_password: row.bool(7)?,
    })
}
