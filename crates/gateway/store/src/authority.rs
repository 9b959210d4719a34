//! The organisation's authority: its certificate, and its keys as the gateway sealed them. There is
//! one for all nodes; what opens the seals is not in the database.

use std::fmt;

use serde_json::json;
use tidegate_types::Timestamp;

use crate::{
    Actor, Store, StoreError,
    change::Effect,
    sql::{Row, Sql, params},
};

/// The authority as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAuthority {
    /// The CA's certificate (PEM).
    pub certificate: String,
    /// The CA's private key, sealed.
    pub ca_key: Vec<u8>,
    /// The key that policies are signed with, sealed.
    pub policy_key: Vec<u8>,
    /// When it was made, or its certificate replaced.
    pub updated_at: Timestamp,
}

/// Sealed keys are of no use to a reader of logs either.
impl fmt::Debug for StoredAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAuthority")
            .field("certificate", &self.certificate)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

/// The longest certificate and sealed key, in bytes.
const MAX: usize = 16 * 1024;

impl Store {
    /// The authority, if one was made.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn authority(&self) -> Result<Option<StoredAuthority>, StoreError> {
        self.read(find).await
    }

    /// Keeps a new authority, unless there is one already; the one that is in force then. So nodes
    /// that start together agree. `fingerprint` is for the audit log.
    ///
    /// # Errors
    /// `Invalid` when something is too long.
    pub async fn create_authority(
        &self,
        actor: Actor,
        new: StoredAuthority,
        fingerprint: String,
    ) -> Result<StoredAuthority, StoreError> {
        self.govern(actor, "authority.create", move |sql, now| {
            if let Some(known) = find(sql)? {
                return Ok(Effect::Same(known));
            }
            check(&new)?;
            let made = StoredAuthority {
                updated_at: now,
                ..new
            };
            let insert = "INSERT INTO authority (id, certificate, ca_key, policy_key, updated_at) \
                 VALUES (1, $1, $2, $3, $4)";
            let (ca_key, policy_key) = (made.ca_key.as_slice(), made.policy_key.as_slice());
            sql.execute(
                insert,
                &params![made.certificate.as_str(), ca_key, policy_key, now],
            )?;
            let detail = json!({ "fingerprint": fingerprint });
            Ok(Effect::changed(made, "authority", detail))
        })
        .await
    }

    /// Replaces the CA's certificate and key; policies are signed as before.
    ///
    /// # Errors
    /// `NotFound` before one was made; `Invalid` when something is too long.
    pub async fn replace_authority(
        &self,
        actor: Actor,
        certificate: String,
        ca_key: Vec<u8>,
        fingerprint: String,
    ) -> Result<StoredAuthority, StoreError> {
        self.govern(actor, "authority.replace", move |sql, now| {
            let known = find(sql)?.ok_or(StoreError::NotFound("authority"))?;
            let replaced = StoredAuthority {
                certificate,
                ca_key,
                updated_at: now,
                ..known
            };
            check(&replaced)?;
            let update = "UPDATE authority SET certificate = $1, ca_key = $2, updated_at = $3";
            let ca_key = replaced.ca_key.as_slice();
            sql.execute(update, &params![replaced.certificate.as_str(), ca_key, now])?;
            let detail = json!({ "fingerprint": fingerprint });
            Ok(Effect::changed(replaced, "authority", detail))
        })
        .await
    }
}

fn find(sql: &mut dyn Sql) -> Result<Option<StoredAuthority>, StoreError> {
    let select = "SELECT certificate, ca_key, policy_key, updated_at FROM authority WHERE id = 1";
    sql.query(select, &[])?.first().map(read).transpose()
}

fn read(row: &Row) -> Result<StoredAuthority, StoreError> {
    Ok(StoredAuthority {
        certificate: row.text_owned(0)?,
        ca_key: row.blob(1)?.to_vec(),
        policy_key: row.blob(2)?.to_vec(),
        updated_at: row.time(3)?,
    })
}

fn check(authority: &StoredAuthority) -> Result<(), StoreError> {
    let lengths = [
        authority.certificate.len(),
        authority.ca_key.len(),
        authority.policy_key.len(),
    ];
    if lengths.iter().any(|length| *length > MAX) {
        return Err(StoreError::invalid(
            "authority",
            "a certificate and a key have at most 16 KiB",
        ));
    }
    Ok(())
}
