//! Spend and traffic for an overview: a series, its sums, and what cost most. Read from the small sums, never
//! from the log: whole days where there are any, and hours at both ends.

use tidegate_types::{MicroUsd, TeamId, Timestamp};

use super::{
    facets::{CACHE_DAYS, CACHE_HOURS, DAY},
    rollup::HOUR,
};
use crate::{
    Store, StoreError,
    sql::{Row, Where},
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
    /// Calls that the cache could have answered: `hit`, `semantic`, `miss`; the cost is what it saved.
    Cache,
    /// Reasons of refusals, by how many there were.
    Code,
    /// Models.
    Model,
    /// Providers.
    Provider,
}

/// One of what was ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Its name.
    pub name: String,
    /// Calls.
    pub requests: u64,
    /// Calls that did not go well.
    pub errors: u64,
    /// Cost.
    pub cost: MicroUsd,
}

/// A table, the column that says when its rows start, what they are named by, and which facet they are of.
type Source = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

impl Ranked {
    /// Where it is known by the hour, and where by the day.
    const fn sources(self) -> (Source, Source) {
        const fn called(name: &'static str) -> (Source, Source) {
            (
                ("usage_team_hours", "hour_at", name, None),
                ("usage_team_days", "day_at", name, None),
            )
        }
        const fn facet(hours: &'static str, days: &'static str) -> (Source, Source) {
            (
                ("usage_facets", "start_at", "name", Some(hours)),
                ("usage_facets", "start_at", "name", Some(days)),
            )
        }
        match self {
            Self::App => facet("app", "app_day"),
            Self::Cache => facet(CACHE_HOURS, CACHE_DAYS),
            Self::Code => facet("code", "code_day"),
            Self::Model => called("model"),
            Self::Provider => called("provider"),
        }
    }
}

impl TrafficRange {
    /// The hours before the first whole day, the whole days, and the hours after them; from and to (not
    /// including), in microseconds.
    fn cut(self) -> [(i64, i64); 3] {
        let (from, to) = (self.from.micros(), self.to.micros());
        let from = from - from.rem_euclid(HOUR);
        let first = (from + (DAY - 1)).div_euclid(DAY) * DAY;
        let last = to.div_euclid(DAY) * DAY;
        if first >= last {
            return [(from, to), (to, to), (to, to)];
        }
        [(from, first), (first, last), (last, to)]
    }

    /// Rows of a table that are of a part of the time.
    fn part(
        self,
        (table, start, name, facet): Source,
        part: (i64, i64),
        all: &mut Where,
    ) -> String {
        let mut conditions = all.another();
        conditions.maybe("facet = {}", facet);
        let (from, to) = (conditions.param(part.0), conditions.param(part.1));
        conditions.fixed(&format!("{start} >= {from}"));
        conditions.fixed(&format!("{start} < {to}"));
        conditions.maybe("team_id = {}", self.team.map(TeamId::uuid));
        conditions.fixed(&format!("{name} <> ''"));
        let select = format!(
            "SELECT {name} AS name, requests, errors, cost FROM {table}{}",
            conditions.clause()
        );
        all.params = conditions.params;
        select
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
        self.read(move |sql| {
            let mut conditions = Where::default();
            let to = conditions.param(range.to);
            let (from, width) = (conditions.param(from), conditions.param(width));
            conditions.fixed(&format!("hour_at >= {from} AND hour_at < {to}"));
            conditions.maybe("team_id = {}", range.team.map(TeamId::uuid));
            let select = format!(
                "SELECT (hour_at - {from}) / {width}, CAST(SUM(requests) AS BIGINT), \
                 CAST(SUM(errors) AS BIGINT), CAST(SUM(denied) AS BIGINT), CAST(SUM(input + cached \
                 + cache_write + output + audio + image) AS BIGINT), CAST(SUM(cost) AS BIGINT) \
                 FROM usage_hour_sums{} GROUP BY 1 ORDER BY 1",
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
        self.read(move |sql| {
            let mut all = Where::default();
            let (hours, days) = what.sources();
            let [before, whole, after] = range.cut();
            let parts = [(hours, before), (days, whole), (hours, after)]
                .into_iter()
                .filter(|(_, (from, to))| from < to)
                .map(|(source, part)| range.part(source, part, &mut all));
            let parts: Vec<String> = parts.collect();
            if parts.is_empty() {
                return Ok(Vec::new());
            }
            let order = if what == Ranked::Code {
                "2 DESC"
            } else {
                "4 DESC, 2 DESC"
            };
            let most = all.param(most);
            let select = format!(
                "SELECT name, CAST(SUM(requests) AS BIGINT), CAST(SUM(errors) AS BIGINT), \
                 CAST(SUM(cost) AS BIGINT) FROM ({}) part GROUP BY 1 ORDER BY {order}, 1 LIMIT {most}",
                parts.join(" UNION ALL ")
            );
            let rows = sql.query(&select, &all.params)?;
            rows.iter().map(rank).collect()
        })
        .await
    }
}

fn rank(row: &Row) -> Result<Rank, StoreError> {
    Ok(Rank {
        name: row.text_owned(0)?,
        requests: row.count(1)?,
        errors: row.count(2)?,
        cost: MicroUsd::from_micros(row.int(3)?),
    })
}
