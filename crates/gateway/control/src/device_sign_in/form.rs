//! What a page's form sends: it has the form of a query, and is read as one. It must come from a page of
//! ours.

use std::sync::Arc;

use axum::{
    RequestExt,
    body::Bytes,
    extract::{FromRequest, Query, Request},
};
use http::{StatusCode, Uri};
use serde::de::DeserializeOwned;

use super::page::Page;
use crate::{app::App, guard::origin};

/// A form's fields.
#[derive(Debug)]
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Form<T> {
    type Rejection = Page;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Page> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        origin::check(&app.settings.url, &method, &uri, request.headers()).map_err(|_| {
            let why = "This came from another page than ours. Begin again on your device.";
            Page::says(StatusCode::FORBIDDEN, "This did not work", why)
        })?;
        let body: Bytes = request.extract().await.map_err(|_| unreadable())?;
        let text = std::str::from_utf8(&body).map_err(|_| unreadable())?;
        let uri: Uri = format!("/?{text}").parse().map_err(|_| unreadable())?;
        let Query(fields) = Query::try_from_uri(&uri).map_err(|_| unreadable())?;
        Ok(Self(fields))
    }
}

fn unreadable() -> Page {
    let why = "The form cannot be read. Begin again on your device.";
    Page::says(StatusCode::BAD_REQUEST, "This did not work", why)
}
