//! Every error of the admin API, as `application/problem+json` (RFC 9457) with a code from one
//! closed list.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Serialize, Serializer, ser};
use utoipa::ToSchema;

/// What went wrong. Clients may match on it: a code never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The person said no to this device, or may not sign in (RFC 8628 §3.5).
    AccessDenied,
    /// Nobody has confirmed this device yet (RFC 8628 §3.5).
    AuthorizationPending,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// Too many sign-ins at once; try again shortly.
    Busy,
    /// The change contradicts what is stored.
    Conflict,
    /// A change with the console's cookie that did not come from the console itself.
    Csrf,
    /// The device, its team or its user is disabled.
    DeviceDisabled,
    /// Another machine checks in as this device, or its check-ins do not count upwards.
    DeviceDuplicate,
    /// The device was removed.
    DeviceRemoved,
    /// The device is somebody else's.
    DeviceTaken,
    /// Managed devices are not set up on this gateway.
    EdgeNotConfigured,
    /// The caller's role may not do this; `detail` names the roles that may.
    Forbidden,
    /// The sign-in on a device took too long (RFC 8628 §3.5).
    ExpiredToken,
    /// The `Host` header names no host of this listener.
    HostNotAllowed,
    /// The identity provider does not answer, or not as it must.
    IdentityProviderUnavailable,
    /// A fault of the gateway, with details in its log.
    Internal,
    /// Fields or query parameters are missing, unknown or wrong; `errors` names each.
    InvalidFields,
    /// The code of a sign-in on a device is unknown, used, too old, or another device's.
    InvalidGrant,
    /// The body is not JSON, or has a key twice.
    InvalidJson,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// Nothing with this id, or no such path.
    NotFound,
    /// The password is for one use: sign in with `new_password` as well.
    PasswordChangeRequired,
    /// Only a signed-in account can do this, not an API token.
    SessionRequired,
    /// E-mail address or password is wrong, or the account is disabled.
    SignInFailed,
    /// A device asks too often whether it was confirmed (RFC 8628 §3.5).
    SlowDown,
    /// The database does not answer.
    StoreUnavailable,
    /// The request took longer than the limit.
    Timeout,
    /// The password is right, and the account has a second factor: send `code` as well.
    TotpRequired,
    /// The code of the second factor is wrong, or was used before.
    TotpWrong,
    /// Too many attempts, failed sign-ins for one; wait as long as `retry-after` says.
    TooManyAttempts,
    /// No valid credential was presented.
    Unauthenticated,
    /// The body's content type is not `application/json`.
    UnsupportedMediaType,
}

