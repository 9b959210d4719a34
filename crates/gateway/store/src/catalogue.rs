//! The catalogue: what is on all devices together, one row for each app and each MCP server.

mod found;

use tidegate_device_api::McpServer;
use tidegate_policy::{AppId, LaunchHash, McpIdentity};
use tidegate_types::{DeviceId, Timestamp};

use self::found::Found;
use crate::{
    Store, StoreError,
    sql::{Row, Value, Where, containing, params},
    words::from_json,
};

/// The most rows that one item's details take.
const MOST: usize = 1_000;

/// Which servers to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFilter {
    /// Whose identity or name has this in it, in any case.
    pub text: Option<String>,
    /// That a client uses.
    pub client: Option<AppId>,
}

/// A server, over all devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSummary {
    /// It.
    pub identity: McpIdentity,
    /// How many devices have it now.
    pub devices: u64,
    /// When the fleet first saw it, where that is known.
    pub first_seen_at: Option<Timestamp>,
    /// When a device that has it was last seen, or until when one had it.
    pub last_seen_at: Option<Timestamp>,
}

/// The ways in which a server is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launches {
    /// What people call it.
    pub name: String,
    /// The client that uses it.
    pub client: AppId,
    /// The version that is asked for.
    pub version: Option<String>,
    /// How it is spoken to, as the device API says it.
    pub transport: String,
    /// Over its arguments.
    pub arguments: LaunchHash,
    /// Over the whole launch.
    pub launch: LaunchHash,
    /// On how many devices.
    pub devices: u64,
}

/// A server on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnywhere {
    /// The device.
    pub device: DeviceId,
    /// The machine's name.
    pub hostname: String,
    /// The server, as the device found it.
    pub server: McpServer,
}

/// An app, over all devices that have it installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledAnywhere {
    /// The app.
    pub app: AppId,
    /// How many devices have it now.
    pub devices: u64,
    /// When the fleet first saw it, where that is known.
    pub first_seen_at: Option<Timestamp>,
    /// When a device that has it was last seen, or until when one had it.
    pub last_seen_at: Option<Timestamp>,
}

/// A version of an app, from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppVersion {
    /// The app.
    pub app: AppId,
    /// The version, where it says one.
    pub version: Option<String>,
    /// Where it was installed from, as the device API says it.
    pub source: String,
    /// On how many devices.
    pub devices: u64,
}

impl Store {
    /// Servers by identity: those on devices, those that were, and those decided about.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_servers(&self) -> Result<Vec<ServerSummary>, StoreError> {
        self.read(|sql| {
            let items = found::items(sql, &found::SERVERS)?;
            let server = |(identity, found): (McpIdentity, Found)| ServerSummary {
                identity,
                devices: found.devices,
                first_seen_at: found.first_seen_at,
                last_seen_at: found.last_seen_at,
            };
            Ok(items.into_iter().map(server).collect())
        })
        .await
    }

    /// The servers that somebody has under a name like this, or in a client, in no order.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_identities(
        &self,
        filter: ServerFilter,
    ) -> Result<Vec<McpIdentity>, StoreError> {
        self.read(move |sql| {
            let mut conditions = Where::default();
            conditions.maybe(
                "(LOWER(identity) LIKE {} ESCAPE '!' OR LOWER(name) LIKE {} ESCAPE '!')",
                filter.text.as_deref().map(containing),
            );
            conditions.maybe(
                "client = {}",
                filter.client.map(|client| client.to_string()),
            );
            let select = format!(
                "SELECT DISTINCT identity FROM inventory_servers{}",
                conditions.clause()
            );
            let rows = sql.query(&select, &conditions.params)?;
            rows.iter().map(|row| row.parsed(0)).collect()
        })
        .await
    }

    /// In which ways servers are used, those that most devices have first; at most 1,000 for each.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_launches(
        &self,
        identities: Vec<McpIdentity>,
    ) -> Result<Vec<Vec<Launches>>, StoreError> {
        self.read(move |sql| found::launches(sql, &identities, MOST))
            .await
    }

    /// A few of the entries in which servers' tools are known, those with most tools first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_tools(
        &self,
        identities: Vec<McpIdentity>,
    ) -> Result<Vec<Vec<McpServer>>, StoreError> {
        self.read(move |sql| {
            let select = "SELECT entry FROM inventory_servers WHERE identity = $1 AND tools > 0 \
                 ORDER BY tools DESC, inventory, position LIMIT 10";
            let rows: Vec<Vec<Value>> = identities
                .iter()
                .map(|identity| params![identity.as_str()].into())
                .collect();
            let answers = sql.query_all(select, &rows)?;
            answers
                .iter()
                .map(|rows| rows.iter().map(|row| from_json(row, 0)).collect())
                .collect()
        })
        .await
    }

    /// Where a server is, by device; at most 1,000 places.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_occurrences(
        &self,
        identity: McpIdentity,
    ) -> Result<Vec<ServerAnywhere>, StoreError> {
        self.read(move |sql| {
            let select = format!(
                "SELECT d.id, d.hostname, s.entry FROM inventory_servers s \
                 JOIN devices d ON d.inventory = s.inventory WHERE s.identity = $1 \
                 ORDER BY d.id, s.position LIMIT {MOST}"
            );
            let rows = sql.query(&select, &params![identity.as_str()])?;
            rows.iter().map(anywhere).collect()
        })
        .await
    }

    /// Apps that are installed, or were, by id.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn installed_apps(&self) -> Result<Vec<InstalledAnywhere>, StoreError> {
        self.read(|sql| {
            let items = found::items(sql, &found::APPS)?;
            let app = |(app, found): (AppId, Found)| InstalledAnywhere {
                app,
                devices: found.devices,
                first_seen_at: found.first_seen_at,
                last_seen_at: found.last_seen_at,
            };
            Ok(items.into_iter().map(app).collect())
        })
        .await
    }

    /// The versions of installed apps and where they are from, by app; those that most devices have
    /// first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn app_versions(&self) -> Result<Vec<AppVersion>, StoreError> {
        self.read(found::versions).await
    }
}

fn anywhere(row: &Row) -> Result<ServerAnywhere, StoreError> {
    Ok(ServerAnywhere {
        device: DeviceId::from_uuid(row.uuid(0)?),
        hostname: row.text_owned(1)?,
        server: from_json(row, 2)?,
    })
}
