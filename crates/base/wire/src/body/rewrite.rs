//! Splices: the few bytes of a request that change.

#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::Bytes;
use smallvec::SmallVec;

use super::{Encoding, Inspected, UsageSwitch};
use crate::json::push_string;

/// What to change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edits<'a> {
    /// The model to name instead, if the body names one.
    pub model: Option<&'a str>,
    /// Switch `stream_options.include_usage` on, if it is not.
    pub report_usage: bool,
}

pub(super) type Splices = SmallVec<[(Range<usize>, Vec<u8>); 2]>;

/// The body with the edits made. Every byte outside of them is as it was; if nothing changes, it
/// is the same buffer. `inspected` must be of this very body.
#[must_use]
pub fn rewrite(body: &Bytes, inspected: &Inspected, edits: &Edits<'_>) -> Bytes {
    let mut splices = Splices::new();
    if let Some(model) = edits.model {
        if let Some(field) = &inspected.model
            && field.value.as_str() != model
        {
            splices.push((field.span.clone(), model_bytes(inspected.encoding, model)));
        }
        for field in &inspected.inner_models {
            let named = field.value.as_str();
            let (prefix, name) = named
                .strip_prefix("models/")
                .map_or(("", named), |name| ("models/", name));
            if name != model {
                let text = model_bytes(Encoding::Json, &format!("{prefix}{model}"));
                splices.push((field.span.clone(), text));
            }
        }
    }
    if edits.report_usage {
        splices.extend(usage_splice(&inspected.usage_switch));
    }
    apply(body, splices)
}

fn model_bytes(encoding: Encoding, model: &str) -> Vec<u8> {
    match encoding {
        Encoding::Form => model.as_bytes().to_vec(),
        Encoding::Json => {
            let mut out = Vec::with_capacity(model.len() + 2);
            push_string(&mut out, model);
            out
        }
    }
}

fn usage_splice(switch: &UsageSwitch) -> Option<(Range<usize>, Vec<u8>)> {
    let (span, text): (_, &[u8]) = match switch {
        UsageSwitch::None | UsageSwitch::On => return None,
        UsageSwitch::Absent(at) => (*at..*at, b"\"stream_options\":{\"include_usage\":true},"),
        UsageSwitch::Null(span) => (span.clone(), b"{\"include_usage\":true}"),
        UsageSwitch::Lacking { at, empty: true } => (*at..*at, b"\"include_usage\":true"),
        UsageSwitch::Lacking { at, empty: false } => (*at..*at, b"\"include_usage\":true,"),
        UsageSwitch::Off(span) => (span.clone(), b"true"),
    };
    Some((span, text.to_vec()))
}

pub(super) fn apply(body: &Bytes, mut splices: Splices) -> Bytes {
    if splices.is_empty() {
        return body.clone();
    }
    splices.sort_by_key(|(span, _)| span.start);
    let grown: usize = splices.iter().map(|(_, text)| text.len()).sum();
    let mut out = Vec::with_capacity(body.len() + grown);
    let mut from = 0;
    for (span, text) in splices {
        out.extend_from_slice(body.get(from..span.start).unwrap_or_default());
        out.extend_from_slice(&text);
        from = span.end;
    }
    out.extend_from_slice(body.get(from..).unwrap_or_default());
    Bytes::from(out)
}
