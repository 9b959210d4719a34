//! Reading accounts.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_store::Cursor;
use utoipa::IntoParams;

use super::AccountView;
use crate::{
    app::App,
    extract::Params,
    page::{Page, PageSize},
    problem::Problem,
    read::read_struct,
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListAccounts {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists accounts, oldest first.
#[utoipa::path(get, path = "/accounts", tag = "accounts", operation_id = "list_accounts",
    params(ListAccounts),
    responses((status = 200, description = "A page of accounts.", body = Page<AccountView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListAccounts>,
) -> Result<Json<Page<AccountView>>, Problem> {
    let page = app.store.accounts(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, AccountView::from)))
}
