//! The services, one file each, by what they publish of their APIs.

pub(crate) mod azure_content_safety;
pub(crate) mod azure_pii;
pub(crate) mod bedrock;
pub(crate) mod crowdstrike;
pub(crate) mod grayswan;
pub(crate) mod lakera;
pub(crate) mod model_armor;
pub(crate) mod openai;
pub(crate) mod patronus;
pub(crate) mod presidio;
pub(crate) mod webhook;

#[cfg(test)]
mod bed;

use serde::Serialize;
use serde_json::Value;
use tidegate_types::Secret;

use crate::{Content, Speaker, verdict};

/// A credential.
pub(crate) type Token = Secret<String>;

/// A message of a chat, as several services take it.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

/// The texts as messages. `known` gives the role that the service knows for a speaker.
pub(crate) fn messages<'a>(
    content: &Content<'a>,
    known: impl Fn(Speaker) -> &'static str,
) -> Vec<Message<'a>> {
    let parts = content.parts.iter();
    let message = |part: &crate::Part<'a>| Message {
        role: known(part.speaker),
        content: part.text,
    };
    parts.map(message).collect()
}

/// A number between 0 and 1.
pub(crate) fn score(value: &Value) -> Option<f32> {
    let score = value.as_f64()? as f32;
    (0.0..=1.0).contains(&score).then_some(score)
}

/// The texts of a list of strings, made short.
pub(crate) fn names(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str)
        .map(verdict::category)
        .collect()
}

/// A URL without slashes at its end.
pub(crate) fn base(url: &str) -> &str {
    url.trim_end_matches('/')
}
