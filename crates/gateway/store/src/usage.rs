//! Usage over time, from the hourly rollup that is kept with each committed batch.

pub(crate) mod facets;
mod people;
pub(crate) mod rollup;
mod traffic;

use tidegate_types::{KeyId, MicroUsd, ModelName, ProviderName, TeamId, Timestamp, UserId};

use uuid::Uuid;

pub use self::{
    people::{Piece, Used},
    traffic::{Rank, Ranked, Traffic, TrafficRange},
};
use crate::{
    Store, StoreError,
    sql::{Row, Where},
};

/// The width of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// A day, in UTC.
    Day,
    /// An hour.
    Hour,
}

/// What points are grouped by; [`UsagePoint::group`] holds its printed id or name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UsageGroup {
    /// By key.
    Key,
    /// By model.
    Model,
    /// Everything together.
    #[default]
    None,
    /// By operation.
    Operation,
    /// By provider.
    Provider,
    /// By team.
    Team,
    /// By user.
    User,
}

/// Which usage to count; every field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Of a key.
    pub key: Option<KeyId>,
    /// Of a team.
    pub team: Option<TeamId>,
    /// Of a user.
    pub user: Option<UserId>,
    /// Of a provider.
    pub provider: Option<ProviderName>,
    /// Of a model.
    pub model: Option<ModelName>,
    /// Of an operation.
    pub operation: Option<String>,
}

/// What to ask of the usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// From the bucket that holds this time.
    pub from: Timestamp,
    /// To, not including; at most 10,000 buckets after `from`.
    pub to: Timestamp,
    /// The width of a point.
    pub bucket: Bucket,
    /// What to group by.
    pub group_by: UsageGroup,
    /// What to count.
    pub filter: UsageFilter,
}

/// Usage of one bucket and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePoint {
    /// When the bucket starts.
    pub start: Timestamp,
    /// The group, absent when it is everything, or when the calls had none (no team, refused).
    pub group: Option<String>,
    /// Calls.
    pub requests: u64,
    /// Calls answered with status 400 or above, or broken off by the upstream.
    pub errors: u64,
    /// Prompt tokens that are in no other kind.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cached: u64,
    /// Prompt tokens written to a cache, both lifetimes.
    pub cache_write: u64,
    /// Answer tokens, without audio and images; reasoning included.
    pub output: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
    /// Audio tokens, prompt and answer.
    pub audio: u64,
    /// Image tokens of answers.
    pub image: u64,
    /// Cost.
    pub cost: MicroUsd,
}

/// The most buckets and points of one answer.
const MAX_BUCKETS: i64 = 10_000;
const MAX_POINTS: usize = 100_000;

impl Bucket {
    const fn micros(self) -> i64 {
        match self {
            Self::Day => 24 * 3_600_000_000,
            Self::Hour => 3_600_000_000,
        }
    }
}

impl UsageGroup {
    /// The column, or a constant that every row shares.
    const fn column(self) -> &'static str {
        match self {
            Self::Key => "key_id",
            Self::Model => "model",
            Self::None => "''",
            Self::Operation => "operation",
            Self::Provider => "provider",
            Self::Team => "team_id",
            Self::User => "user_id",
        }
    }

    /// The group of a row, printed as its kind is.
    fn read(self, row: &Row, column: usize) -> Result<Option<String>, StoreError> {
        let id = |print: fn(Uuid) -> String| {
            row.uuid(column)
                .map(|uuid| (!uuid.is_nil()).then(|| print(uuid)))
        };
        match self {
            Self::Key => id(|uuid| KeyId::from_uuid(uuid).to_string()),
            Self::Team => id(|uuid| TeamId::from_uuid(uuid).to_string()),
            Self::User => id(|uuid| UserId::from_uuid(uuid).to_string()),
            Self::None => Ok(None),
            Self::Model | Self::Operation | Self::Provider => row
                .text(column)
                .map(|text| (!text.is_empty()).then(|| text.to_owned())),
        }
    }
}

