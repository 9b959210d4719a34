//! The port: a request, and what its answer means.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use tidegate_types::Timestamp;

use crate::{
    content::Content,
    verdict::{Failure, Verdict},
};

/// A service.
pub trait Engine: fmt::Debug + Send + Sync {
    /// The request to send. `now` is for services whose requests are signed with the time.
    ///
    /// # Errors
    /// It cannot be asked about this.
    fn request(&self, content: &Content<'_>, now: Timestamp) -> Result<Request, Unasked>;

    /// What the answer to that request means.
    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict;
}

/// A POST to a service.
#[derive(Clone)]
pub struct Request {
    /// The whole URL.
    pub url: String,
    /// The headers, `content-type` among them. Credentials are marked as sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body is a person's text.
        f.debug_struct("Request")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What a service answered.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: &'a [u8],
}

/// Why a service cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unasked {
    /// A credential or a name cannot stand in a header.
    #[error("the credential of the service cannot be sent in a header")]
    Header,
    /// There is more text than the service takes.
    #[error("the text is longer than the {0} bytes that the service takes")]
    TooLong(usize),
    /// It cannot be signed.
    #[error("the request cannot be signed")]
    Signature,
    /// The body cannot be written.
    #[error("the request cannot be written")]
    Body,
}

impl Request {
    /// A JSON request.
    pub(crate) fn json(url: String, body: &impl Serialize) -> Result<Self, Unasked> {
        let body = serde_json::to_vec(body).map_err(|_| Unasked::Body)?;
        let json = HeaderValue::from_static("application/json");
        Ok(Self {
            url,
            headers: vec![(http::header::CONTENT_TYPE, json)],
            body: body.into(),
        })
    }

    /// With a header; a `secret` one is not shown by anybody who prints headers.
    pub(crate) fn with(
        mut self,
        name: HeaderName,
        value: &str,
        secret: bool,
    ) -> Result<Self, Unasked> {
        let mut value = HeaderValue::from_str(value).map_err(|_| Unasked::Header)?;
        value.set_sensitive(secret);
        self.headers.push((name, value));
        Ok(self)
    }

    /// With `authorization: Bearer …`.
    pub(crate) fn bearer(self, token: &str) -> Result<Self, Unasked> {
        self.with(
            http::header::AUTHORIZATION,
            &format!("Bearer {token}"),
            true,
        )
    }
}

impl Answered<'_> {
    /// The body of a success as JSON, or the failure that it is.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        match self.status.as_u16() {
            200..=299 => serde_json::from_slice(self.body).map_err(|_| Failure::Unclear),
            401 | 403 => Err(Failure::Credential),
            408 | 425 | 429 | 500..=599 => Err(Failure::Busy),
            _ => Err(Failure::Refused),
        }
    }

    /// Reads the JSON of a success with `read`; whatever it lacks makes the answer unclear.
    pub(crate) fn verdict(&self, read: impl FnOnce(&Value) -> Option<Verdict>) -> Verdict {
        match self.json() {
            Ok(value) => read(&value).unwrap_or(Verdict::Failed(Failure::Unclear)),
            Err(failure) => Verdict::Failed(failure),
        }
    }
}
