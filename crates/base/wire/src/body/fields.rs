//! The members that governance reads, and the rule that one object names each of them once.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::BodyError;
use crate::{Dialect, Operation, json::Text};

/// A member that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Background,
    BestOf,
    /// What its client calls the conversation.
    Conversation,
    CandidateCount,
    GenerationConfig,
    IncludeUsage,
    InferenceConfig,
    Input,
    MaxCompletionTokens,
    MaxOutputTokens,
    MaxTokens,
    Metadata,
    Model,
    ModelFields,
    N,
    Params,
    Prompt,
    Quality,
    Requests,
    ServiceTier,
    Size,
    Speed,
    Stream,
    StreamFormat,
    StreamOptions,
    /// Bedrock's service tier, an object.
    Tier,
}

/// Which object is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One of Anthropic's `requests[]`.
    BatchItem,
    /// Its `params`, itself a Messages body.
    BatchParams,
    /// One of Gemini's `requests[]`.
    EmbedItem,
    GenerationConfig,
    InferenceConfig,
    /// Anthropic's `metadata`.
    Metadata,
    /// Bedrock's `additionalModelRequestFields`, which the model reads itself.
    ModelFields,
    StreamOptions,
    Tier,
    Top,
}

/// What a member means there.
pub(super) fn known(operation: Operation, place: Place, key: &[u8]) -> Option<Known> {
    match place {
        Place::BatchItem => (key == b"params").then_some(Known::Params),
        Place::BatchParams => anthropic(Operation::Messages, key),
        Place::EmbedItem => (key == b"model").then_some(Known::Model),
        Place::GenerationConfig => match key {
            b"candidateCount" | b"candidate_count" => Some(Known::CandidateCount),
            b"maxOutputTokens" | b"max_output_tokens" => Some(Known::MaxOutputTokens),
            _ => None,
        },
        Place::Metadata => (key == b"user_id").then_some(Known::Conversation),
        Place::InferenceConfig => (key == b"maxTokens").then_some(Known::MaxTokens),
        Place::ModelFields => match key {
            b"max_completion_tokens" => Some(Known::MaxCompletionTokens),
            b"max_tokens" => Some(Known::MaxTokens),
            _ => None,
        },
        Place::Tier => (key == b"type").then_some(Known::ServiceTier),
        Place::StreamOptions => (key == b"include_usage").then_some(Known::IncludeUsage),
        Place::Top => match operation.dialect() {
            Dialect::Anthropic => anthropic(operation, key),
            Dialect::Bedrock => bedrock(operation, key),
            Dialect::Gemini => gemini(operation, key),
            Dialect::OpenAi => openai(operation, key),
        },
    }
}

fn anthropic(operation: Operation, key: &[u8]) -> Option<Known> {
    if operation == Operation::MessagesBatchesCreate {
        return (key == b"requests").then_some(Known::Requests);
    }
    Some(match key {
        b"max_tokens" => Known::MaxTokens,
        b"metadata" if operation == Operation::Messages => Known::Metadata,
        b"model" => Known::Model,
        b"service_tier" => Known::ServiceTier,
        b"speed" => Known::Speed,
        b"stream" => Known::Stream,
        _ => return None,
    })
}

/// A model's own body is read as Anthropic's models have it.
fn bedrock(operation: Operation, key: &[u8]) -> Option<Known> {
    Some(match (operation, key) {
        (Operation::InvokeModel | Operation::InvokeModelStream, b"max_tokens") => Known::MaxTokens,
        (Operation::InvokeModel | Operation::InvokeModelStream, _) => return None,
        (_, b"additionalModelRequestFields") => Known::ModelFields,
        (_, b"inferenceConfig") => Known::InferenceConfig,
        (_, b"serviceTier") => Known::Tier,
        _ => return None,
    })
}

/// Protocol Buffers' JSON takes both spellings of a name.
fn gemini(operation: Operation, key: &[u8]) -> Option<Known> {
    // Nothing of a session's messages stands at their top.
    if operation == Operation::Live {
        return None;
    }
    Some(match key {
        b"generationConfig" | b"generation_config" => Known::GenerationConfig,
        b"model" => Known::Model,
        b"requests" if operation == Operation::BatchEmbedContents => Known::Requests,
        b"serviceTier" | b"service_tier" => Known::ServiceTier,
        _ => return None,
    })
}

