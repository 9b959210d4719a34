//! Counts for an overview that nothing else asks for.

use tidegate_types::TeamId;

use crate::{
    Store, StoreError,
    sql::{Where, params},
};

/// More open requests than these are not counted.
const MOST: u64 = 10_000;

/// The people of a team are those of its keys, or else of its users.
pub(crate) const OF_TEAM: &str = "SELECT d.id FROM devices d JOIN virtual_keys k ON k.id = d.key_id \
     LEFT JOIN users u ON u.id = k.user_id WHERE COALESCE(k.team_id, u.team_id)";

/// How much there is of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The revision of what is governed.
    pub revision: u64,
    /// Teams.
    pub teams: u64,
    /// Users.
    pub users: u64,
    /// Keys that are not revoked, those of devices left out.
    pub keys: u64,
    /// Managed devices.
    pub devices: u64,
    /// Budgets.
    pub budgets: u64,
    /// Limits.
    pub limits: u64,
}

impl Store {
    /// How much there is of what.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(|sql| {
            let select = "SELECT revision, (SELECT COUNT(*) FROM teams), \
                 (SELECT COUNT(*) FROM users WHERE deleted_at IS NULL), \
                 (SELECT COUNT(*) FROM virtual_keys WHERE revoked_at IS NULL AND device_id IS NULL), \
                 (SELECT COUNT(*) FROM devices), (SELECT COUNT(*) FROM budgets), \
                 (SELECT COUNT(*) FROM limits) FROM control WHERE id = 1";
            let row = sql.one(select, &[], "schema")?;
            Ok(Counts {
                revision: row.count(0)?,
                teams: row.count(1)?,
                users: row.count(2)?,
                keys: row.count(3)?,
                devices: row.count(4)?,
                budgets: row.count(5)?,
                limits: row.count(6)?,
            })
        })
        .await
    }

    /// How many requests of people wait for an answer, of one team or of all; 10,000 stands for more.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn open_requests(&self, team: Option<TeamId>) -> Result<u64, StoreError> {
        self.read(move |sql| {
            let mut conditions = Where::default();
            conditions.fixed("state = 'open'");
            if let Some(team) = team {
                let team = conditions.param(team.uuid());
                conditions.fixed(&format!("device_id IN ({OF_TEAM} = {team})"));
            }
            let most = conditions.param(MOST);
            let select = format!(
                "SELECT COUNT(*) FROM (SELECT 1 AS one FROM access_requests{} LIMIT {most}) open",
                conditions.clause()
            );
            sql.one(&select, &conditions.params, "schema")?.count(0)
        })
        .await
    }

    /// On how many devices of a team each of its apps (`app`) or MCP servers (`mcp_server`) is.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn items_of_team(
        &self,
        kind: &'static str,
        team: TeamId,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let (table, column) = if kind == "app" {
            ("inventory_apps", "app")
        } else {
            ("inventory_servers", "identity")
        };
        self.read(move |sql| {
            let select = format!(
                "SELECT i.{column}, COUNT(DISTINCT d.id) FROM devices d JOIN {table} i \
                 ON i.inventory = d.inventory WHERE d.id IN ({OF_TEAM} = $1) \
                 GROUP BY i.{column} ORDER BY i.{column}"
            );
            let rows = sql.query(&select, &params![team.uuid()])?;
            rows.iter()
                .map(|row| Ok((row.text_owned(0)?, row.count(1)?)))
                .collect()
        })
        .await
    }
}
