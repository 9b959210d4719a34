//! What handlers take: a body, query parameters, an id from the path. Each answers with a problem.

use std::{
    convert::Infallible,
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use axum::{
    RequestExt,
    body::Bytes,
    extract::{
        ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
};
use http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value};

use crate::{
    problem::{Code, Problem},
    read::{Origin, Read, Reader, strict},
};

/// Largest body, in bytes.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: Read> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let value = json(request).await?;
        let mut reader = Reader::new(Origin::Body);
        let read = T::read(value, &mut reader);
        reader.finish(read).map(Self).map_err(Problem::fields)
    }
}

/// The body as JSON.
pub(crate) async fn json(request: Request) -> Result<Value, Problem> {
    let body = bytes(request).await?;
    strict(&body).map_err(|error| {
        Problem::new(
            Code::InvalidJson,
            format!("The body is not valid JSON: {error}."),
        )
    })
}

/// The body, which says that it is JSON.
pub(crate) async fn bytes(request: Request) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            "Send the body as JSON, with the header `content-type: application/json`.",
        ));
    }
    request
        .extract()
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                Problem::new(
                    Code::BodyTooLarge,
                    "A body has at most 1 MiB; of a device a certificate request at most 256 KiB, an \
                     inventory at most 4 MiB.",
                )
            }
            other => Problem::new(
                Code::InvalidJson,
                format!("The body did not arrive: {other}."),
            ),
        })
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The query parameters.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: Read> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|error| Problem::parameter("", error.to_string()))?;
        let mut map = Map::new();
        for (name, value) in pairs {
            if map.contains_key(&name) {
                return Err(Problem::parameter(&name, "is given twice"));
            }
            map.insert(name, Value::String(value));
        }
        let mut reader = Reader::new(Origin::Query);
        let read = T::read(Value::Object(map), &mut reader);
        reader.finish(read).map(Self).map_err(Problem::fields)
    }
}

/// The id in the path. A text that is no id names nothing, so the answer is 404.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr<Err: Display> + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::new(Code::NotFound, error.to_string()))?;
        text.parse().map(Self).map_err(|error: T::Err| {
            Problem::new(Code::NotFound, format!("The path names nothing: {error}."))
        })
    }
}

/// Where the connection comes from; unspecified when the listener does not say, so that attempts
/// from unknown addresses are counted together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(
            peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()),
        ))
    }
}
