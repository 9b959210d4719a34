//! Kept answers: how many there are and what they saved, and letting them go. Never what they say.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::json;
use tidegate_cache::{Cache, Mode, Purge, Scope, Tenant};
use tidegate_types::{KeyId, MicroUsd, ModelName, ProviderName, TeamId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App, extract::Params, guard::identity::Admin, problem::Problem, read::read_struct,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show, purge))
}

/// The answers that this node keeps. Each node keeps its own, in memory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cache)]
struct CacheView {
    /// Whether answers are kept; if not, all else is zero.
    enabled: bool,
    /// Who shares answers: `key` or `team`.
    #[schema(value_type = String, example = "team")]
    scope: &'static str,
    /// Which calls are looked at: `all`, or `asked`.
    #[schema(value_type = String, example = "all")]
    calls: &'static str,
    /// Until which age answers are given, in seconds.
    ttl_seconds: u64,
    /// What they may take in memory, in bytes.
    memory_bytes: u64,
    /// Answers that are kept now.
    answers: u64,
    /// What they take, in bytes.
    bytes: u64,
    /// Calls answered with a kept answer, since the node started.
    hits: u64,
    /// Calls answered with the kept answer to a question that means the same, since then.
    semantic: u64,
    /// Calls that could have been answered so, and were not, since then.
    misses: u64,
    /// Answers that made room for others, since then.
    evictions: u64,
    /// What the answers given again would have cost, in millionths of a US dollar, since then.
    #[schema(value_type = i64)]
    saved_micro_usd: MicroUsd,
}

impl CacheView {
    fn of(cache: Option<&Cache>) -> Self {
        let settings = cache.map(Cache::settings).cloned().unwrap_or_default();
        let counts = cache.map(Cache::counts);
        let count = |of: fn(&tidegate_cache::Counts) -> u64| counts.map_or(0, of);
        Self {
            enabled: cache.is_some(),
            scope: match settings.scope {
                Scope::Key => "key",
                Scope::Team => "team",
            },
            calls: match settings.mode {
                Mode::All => "all",
                Mode::Asked => "asked",
            },
            ttl_seconds: cache.map_or(0, |_| settings.ttl.as_secs()),
            memory_bytes: cache.map_or(0, |_| settings.memory),
            answers: cache.map_or(0, |cache| cache.len() as u64),
            bytes: cache.map_or(0, Cache::bytes),
            hits: count(tidegate_cache::Counts::hits),
            semantic: count(tidegate_cache::Counts::semantic),
            misses: count(tidegate_cache::Counts::misses),
            evictions: count(tidegate_cache::Counts::evictions),
            saved_micro_usd: counts.map_or(MicroUsd::ZERO, tidegate_cache::Counts::saved),
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct PurgeCache {
        /// Only answers that this team shares.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only answers that this key has for itself. With `team`, neither is left out.
        #[param(value_type = Option<String>)]
        key: Option<KeyId>,
        /// Only answers of this provider.
        #[param(value_type = Option<String>)]
        provider: Option<ProviderName>,
        /// Only answers of this model, as its provider is asked for it.
        #[param(value_type = Option<String>)]
        model: Option<ModelName>,
    }
}

/// What was let go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurgedCache)]
struct PurgedView {
    /// How many answers.
    purged: u64,
}

/// Shows how many answers are kept, and what they saved.
#[utoipa::path(get, path = "/cache", tag = "cache", operation_id = "get_cache",
    responses((status = 200, description = "The cache of the node that answers.", body = CacheView)))]
async fn show(State(app): State<Arc<App>>) -> Json<CacheView> {
    Json(CacheView::of(app.data_plane.cache().as_deref()))
}

/// Lets kept answers go, on the node that answers.
#[utoipa::path(delete, path = "/cache", tag = "cache", operation_id = "purge_cache",
    params(PurgeCache),
    responses((status = 200, description = "They are gone.", body = PurgedView)))]
async fn purge(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<PurgeCache>,
) -> Result<Json<PurgedView>, Problem> {
    let PurgeCache {
        team,
        key,
        provider,
        model,
    } = query;
    let tenants = match (team.map(Tenant::Team), key.map(Tenant::Key)) {
        (None, None) => vec![None],
        (team, key) => team.into_iter().chain(key).map(Some).collect(),
    };
    let cache = app.data_plane.cache();
    let gone = tenants.into_iter().map(|tenant| {
        let which = Purge {
            tenant,
            provider: provider.clone(),
            model: model.as_ref().map(ToString::to_string),
        };
        cache.as_ref().map_or(0, |cache| cache.purge(&which))
    });
    let purged = gone.sum();
    let detail = json!({
        "team": team.map(|team| team.to_string()),
        "key": key.map(|key| key.to_string()),
        "provider": provider.as_ref().map(ProviderName::as_str),
        "model": model.as_ref().map(ModelName::as_str),
        "purged": purged,
    });
    app.store
        .append_audit(admin.actor(), "cache.purge", "cache", detail)
        .await?;
    Ok(Json(PurgedView { purged }))
}
