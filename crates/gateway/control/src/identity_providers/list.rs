//! Reading identity providers.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_types::IdentityProviderId;

use super::ProviderView;
use crate::{app::App, extract::Id, page::Page, problem::Problem};

/// Lists identity providers, oldest first. There are at most 50.
#[utoipa::path(get, path = "/identity-providers", tag = "identity-providers",
    operation_id = "list_identity_providers",
    responses((status = 200, description = "All of them.", body = Page<ProviderView>)))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Page<ProviderView>>, Problem> {
    let all = app.store.identity_providers().await?;
    let shown = all.into_iter().map(|one| ProviderView::of(&app, one));
    Ok(Json(Page::whole(shown.collect())))
}

/// Shows an identity provider.
#[utoipa::path(get, path = "/identity-providers/{id}", tag = "identity-providers",
    operation_id = "get_identity_provider",
    params(("id" = String, Path, description = "The provider's id.")),
    responses((status = 200, description = "The provider.", body = ProviderView)))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Id(id): Id<IdentityProviderId>,
) -> Result<Json<ProviderView>, Problem> {
    let provider = app.store.identity_provider(id).await?;
    Ok(Json(ProviderView::of(&app, provider)))
}
