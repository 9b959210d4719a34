//! A provider vouched for somebody: the account that they are here, made at their first sign-in. What
//! the account may do is decided anew each time.

use serde_json::json;
use tidegate_types::{AccountId, Grant, IdentityProviderId, Timestamp};

use super::one;
use crate::{
    Account, Store, StoreError,
    accounts::{self, administers, others_administer},
    change::{Effect, Entry},
    grant, input,
    sessions::end_all,
    sql::{Sql, params},
};

/// Whom a provider vouched for, and what that lets them do.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// Who vouched.
    pub provider: IdentityProviderId,
    /// Who it is there: 1 to 255 characters.
    pub subject: String,
    /// Their address, which is theirs by the provider's word.
    pub email: String,
    /// Their name; may be empty.
    pub name: String,
    /// What their groups let them do.
    pub grant: Grant,
    /// Their groups that rules name, for the audit log.
    pub groups: Vec<String>,
}

/// Why somebody whom a provider vouched for has no account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The account is disabled.
    Disabled,
    /// An account has their address, and nobody said that it is theirs: a provider must not be able to
    /// take an account by naming its address.
    AccountExists,
    /// The account is the last that can administer without a provider, and would no longer.
    LastAdmin,
    /// The team of their role is gone.
    TeamGone,
    /// The provider was disabled or removed meanwhile.
    ProviderGone,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedIn {
    /// Their account.
    Account(Account),
    /// None.
    Refused(Refusal),
}

type Outcome = Result<Account, Refusal>;

impl Store {
    /// The account of somebody whom a provider vouched for: the one that knows them by their subject,
    /// the one that an admin said is theirs, or a new one. Its grant is what their groups say now; where
    /// that is another than before, its sessions end.
    ///
    /// # Errors
    /// `Invalid` address; the store is unavailable. What the person can do nothing about is no error
    /// but [`SignedIn::Refused`].
    pub async fn sign_in_person(&self, who: Vouched) -> Result<SignedIn, StoreError> {
        self.administer(crate::Actor::System, "account.vouch", move |sql, now| {
            let mut entries = Vec::new();
            match find(sql, &who, now, &mut entries)? {
                Err(refusal) => Ok(Effect::Same(SignedIn::Refused(refusal))),
                Ok(account) => {
                    entries.push(Entry {
                        action: "account.vouch",
                        target: account.id.to_string(),
                        detail: json!({
                            "provider": who.provider, "subject": who.subject, "email": who.email,
                            "groups": who.groups, "role": who.grant.role().name(),
                        }),
                    });
                    let value = SignedIn::Account(account);
                    Ok(Effect::Several { value, entries })
                }
            }
        })
        .await
    }
}

fn find(
    sql: &mut dyn Sql,
    who: &Vouched,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<Outcome, StoreError> {
    match one(sql, who.provider) {
        Ok(provider) if !provider.disabled => {}
        Ok(_) | Err(StoreError::NotFound(_)) => return Ok(Err(Refusal::ProviderGone)),
        Err(error) => return Err(error),
    }
    match grant::exists(sql, who.grant) {
        Err(StoreError::Invalid { .. }) => return Ok(Err(Refusal::TeamGone)),
        other => other?,
    }
    let email = input::email(&who.email)?;
    let known = "SELECT account_id FROM account_identities WHERE provider_id = $1 AND subject = $2";
    let known = sql.query(known, &params![who.provider.uuid(), who.subject.as_str()])?;
    if let Some(row) = known.first() {
        let account = accounts::one(sql, AccountId::from_uuid(row.uuid(0)?))?;
        let update = "UPDATE account_identities SET email = $3, last_sign_in_at = $4 \
             WHERE provider_id = $1 AND subject = $2";
        let (provider, subject) = (who.provider.uuid(), who.subject.as_str());
        sql.execute(update, &params![provider, subject, email, now])?;
        return follow(sql, account, who, entries);
    }
    let taken = "SELECT id FROM accounts WHERE email = $1";
    let taken = sql.query(taken, &params![email.as_str()])?;
    let Some(row) = taken.first() else {
        let account = create(sql, who, &email, now, entries)?;
        link(sql, who, &account, &email, now)?;
        return Ok(Ok(account));
    };
    let account = accounts::one(sql, AccountId::from_uuid(row.uuid(0)?))?;
    // Only what an admin allowed, and only once.
    let allowed = "DELETE FROM account_links WHERE account_id = $1 AND provider_id = $2";
    let allowed = sql.execute(allowed, &params![account.id.uuid(), who.provider.uuid()])?;
    if allowed == 0 {
        return Ok(Err(Refusal::AccountExists));
    }
    let id = account.id;
    match follow(sql, account, who, entries)? {
        Ok(account) => {
            link(sql, who, &account, &email, now)?;
            let detail = json!({ "provider": who.provider, "subject": who.subject });
            entries.push(Entry {
                action: "account.link",
                target: id.to_string(),
                detail,
            });
            Ok(Ok(account))
        }
        Err(refusal) => {
            // It was not used.
            super::links::allow(sql, id, who.provider, now)?;
            Ok(Err(refusal))
        }
    }
}

/// The account as the provider has the person now. An account with a password of its own keeps the
/// name that it has here.
fn follow(
    sql: &mut dyn Sql,
    before: Account,
    who: &Vouched,
    entries: &mut Vec<Entry>,
) -> Result<Outcome, StoreError> {
    if before.disabled {
        return Ok(Err(Refusal::Disabled));
    }
    let mut account = before.clone();
    account.grant = who.grant;
    if !account.has_password {
        account.name.clone_from(&who.name);
    }
    if account == before {
        return Ok(Ok(account));
    }
    if administers(&before) && !administers(&account) {
        match others_administer(sql, account.id) {
            Err(StoreError::Conflict { .. }) => return Ok(Err(Refusal::LastAdmin)),
            other => other?,
        }
    }
    let update = "UPDATE accounts SET name = $2, role = $3, team_id = $4 WHERE id = $1";
    let (role, team) = grant::columns(account.grant);
    let values = params![account.id.uuid(), account.name.as_str(), role, team];
    sql.execute(update, &values)?;
    if account.grant != before.grant {
        end_all(sql, account.id)?;
        entries.push(Entry {
            action: "account.update",
            target: account.id.to_string(),
            detail: json!({
                "email": account.email, "role": role, "team": account.grant.team(),
                "role_before": before.grant.role().name(), "provider": who.provider,
            }),
        });
    }
    Ok(Ok(account))
}

fn create(
    sql: &mut dyn Sql,
    who: &Vouched,
    email: &str,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> Result<Account, StoreError> {
    let account = Account {
        id: AccountId::generate(now),
        email: email.to_owned(),
        name: who.name.clone(),
        grant: who.grant,
        created_at: now,
        disabled: false,
        has_password: false,
    };
    accounts::insert(sql, &account, None)?;
    entries.push(Entry {
        action: "account.create",
        target: account.id.to_string(),
        detail: json!({
            "email": email, "role": who.grant.role().name(), "provider": who.provider,
        }),
    });
    Ok(account)
}

fn link(
    sql: &mut dyn Sql,
    who: &Vouched,
    account: &Account,
    email: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = "INSERT INTO account_identities \
         (provider_id, subject, account_id, email, created_at, last_sign_in_at) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let (provider, subject) = (who.provider.uuid(), who.subject.as_str());
    let values = params![provider, subject, account.id.uuid(), email, now, now];
    sql.execute(insert, &values).map(drop)
}
