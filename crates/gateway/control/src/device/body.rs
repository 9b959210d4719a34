//! The bodies of devices. Fields that a newer agent sends are passed over, unlike in the admin API.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;

use crate::{
    edge::digest,
    extract::{bytes, json},
    problem::{Code, Problem},
};

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

/// A JSON body, and what tells it apart from another one. It is read in one go: thousands come at once.
#[derive(Debug)]
pub(super) struct Heard<T> {
    pub(super) said: T,
    pub(super) digest: u64,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Heard<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = bytes(request).await?;
        let said = serde_json::from_slice(&body).map_err(|error| {
            if error.is_data() {
                Problem::field("", error.to_string())
            } else {
                Problem::new(
                    Code::InvalidJson,
                    format!("The body is not valid JSON: {error}."),
                )
            }
        })?;
        Ok(Self {
            said,
            digest: digest(&body),
        })
    }
}

/// A JSON body as it was sent.
#[derive(Debug)]
pub(super) struct Sent(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        bytes(request).await.map(Self)
    }
}
