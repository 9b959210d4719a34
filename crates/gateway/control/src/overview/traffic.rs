//! Spend and traffic, from the sums that are kept by the hour.

use serde::Serialize;
use tidegate_store::{Rank, Ranked, Traffic, TrafficRange};
use tidegate_types::{MicroUsd, TeamId, Timestamp};
use utoipa::ToSchema;

use super::Period;
use crate::{app::App, names::Names, problem::Problem};

const HOUR: i64 = 3_600_000_000;

/// How many of a ranking are shown.
const TOP: usize = 10;

/// Spend and traffic.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewTraffic)]
pub(super) struct TrafficView {
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// To when: the end of the hour that is under way.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// How long a part is, in hours.
    bucket_hours: u32,
    /// The parts, oldest first; those without calls too.
    series: Vec<PointView>,
    /// All parts together.
    total: AmountsView,
    /// The same time before that.
    previous: AmountsView,
    /// The models that cost most, 10 at most.
    models: Vec<RankView>,
    /// The apps that cost most, 10 at most.
    apps: Vec<RankView>,
    /// The users that cost most, 10 at most; over more than a day they are counted by whole days (UTC).
    users: Vec<RankView>,
    /// Why calls were refused, most frequent first, 10 at most.
    refusals: Vec<RankView>,
    /// What the cache did.
    cache: CacheView,
}

/// What the cache did.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[schema(as = OverviewCache)]
struct CacheView {
    /// Calls that it answered.
    hits: u64,
    /// Calls that it could have answered, and did not.
    misses: u64,
    /// What its answers would have cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    saved_micro_usd: MicroUsd,
}

impl CacheView {
    fn of(ranks: &[Rank]) -> Self {
        let mut view = Self::default();
        for rank in ranks {
            let count = match rank.name.as_str() {
                "miss" => &mut view.misses,
                _ => &mut view.hits,
            };
            *count = count.saturating_add(rank.requests);
            view.saved_micro_usd = view.saved_micro_usd.saturating_add(rank.cost);
        }
        view
    }
}

/// Spend and traffic of one part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewPoint)]
struct PointView {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// How much it was.
    amounts: AmountsView,
}

/// How much it was.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = OverviewAmounts)]
struct AmountsView {
    /// Calls.
    requests: u64,
    /// Calls answered with status 400 or above, or broken off by the provider; denied ones too.
    errors: u64,
    /// Calls that the gateway refused.
    denied: u64,
    /// Tokens of all kinds.
    tokens: u64,
    /// Cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    cost_micro_usd: MicroUsd,
}

/// One of a ranking.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OverviewRank)]
struct RankView {
    /// Its id or name, as the filters of the request log take it.
    id: String,
    /// What people call it.
    name: String,
    /// Calls.
    requests: u64,
    /// Calls that did not go well.
    errors: u64,
    /// Cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    cost_micro_usd: MicroUsd,
}

impl From<Traffic> for AmountsView {
    fn from(traffic: Traffic) -> Self {
        Self {
            requests: traffic.requests,
            errors: traffic.errors,
            denied: traffic.denied,
            tokens: traffic.tokens,
            cost_micro_usd: traffic.cost,
        }
    }
}

impl AmountsView {
    fn sum(series: &[Traffic]) -> Self {
        let zero = Self::from(Traffic::default());
        series.iter().fold(zero, |sum, more| Self {
            requests: sum.requests.saturating_add(more.requests),
            errors: sum.errors.saturating_add(more.errors),
            denied: sum.denied.saturating_add(more.denied),
            tokens: sum.tokens.saturating_add(more.tokens),
            cost_micro_usd: sum.cost_micro_usd.saturating_add(more.cost),
        })
    }
}

impl Period {
    /// How many parts it is cut into, each some whole hours.
    const fn parts(self) -> (usize, u32) {
        match self {
            Self::Day => (24, 1),
            Self::Week => (42, 4),
            Self::Month => (30, 24),
        }
    }
}

pub(super) async fn look(
    app: &App,
    period: Period,
    team: Option<TeamId>,
) -> Result<TrafficView, Problem> {
    let now = app.clock.now().micros();
    let to = now - now.rem_euclid(HOUR) + HOUR;
    let length = period.hours() * HOUR;
    let (parts, bucket_hours) = period.parts();
    let at = Timestamp::from_micros;
    let range = TrafficRange {
        from: at(to - length),
        to: at(to),
        team,
    };
    let both = TrafficRange {
        from: at(to - length * 2),
        ..range
    };
    let both = app.store.traffic(both, parts * 2).await?;
    let (before, series) = both.split_at(parts.min(both.len()));
    let rank = |what| app.store.ranking(range, what, TOP);
    let users = app.people.top(app, range, TOP).await?;
    let names = Names::of(app, users.iter().map(|rank| rank.name.clone()).collect()).await?;
    let views = |ranks: Vec<Rank>| ranks.into_iter().map(|rank| view(rank, &names)).collect();
    let starts =
        (0..).map(|index| at(range.from.micros() + index * i64::from(bucket_hours) * HOUR));
    Ok(TrafficView {
        from: range.from,
        to: range.to,
        bucket_hours,
        series: starts
            .zip(series)
            .map(|(start, traffic)| PointView {
                start,
                amounts: (*traffic).into(),
            })
            .collect(),
        total: AmountsView::sum(series),
        previous: AmountsView::sum(before),
        models: views(rank(Ranked::Model).await?),
        apps: views(rank(Ranked::App).await?),
        users: views(users),
        refusals: views(rank(Ranked::Code).await?),
        cache: CacheView::of(&rank(Ranked::Cache).await?),
    })
}

fn view(rank: Rank, names: &Names) -> RankView {
    RankView {
        name: names.get(&rank.name).unwrap_or_else(|| rank.name.clone()),
        id: rank.name,
        requests: rank.requests,
        errors: rank.errors,
        cost_micro_usd: rank.cost,
    }
}
