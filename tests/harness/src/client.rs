//! A plain HTTP client that changes nothing on its way: what a test sends is what arrives.

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};

/// A client of one base URL.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    inner: legacy::Client<HttpConnector, Full<Bytes>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Reply {
    /// A header as text; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A client over HTTP/1.1.
    #[must_use]
    pub fn http1(base: &str) -> Self {
        let inner = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self {
            base: base.to_owned(),
            inner,
        }
    }

    /// A client over HTTP/2 with prior knowledge, in clear.
    #[must_use]
    pub fn http2(base: &str) -> Self {
        // A frame that waits for another one's acknowledgement is what would be measured.
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let inner = legacy::Client::builder(TokioExecutor::new())
            .http2_only(true)
            .build(connector);
        Self {
            base: base.to_owned(),
            inner,
        }
    }

    /// Sends a request and returns when the answer's header has come.
    ///
    /// # Errors
    /// No answer.
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<http::Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into()))?;
        Ok(self.inner.request(request).await?)
    }

    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// No answer, or one that broke off.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Reply> {
        let (head, body) = self.open(method, path, headers, body).await?.into_parts();
        let body = body
            .collect()
            .await
            .context("the answer broke off")?
            .to_bytes();
        Ok(Reply {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Posts JSON with a bearer key.
    ///
    /// # Errors
    /// No answer, or one that broke off.
    pub async fn post(
        &self,
        path: &str,
        key: &str,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Reply> {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(Method::POST, path, &headers, body).await
    }

    /// Gets a path with a bearer key.
    ///
    /// # Errors
    /// No answer, or one that broke off.
    pub async fn get(&self, path: &str, key: &str) -> anyhow::Result<Reply> {
        let bearer = format!("Bearer {key}");
        self.send(
            Method::GET,
            path,
            &[("authorization", &bearer)],
            Bytes::new(),
        )
        .await
    }
}
