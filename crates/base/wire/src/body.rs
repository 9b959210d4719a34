//! What governance must know of a request body, and the splices that change it.
//!
//! A body is read once, validated whole, and never written again: what must change is replaced in
//! place, so unknown fields, key order, signatures and prompt-cache prefixes survive to the byte.

mod batch;
mod error;
mod estimate;
mod fields;
mod form;
mod quirk;
mod rewrite;
mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::Bytes;
use tidegate_types::{ModelName, ServiceTier, TokenCount};

pub use batch::{BatchItems, BatchModel};
pub use error::BodyError;
pub use estimate::estimate_input;
pub use form::inspect_form;
pub use quirk::{Act, Quirk, Within, fit};
pub use rewrite::{Edits, rewrite};

use crate::{BodyKind, Operation, json::Ends};

/// A value and where it stands in the body: of a JSON string, the quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<T> {
    /// The value, decoded.
    pub value: T,
    /// Its bytes.
    pub span: Range<usize>,
}

/// `stream_options.include_usage`, with the place where it can be switched on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UsageSwitch {
    /// Streams of this operation report usage unasked, or this is no stream.
    #[default]
    None,
    /// No `stream_options`; can be inserted at this offset, right after the body's `{`.
    Absent(usize),
    /// `stream_options` is null and stands here.
    Null(Range<usize>),
    /// `stream_options` lacks it; can be inserted at `at`, right after its `{`.
    Lacking {
        /// Where.
        at: usize,
        /// Whether the object is empty.
        empty: bool,
    },
    /// `false` or `null`, standing here.
    Off(Range<usize>),
    /// The client asked for it.
    On,
}

impl UsageSwitch {
    /// Whether asking for usage needs an edit; what the edit brings must then be hidden from the
    /// client.
    #[must_use]
    pub const fn must_be_set(&self) -> bool {
        !matches!(self, Self::None | Self::On)
    }
}

/// What decides an image's price apart from its model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageOptions {
    /// `size`, like `1024x1024`.
    pub size: Option<Box<str>>,
    /// `quality`, like `hd` or `high`.
    pub quality: Option<Box<str>>,
}

/// How the body is written; a splice follows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Encoding {
    Form,
    #[default]
    Json,
}

/// What a body says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspected {
    /// The model, where the body names it.
    pub model: Option<Field<ModelName>>,
    /// Models named inside a body whose model stands in the path (Gemini). Each must be the
    /// path's: see [`Inspected::contradicts`].
    pub inner_models: Vec<Field<ModelName>>,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// Whether the answer is made in the background and fetched later (Responses).
    pub background: bool,
    /// The cap on answer tokens of each choice, the largest of those given.
    pub max_output: Option<u64>,
    /// How many answers are asked for: `n`, `best_of`, `candidateCount`, times the prompts of a
    /// Completions call. At least 1.
    pub choices: u64,
    /// The service tier asked for; `None` if none or if the provider shall choose.
    pub tier: Option<ServiceTier>,
    /// Whether streams report usage.
    pub usage_switch: UsageSwitch,
    /// Length of the text to speak, in characters.
    pub characters: u64,
    /// What images are asked for.
    pub image: ImageOptions,
    /// The items of a message batch.
    pub batch: Option<BatchItems>,
    /// Where the client's id of the conversation stands, without its quotes: `prompt_cache_key` (`OpenAI`),
    /// `metadata.user_id` (Anthropic). None where it says none.
    pub conversation: Option<Range<usize>>,
    /// Prompt tokens, over-estimated.
    pub input: TokenCount,
    encoding: Encoding,
}

impl Inspected {
    fn new(encoding: Encoding) -> Self {
        Self {
            choices: 1,
            encoding,
            ..Self::default()
        }
    }

    /// A model inside the body that is not the one in the path. Gemini's bodies repeat it, as
    /// `models/NAME`; a body must not name another than the one that was authorised.
    #[must_use]
    pub fn contradicts(&self, path_model: &str) -> Option<&ModelName> {
        let names = self.inner_models.iter().map(|field| &field.value);
        names.into_iter().find(|name| {
            name.as_str()
                .strip_prefix("models/")
                .unwrap_or(name.as_str())
                != path_model
        })
    }
}

/// Reads a JSON body.
///
/// # Errors
/// The body is not one JSON object as we accept it; says where and what to do.
pub fn inspect(operation: Operation, body: &[u8]) -> Result<Inspected, BodyError> {
    scan::scan(operation, body).map(|(found, _)| found)
}

/// As [`inspect`]; also what is known then to those who read the same body again.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_once(operation: Operation, body: &Bytes) -> Result<(Inspected, Ends), BodyError> {
    let (found, long) = scan::scan(operation, body)?;
    Ok((found, Ends::new(body.clone(), long)))
}

/// Reads a body as its operation and `content-type` say: image edits come as a form or as JSON.
/// An operation without a body gives an empty finding.
///
/// # Errors
/// As [`inspect`] and [`inspect_form`].
pub fn inspect_request(
    operation: Operation,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Inspected, BodyError> {
    match operation.body() {
        BodyKind::Json => inspect(operation, body),
        BodyKind::Multipart => {
            let content_type = content_type.unwrap_or_default();
            let essence = content_type.split(';').next().unwrap_or_default().trim();
            let is_json = essence.eq_ignore_ascii_case("application/json");
            if is_json && operation == Operation::ImagesEdits {
                inspect(operation, body)
            } else {
                inspect_form(operation, content_type, body)
            }
        }
        BodyKind::None => Ok(Inspected::new(Encoding::Json)),
    }
}
