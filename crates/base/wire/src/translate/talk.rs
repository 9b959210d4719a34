//! A request in nobody's dialect: what the dialects have in common, and what only some can say.
//!
//! Each dialect reads into this and writes from it. What a writer cannot say it refuses as a [`Feature`],
//! which the reader's dialect knows by the name of one of its own fields.

use std::borrow::Cow;

use serde_json::Number;

use super::{Json, Seal, betas::Betas};

/// A request.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    /// The model as the provider calls it.
    pub(crate) model: String,
    /// Features of Anthropic's models that are asked for by name.
    pub(crate) betas: Betas<'a>,
    /// What comes before the conversation: system or developer text, in order.
    pub(crate) instructions: Vec<Block<'a>>,
    /// The conversation. Turns of one speaker in a row are allowed; writers join them where they must.
    pub(crate) turns: Vec<Turn<'a>>,
    pub(crate) tools: Vec<Tool<'a>>,
    pub(crate) tool_choice: Option<ToolChoice<'a>>,
    /// Whether several tools may be called at once; `None` is the provider's default.
    pub(crate) parallel_tools: Option<bool>,
    pub(crate) sampling: Sampling<'a>,
    pub(crate) format: Format<'a>,
    pub(crate) thinking: Option<Thinking>,
    pub(crate) stream: bool,
    /// A stream is to end with its usage (Chat's `stream_options.include_usage`); the other dialects always
    /// do that.
    pub(crate) stream_usage: bool,
    /// Who asks, as an opaque id (`user`, `metadata.user_id`, `safety_identifier`).
    pub(crate) user: Option<Cow<'a, str>>,
}

/// How an answer is drawn.
#[derive(Debug, Default)]
pub(crate) struct Sampling<'a> {
    pub(crate) max_output: Option<u64>,
    pub(crate) temperature: Option<Number>,
    pub(crate) top_p: Option<Number>,
    pub(crate) top_k: Option<u64>,
    pub(crate) stop: Vec<Cow<'a, str>>,
    pub(crate) presence_penalty: Option<Number>,
    pub(crate) frequency_penalty: Option<Number>,
    pub(crate) seed: Option<Number>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The model.
    Assistant,
    /// A system or developer message after the conversation began. Before it they are
    /// [`Request::instructions`].
    System,
    /// The user, and the results of tools.
    User,
}

/// What one speaker says at once.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) speaker: Speaker,
    pub(crate) blocks: Vec<Block<'a>>,
}

/// A piece of what is said.
#[derive(Debug)]
pub(crate) enum Block<'a> {
    Text {
        text: Cow<'a, str>,
        /// Everything up to here is worth caching (Anthropic's `cache_control`); the others do that by
        /// themselves.
        cache: Option<Cache>,
    },
    /// The model declined (`refusal`).
    Refusal(Cow<'a, str>),
    Media(Media<'a>),
    Reasoning(Reasoning<'a>),
    Call(Call<'a>),
    Result(Outcome<'a>),
}

/// How long a cached prefix is to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    Minutes5,
    Hour,
}

/// What kind of thing is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaKind {
    Audio,
    Document,
    Image,
    Video,
}

/// Something that is not text.
#[derive(Debug)]
pub(crate) struct Media<'a> {
    pub(crate) kind: MediaKind,
    pub(crate) source: Source<'a>,
    /// A document's name or title.
    pub(crate) name: Option<Cow<'a, str>>,
    /// How closely an image is to be looked at: `low`, `high`, `auto`, `original`. Advice.
    pub(crate) detail: Option<Cow<'a, str>>,
    pub(crate) cache: Option<Cache>,
}

/// Where it is.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    /// Here, in base64 (RFC 4648 §4), with its media type (RFC 6838).
    Base64 {
        media_type: Cow<'a, str>,
        data: Cow<'a, str>,
    },
    /// At the client's provider, which no other one can read.
    File(Cow<'a, str>),
    /// Plain text that stands for a document.
    Text(Cow<'a, str>),
    Url(Cow<'a, str>),
}

/// What the model thought, as far as it is shown, and what its provider needs to see again.
#[derive(Debug)]
pub(crate) struct Reasoning<'a> {
    /// Parts of a summary, or one text; empty where it is hidden.
    pub(crate) parts: Vec<Cow<'a, str>>,
    pub(crate) seal: Option<Seal<'a>>,
}

/// A tool's call.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    pub(crate) id: Cow<'a, str>,
    /// As in [`Tool::name`].
    pub(crate) name: Cow<'a, str>,
    /// JSON as text, or, of a freeform tool, any text. As it came: the model may have written nonsense.
    pub(crate) input: Cow<'a, str>,
    pub(crate) freeform: bool,
    /// Gemini's `thoughtSignature` stands at calls.
    pub(crate) seal: Option<Seal<'a>>,
}

/// What a tool gave.
#[derive(Debug)]
pub(crate) struct Outcome<'a> {
    /// Of its call.
    pub(crate) id: Cow<'a, str>,
    /// The called tool, where the dialect says it.
    pub(crate) name: Option<Cow<'a, str>>,
    /// Texts and media.
    pub(crate) blocks: Vec<Block<'a>>,
    pub(crate) failed: bool,
    pub(crate) cache: Option<Cache>,
}

