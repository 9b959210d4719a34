//! Providers: read only, as they are part of the config file. Never a credential.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_provider::Provider;
use tidegate_types::{ModelPattern, ProviderName, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::Id,
    page::Page,
    port::ProviderHealth,
    problem::{Code, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
}

/// A configured provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderView {
    /// Its name: the part before the slash in `provider/model`.
    #[schema(value_type = String, example = "openai")]
    name: ProviderName,
    /// What it speaks.
    #[schema(value_type = String, example = "openai")]
    dialect: &'static str,
    /// Where it is.
    #[schema(example = "https://api.openai.com")]
    base_url: String,
    /// Whether a credential is configured. The credential itself is never shown.
    has_credential: bool,
    /// Patterns of the models it claims; any model of its dialect when empty.
    #[schema(value_type = Vec<String>, example = json!(["gpt-*", "o4-mini"]))]
    model_patterns: Vec<ModelPattern>,
    /// The models it is known to have.
    #[schema(example = json!(["gpt-4o", "o4-mini"]))]
    models: Vec<String>,
    /// How its last calls went.
    health: HealthView,
}

/// How the last calls to a provider went, as this node saw them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderHealth)]
struct HealthView {
    /// `unknown` until it is called.
    state: HealthState,
    /// When a call last went well.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// When a call last failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_error_at: Option<Timestamp>,
    /// What failed.
    #[schema(example = "no answer within 30 s")]
    last_error: Option<String>,
}

/// Whether the last call was answered without a fault of the provider's.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HealthState {
    Failing,
    Healthy,
    Unknown,
}

impl From<Option<ProviderHealth>> for HealthView {
    fn from(health: Option<ProviderHealth>) -> Self {
        match health {
            None => Self {
                state: HealthState::Unknown,
                last_success_at: None,
                last_error_at: None,
                last_error: None,
            },
            Some(health) => Self {
                state: if health.healthy {
                    HealthState::Healthy
                } else {
                    HealthState::Failing
                },
                last_success_at: health.last_success_at,
                last_error_at: health.last_error_at,
                last_error: health.last_error,
            },
        }
    }
}

impl ProviderView {
    fn of(app: &App, provider: &Provider, models: BTreeSet<&str>) -> Self {
        Self {
            name: provider.name.clone(),
            dialect: provider.dialect.as_str(),
            base_url: provider.endpoint.to_string(),
            has_credential: provider.has_credential(),
            model_patterns: provider.models.clone(),
            models: models.into_iter().map(str::to_owned).collect(),
            health: app.data_plane.provider_health(&provider.name).into(),
        }
    }
}

/// Lists all providers, in the order of the config.
#[utoipa::path(get, path = "/providers", tag = "providers", operation_id = "list_providers",
    responses((status = 200, description = "All providers.", body = Page<ProviderView>)))]
async fn list(State(app): State<Arc<App>>) -> Json<Page<ProviderView>> {
    let catalog = app.data_plane.catalog();
    let views = catalog
        .models()
        .map(|(provider, models)| ProviderView::of(&app, provider, models));
    Json(Page::whole(views.collect()))
}

/// Shows a provider.
#[utoipa::path(get, path = "/providers/{name}", tag = "providers", operation_id = "get_provider",
    params(("name" = String, Path, description = "The provider's name.")),
    responses((status = 200, description = "The provider.", body = ProviderView)))]
async fn get(
    State(app): State<Arc<App>>,
    Id(name): Id<ProviderName>,
) -> Result<Json<ProviderView>, Problem> {
    let catalog = app.data_plane.catalog();
    let found = catalog.models().find(|(provider, _)| provider.name == name);
    let (provider, models) = found.ok_or_else(|| {
        Problem::new(
            Code::NotFound,
            format!("No provider is named `{name}`. List them to see."),
        )
    })?;
    Ok(Json(ProviderView::of(&app, provider, models)))
}
