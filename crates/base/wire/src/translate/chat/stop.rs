//! Why an answer ends, in Chat's words and in those of providers that have some of their own.

use super::super::reply::{Failure, Stop};
use crate::error::ErrorKind;

/// What is known at an answer's end.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// `finish_reason`.
    pub(super) word: Option<String>,
    /// vLLM's `stop_reason`: the stop sequence that was met.
    pub(super) sequence: Option<String>,
    /// Tools are called.
    pub(super) calls: bool,
    /// There is a refusal.
    pub(super) refused: bool,
}

impl Ending {
    /// The reason. Some providers say `stop` of an answer that calls tools.
    pub(super) fn stop(self) -> Stop {
        match self.word.as_deref() {
            Some("content_filter") => Stop::Filtered,
            Some("length" | "max_tokens") => Stop::MaxOutput,
            // Mistral's word.
            Some("model_length") => Stop::ContextWindow,
            _ if self.calls => Stop::ToolCalls,
            _ if self.refused => Stop::Refusal,
            _ if self.sequence.is_some() => Stop::Sequence(self.sequence),
            _ => Stop::End,
        }
    }

    /// The provider did not get to the end: DeepSeek has no room, OpenRouter's provider failed.
    pub(super) fn failure(&self) -> Option<Failure> {
        let (kind, message) = match self.word.as_deref()? {
            "insufficient_system_resource" => (
                ErrorKind::Overloaded,
                "the provider stopped: it has too much to do",
            ),
            "error" => (
                ErrorKind::Upstream,
                "the provider stopped with an error that it does not explain",
            ),
            _ => return None,
        };
        Some(Failure {
            kind,
            message: message.to_owned(),
        })
    }
}

/// `finish_reason`. Chat has no word for a model that declines: where it says so in a refusal of its own that is
/// the answer's text, and else the filter's word comes nearest.
pub(super) const fn word(stop: &Stop, refused: bool) -> &'static str {
    match stop {
        Stop::ContextWindow | Stop::MaxOutput => "length",
        Stop::Filtered => "content_filter",
        Stop::Refusal if !refused => "content_filter",
        Stop::End | Stop::Pause | Stop::Refusal | Stop::Sequence(_) => "stop",
        Stop::ToolCalls => "tool_calls",
    }
}
