//! The bodies of devices. Fields that a newer agent sends are passed over, unlike in the admin API.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::{extract::json, problem::Problem};

/// A JSON body in the device API's form.
#[derive(Debug)]
pub(super) struct Said<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Said<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let value = json(request).await?;
        // The reason may quote what was sent: to its sender, and never to the log.
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| Problem::field("", error.to_string()))
    }
}
