//! Reading prices.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_types::{ModelName, ProviderName};
use utoipa::IntoParams;

use super::{OverrideView, PriceView, name, row::Family};
use crate::{app::App, extract::Params, page::Page, problem::Problem, read::read_struct};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListPrices {
        /// Only rows of this family.
        #[param(value_type = Option<Family>, inline)]
        family: Option<Family>,
        /// Only rows that hold for this provider alone.
        #[param(value_type = Option<String>)]
        provider: Option<ProviderName>,
        /// Only the rows of this model.
        #[param(value_type = Option<String>)]
        model: Option<ModelName>,
    }
}

/// Lists the prices in force on this node, overrides included.
#[utoipa::path(get, path = "/prices", tag = "prices", operation_id = "list_prices",
    params(ListPrices),
    responses((status = 200, description = "All rows.", body = Page<PriceView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListPrices>,
) -> Json<Page<PriceView>> {
    let catalog = app.data_plane.catalog();
    let rows = catalog.prices().rows().filter(|row| {
        query
            .family
            .is_none_or(|family| family.as_str() == row.family().as_str())
            && query
                .provider
                .as_ref()
                .is_none_or(|name| row.provider() == Some(name))
            && query
                .model
                .as_ref()
                .is_none_or(|model| row.model() == model || row.aliases().contains(model))
    });
    let views = rows.map(|row| PriceView {
        name: name(row),
        row: row.to_json(),
    });
    Json(Page::whole(views.collect()))
}

/// Lists the operator's own rows, by name.
#[utoipa::path(get, path = "/prices/overrides", tag = "prices",
    operation_id = "list_price_overrides",
    responses((status = 200, description = "All overrides.", body = Page<OverrideView>)))]
pub(super) async fn overrides(
    State(app): State<Arc<App>>,
) -> Result<Json<Page<OverrideView>>, Problem> {
    let stored = app.store.prices().await?;
    Ok(Json(Page::whole(
        stored.into_iter().map(OverrideView::from).collect(),
    )))
}