fn openai(operation: Operation, key: &[u8]) -> Option<Known> {
    use Operation as Op;
    // A session's messages name their model deeper, where `socket::realtime` reads it.
    if operation.model() == crate::ModelSource::None || operation == Op::Realtime {
        return None;
    }
    let images = matches!(operation, Op::ImagesGenerations | Op::ImagesEdits);
    Some(match key {
        b"background" if operation == Op::Responses => Known::Background,
        b"best_of" if operation == Op::Completions => Known::BestOf,
        b"input" if matches!(operation, Op::AudioSpeech | Op::Embeddings) => Known::Input,
        b"max_completion_tokens" => Known::MaxCompletionTokens,
        b"max_output_tokens" => Known::MaxOutputTokens,
        b"max_tokens" => Known::MaxTokens,
        b"model" => Known::Model,
        b"n" => Known::N,
        b"prompt" if operation == Op::Completions => Known::Prompt,
        b"prompt_cache_key" if matches!(operation, Op::ChatCompletions | Op::Responses) => {
            Known::Conversation
        }
        b"quality" if images => Known::Quality,
        b"service_tier" => Known::ServiceTier,
        b"size" if images => Known::Size,
        b"stream" => Known::Stream,
        b"stream_format" if operation == Op::AudioSpeech => Known::StreamFormat,
        b"stream_options" if operation.has_usage_switch() => Known::StreamOptions,
        _ => return None,
    })
}

impl Known {
    /// Whether it decides what a call may do or costs: then nobody may read it otherwise than we do.
    const fn is_governed(self) -> bool {
        !matches!(self, Self::Conversation | Self::Metadata)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::BestOf => "best_of",
            Self::Conversation => "prompt_cache_key",
            Self::CandidateCount => "candidateCount",
            Self::GenerationConfig => "generationConfig",
            Self::IncludeUsage => "include_usage",
            Self::InferenceConfig => "inferenceConfig",
            Self::Input => "input",
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::MaxOutputTokens => "max_output_tokens",
            Self::MaxTokens => "max_tokens",
            Self::Metadata => "metadata",
            Self::Model => "model",
            Self::ModelFields => "additionalModelRequestFields",
            Self::N => "n",
            Self::Params => "params",
            Self::Prompt => "prompt",
            Self::Quality => "quality",
            Self::Requests => "requests",
            Self::ServiceTier => "service_tier",
            Self::Size => "size",
            Self::Speed => "speed",
            Self::Stream => "stream",
            Self::StreamFormat => "stream_format",
            Self::StreamOptions => "stream_options",
            Self::Tier => "serviceTier",
        }
    }
}

/// More members than any API's object has.
const MOST_KEYS: usize = 256;

/// The members of one object so far.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    names: SmallVec<[Cow<'a, [u8]>; 16]>,
    known: u32,
}

impl<'a> Seen<'a> {
    /// Takes the next name; says what it means.
    ///
    /// A name is compared decoded, so `mod\u0065l` is `model`. Two spellings of one meaning
    /// (`maxOutputTokens`, `max_output_tokens`) count as one name. And since some servers compare
    /// names without case, a governed name in odd case is refused, not passed over.
    pub(super) fn take(
        &mut self,
        operation: Operation,
        place: Place,
        key: Text<'a>,
    ) -> Result<Option<Known>, BodyError> {
        let name = if key.escaped {
            Cow::Owned(key.decode()?.into_owned().into_bytes())
        } else {
            Cow::Borrowed(key.raw)
        };
        let meaning = known(operation, place, &name);
        let again = meaning.is_some_and(|known| self.known & (1 << known as u32) != 0);
        if again || self.names.contains(&name) {
            return Err(BodyError::DuplicateKey {
                key: shown(&name),
                at: key.at,
            });
        }
        if self.names.len() == MOST_KEYS {
            return Err(BodyError::TooManyKeys {
                at: key.at,
                limit: MOST_KEYS,
            });
        }
        match meaning {
            Some(known) => self.known |= 1 << known as u32,
            None if operation.dialect() != Dialect::Gemini => {
                if let Some(folded) = fold(&name)
                    && let Some(key_meant) = known(operation, place, &folded)
                    && key_meant.is_governed()
                {
                    return Err(BodyError::AmbiguousKey {
                        key: key_meant.name(),
                        at: key.at,
                    });
                }
            }
            None => {}
        }
        self.names.push(name);
        Ok(meaning)
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(64)]).into_owned()
}

/// The name in lower case, if that makes a difference. U+017F and U+212A fold to `s` and `k`
/// (Unicode simple case folding), and at least Go's reader applies that.
fn fold(name: &[u8]) -> Option<Vec<u8>> {
    if !name.iter().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) || name.len() > 64 {
        return None;
    }
    let text = str::from_utf8(name).ok()?;
    let folded = text.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    Some(folded.collect::<String>().into_bytes())
}
