//! Errors in SCIM's form (RFC 7644 §3.12).

use std::{borrow::Cow, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use tidegate_scim::{ScimError, ScimKind};
use tidegate_store::StoreError;

use super::answer::SCIM_JSON;

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: Option<ScimKind>,
    detail: Cow<'static, str>,
    /// When to try again, in whole seconds.
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            kind: None,
            detail: detail.into(),
            retry_after: None,
        }
    }

    pub(super) fn not_found(detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn method() -> Self {
        let detail = "The header `allow` names the methods served here.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail)
    }

    pub(super) fn absent() -> Self {
        let detail = "This is not supported; see /scim/v2/ServiceProviderConfig.";
        Self::new(StatusCode::NOT_IMPLEMENTED, detail)
    }

    pub(super) fn unauthenticated() -> Self {
        let detail = "Send `Authorization: Bearer` with a token for SCIM (`tg-scim-…`) that is \
             neither expired nor revoked.";
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(super) fn too_fast(wait: Duration) -> Self {
        let detail = "Too many requests. Wait as long as `retry-after` says.";
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    pub(super) fn changed() -> Self {
        let detail = "The resource is no longer what `if-match` says. Read it again.";
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    fn fault(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a SCIM request failed");
        let detail =
            "The gateway failed to answer. Its log names the cause under this request's id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        let ScimError { kind, detail } = error;
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            kind: Some(kind),
            ..Self::new(status, detail)
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::not_found("There is no such resource."),
            StoreError::Conflict { what } => ScimError::new(ScimKind::Uniqueness, what).into(),
            StoreError::Invalid { field, reason } => {
                ScimError::new(ScimKind::InvalidValue, format!("`{field}`: {reason}")).into()
            }
            StoreError::Unavailable(cause) => {
                tracing::error!(%cause, "the store is unavailable");
                let detail = "The database does not answer. Try again shortly.";
                Self {
                    retry_after: Some(2),
                    ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
                }
            }
            StoreError::Broken(cause) => Self::fault(cause),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = kind.name().into();
        }
        let content_type = [(header::CONTENT_TYPE, SCIM_JSON)];
        let mut response = (self.status, content_type, body.to_string()).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 names the scheme.
            let scheme = HeaderValue::from_static("Bearer realm=\"tidegate-scim\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
