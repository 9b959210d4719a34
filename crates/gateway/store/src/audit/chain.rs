//! The chain of seals: BLAKE3 over the seal before and every field of the entry.
//!
//! Whoever can write to the database can also rewrite the whole chain; what the chain shows is a
//! change to a part of it. The newest seal, kept elsewhere, shows the rest.

use serde_json::Value as Json;
use tidegate_types::{AuditId, Timestamp};

use super::{AuditEntry, AuditVerdict, COLUMNS, read};
use crate::{
    Actor, StoreError,
    sql::{Sql, params},
};

/// The end of the chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    seq: u64,
    hash: [u8; 32],
}

const HEAD: &str = "SELECT audit_seq, audit_hash FROM control WHERE id = 1";

/// Entries that are checked at a time.
const STEP: i64 = 1_000;

impl Head {
    /// Takes the end of the chain for this transaction: others wait.
    pub(crate) fn lock(sql: &mut dyn Sql) -> Result<Self, StoreError> {
        let select = format!("{HEAD}{}", sql.for_update());
        Self::read(sql, &select)
    }

    fn read(sql: &mut dyn Sql, select: &str) -> Result<Self, StoreError> {
        let row = sql.one(select, &params![], "schema")?;
        Ok(Self {
            seq: row.count(0)?,
            hash: row.bytes(1)?,
        })
    }
}

/// Appends an entry; the end of the chain after it.
pub(crate) fn append(
    sql: &mut dyn Sql,
    head: &Head,
    now: Timestamp,
    actor: Actor,
    action: &str,
    target: &str,
    detail: &Json,
) -> Result<Head, StoreError> {
    let mut entry = AuditEntry {
        seq: head.seq + 1,
        id: AuditId::generate(now),
        at: now,
        actor,
        action: action.to_owned(),
        target: target.to_owned(),
        detail: detail.to_string(),
        hash: [0; 32],
    };
    entry.hash = seal(&head.hash, &entry);
    let insert =
        format!("INSERT INTO audit_log ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    let values = params![
        entry.seq,
        entry.id.uuid(),
        now,
        actor.kind(),
        actor.uuid(),
        action,
        target,
        entry.detail.as_str(),
        entry.hash.as_slice(),
    ];
    sql.execute(&insert, &values)?;
    let update = "UPDATE control SET audit_seq = $1, audit_hash = $2 WHERE id = 1";
    sql.execute(update, &params![entry.seq, entry.hash.as_slice()])?;
    Ok(Head {
        seq: entry.seq,
        hash: entry.hash,
    })
}

fn seal(before: &[u8; 32], entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("tidegate 2026-11 audit entry v1");
    hasher.update(before);
    hasher.update(&entry.seq.to_le_bytes());
    hasher.update(entry.id.uuid().as_bytes());
    hasher.update(&entry.at.micros().to_le_bytes());
    hasher.update(entry.actor.uuid().unwrap_or_default().as_bytes());
    // Each text after its length, so that none can flow over into the next.
    for text in [
        entry.actor.kind(),
        &entry.action,
        &entry.target,
        &entry.detail,
    ] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

/// Checks every entry against its seal, and the last one against the end of the chain.
pub(super) fn verify(sql: &mut dyn Sql) -> Result<AuditVerdict, StoreError> {
    let end = Head::read(sql, HEAD)?;
    let select = format!("SELECT {COLUMNS} FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2");
    let mut last = Head {
        seq: 0,
        hash: [0; 32],
    };
    loop {
        let rows = sql.query(&select, &params![last.seq, STEP])?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let expected = last.seq + 1;
            let intact = read(row).is_ok_and(|entry| {
                let sealed = seal(&last.hash, &entry) == entry.hash;
                last = Head {
                    seq: entry.seq,
                    hash: entry.hash,
                };
                sealed && entry.seq == expected
            });
            if !intact {
                return Ok(AuditVerdict::BrokenAt(expected));
            }
        }
    }
    if (last.seq, last.hash) == (end.seq, end.hash) {
        Ok(AuditVerdict::Intact(end.seq))
    } else {
        Ok(AuditVerdict::BrokenAt(last.seq + 1))
    }
}
