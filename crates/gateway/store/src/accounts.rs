//! Local accounts of the control plane.

use serde_json::json;
use tidegate_types::{AccountId, Grant, Secret, Timestamp};

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
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// E-mail address; stored in lower case.
    pub email: String,
    /// What it may do.
    pub grant: Grant,
    /// The password's hash, opaque to the store.
    pub password_hash: Secret<String>,
}

const COLUMNS: &str = "id, email, name, role, team_id, created_at, disabled";

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
                name: String::new(),
                grant: new.grant,
                created_at: now,
                disabled: false,
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
            let insert = "INSERT INTO accounts \
                 (id, email, password_hash, created_at, disabled, role, team_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)";
            let (email, hash) = (account.email.as_str(), new.password_hash.expose().as_str());
            let (role, team) = grant::columns(new.grant);
            let values = params![id.uuid(), email, hash, now, false, role, team];
            sql.execute(insert, &values)?;
            let detail = json!({ "email": email, "role": role });
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

    /// The account of an address with its password hash, to sign in.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn account_by_email(
        &self,
        email: &str,
    ) -> Result<(Account, Secret<String>), StoreError> {
        let email = email.trim().to_lowercase();
        self.read(move |sql| {
            let select = format!("SELECT {COLUMNS}, password_hash FROM accounts WHERE email = $1");
            let row = sql.one(&select, &params![email], "account")?;
            Ok((read(&row)?, Secret::new(row.text_owned(7)?)))
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

    /// Sets another password hash and ends the account's sessions.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_password(
        &self,
        actor: Actor,
        id: AccountId,
        password_hash: Secret<String>,
    ) -> Result<(), StoreError> {
        self.administer(actor, "account.password", move |sql, _| {
            let account = one(sql, id)?;
            let update = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), password_hash.expose().as_str()])?;
            end_sessions(sql, id)?;
            Ok(Effect::changed((), id, json!({ "email": account.email })))
        })
        .await
    }

    /// Disables (and ends its sessions) or enables an account.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_account_disabled(
        &self,
        actor: Actor,
        id: AccountId,
        disabled: bool,
    ) -> Result<Account, StoreError> {
        self.administer(actor, "account.update", move |sql, _| {
            let before = one(sql, id)?;
            let account = Account {
                disabled,
                ..before.clone()
            };
            if account == before {
                return Ok(Effect::Same(account));
            }
            let update = "UPDATE accounts SET disabled = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), disabled])?;
            if disabled {
                end_sessions(sql, id)?;
            }
            let detail = json!({ "email": account.email, "disabled": disabled });
            Ok(Effect::changed(account, id, detail))
        })
        .await
    }
}

fn end_sessions(sql: &mut dyn Sql, id: AccountId) -> Result<(), StoreError> {
    sql.execute(
        "DELETE FROM sessions WHERE account_id = $1",
        &params![id.uuid()],
    )
    .map(drop)
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
    })
}
