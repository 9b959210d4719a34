//! All devices at once, as a gateway holds them in memory: so a check-in needs no database.

use tidegate_types::{KeyHash, TeamId, Timestamp};

use super::{
    Device,
    row::{COLUMNS, TABLES, WIDTH, read},
};
use crate::{
    Store, StoreError,
    sql::{Row, params},
};

/// A device that is enrolled, and what its key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The device.
    pub device: Device,
    /// The hash of its key.
    pub hash: KeyHash,
    /// Its team, or else its user's.
    pub team: Option<TeamId>,
    /// It, its team or its user is switched off.
    pub off: bool,
    /// When its key ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// The name of that team.
    pub team_name: Option<String>,
}

/// What a key of a device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The key of a device that is enrolled.
    Enrolled(Box<Enrolled>),
    /// The device was removed.
    Removed,
    /// There never was such a device.
    Unknown,
}

const MORE: &str = "k.hash, COALESCE(k.team_id, u.team_id), k.expires_at, \
     COALESCE(u.disabled, $1), COALESCE(t.disabled, $1), COALESCE(ut.disabled, $1), \
     COALESCE(t.name, ut.name)";

const JOINS: &str = "LEFT JOIN teams t ON t.id = k.team_id LEFT JOIN teams ut ON ut.id = u.team_id";

impl Store {
    /// All devices, by id.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn enrolled_devices(&self) -> Result<Vec<Enrolled>, StoreError> {
        self.read(|sql| {
            let select = format!(
                "SELECT {COLUMNS}, {MORE} FROM {TABLES} {JOINS} \
                 WHERE k.revoked_at IS NULL ORDER BY d.id"
            );
            sql.query(&select, &params![false])?
                .iter()
                .map(enrolled)
                .collect()
        })
        .await
    }

    /// What a presented key of a device is.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn device_standing(&self, hash: KeyHash) -> Result<Standing, StoreError> {
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS}, {MORE} FROM {TABLES} {JOINS} \
                 WHERE k.hash = $2 AND k.revoked_at IS NULL"
            );
            if let Some(row) = sql.query(&select, &params![false, hash])?.first() {
                return Ok(Standing::Enrolled(Box::new(enrolled(row)?)));
            }
            // The key of a device that was removed stays, revoked, for the log's sake.
            let gone = "SELECT 1 FROM virtual_keys WHERE hash = $1 AND device_id IS NOT NULL";
            Ok(if sql.query(gone, &params![hash])?.is_empty() {
                Standing::Unknown
            } else {
                Standing::Removed
            })
        })
        .await
    }

    /// The hashes of all inventories that are stored.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn inventory_hashes(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        self.read(|sql| {
            let rows = sql.query("SELECT hash FROM inventories", &[])?;
            rows.iter().map(|row| row.bytes(0)).collect()
        })
        .await
    }
}

fn enrolled(row: &Row) -> Result<Enrolled, StoreError> {
    let device = read(row)?;
    let off =
        device.disabled || row.bool(WIDTH + 3)? || row.bool(WIDTH + 4)? || row.bool(WIDTH + 5)?;
    Ok(Enrolled {
        device,
        hash: row.hash(WIDTH)?,
        team: row.opt(WIDTH + 1, Row::uuid)?.map(TeamId::from_uuid),
        expires_at: row.opt(WIDTH + 2, Row::time)?,
        off,
        team_name: row.opt(WIDTH + 6, Row::text_owned)?,
    })
}
