//! Managed devices. A device's key is a virtual key like others, so budgets, limits and allow-lists
//! hold for it; its name, team, user and switch are those of the key, and are kept there only.

mod approval;
mod change;
mod effects;
mod enrol;
mod filter;
mod quarantine;
mod reported;
mod roster;
mod row;
mod sightings;
mod sorted;

use tidegate_policy::AppId;
use tidegate_types::{
    DeviceGroupId, DeviceId, EnrolmentTokenId, KeyHash, KeyId, TeamId, Timestamp, UserId,
};

pub(crate) use self::row::one;
use self::row::{COLUMNS, TABLES, read};
pub(crate) use self::sightings::{Named, set_inventory};
pub use self::{
    change::DevicePatch,
    effects::{EffectCount, ItemEffect},
    enrol::NewDevice,
    filter::{DeviceFilter, InGroup},
    quarantine::Scanned,
    reported::{Owner, Quarantine, Reported},
    roster::{Enrolled, Standing},
    sightings::{AppSighting, Sighting},
    sorted::{DeviceFacet, DeviceSort},
};
use crate::{
    Cursor, Page, Store, StoreError,
    page::page_size,
    sql::{Row, params},
};

/// The certificate that was last issued to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its serial number, big-endian.
    pub serial: [u8; 16],
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

/// The machine, as it described itself; each text has 255 bytes at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub hostname: String,
    /// A stable id of it, hashed by the device.
    pub id_hash: String,
    /// `linux`, `macos` or `windows`.
    pub os: String,
    /// Such as `Debian GNU/Linux 12`.
    pub os_version: String,
    /// Such as `x86_64`.
    pub arch: String,
}

/// A managed device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The virtual key that its key is.
    pub key: KeyId,
    /// Name for people; the machine's at first.
    pub name: String,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// The user it belongs to.
    pub user: Option<UserId>,
    /// The group that it is in.
    pub group: Option<DeviceGroupId>,
    /// What that is called.
    pub group_name: Option<String>,
    /// Switched off: its calls are refused.
    pub disabled: bool,
    /// The machine.
    pub machine: Machine,
    /// The agent's version.
    pub agent_version: String,
    /// The token that enrolled it.
    pub token: EnrolmentTokenId,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it last checked in, to the minute.
    pub last_seen_at: Option<Timestamp>,
    /// The revision of the policy in force on it; 0 before its first check-in.
    pub policy_revision: u64,
    /// Whether it governs, as it measured; unknown before its first check-in.
    pub effective: Option<bool>,
    /// Why it does not.
    pub problem: Option<String>,
    /// Its certificate.
    pub leaf: Leaf,
    /// Whose it is: its user, where it has one.
    pub owner: Option<Owner>,
    /// What it said beside that, and what was asked of it.
    pub reported: Reported,
}

/// An app that a device has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceApp {
    /// The app.
    pub app: AppId,
    /// Its version, as last seen.
    pub version: Option<String>,
    /// Its executable or script, as last seen.
    pub path: String,
    /// Connections that were relayed.
    pub relayed: u64,
    /// Connections that were refused.
    pub denied: u64,
    /// Handshakes that it broke off because of our certificate.
    pub pinned: u64,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Devices, oldest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn devices(
        &self,
        filter: DeviceFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Device>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut conditions = filter.conditions(cursor.map(|cursor| cursor.0));
            let count = conditions.param(limit + 1);
            let select = format!(
                "SELECT {COLUMNS} FROM {TABLES}{} ORDER BY d.id LIMIT {count}",
                conditions.clause()
            );
            let rows = sql.query(&select, &conditions.params)?;
            let devices = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(devices, limit, |device: &Device| {
                device.id.uuid()
            }))
        })
        .await
    }

    /// One device.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn device(&self, id: DeviceId) -> Result<Device, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// The device whose key has this hash, if the key may be used now: neither it nor its team nor
    /// its user is switched off.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn device_by_key(&self, hash: KeyHash) -> Result<Device, StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let select = format!(
                "SELECT {COLUMNS} FROM {TABLES} \
                 LEFT JOIN teams t ON t.id = k.team_id LEFT JOIN teams ut ON ut.id = u.team_id \
                 WHERE k.hash = $1 AND k.disabled = $2 AND k.revoked_at IS NULL \
                 AND (k.expires_at IS NULL OR k.expires_at > $3) \
                 AND (u.id IS NULL OR u.disabled = $2) AND (t.id IS NULL OR t.disabled = $2) \
                 AND (ut.id IS NULL OR ut.disabled = $2)"
            );
            read(&sql.one(&select, &params![hash, false, now], "device")?)
        })
        .await
    }

    /// The apps that a device has seen, by id.
    ///
    /// # Errors
    /// `NotFound` when there is no such device.
    pub async fn device_apps(&self, id: DeviceId) -> Result<Vec<DeviceApp>, StoreError> {
        self.read(move |sql| {
            one(sql, id)?;
            let select = "SELECT app, version, path, relayed, denied, pinned, first_seen_at, \
                 last_seen_at FROM device_apps WHERE device_id = $1 ORDER BY app";
            let rows = sql.query(select, &params![id.uuid()])?;
            rows.iter().map(app).collect()
        })
        .await
    }
}

fn app(row: &Row) -> Result<DeviceApp, StoreError> {
    Ok(DeviceApp {
        app: row.parsed(0)?,
        version: row.opt(1, Row::text_owned)?,
        path: row.text_owned(2)?,
        relayed: row.count(3)?,
        denied: row.count(4)?,
        pinned: row.count(5)?,
        first_seen_at: row.time(6)?,
        last_seen_at: row.time(7)?,
    })
}