impl Code {
    const fn status(self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy
            | Self::EdgeNotConfigured
            | Self::IdentityProviderUnavailable
            | Self::StoreUnavailable
            | Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::Conflict | Self::DeviceDuplicate | Self::DeviceTaken => StatusCode::CONFLICT,
            Self::Csrf
            | Self::DeviceDisabled
            | Self::Forbidden
            | Self::PasswordChangeRequired
            | Self::SessionRequired => StatusCode::FORBIDDEN,
            Self::DeviceRemoved => StatusCode::GONE,
            Self::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidFields => StatusCode::UNPROCESSABLE_ENTITY,
            Self::AccessDenied
            | Self::AuthorizationPending
            | Self::ExpiredToken
            | Self::InvalidGrant
            | Self::InvalidJson
            | Self::SlowDown => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignInFailed | Self::TotpRequired | Self::TotpWrong | Self::Unauthenticated => {
                StatusCode::UNAUTHORIZED
            }
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// The kind of problem in words.
    const fn title(self) -> &'static str {
        match self {
            Self::AccessDenied => "The sign-in was refused",
            Self::AuthorizationPending => "Nobody has confirmed yet",
            Self::DeviceTaken => "The device is somebody else's",
            Self::ExpiredToken => "The sign-in took too long",
            Self::InvalidGrant => "The code is not valid",
            Self::SlowDown => "This is asked too often",
            Self::BodyTooLarge => "The body is too large",
            Self::Busy => "Too much at once",
            Self::Conflict => "This contradicts what is stored",
            Self::Csrf => "This came from another site",
            Self::DeviceDisabled => "The device is disabled",
            Self::DeviceDuplicate => "Another machine uses this device's key",
            Self::DeviceRemoved => "The device was removed",
            Self::EdgeNotConfigured => "Managed devices are not set up",
            Self::Forbidden => "Another role is needed",
            Self::HostNotAllowed => "This host name is not served here",
            Self::IdentityProviderUnavailable => "The identity provider cannot be used",
            Self::Internal => "The gateway has a fault",
            Self::InvalidFields => "Some fields are not valid",
            Self::InvalidJson => "The body is not valid JSON",
            Self::MethodNotAllowed => "This method is not supported here",
            Self::NotFound => "Not found",
            Self::PasswordChangeRequired => "Change the password first",
            Self::SessionRequired => "Only for signed-in accounts",
            Self::SignInFailed => "Sign-in failed",
            Self::StoreUnavailable => "The database does not answer",
            Self::Timeout => "This took too long",
            Self::TooManyAttempts => "Too many attempts",
            Self::TotpRequired => "A code is needed too",
            Self::TotpWrong => "The code is wrong",
            Self::Unauthenticated => "A credential is needed",
            Self::UnsupportedMediaType => "The body must be JSON",
        }
    }
}

/// A URI that names the kind of problem: the code's word within a name of ours.
fn urn<S: Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    let word = serde_json::to_value(code).map_err(ser::Error::custom)?;
    let word = word.as_str().unwrap_or_default();
    serializer.collect_str(&format_args!("urn:tidegate:problem:{word}"))
}

/// One field or query parameter that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/allow/models/0")]
    pub pointer: Option<String>,
    /// Name of the query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// What is wrong and what would be right.
    #[schema(example = "is required")]
    pub detail: String,
}

/// An error answer (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:tidegate:problem:invalid_fields",
    "title": "Some fields are not valid",
    "status": 422,
    "detail": "Correct the fields named in `errors` and send the request again.",
    "code": "invalid_fields",
    "errors": [{ "pointer": "/name", "detail": "is required" }]
}))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type", serialize_with = "urn")]
    #[schema(value_type = String)]
    kind: Code,
    /// The kind of problem in words; the same for every problem of a kind.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status, repeated.
    status: u16,
    /// What happened here and what to do.
    #[schema(value_type = String)]
    detail: Cow<'static, str>,
    /// The kind of problem, for programs.
    code: Code,
    /// All fields that are not valid; empty for other problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// When to try again, in whole seconds, at least 1. Sent as the header `retry-after`.
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem of a kind, with what happened and what to do.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: code,
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// The kind.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = "Correct the fields named in `errors` and send the request again.";
        Self {
            errors,
            ..Self::new(Code::InvalidFields, detail)
        }
    }

    pub(crate) fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError {
            pointer: Some(pointer.to_owned()),
            parameter: None,
            detail: detail.into(),
        }])
    }

    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError {
            pointer: None,
            parameter: Some(name.to_owned()),
            detail: detail.into(),
        }])
    }

    /// A fault of ours: the cause goes to the log, the caller learns only that there is one.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "admin request failed");
        Self::new(
            Code::Internal,
            "The gateway failed to answer. Its log names the cause under this request's id.",
        )
    }

    pub(crate) fn unauthenticated(detail: &'static str) -> Self {
        Self::new(Code::Unauthenticated, detail)
    }

    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after =
            Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|s| s.max(1));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after;
        let code = self.code;
        let mut response = (code.status(), Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if code == Code::Unauthenticated {
            // RFC 9110 §11.6.1: a 401 names the scheme.
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tidegate\""),
            );
        }
        response
    }
}
