//! What admins write about a provider, and how it is read.

use serde_json::Value;
use tidegate_identity::{ClaimPath, Issuer};
use tidegate_store::ClientAuthKind;
use tidegate_types::Secret;

use crate::read::{Read, Reader, words};

words!(ClientAuthKind, "basic" => Self::Basic, "post" => Self::Post, "public" => Self::Public);

/// Longest secret, in bytes.
const LONGEST_SECRET: usize = 1_024;

/// Most scopes.
const MOST_SCOPES: usize = 20;

impl Read for Issuer {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().map(Self::parse) {
            Some(Ok(issuer)) => Some(issuer),
            Some(Err(error)) => at.refuse(error.to_string()),
            None => at.refuse("must be a string"),
        }
    }
}

impl Read for ClaimPath {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().map(str::parse) {
            Some(Ok(path)) => Some(path),
            Some(Err(error)) => at.refuse(format!("{error}")),
            None => at.refuse("must be a string"),
        }
    }
}

/// A client's id: 1 to 256 printable characters of ASCII (RFC 6749 appendix A.1).
#[derive(Debug)]
pub(super) struct ClientId(pub(super) String);

impl Read for ClientId {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=256).contains(&text.len())
                    && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) =>
            {
                Some(Self(text))
            }
            _ => at.refuse("must be 1 to 256 printable characters of ASCII"),
        }
    }
}

/// A client's secret. Never printed, wiped when dropped.
#[derive(Debug)]
pub(super) struct ClientSecret(pub(super) Secret<String>);

impl Read for ClientSecret {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=LONGEST_SECRET).contains(&text.len())
                    && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) =>
            {
                Some(Self(Secret::new(text)))
            }
            _ => at.refuse("must be 1 to 1024 printable characters of ASCII"),
        }
    }
}

/// Scopes, each a token of RFC 6749 §3.3.
#[derive(Debug)]
pub(super) struct Scopes(pub(super) Vec<String>);

impl Read for Scopes {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let Value::Array(items) = value else {
            return at.refuse("must be a list");
        };
        if items.len() > MOST_SCOPES {
            return at.refuse("must have at most 20 items");
        }
        let token = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
            (1..=128).contains(&text.len()) && text.bytes().all(fits)
        };
        let read = items.into_iter().enumerate().map(|(index, item)| {
            at.within(index.to_string(), |at| match item {
                Value::String(text) if token(&text) => Some(text),
                _ => at.refuse("must be a scope: 1 to 128 characters without spaces"),
            })
        });
        let read: Vec<Option<String>> = read.collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}
