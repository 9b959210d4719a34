//! Spend and traffic for an overview: a series, its sums, and who and what cost most. Read from the small
//! sums, never from the log; only the users of a day or less are read from the hourly sums of keys.

use tidegate_types::{MicroUsd, TeamId, Timestamp, UserId};
use uuid::Uuid;

use super::{facets::DAY, rollup::HOUR};
use crate::{
    Store, StoreError,
    sql::{Row, Sql, Where},
};

/// A time, and whose calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrafficRange {
    /// From the hour that holds this.
    pub from: Timestamp,
    /// To, not including.
    pub to: Timestamp,
    /// Only of this team.
    pub team: Option<TeamId>,
}

/// Calls of some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Calls.
    pub requests: u64,
    /// Calls answered with status 400 or above, or broken off by the upstream; refused ones too.
    pub errors: u64,
    /// Calls that the gateway refused.
    pub denied: u64,
    /// Tokens of all kinds.
    pub tokens: u64,
    /// Cost.
    pub cost: MicroUsd,
}

/// What is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranked {
    /// Apps that relayed calls came from.
    App,
    /// Reasons of refusals, by how many there were.
    Code,
    /// Models.
    Model,
    /// Providers.
    Provider,
    /// Users. For more than a day they are counted by whole days in UTC.
    User,
}

/// One of what was ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Its name, or the printed id of a user.
    pub name: String,
    /// Calls.
    pub requests: u64,
    /// Calls that did not go well.
    pub errors: u64,
    /// Cost.
    pub cost: MicroUsd,
}

impl TrafficRange {
    fn conditions(self, start: &'static str, width: i64) -> Where {
        let floor = |time: Timestamp| time.micros() - time.micros().rem_euclid(width);
        let mut conditions = Where::default();
        let from = conditions.param(floor(self.from));
        conditions.fixed(&format!("{start} >= {from}"));
        let to = conditions.param(self.to);
        conditions.fixed(&format!("{start} < {to}"));
        conditions.maybe("team_id = {}", self.team.map(TeamId::uuid));
        conditions
    }
}

impl Store {
    /// Calls in `buckets` parts of equal length, oldest first, each a whole number of hours.
    ///
    /// # Errors
    /// `Invalid` where the time cannot be cut so.
    pub async fn traffic(
        &self,
        range: TrafficRange,
        buckets: usize,
    ) -> Result<Vec<Traffic>, StoreError> {
        let from = range.from.micros();
        let length = range.to.micros().saturating_sub(from);
        let parts = i64::try_from(buckets).unwrap_or(i64::MAX).max(1);
        let width = length / parts;
        if from % HOUR != 0 || width < HOUR || width % HOUR != 0 || width * parts != length {
            return Err(StoreError::invalid("buckets", "each is a number of hours"));
        }
        let mut conditions = range.conditions("hour_at", HOUR);
        self.read(move |sql| {
            let (from, width) = (conditions.param(from), conditions.param(width));
            let select = format!(
                "SELECT (hour_at - {from}) / {width}, CAST(SUM(requests) AS BIGINT), \
                 CAST(SUM(errors) AS BIGINT), CAST(SUM(denied) AS BIGINT), CAST(SUM(input + cached \
                 + cache_write + output + audio + image) AS BIGINT), CAST(SUM(cost) AS BIGINT) \
                 FROM usage_team_hours{} GROUP BY 1 ORDER BY 1",
                conditions.clause()
            );
            let mut series = vec![Traffic::default(); buckets];
            for row in sql.query(&select, &conditions.params)? {
                let index = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
                if let Some(place) = series.get_mut(index) {
                    *place = Traffic {
                        requests: row.count(1)?,
                        errors: row.count(2)?,
                        denied: row.count(3)?,
                        tokens: row.count(4)?,
                        cost: MicroUsd::from_micros(row.int(5)?),
                    };
                }
            }
            Ok(series)
        })
        .await
    }

    /// What cost most, or of refusals what was most frequent; `most` of them at most.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn ranking(
        &self,
        range: TrafficRange,
        what: Ranked,
        most: usize,
    ) -> Result<Vec<Rank>, StoreError> {
        self.read(move |sql| match what {
            Ranked::Model => ranked(sql, range, "usage_team_hours", "model", None, most),
            Ranked::Provider => ranked(sql, range, "usage_team_hours", "provider", None, most),
            Ranked::App => ranked(sql, range, "usage_facets", "name", Some("app"), most),
            Ranked::Code => ranked(sql, range, "usage_facets", "name", Some("code"), most),
            Ranked::User if range.to.micros() - range.from.micros() > DAY => {
                ranked(sql, range, "usage_facets", "name", Some("user"), most)
            }
            // Not the bare column: SQLite would go through the index of all users, of all times.
            Ranked::User => {
                let user = "COALESCE(user_id, user_id)";
                ranked(sql, range, "usage_hours", user, None, most)
            }
        })
        .await
    }
}

fn ranked(
    sql: &mut dyn Sql,
    range: TrafficRange,
    table: &str,
    column: &str,
    facet: Option<&'static str>,
    most: usize,
) -> Result<Vec<Rank>, StoreError> {
    let start = if facet.is_some() {
        "start_at"
    } else {
        "hour_at"
    };
    let width = if facet == Some("user") { DAY } else { HOUR };
    let mut conditions = range.conditions(start, width);
    conditions.maybe("facet = {}", facet);
    let by_id = table == "usage_hours";
    if by_id {
        conditions.and("user_id <> {}", Uuid::nil());
    } else {
        conditions.fixed(&format!("{column} <> ''"));
    }
    let order = if facet == Some("code") {
        "2 DESC"
    } else {
        "4 DESC, 2 DESC"
    };
    let most = conditions.param(most);
    let select = format!(
        "SELECT {column}, CAST(SUM(requests) AS BIGINT), CAST(SUM(errors) AS BIGINT), \
         CAST(SUM(cost) AS BIGINT) FROM {table}{} GROUP BY 1 ORDER BY {order}, 1 LIMIT {most}",
        conditions.clause()
    );
    let rows = sql.query(&select, &conditions.params)?;
    rows.iter().map(|row| rank(row, by_id)).collect()
}

fn rank(row: &Row, by_id: bool) -> Result<Rank, StoreError> {
    Ok(Rank {
        name: if by_id {
            UserId::from_uuid(row.uuid(0)?).to_string()
        } else {
            row.text_owned(0)?
        },
        requests: row.count(1)?,
        errors: row.count(2)?,
        cost: MicroUsd::from_micros(row.int(3)?),
    })
}
