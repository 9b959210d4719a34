//! Usage and cost over time.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_store::{Bucket, StoreError, UsageFilter, UsageGroup, UsagePoint, UsageQuery};
use tidegate_types::{KeyId, MicroUsd, ModelName, ProviderName, TeamId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::Params,
    guard::identity::Admin,
    problem::Problem,
    read::{read_struct, words},
    requests::Word,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The width of a point; days are UTC.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of `Bucket`, which knows nothing of OpenAPI"
)]
enum BucketName {
    Day,
    Hour,
}

/// What points are grouped by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the schema of `UsageGroup`, which knows nothing of OpenAPI"
)]
enum GroupName {
    Key,
    Model,
    Operation,
    Provider,
    Team,
    User,
}

words!(Bucket, "day" => Self::Day, "hour" => Self::Hour);
words!(UsageGroup,
    "key" => Self::Key, "model" => Self::Model, "operation" => Self::Operation,
    "provider" => Self::Provider, "team" => Self::Team, "user" => Self::User);

/// Usage over time.
#[derive(Debug, Serialize, ToSchema)]
struct UsageReport {
    /// Oldest bucket first, then by group. Buckets without calls are left out.
    points: Vec<PointView>,
    /// The sum of all points.
    total: AmountView,
}

/// Usage of one bucket and group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsagePoint)]
struct PointView {
    /// When the bucket starts.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// The group's id or name; null without grouping, and for calls that have none.
    group: Option<String>,
    /// How much it was.
    usage: AmountView,
}

/// Calls, tokens and cost.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = UsageAmount)]
struct AmountView {
    /// Calls.
    requests: u64,
    /// Calls answered with status 400 or above, or broken off by the provider.
    errors: u64,
    /// Prompt tokens that are in no other kind.
    input_tokens: u64,
    /// Prompt tokens read from a cache.
    cached_tokens: u64,
    /// Prompt tokens written to a cache.
    cache_write_tokens: u64,
    /// Answer tokens without audio and images, reasoning included.
    output_tokens: u64,
    /// The part of `output_tokens` that was reasoning.
    reasoning_tokens: u64,
    /// Audio tokens, prompt and answer.
    audio_tokens: u64,
    /// Image tokens of answers.
    image_tokens: u64,
    /// Cost, in millionths of a US dollar.
    #[schema(value_type = i64)]
    cost_micro_usd: MicroUsd,
}

impl AmountView {
    fn of(point: &UsagePoint) -> Self {
        Self {
            requests: point.requests,
            errors: point.errors,
            input_tokens: point.input,
            cached_tokens: point.cached,
            cache_write_tokens: point.cache_write,
            output_tokens: point.output,
            reasoning_tokens: point.reasoning,
            audio_tokens: point.audio,
            image_tokens: point.image,
            cost_micro_usd: point.cost,
        }
    }

    fn plus(self, point: &UsagePoint) -> Self {
        Self {
            requests: self.requests.saturating_add(point.requests),
            errors: self.errors.saturating_add(point.errors),
            input_tokens: self.input_tokens.saturating_add(point.input),
            cached_tokens: self.cached_tokens.saturating_add(point.cached),
            cache_write_tokens: self.cache_write_tokens.saturating_add(point.cache_write),
            output_tokens: self.output_tokens.saturating_add(point.output),
            reasoning_tokens: self.reasoning_tokens.saturating_add(point.reasoning),
            audio_tokens: self.audio_tokens.saturating_add(point.audio),
            image_tokens: self.image_tokens.saturating_add(point.image),
            cost_micro_usd: self.cost_micro_usd.saturating_add(point.cost),
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ShowUsage {
        /// From the bucket that holds this time.
        #[param(value_type = String, format = DateTime, example = "2026-11-01T00:00:00Z")]
        from: Timestamp,
        /// To this time, not including it; at most 10,000 buckets later.
        #[param(value_type = String, format = DateTime, example = "2026-12-01T00:00:00Z")]
        to: Timestamp,
        /// The width of a point; a day when not said.
        #[param(value_type = Option<BucketName>, inline)]
        bucket: Option<Bucket>,
        /// What to group by; everything together when not said.
        #[param(value_type = Option<GroupName>, inline)]
        group_by: Option<UsageGroup>,
        /// Only calls of this key.
        #[param(value_type = Option<String>)]
        key: Option<KeyId>,
        /// Only calls of this team's keys.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only calls of this user's keys.
        #[param(value_type = Option<String>)]
        user: Option<UserId>,
        /// Only calls to this provider.
        #[param(value_type = Option<String>)]
        provider: Option<ProviderName>,
        /// Only calls of exactly this model.
        #[param(value_type = Option<String>)]
        model: Option<ModelName>,
        /// Only calls of this operation.
        #[param(value_type = Option<String>)]
        operation: Option<Word>,
    }
}

/// Shows usage and cost over time.
#[utoipa::path(get, path = "/usage", tag = "usage", operation_id = "get_usage",
    params(ShowUsage),
    responses((status = 200, description = "Points and their sum.", body = UsageReport)))]
async fn show(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ShowUsage>,
) -> Result<Json<UsageReport>, Problem> {
    if query.to <= query.from {
        return Err(Problem::parameter("to", "must be after `from`"));
    }
    let query = UsageQuery {
        from: query.from,
        to: query.to,
        bucket: query.bucket.unwrap_or(Bucket::Day),
        group_by: query.group_by.unwrap_or_default(),
        filter: UsageFilter {
            key: query.key,
            team: admin.narrow(query.team)?,
            user: query.user,
            provider: query.provider,
            model: query.model,
            operation: query.operation.map(|word| word.0),
        },
    };
    let points = app.store.usage(query).await.map_err(|error| match error {
        StoreError::Invalid { field, reason } => Problem::parameter(field, reason),
        error => error.into(),
    })?;
    let total = points.iter().fold(AmountView::default(), AmountView::plus);
    let view = |point: UsagePoint| PointView {
        start: point.start,
        usage: AmountView::of(&point),
        group: point.group,
    };
    Ok(Json(UsageReport {
        points: points.into_iter().map(view).collect(),
        total,
    }))
}
