//! The catalogue: what is on all devices together, one row for each app and each MCP server.

use tidegate_device_api::McpServer;
use tidegate_policy::{AppId, LaunchHash, McpIdentity};
use tidegate_types::{DeviceId, Timestamp};

use crate::{
    Store, StoreError,
    sql::{Row, Value, Where, containing, params},
    words::from_json,
};

/// What holds for a server on a device, for queries that know it as `s`, its device as `d`, the
/// device's key as `k` and user as `u`: as `Document::decide_mcp` finds it in that device's policy.
pub(crate) const SERVER_DECISION: &str = "COALESCE((SELECT r.decision FROM edge_mcp_rules r \
     WHERE r.identity = s.identity AND (r.arguments = '' OR r.arguments = s.arguments) \
     AND (r.launch = '' OR r.launch = s.launch) AND (r.audience = 'fleet' \
     OR (r.audience = 'team' AND r.subject = COALESCE(k.team_id, u.team_id)) \
     OR (r.audience = 'device' AND r.subject = d.id)) \
     ORDER BY CASE WHEN r.launch <> '' THEN 2 WHEN r.arguments <> '' THEN 1 ELSE 0 END DESC, \
     CASE r.audience WHEN 'device' THEN 2 WHEN 'team' THEN 1 ELSE 0 END DESC LIMIT 1), \
     (SELECT default_mcp_decision FROM edge_settings WHERE id = 1))";

/// The same for an app `a`.
pub(crate) const APP_DECISION: &str = "COALESCE((SELECT o.decision FROM edge_app_overrides o \
     WHERE o.app = a.app AND ((o.audience = 'team' AND o.subject = COALESCE(k.team_id, u.team_id)) \
     OR (o.audience = 'device' AND o.subject = d.id)) \
     ORDER BY CASE o.audience WHEN 'device' THEN 1 ELSE 0 END DESC LIMIT 1), \
     (SELECT e.decision FROM edge_apps e WHERE e.app = a.app), \
     (SELECT default_decision FROM edge_settings WHERE id = 1))";

/// The most rows that one item's details take.
const MOST: i64 = 1_000;

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

/// Items that are on devices, each inventory counted for all devices that share it.
const SHARED: &str = "(SELECT inventory, COUNT(*) AS devices, MAX(last_seen_at) AS seen \
     FROM devices WHERE inventory IS NOT NULL GROUP BY inventory)";