impl Store {
    /// Usage over time, oldest bucket first, within a bucket by group.
    ///
    /// # Errors
    /// `Invalid` when the range is empty or too long, or there would be more than 100,000 points.
    pub async fn usage(&self, query: UsageQuery) -> Result<Vec<UsagePoint>, StoreError> {
        let width = query.bucket.micros();
        let floor = |time: Timestamp| time.micros() - time.micros().rem_euclid(width);
        let (from, to) = (floor(query.from), query.to.micros());
        if to <= from || (to - from) / width > MAX_BUCKETS {
            return Err(StoreError::invalid(
                "to",
                "it is after `from`, by at most 10,000 buckets",
            ));
        }
        self.read(move |sql| {
            let mut filter = Where::default();
            let parts = sources(&query, &mut filter, (from, to));
            let group = query.group_by.column();
            let limit = filter.param(MAX_POINTS + 1);
            // Hours start after 1970, so `%` and a floor are the same.
            let statement = format!(
                "SELECT at - at % {width}, {group}{SUMS} FROM ({parts}) part \
                 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT {limit}"
            );
            let rows = sql.query(&statement, &filter.params)?;
            if rows.len() > MAX_POINTS {
                return Err(StoreError::invalid(
                    "to",
                    "more than 100,000 points; ask for less",
                ));
            }
            rows.iter().map(|row| point(row, query.group_by)).collect()
        })
        .await
    }
}

/// Rows that together are the usage of some time, from the tables that have fewest of them.
fn sources(query: &UsageQuery, params: &mut Where, (from, to): (i64, i64)) -> String {
    let UsageFilter {
        key,
        team,
        user,
        provider,
        model,
        operation,
    } = &query.filter;
    let mut filter = params.clone();
    filter.maybe("key_id = {}", key.map(KeyId::uuid));
    filter.maybe("team_id = {}", team.map(TeamId::uuid));
    filter.maybe("user_id = {}", user.map(UserId::uuid));
    filter.maybe("provider = {}", provider.as_ref().map(ProviderName::as_str));
    filter.maybe("model = {}", model.as_ref().map(ModelName::as_str));
    filter.maybe("operation = {}", operation.as_deref());
    let by_person = matches!(query.group_by, UsageGroup::Key | UsageGroup::User);
    let by_team = matches!(query.group_by, UsageGroup::None | UsageGroup::Team);
    let called = provider.is_some() || model.is_some() || operation.is_some();
    let whole_days = to - to.rem_euclid(Bucket::Day.micros());
    let parts = if key.is_some() || user.is_some() || by_person {
        vec![("usage_hours", "hour_at", from, to)]
    } else if query.bucket == Bucket::Day {
        vec![
            ("usage_team_days", "day_at", from, whole_days),
            ("usage_team_hours", "hour_at", whole_days, to),
        ]
    } else if by_team && !called {
        vec![("usage_hour_sums", "hour_at", from, to)]
    } else {
        vec![("usage_team_hours", "hour_at", from, to)]
    };
    let group = match query.group_by {
        UsageGroup::None => "",
        group => group.column(),
    };
    let mut selects = Vec::new();
    for (table, start, from, to) in parts {
        let mut conditions = filter.clone();
        let (from, to) = (conditions.param(from), conditions.param(to));
        conditions.fixed(&format!("{start} >= {from}"));
        conditions.fixed(&format!("{start} < {to}"));
        let comma = if group.is_empty() { "" } else { ", " };
        selects.push(format!(
            "SELECT {start} AS at{comma}{group}, requests, errors, input, cached, cache_write, output, \
             reasoning, audio, image, cost FROM {table}{}",
            conditions.clause()
        ));
        filter.params = conditions.params;
    }
    params.params = filter.params;
    selects.join(" UNION ALL ")
}

/// In PostgreSQL a sum of `BIGINT` is a `NUMERIC`.
const SUMS: &str = ", CAST(SUM(requests) AS BIGINT), CAST(SUM(errors) AS BIGINT), \
     CAST(SUM(input) AS BIGINT), CAST(SUM(cached) AS BIGINT), CAST(SUM(cache_write) AS BIGINT), \
     CAST(SUM(output) AS BIGINT), CAST(SUM(reasoning) AS BIGINT), CAST(SUM(audio) AS BIGINT), \
     CAST(SUM(image) AS BIGINT), CAST(SUM(cost) AS BIGINT)";

fn point(row: &Row, group: UsageGroup) -> Result<UsagePoint, StoreError> {
    Ok(UsagePoint {
        start: row.time(0)?,
        group: group.read(row, 1)?,
        requests: row.count(2)?,
        errors: row.count(3)?,
        input: row.count(4)?,
        cached: row.count(5)?,
        cache_write: row.count(6)?,
        output: row.count(7)?,
        reasoning: row.count(8)?,
        audio: row.count(9)?,
        image: row.count(10)?,
        cost: MicroUsd::from_micros(row.int(11)?),
    })
}
