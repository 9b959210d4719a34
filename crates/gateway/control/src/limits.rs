//! Rate limits: requests and tokens per minute, and calls in flight.

mod change;
mod read;

use std::sync::Arc;

use serde::Serialize;
use tidegate_governance::entity::RateLimit;
use tidegate_types::{LimitId, ModelPattern, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, names::Names, problem::Problem};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(read::list, change::create))
        .routes(routes!(read::get, change::change, change::delete))
}

/// Caps on the rate of calls. Null means no cap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limit)]
struct LimitView {
    /// Its id.
    #[schema(value_type = String, example = "lim_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: LimitId,
    /// Whom it applies to: `organization`, or the id of a team, user or key.
    #[schema(example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    scope: String,
    /// The name of that team, user or key; null for the organization.
    scope_name: Option<String>,
    /// Counts only calls of models that match; all calls when null.
    #[schema(value_type = Option<String>, example = "claude-*")]
    model: Option<ModelPattern>,
    /// Requests per minute.
    #[schema(example = 600)]
    requests_per_minute: Option<u64>,
    /// Tokens per minute, prompt and answer.
    #[schema(example = 200_000)]
    tokens_per_minute: Option<u64>,
    /// Calls in flight at once.
    #[schema(example = 32)]
    concurrency: Option<u64>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl LimitView {
    fn of(limit: RateLimit, names: &Names) -> Self {
        Self {
            id: limit.id,
            scope_name: names.get(limit.scope),
            scope: limit.scope.to_string(),
            model: limit.model,
            requests_per_minute: limit.requests_per_minute,
            tokens_per_minute: limit.tokens_per_minute,
            concurrency: limit.concurrency,
            created_at: limit.created_at,
        }
    }

    async fn now(app: &App, limit: RateLimit) -> Result<Self, Problem> {
        let names = Names::of(app, vec![limit.scope.to_string()]).await?;
        Ok(Self::of(limit, &names))
    }
}
