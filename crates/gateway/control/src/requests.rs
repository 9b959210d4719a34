//! The request log: every governed call, refused ones too.

mod cost;
mod list;
mod show;
mod table;
mod trail;

use std::sync::Arc;

pub(crate) use list::Word;
use serde::Serialize;
use tidegate_governance::record::{CacheUse, EdgeRow};
use tidegate_store::LoggedRequest;
use tidegate_types::{
    DeviceId, KeyId, MicroUsd, ModelName, ProviderName, RequestId, ServiceTier, TeamId, Timestamp,
    Usage, UsageSource, UserId,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, audit::hex, names::Names, problem::Problem};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::get))
}

/// A logged call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Request)]
struct RequestView {
    /// Its id, as in the answer's `x-tidegate-request-id`.
    #[schema(value_type = String, example = "req_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: RequestId,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// From its first byte to the last of the answer, in microseconds.
    duration_us: u64,
    /// The part of it that the gateway took, in microseconds.
    overhead_us: u64,
    /// From arrival to the first byte of the answer's body, in microseconds.
    ttft_us: Option<u64>,
    /// The key that called; null when there was no valid one.
    #[schema(value_type = Option<String>)]
    key: Option<KeyId>,
    /// That key's name.
    key_name: Option<String>,
    /// The key's team, or its user's.
    #[schema(value_type = Option<String>)]
    team: Option<TeamId>,
    /// That team's name; null where it is gone.
    team_name: Option<String>,
    /// The key's user.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// That user's name; null where they are gone.
    user_name: Option<String>,
    /// What was called.
    #[schema(example = "chat.completions")]
    operation: String,
    /// Where it went.
    #[schema(value_type = Option<String>, example = "openai")]
    provider: Option<ProviderName>,
    /// The model as the caller named it.
    #[schema(value_type = Option<String>, example = "gpt-4o")]
    model: Option<ModelName>,
    /// Status sent to the caller.
    #[schema(example = 200)]
    status: u16,
    /// Why it was refused.
    #[schema(example = "budget_exhausted")]
    code: Option<String>,
    /// How it ended: `completed`, `client_gone`, `upstream_broken` or `refused`.
    #[schema(value_type = list::OutcomeName)]
    outcome: &'static str,
    /// Whether the answer was streamed.
    streamed: bool,
    /// What it used.
    usage: UsageView,
    /// What it cost, in millionths of a US dollar.
    #[schema(value_type = i64, example = 4_215)]
    cost_micro_usd: MicroUsd,
    /// How the cost was found: `priced`, `unpriced` (no price known) or `free`.
    #[schema(value_type = String, example = "priced")]
    cost_basis: &'static str,
    /// What the cache had to do with it: `hit` (it answered), `semantic` (it answered with the answer to a
    /// question that means the same) or `miss`; null where it was not asked.
    #[schema(value_type = Option<String>, example = "hit")]
    cache: Option<&'static str>,
    /// What an answer of the cache would have cost at the price of the time, in millionths of a US dollar.
    #[schema(value_type = Option<i64>)]
    saved_micro_usd: Option<MicroUsd>,
    /// Bytes of the request's body.
    request_bytes: u64,
    /// Bytes of the answer's body.
    response_bytes: u64,
    /// W3C trace id, 32 hex digits.
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    trace_id: Option<String>,
    /// Whether prompt and answer were kept.
    has_content: bool,
    /// Where a relayed call came from; null for other calls.
    edge: Option<EdgeView>,
    /// The call that it is a copy of, where it was made for a shadow target: it is nobody's, and nobody got its answer.
    #[schema(value_type = Option<String>)]
    shadow_of: Option<RequestId>,
}

/// Where a relayed call came from, as its device says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestOrigin)]
struct EdgeView {
    /// The device.
    #[schema(value_type = String)]
    device: DeviceId,
    /// The device's name.
    device_name: Option<String>,
    /// The app's id.
    #[schema(example = "claude-code")]
    app: String,
    /// The OS user.
    os_user: String,
    /// The executable or script.
    process: String,
    /// The host that the app asked for.
    #[schema(example = "api.anthropic.com")]
    host: String,
}

impl EdgeView {
    fn of(row: &EdgeRow, names: &Names) -> Self {
        Self {
            device: row.device(),
            device_name: names.get(row.device()),
            app: row.app().to_owned(),
            os_user: row.os_user().to_owned(),
            process: row.process().to_owned(),
            host: row.host().to_owned(),
        }
    }
}

/// Tokens by kind. The kinds are disjoint, but for `reasoning`, which is a part of `output`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenUsage)]
struct UsageView {
    /// Prompt tokens that are in no other kind.
    input: u64,
    /// Prompt tokens read from a cache.
    cached: u64,
    /// Prompt tokens written to a five-minute cache.
    cache_write_5m: u64,
    /// Prompt tokens written to a one-hour cache.
    cache_write_1h: u64,
    /// Prompt tokens of audio.
    input_audio: u64,
    /// Answer tokens without audio and images.
    output: u64,
    /// The part of `output` that was reasoning.
    reasoning: u64,
    /// Answer tokens of audio.
    output_audio: u64,
    /// Answer tokens of images.
    output_image: u64,
    /// Web searches that the provider ran.
    web_searches: u64,
    /// The tier it was served at: `standard`, `flex`, `priority` or `batch`.
    #[schema(value_type = String, example = "standard")]
    tier: ServiceTier,
    /// `reported` by the provider, `partial`, or `estimated` by the gateway.
    #[schema(value_type = String, example = "reported")]
    source: UsageSource,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            cached: usage.cached,
            cache_write_5m: usage.cache_write_5m,
            cache_write_1h: usage.cache_write_1h,
            input_audio: usage.input_audio,
            output: usage.output,
            reasoning: usage.reasoning,
            output_audio: usage.output_audio,
            output_image: usage.output_image,
            web_searches: usage.web_searches,
            tier: usage.tier,
            source: usage.source,
        }
    }
}

/// Whom these calls were by, as far as it has a name.
async fn names(app: &App, requests: &[LoggedRequest]) -> Result<Names, Problem> {
    let ids = requests.iter().flat_map(|request| {
        [
            request.key.map(|id| id.to_string()),
            request.team.map(|id| id.to_string()),
            request.user.map(|id| id.to_string()),
            request.edge.as_ref().map(|edge| edge.device().to_string()),
        ]
    });
    Names::of(app, ids.flatten().collect()).await
}

impl RequestView {
    fn of(request: LoggedRequest, names: &Names) -> Self {
        Self {
            key_name: names.maybe(request.key),
            team_name: names.maybe(request.team),
            user_name: names.maybe(request.user),
            id: request.id,
            started_at: request.started_at,
            duration_us: request.duration_us,
            overhead_us: request.overhead_us,
            ttft_us: request.ttft_us,
            key: request.key,
            team: request.team,
            user: request.user,
            operation: request.operation,
            provider: request.provider,
            model: request.model,
            status: request.status,
            code: request.code,
            outcome: request.outcome.as_str(),
            streamed: request.streamed,
            usage: request.usage.into(),
            cost_micro_usd: request.cost,
            cost_basis: request.cost_basis.as_str(),
            cache: request.cache.map(CacheUse::as_str),
            saved_micro_usd: request.cache.and_then(CacheUse::saved),
            request_bytes: request.request_bytes,
            response_bytes: request.response_bytes,
            trace_id: request.trace_id.map(|id| hex(&id)),
            has_content: request.has_content,
            edge: request.edge.as_ref().map(|edge| EdgeView::of(edge, names)),
            shadow_of: request.shadow_of,
        }
    }
}
