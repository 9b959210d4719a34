//! Finds the virtual key in a request, wherever the caller's SDK puts it.

use http::{
    HeaderMap, HeaderName,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};
use tidegate_types::PlainKey;

/// Why there is no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Two different virtual keys were sent.
    #[error("two different virtual keys were sent; send one")]
    Conflict,
    /// There is a credential, but it is none of ours.
    #[error(
        "the credential is not a Tidegate key: a virtual key starts with `sk-tg-`; a provider's \
         own key is not accepted"
    )]
    Foreign,
    /// A request that is signed with a key of AWS (Signature Version 4).
    #[error(
        "the request is signed with an AWS access key, which nobody but AWS can verify: set the \
         environment variable AWS_BEARER_TOKEN_BEDROCK to your Tidegate key (`sk-tg-…`), and no other \
         AWS credential is needed"
    )]
    Signed,
    /// No credential at all.
    #[error(
        "no credential: send a virtual key in `authorization: Bearer`, `x-api-key`, \
         `x-goog-api-key`, `api-key` or `x-tidegate-key`"
    )]
    Missing,
    /// Longer than any key.
    #[error("the virtual key is too long")]
    TooLong,
}

/// No key of ours is longer; what is longer is not even hashed.
const LONGEST: usize = 128;

/// How a signature of AWS begins.
const SIGNED: &[u8] = b"AWS4-";

const OWN: HeaderName = HeaderName::from_static("x-tidegate-key");
static OTHERS: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// What comes before the key in the list of protocols that a browser's WebSocket names: it can set no
/// header. So the APIs of `OpenAI` take it there.
const IN_PROTOCOLS: &[u8] = b"openai-insecure-api-key.";

/// The caller's virtual key. `x-tidegate-key` wins, so that a client may carry a credential of its
/// own elsewhere; else the first header that holds a virtual key counts. A second, different
/// virtual key anywhere is an error: no part of the gateway may take another for the caller.
///
/// # Errors
/// No credential, none of ours, two of ours, or one that is too long.
pub fn credential(headers: &HeaderMap) -> Result<&str, CredentialError> {
    let own = headers
        .get_all(OWN)
        .iter()
        .map(|value| (true, value.as_bytes()));
    let bearer = headers
        .get_all(AUTHORIZATION)
        .iter()
        .map(|value| (false, bearer(value.as_bytes())));
    let others = OTHERS.iter().flat_map(|name| {
        headers
            .get_all(name)
            .iter()
            .map(|value| (false, value.as_bytes()))
    });
    let protocols = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let protocols = protocols
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .filter_map(|name| name.trim_ascii().strip_prefix(IN_PROTOCOLS))
        .map(|value| (false, value));
    let mut found: Option<&str> = None;
    let (mut foreign, mut signed) = (false, false);
    for (is_own, value) in own.chain(bearer).chain(others).chain(protocols) {
        let value = value.trim_ascii();
        if !value.starts_with(PlainKey::VIRTUAL.as_bytes()) {
            if is_own {
                return Err(CredentialError::Foreign);
            }
            foreign |= !value.is_empty();
            signed |= value.starts_with(SIGNED);
            continue;
        }
        if value.len() > LONGEST {
            return Err(CredentialError::TooLong);
        }
        let text = str::from_utf8(value).map_err(|_| CredentialError::Foreign)?;
        match found {
            Some(first) if first != text => return Err(CredentialError::Conflict),
            _ => found = Some(text),
        }
    }
    found.ok_or(if signed {
        CredentialError::Signed
    } else if foreign {
        CredentialError::Foreign
    } else {
        CredentialError::Missing
    })
}

/// The token of `Bearer token`; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(value: &[u8]) -> &[u8] {
    match value.split_at_checked(6) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer") => token,
        _ => value,
    }
}
