//! What clients ask: a body, which resources of a list, which attributes of a resource.

use std::str::FromStr;

use axum::{
    RequestExt,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde_json::{Map, Value};
use tidegate_scim::{Filter, Projection, ScimError, ScimKind, find};

use super::{RESULTS, Refusal};
use crate::read::strict;

/// A JSON body.
#[derive(Debug)]
pub(super) struct Body(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            let detail = "Send the body with the header `content-type: application/scim+json`.";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes: Bytes = request.extract().await.map_err(|_| {
            let detail = "A body has at most 4 MiB.";
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        })?;
        let body = strict(&bytes).map_err(|error| {
            let detail = format!("the body is not valid JSON: {error}");
            ScimError::new(ScimKind::InvalidSyntax, detail)
        })?;
        Ok(Self(body))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| {
            ["application/scim+json", "application/json"]
                .iter()
                .any(|known| kind.trim().eq_ignore_ascii_case(known))
        })
}

/// The id in the path. A text that is no id names nothing.
#[derive(Debug)]
pub(super) struct Id<T>(pub(super) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|text| text.parse().ok());
        id.map(Self)
            .ok_or_else(|| Refusal::not_found("There is no such resource."))
    }
}

/// Which attributes of a resource are wanted.
#[derive(Debug)]
pub(super) struct Wanted(pub(super) Projection);

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Parameters(given) = Parameters::from_request_parts(parts, state).await?;
        Ok(Self(projection(&given)?))
    }
}

/// Which resources of a list are wanted.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) filter: Option<Filter>,
    /// The first wanted, from 1.
    pub(super) start: usize,
    pub(super) count: usize,
    pub(super) projection: Projection,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Parameters(given) = Parameters::from_request_parts(parts, state).await?;
        Self::read(&given)
    }
}

impl Asked {
    /// Reads what a query or the body of a search says (RFC 7644 §3.4.2, §3.4.3).
    pub(super) fn read(given: &Value) -> Result<Self, Refusal> {
        let filter = match find(given, "filter").and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => Some(Filter::parse(text)?),
            _ => None,
        };
        let start = number(given, "startIndex")?.unwrap_or(1).max(1);
        let count = number(given, "count")?.unwrap_or(100);
        let most = i64::try_from(RESULTS).unwrap_or(i64::MAX);
        let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Self {
            filter,
            start: whole(start),
            count: whole(count.clamp(0, most)),
            projection: projection(given)?,
        })
    }
}

/// Query parameters as an object; unknown ones, such as `sortBy`, are passed over (RFC 7644 §3.4.2.3).
struct Parameters(Value);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut given = Map::new();
        // A filter that cannot be read must not become a list of everybody.
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri) else {
            let detail = "the query is not encoded as one";
            return Err(ScimError::new(ScimKind::InvalidSyntax, detail).into());
        };
        for (name, value) in pairs {
            if given.insert(name, value.into()).is_some() {
                let detail = "a query parameter is given twice";
                return Err(ScimError::new(ScimKind::InvalidSyntax, detail).into());
            }
        }
        Ok(Self(given.into()))
    }
}

fn number(given: &Value, name: &str) -> Result<Option<i64>, Refusal> {
    let number = match find(given, name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_i64(),
    };
    let wrong = || {
        let detail = format!("`{name}` must be a whole number");
        ScimError::new(ScimKind::InvalidValue, detail).into()
    };
    number.map(Some).ok_or_else(wrong)
}

fn projection(given: &Value) -> Result<Projection, Refusal> {
    let names = |name: &str| match find(given, name) {
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            Some(names.join(","))
        }
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let (only, but) = (names("attributes"), names("excludedAttributes"));
    Ok(Projection::read(only.as_deref(), but.as_deref())?)
}