/// A tool that the client runs. Tools that a provider runs are refused by the readers.
#[derive(Debug, Clone)]
pub(crate) struct Tool<'a> {
    /// One flat name.
    pub(crate) name: Cow<'a, str>,
    pub(crate) description: Option<Cow<'a, str>>,
    /// JSON Schema; none takes no arguments. Not for freeform tools.
    pub(crate) schema: Option<Json<'a>>,
    /// Calls must keep to the schema (`strict`).
    pub(crate) strict: Option<bool>,
    /// `Responses`' `custom` tool: its input is text. Written elsewhere as a tool with one string, `input`.
    pub(crate) freeform: Option<Freeform<'a>>,
    /// `Responses`' namespace that the tool is in: (namespace, name in it).
    pub(crate) namespace: Option<(Cow<'a, str>, Cow<'a, str>)>,
    pub(crate) cache: Option<Cache>,
}

/// A tool whose input is text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Freeform<'a> {
    /// A grammar that the text keeps to, as its description is to explain it elsewhere.
    pub(crate) grammar: Option<Cow<'a, str>>,
}

/// Which tools may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToolChoice<'a> {
    Auto,
    None,
    /// At least one.
    Required,
    /// This one.
    Tool(Cow<'a, str>),
    /// At least one of these.
    AnyOf(Vec<Cow<'a, str>>),
}

/// What the answer's text has to be.
#[derive(Debug, Default)]
pub(crate) enum Format<'a> {
    #[default]
    Text,
    /// Any JSON object.
    Json,
    Schema {
        name: Option<Cow<'a, str>>,
        description: Option<Cow<'a, str>>,
        schema: Json<'a>,
        strict: Option<bool>,
    },
}

/// Whether and how much the model is to think before it answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Thinking {
    /// `Some(false)` where it is switched off.
    pub(crate) on: Option<bool>,
    pub(crate) effort: Option<Effort>,
    /// Tokens at the most.
    pub(crate) budget: Option<u64>,
    /// Whether it is to be shown (a summary, or the thoughts).
    pub(crate) shown: Option<bool>,
}

/// How hard to think. Writers without a level take the next lower one that they have; budgets in tokens
/// follow [`Effort::budget`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    ExtraHigh,
    Max,
}

impl Effort {
    /// All of them, from the least on.
    const ALL: [Self; 7] = [
        Self::None,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::ExtraHigh,
        Self::Max,
    ];

    /// The word that `OpenAI` and Anthropic have for it, where they have one.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::ExtraHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The level of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// About as many tokens, for dialects that know budgets only.
    pub(crate) const fn budget(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal => 1_024,
            Self::Low => 2_048,
            Self::Medium => 8_192,
            Self::High => 16_384,
            Self::ExtraHigh => 24_576,
            Self::Max => 32_000,
        }
    }

    /// The level that a budget comes closest to from below.
    pub(crate) const fn of_budget(tokens: u64) -> Self {
        match tokens {
            0 => Self::None,
            1..=1_024 => Self::Minimal,
            1_025..=4_096 => Self::Low,
            4_097..=12_288 => Self::Medium,
            12_289..=20_480 => Self::High,
            20_481..=28_672 => Self::ExtraHigh,
            _ => Self::Max,
        }
    }
}

/// Something that not every dialect can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Feature {
    Audio,
    Document,
    DocumentUrl,
    File,
    FrequencyPenalty,
    ImageUrl,
    /// A media type that the provider does not take.
    MediaType,
    JsonObject,
    PresencePenalty,
    Seed,
    Stop,
    SystemInConversation,
    ToolChoice,
    /// A tool's name has characters or a length that the provider does not take.
    ToolName,
    ToolResultMedia,
    TopK,
    Video,
}

#[cfg(test)]
impl Feature {
    /// All of them.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Audio,
        Self::Document,
        Self::DocumentUrl,
        Self::File,
        Self::FrequencyPenalty,
        Self::ImageUrl,
        Self::MediaType,
        Self::JsonObject,
        Self::PresencePenalty,
        Self::Seed,
        Self::Stop,
        Self::SystemInConversation,
        Self::ToolChoice,
        Self::ToolName,
        Self::ToolResultMedia,
        Self::TopK,
        Self::Video,
    ];
}

impl Tool<'_> {
    /// What an answer's writer has to know of it, where that is more than its name.
    pub(crate) fn told(self) -> Option<Tool<'static>> {
        if self.freeform.is_none() && self.namespace.is_none() {
            return None;
        }
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Some(Tool {
            name: owned(self.name),
            description: None,
            schema: None,
            strict: self.strict,
            freeform: self.freeform.map(|_| Freeform::default()),
            namespace: self
                .namespace
                .map(|(space, name)| (owned(space), owned(name))),
            cache: self.cache,
        })
    }
}
