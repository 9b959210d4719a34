//! Saved views: the filters of a page of the console, kept by the account that saved them.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tidegate_store::{NewView, StoreError, View};
use tidegate_types::{Timestamp, ViewId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    page::Page,
    problem::Problem,
    read::{Label, Read, Reader, read_struct},
    requests::Word,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, save))
        .routes(routes!(delete))
}

/// The filters of a page of the console.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedFilters)]
struct SavedView {
    /// Its id.
    #[schema(value_type = String, example = "view_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: ViewId,
    /// The page.
    #[schema(example = "devices")]
    page: String,
    /// What the person calls it.
    #[schema(example = "Missing laptops")]
    name: String,
    /// The filters as a query string.
    #[schema(example = "presence=missing&os=linux")]
    query: String,
    /// When it was first saved.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<View> for SavedView {
    fn from(view: View) -> Self {
        Self {
            id: view.id,
            page: view.page,
            name: view.name,
            query: view.query,
            created_at: view.created_at,
        }
    }
}

/// A query string: 2 KiB at most, and whatever may stand in one.
#[derive(Debug)]
struct Filters(String);

impl Read for Filters {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if text.len() <= 2_048 && text.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be a query string of at most 2,048 bytes, percent-encoded"),
        }
    }
}

read_struct! {
    /// The filters of a page of the console.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewSavedFilters)]
    struct Save {
        /// The page.
        #[schema(value_type = String, min_length = 1, max_length = 64, example = "devices")]
        page: Word,
        /// What to call it. A view of the same page and name gets the new filters.
        #[schema(value_type = String, min_length = 1, max_length = 100, example = "Missing laptops")]
        name: Label,
        /// The filters as a query string.
        #[schema(value_type = String, max_length = 2048, example = "presence=missing&os=linux")]
        query: Filters,
    }
}

/// Lists the signed-in account's saved views, by page and name.
#[utoipa::path(get, path = "/views", tag = "sessions", operation_id = "list_views",
    responses((status = 200, description = "All of them.", body = Page<SavedView>),
        (status = 403, description = "An API token has no views.")))]
async fn list(State(app): State<Arc<App>>, admin: Admin) -> Result<Json<Page<SavedView>>, Problem> {
    let (_, account) = admin.session()?;
    let views = app.store.views(account.id).await?;
    Ok(Json(Page::whole(
        views.into_iter().map(SavedView::from).collect(),
    )))
}

/// Saves a view for the signed-in account; it has 100 at most.
#[utoipa::path(post, path = "/views", tag = "sessions", operation_id = "save_view",
    request_body = Save,
    responses((status = 201, description = "The view.", body = SavedView),
        (status = 403, description = "An API token has no views."),
        (status = 409, description = "There are 100 already.")))]
async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<Save>,
) -> Result<(StatusCode, Json<SavedView>), Problem> {
    let (_, account) = admin.session()?;
    let new = NewView {
        account: account.id,
        page: new.page.0,
        name: new.name.0,
        query: new.query.0,
    };
    let view = app.store.save_view(new).await;
    let view = view.map_err(|error| match error {
        // The caller is there: what is not is their account.
        StoreError::NotFound(_) => Problem::unauthenticated("The account is gone."),
        error => error.into(),
    })?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Deletes a view of the signed-in account.
#[utoipa::path(delete, path = "/views/{id}", tag = "sessions", operation_id = "delete_view",
    params(("id" = String, Path, description = "The view's id.")),
    responses((status = 204, description = "It is gone."),
        (status = 403, description = "An API token has no views.")))]
async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<ViewId>,
) -> Result<StatusCode, Problem> {
    let (_, account) = admin.session()?;
    app.store.delete_view(account.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
