//! Google's ways to an access token: a service account's key, an account of somebody else's (workload identity
//! federation, AIP-4117), or the machine's own (the metadata server).

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail, ensure};
use http::{HeaderName, HeaderValue, Request, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tidegate_types::{Secret, Timestamp};

use super::{Granted, granted, post, service_account::ServiceAccount, whole};
use crate::services::Client;

/// What is asked for: to call Google Cloud's APIs.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The machine's own account, unless another server is named.
const METADATA: &str = "http://metadata.google.internal";
/// A longer file of credentials, or a longer subject token, is none.
const LONGEST: usize = 64 << 10;

/// One of the ways.
#[derive(Debug)]
pub enum Google {
    /// A service account's key.
    Account(ServiceAccount),
    /// An account of somebody else's, exchanged.
    External(External),
    /// The machine's own account, at this server.
    Metadata(String),
}

/// Somebody else's account: where its token is, and where it is exchanged.
#[derive(Debug)]
pub struct External {
    audience: String,
    subject_token_type: String,
    token_url: String,
    impersonation_url: Option<String>,
    subject: Subject,
    /// The member that holds the token, where the source is JSON.
    field: Option<String>,
}

/// Where the subject's token is.
#[derive(Debug)]
enum Subject {
    /// In a file, which somebody renews.
    File(PathBuf),
    /// At an address, asked with these headers.
    Url(String, Vec<(HeaderName, HeaderValue)>),
}

#[derive(Deserialize)]
struct ExternalFile {
    audience: String,
    subject_token_type: String,
    token_url: String,
    service_account_impersonation_url: Option<String>,
    credential_source: Source,
}

#[derive(Deserialize)]
struct Source {
    file: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    format: Option<Format>,
}

#[derive(Deserialize)]
struct Format {
    #[serde(rename = "type")]
    kind: String,
    subject_token_field_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Impersonated {
    access_token: String,
    expire_time: Timestamp,
}

/// Whether secrets may be sent there: over TLS, or to this machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let host = url.strip_prefix("http://").map(|rest| {
        let authority = rest.split('/').next().unwrap_or_default();
        authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host)
    });
    url.starts_with("https://")
        || host.is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]"))
}

impl Google {
    /// The machine's own account; at another metadata server than Google's, if one is named.
    #[must_use]
    pub fn metadata(server: Option<String>) -> Self {
        Self::Metadata(server.unwrap_or_else(|| METADATA.to_owned()))
    }

    /// Reads a file of credentials, as Google's tools write them.
    ///
    /// # Errors
    /// It is of no kind that is known; says what is missing, and never repeats a secret.
    pub fn parse(json: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        ensure!(
            json.len() <= LONGEST,
            "is longer than any file of credentials"
        );
        let kind: Option<Kind> = serde_json::from_str(json).ok();
        match kind.as_ref().map(|known| known.kind.as_str()) {
            Some("service_account") => Ok(Self::Account(ServiceAccount::parse(json)?)),
            Some("external_account") => Ok(Self::External(External::parse(json)?)),
            _ => bail!("is of no known kind: `type` is `service_account` or `external_account`"),
        }
    }

    pub(super) async fn fetch(&self, client: &Client, now: Timestamp) -> anyhow::Result<Granted> {
        match self {
            Self::Account(account) => account.fetch(client, now).await,
            Self::External(external) => external.fetch(client, now).await,
            Self::Metadata(server) => {
                let url =
                    format!("{server}/computeMetadata/v1/instance/service-accounts/default/token");
                let request = Request::get(url)
                    .header("metadata-flavor", "Google")
                    .body(bytes::Bytes::new())?;
                let (head, body) = client.send(request).await?.into_parts();
                granted(head.status, &body)
            }
        }
    }
}