impl Store {
    /// Servers by identity: those on devices, those that were, and those decided about.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn mcp_servers(&self) -> Result<Vec<ServerSummary>, StoreError> {
        self.read(|sql| {
            let select = format!(
                "SELECT x.item, CAST(COALESCE(n.devices, 0) AS BIGINT), c.first_seen_at, \
                 COALESCE(n.seen, c.last_seen_at) FROM \
                 (SELECT identity AS item FROM inventory_servers \
                 UNION SELECT identity FROM edge_mcp_rules \
                 UNION SELECT item FROM catalogue_items WHERE kind = 'mcp_server') x \
                 LEFT JOIN catalogue_items c ON c.kind = 'mcp_server' AND c.item = x.item \
                 LEFT JOIN (SELECT s.identity, SUM(i.devices) AS devices, MAX(i.seen) AS seen \
                 FROM (SELECT identity, inventory FROM inventory_servers GROUP BY 1, 2) s \
                 JOIN {SHARED} i ON i.inventory = s.inventory GROUP BY s.identity) n \
                 ON n.identity = x.item ORDER BY x.item"
            );
            sql.query(&select, &[])?.iter().map(summary).collect()
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
        self.read(move |sql| {
            let select = format!(
                "SELECT s.name, s.client, s.version, s.transport, s.arguments, s.launch, \
                 CAST(SUM((SELECT COUNT(*) FROM devices d WHERE d.inventory = s.inventory)) \
                 AS BIGINT) AS devices FROM (SELECT DISTINCT inventory, name, \
                 client, version, transport, arguments, launch FROM inventory_servers \
                 WHERE identity = $1) s \
                 GROUP BY s.name, s.client, s.version, s.transport, s.arguments, s.launch \
                 ORDER BY devices DESC, s.launch, s.client, s.name LIMIT {MOST}"
            );
            let rows: Vec<Vec<Value>> = identities
                .iter()
                .map(|identity| params![identity.as_str()].into())
                .collect();
            let answers = sql.query_all(&select, &rows)?;
            let on_devices = |rows: &Vec<Row>| {
                let found = rows.iter().map(launches);
                let found = found.collect::<Result<Vec<_>, _>>()?;
                // An inventory may be there a moment before a device has it.
                Ok(found.into_iter().filter(|way| way.devices > 0).collect())
            };
            answers.iter().map(on_devices).collect()
        })
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
            let select = format!(
                "SELECT x.item, CAST(COALESCE(n.devices, 0) AS BIGINT), c.first_seen_at, \
                 COALESCE(n.seen, c.last_seen_at) FROM (SELECT app AS item FROM inventory_apps \
                 UNION SELECT item FROM catalogue_items WHERE kind = 'app') x \
                 LEFT JOIN catalogue_items c ON c.kind = 'app' AND c.item = x.item \
                 LEFT JOIN (SELECT a.app, SUM(i.devices) AS devices, MAX(i.seen) AS seen \
                 FROM (SELECT app, inventory FROM inventory_apps GROUP BY 1, 2) a \
                 JOIN {SHARED} i ON i.inventory = a.inventory GROUP BY a.app) n \
                 ON n.app = x.item ORDER BY x.item"
            );
            sql.query(&select, &[])?.iter().map(installed).collect()
        })
        .await
    }

    /// The versions of installed apps and where they are from, by app; those that most devices have
    /// first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn app_versions(&self) -> Result<Vec<AppVersion>, StoreError> {
        self.read(|sql| {
            let select = format!(
                "SELECT a.app, a.version, a.source, CAST(SUM(i.devices) AS BIGINT) AS devices \
                 FROM (SELECT DISTINCT inventory, app, version, source FROM inventory_apps) a \
                 JOIN {SHARED} i ON i.inventory = a.inventory \
                 GROUP BY a.app, a.version, a.source \
                 ORDER BY a.app, devices DESC, a.version, a.source"
            );
            sql.query(&select, &[])?.iter().map(version).collect()
        })
        .await
    }
}

fn summary(row: &Row) -> Result<ServerSummary, StoreError> {
    Ok(ServerSummary {
        identity: row.parsed(0)?,
        devices: row.count(1)?,
        first_seen_at: row.opt(2, Row::time)?,
        last_seen_at: row.opt(3, Row::time)?,
    })
}

fn launches(row: &Row) -> Result<Launches, StoreError> {
    Ok(Launches {
        name: row.text_owned(0)?,
        client: row.parsed(1)?,
        version: row.opt(2, Row::text_owned)?,
        transport: row.text_owned(3)?,
        arguments: row.parsed(4)?,
        launch: row.parsed(5)?,
        devices: row.count(6)?,
    })
}

fn anywhere(row: &Row) -> Result<ServerAnywhere, StoreError> {
    Ok(ServerAnywhere {
        device: DeviceId::from_uuid(row.uuid(0)?),
        hostname: row.text_owned(1)?,
        server: from_json(row, 2)?,
    })
}

fn installed(row: &Row) -> Result<InstalledAnywhere, StoreError> {
    Ok(InstalledAnywhere {
        app: row.parsed(0)?,
        devices: row.count(1)?,
        first_seen_at: row.opt(2, Row::time)?,
        last_seen_at: row.opt(3, Row::time)?,
    })
}

fn version(row: &Row) -> Result<AppVersion, StoreError> {
    Ok(AppVersion {
        app: row.parsed(0)?,
        version: row.opt(1, Row::text_owned)?,
        source: row.text_owned(2)?,
        devices: row.count(3)?,
    })
}
