//! AWS' signatures of requests (Signature Version 4), as the IAM guide describes them: for models and for guardrails,
//! both of Bedrock.
//!
//! An [`AwsKey`] signs a request when all of it is known: method, URL as it is sent, body, and the headers that are to
//! be signed with it. What it gives are headers.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tidegate_types::{Secret, Timestamp};

/// The service that Bedrock's requests are signed for, those of its runtime too.
const SERVICE: &str = "bedrock";

/// An access key of AWS.
#[derive(Debug)]
pub struct AwsKey {
    /// Its id, which is no secret.
    pub id: String,
    /// Its secret.
    pub secret: Secret<String>,
    /// The session's token, where the key is a temporary one.
    pub session: Option<Secret<String>>,
    /// The region that requests are signed for, such as `eu-west-1`.
    pub region: String,
}

/// Why a request cannot be signed. It holds nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request cannot be signed")]
pub struct Unsigned;

/// A request as it will be sent.
#[derive(Debug, Clone, Copy)]
pub struct Unsent<'a> {
    /// Its method.
    pub method: &'a str,
    /// The whole URL, its path encoded as it will be.
    pub url: &'a str,
    /// The headers that the signature is to hold; that of the host is taken from the URL.
    pub headers: &'a HeaderMap,
    /// All of its body.
    pub body: &'a [u8],
}

impl PartialEq for AwsKey {
    fn eq(&self, other: &Self) -> bool {
        let session = |key: &Self| key.session.as_ref().map(|token| token.expose().clone());
        (&self.id, self.secret.expose(), &self.region)
            == (&other.id, other.secret.expose(), &other.region)
            && session(self) == session(other)
    }
}

impl Eq for AwsKey {}

impl AwsKey {
    /// The headers that sign a request, as of this time: AWS takes them for some minutes. They are marked sensitive.
    ///
    /// # Errors
    /// The URL or the time is none, or the key cannot stand in a header.
    pub fn sign(
        &self,
        request: &Unsent<'_>,
        now: Timestamp,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Unsigned> {
        let session = self.session.as_ref().map(|token| token.expose().clone());
        let secret = self.secret.expose().clone();
        let identity = Credentials::new(&self.id, secret, session, None, "configured").into();
        let since = u64::try_from(now.micros()).map_err(|_| Unsigned)?;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::UNIX_EPOCH + Duration::from_micros(since))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| Unsigned)?
            .into();
        let headers = request.headers.iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(request.body);
        let signable = SignableRequest::new(request.method, request.url, headers, body);
        let signed = sign(signable.map_err(|_| Unsigned)?, &params);
        let (instructions, _) = signed.map_err(|_| Unsigned)?.into_parts();
        let added = instructions.headers().map(|(name, value)| {
            let name = HeaderName::try_from(name).map_err(|_| Unsigned)?;
            let mut value = HeaderValue::try_from(value).map_err(|_| Unsigned)?;
            value.set_sensitive(true);
            Ok((name, value))
        });
        added.collect()
    }
}

#[cfg(test)]
mod tests;