impl External {
    fn parse(json: &str) -> anyhow::Result<Self> {
        let file: Option<ExternalFile> = serde_json::from_str(json).ok();
        let file = file.context(
            "is no external account that can be used: `audience`, `subject_token_type`, `token_url` and a \
             `credential_source` with `file` or `url` are needed",
        )?;
        let impersonation_url = file.service_account_impersonation_url;
        let safe = impersonation_url.iter().chain([&file.token_url]);
        ensure!(
            safe.into_iter().all(|url| is_safe(url)),
            "has an address that is not https"
        );
        let source = file.credential_source;
        let subject = match (source.file, source.url) {
            (Some(path), None) => Subject::File(path),
            (None, Some(url)) => Subject::Url(url, headers(&source.headers)?),
            _ => bail!("has a `credential_source` that is neither `file` nor `url`"),
        };
        let field = match source.format {
            Some(Format {
                kind,
                subject_token_field_name: name,
            }) if kind == "json" => {
                Some(name.context("has a format without `subject_token_field_name`")?)
            }
            _ => None,
        };
        Ok(Self {
            audience: file.audience,
            subject_token_type: file.subject_token_type,
            token_url: file.token_url,
            impersonation_url,
            subject,
            field,
        })
    }

    async fn fetch(&self, client: &Client, now: Timestamp) -> anyhow::Result<Granted> {
        let subject = self.subject_token(client).await?;
        let form = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("audience", &self.audience),
            ("scope", SCOPE),
            ("subject_token_type", &self.subject_token_type),
            ("subject_token", subject.expose()),
        ];
        let exchanged = post(client, &self.token_url, &form).await?;
        match &self.impersonation_url {
            None => Ok(exchanged),
            Some(url) => impersonate(client, url, &exchanged.token, now).await,
        }
    }

    async fn subject_token(&self, client: &Client) -> anyhow::Result<Secret<String>> {
        let text = match &self.subject {
            Subject::File(path) => tokio::fs::read_to_string(path)
                .await
                .with_context(|| format!("the subject's token at {}", path.display()))?,
            Subject::Url(url, headers) => {
                let mut request = Request::get(url).body(bytes::Bytes::new())?;
                request.headers_mut().extend(headers.iter().cloned());
                let (head, body) = client.send(request).await?.into_parts();
                ensure!(
                    head.status == StatusCode::OK,
                    "the subject's token: {}",
                    head.status
                );
                String::from_utf8(body.to_vec()).context("the subject's token is no text")?
            }
        };
        ensure!(text.len() <= LONGEST, "the subject's token is too long");
        let token = match &self.field {
            None => text.trim().to_owned(),
            Some(name) => {
                let json: Option<Map<String, Value>> = serde_json::from_str(&text).ok();
                let found = json.as_ref().and_then(|json| json.get(name)?.as_str());
                found
                    .context("the subject's token is not where the format says")?
                    .to_owned()
            }
        };
        ensure!(!token.is_empty(), "the subject's token is empty");
        Ok(Secret::new(token))
    }
}

/// Acts as the service account that the exchanged token may act as.
async fn impersonate(
    client: &Client,
    url: &str,
    token: &Secret<String>,
    now: Timestamp,
) -> anyhow::Result<Granted> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
    bearer.set_sensitive(true);
    let request = Request::post(url)
        .header(header::AUTHORIZATION, bearer)
        .header(header::CONTENT_TYPE, "application/json")
        .body(json!({"scope": [SCOPE]}).to_string().into())?;
    let (head, body) = client.send(request).await?.into_parts();
    let status = head.status;
    ensure!(
        status == StatusCode::OK,
        "acting as the service account: {status}"
    );
    let answer: Option<Impersonated> = serde_json::from_slice(&body).ok();
    let answer = answer.context("acting as the service account: no token in the answer")?;
    let holds: Duration = now.until(answer.expire_time);
    whole(answer.access_token, holds)
}

fn headers(map: &Map<String, Value>) -> anyhow::Result<Vec<(HeaderName, HeaderValue)>> {
    let header = |(name, value): (&String, &Value)| {
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
    };
    let found: Option<Vec<_>> = map.iter().map(header).collect();
    found.context("has headers that cannot be sent")
}
