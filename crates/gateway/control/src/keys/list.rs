//! Reading keys: a page of them, or one.

use std::sync::Arc;

use axum::{Json, extract::State};
use tidegate_store::{Cursor, KeyFilter};
use tidegate_types::{KeyId, TeamId, UserId};
use utoipa::IntoParams;

use super::KeyView;
use crate::{
    app::App,
    extract::{Id, Params},
    guard::identity::Admin,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, read_struct},
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListKeys {
        /// Only keys of this team.
        #[param(value_type = Option<String>)]
        team: Option<TeamId>,
        /// Only keys of this user.
        #[param(value_type = Option<String>)]
        user: Option<UserId>,
        /// Only keys with exactly this name.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        name: Option<Label>,
        /// Whether revoked keys are listed too; no when not said.
        #[param(value_type = Option<bool>)]
        revoked: Option<bool>,
        /// Whether the keys of devices are listed too; no when not said.
        #[param(value_type = Option<bool>)]
        devices: Option<bool>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists keys, oldest first.
#[utoipa::path(get, path = "/keys", tag = "keys", operation_id = "list_keys",
    params(ListKeys),
    responses((status = 200, description = "A page of keys.", body = Page<KeyView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    admin: Admin,
    Params(query): Params<ListKeys>,
) -> Result<Json<Page<KeyView>>, Problem> {
    admin.narrow(query.team)?;
    let filter = KeyFilter {
        team: query.team,
        user: query.user,
        name: query.name.map(|name| name.0),
        revoked: query.revoked.unwrap_or_default(),
        devices: query.devices.unwrap_or_default(),
        within: admin.team(),
    };
    let page = app.store.keys(filter, query.cursor, query.limit.0).await?;
    let names = KeyView::names(&app, &page.items).await?;
    Ok(Json(Page::of(page, |key| KeyView::of(key, &names))))
}

/// Shows a key, revoked or not.
#[utoipa::path(get, path = "/keys/{id}", tag = "keys", operation_id = "get_key",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "The key.", body = KeyView)))]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<KeyId>,
) -> Result<Json<KeyView>, Problem> {
    admin.finds_key(&app, id).await?;
    Ok(Json(KeyView::now(&app, app.store.key(id).await?).await?))
}
