//! The allow-list of what may be called. A request that matches nothing here is refused in its
//! caller's dialect; there is no way around governance by an unknown path.

mod operation;
mod path;
mod query;
mod table;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

pub use operation::{Billing, BodyKind, ModelSource, Operation};

use crate::Dialect;
pub(crate) use path::push_encoded;
use table::Matched;
pub(crate) use table::VERBS as GEMINI_VERBS;

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mount {
    /// Below `/openai`, `/anthropic`, `/bedrock` or `/genai`: the provider is one of that dialect.
    Native,
    /// Below `/v1`: the model names the provider.
    Unified,
}

/// A request target that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// How it came in.
    pub mount: Mount,
    /// What it asks for.
    pub operation: Operation,
    /// The path below the provider's root, version included, without query.
    pub upstream_path: Cow<'a, str>,
    /// The model that the path, or for some operations the query, names, decoded; may be `provider/model`.
    pub path_model: Option<Cow<'a, str>>,
    /// The query to send on, without what would change the answer's format or carry a credential.
    pub query: Option<String>,
    /// Where the model stands in `upstream_path`.
    model_span: Option<Range<usize>>,
}

/// Why a request target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The target is no plain path: empty or dot segments, odd characters, or too long.
    #[error(
        "the request target is malformed: use a plain path without empty or dot segments and \
         without percent-encoding"
    )]
    Malformed {
        /// Whose error shape to answer in.
        dialect: Dialect,
    },
    /// The path exists, the method does not.
    #[error("this method is not allowed here; allowed: {allow}")]
    MethodNotAllowed {
        /// Whose error shape to answer in.
        dialect: Dialect,
        /// The `allow` header's value.
        allow: &'static str,
    },
    /// No such operation.
    #[error(
        "unknown route: the gateway serves /openai/v1, /anthropic/v1, /bedrock, /genai/v1beta and \
         /v1, and there only the operations it governs"
    )]
    Unknown {
        /// Whose error shape to answer in.
        dialect: Dialect,
    },
}

impl RouteError {
    /// Whose error shape to answer in.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Malformed { dialect }
            | Self::MethodNotAllowed { dialect, .. }
            | Self::Unknown { dialect } => dialect,
        }
    }
}

/// The longest accepted path, in bytes.
pub const MAX_PATH: usize = 1024;
/// The longest accepted query, in bytes.
pub const MAX_QUERY: usize = 4096;

impl Route<'_> {
    /// The same route, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Route<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Route {
            mount: self.mount,
            operation: self.operation,
            upstream_path: owned(self.upstream_path),
            path_model: self.path_model.map(owned),
            query: self.query,
            model_span: self.model_span,
        }
    }

    /// `upstream_path` with the path's model replaced, or with the model in the query where the operation names
    /// it there, percent-encoded where need be (RFC 3986 §2.1). Without either it is `upstream_path` itself.
    #[must_use]
    pub fn upstream_path_for(&self, model: &str) -> String {
        // A session's first message names the model there.
        if self.operation == Operation::Live {
            return self.upstream_path.to_string();
        }
        if self.operation.model() == ModelSource::Query {
            let mut path = format!("{}?model=", self.upstream_path);
            path::push_encoded(&mut path, model, true);
            return path;
        }
        let Some(span) = &self.model_span else {
            return self.upstream_path.to_string();
        };
        let mut path = String::with_capacity(self.upstream_path.len() + model.len());
        path.push_str(&self.upstream_path[..span.start]);
        // AWS signs paths: its own clients write them in this one way.
        let colons = self.operation.dialect() != Dialect::Bedrock;
        path::push_encoded(&mut path, model, colons);
        path.push_str(&self.upstream_path[span.end..]);
        path
    }
}

/// Finds the operation behind a method and a request target in origin form (RFC 9112 §3.2.1).
///
/// # Errors
/// Everything that is not on the list.
pub fn resolve<'a>(method: &str, target: &'a str) -> Result<Route<'a>, RouteError> {
    let (path, query) = match memchr::memchr(b'?', target.as_bytes()) {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    };
    let place = Place::of(path);
    let dialect = place.dialect;
    if !path::is_plain(path) || query.is_some_and(|q| !query::is_plain(q)) {
        return Err(RouteError::Malformed { dialect });
    }
    let Some(below) = place.below else {
        return Err(RouteError::Unknown { dialect });
    };
    let matched = table::find(place.family, below).ok_or(RouteError::Unknown { dialect })?;
    let Matched { methods, model } = matched;
    let operation = methods
        .operation(method)
        .ok_or(RouteError::MethodNotAllowed {
            dialect,
            allow: methods.allow(),
        })?;
    let upstream_path = &path[place.root..];
    let (path_model, model_span) = match model {
        None => (None, None),
        Some((at, raw)) => {
            let name = path::decode_model(raw).ok_or(RouteError::Malformed { dialect })?;
            let start = path.len() - below.len() + at - place.root;
            (Some(name), Some(start..start + raw.len()))
        }
    };
    let (path_model, query) = match operation.model() {
        // What else such a query says would choose another session than the one that is governed.
        ModelSource::Query => {
            let named = query::model(query.unwrap_or_default());
            (named.map_err(|()| RouteError::Malformed { dialect })?, None)
        }
        _ => (
            path_model,
            query.and_then(|query| query::sanitise(dialect, query)),
        ),
    };
    Ok(Route {
        mount: place.mount,
        operation,
        upstream_path: Cow::Borrowed(upstream_path),
        path_model,
        query,
        model_span,
    })
}

/// The part of the tree that a path is in.
struct Place<'a> {
    mount: Mount,
    dialect: Dialect,
    family: table::Family,
    /// Length of what is cut off to get the upstream's path.
    root: usize,
    /// What follows the version, if the version is known.
    below: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        let native = |dialect, family, root: &str, versions: &[&str]| {
            let rest = path.strip_prefix(root)?;
            rest.starts_with('/').then(|| Self {
                mount: Mount::Native,
                dialect,
                family,
                root: root.len(),
                below: versions
                    .iter()
                    .find_map(|version| rest.strip_prefix(version)),
            })
        };
        native(Dialect::OpenAi, table::Family::OpenAi, "/openai", &["/v1/"])
            .or_else(|| {
                native(
                    Dialect::Anthropic,
                    table::Family::Anthropic,
                    "/anthropic",
                    &["/v1/"],
                )
            })
            .or_else(|| native(Dialect::Bedrock, table::Family::Bedrock, "/bedrock", &["/"]))
            .or_else(|| {
                let live = native(Dialect::Gemini, table::Family::Live, "/genai/ws", &["/"]);
                live.map(|place| Self {
                    root: "/genai".len(),
                    ..place
                })
            })
            .or_else(|| {
                native(
                    Dialect::Gemini,
                    table::Family::Gemini,
                    "/genai",
                    &["/v1beta/", "/v1/"],
                )
            })
            .unwrap_or_else(|| {
                let below = path.strip_prefix("/v1/");
                let messages = below.is_some_and(|rest| {
                    rest.strip_prefix("messages")
                        .is_some_and(|r| r.is_empty() || r.starts_with('/'))
                });
                Self {
                    mount: Mount::Unified,
                    dialect: if messages {
                        Dialect::Anthropic
                    } else {
                        Dialect::OpenAi
                    },
                    family: table::Family::Unified,
                    root: 0,
                    below,
                }
            })
    }
}
