//! Which shape a body has: finer than a dialect, for one dialect has several APIs.

use tidegate_wire::{Dialect, Operation, surface::Surface};

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the caller to the provider.
    Request,
    /// Back.
    Answer,
}

/// The shape of bodies and of the events of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Messages.
    Anthropic,
    /// Bedrock Converse.
    Bedrock,
    /// Chat Completions and the older Completions.
    Chat,
    /// The conversation of `ChatGPT`'s web page: messages, and patches of them.
    ChatgptWeb,
    /// Protocol Buffers whose schema is not known, in Connect's or gRPC's envelopes: Cursor. Every
    /// text is one that goes on in the next message, in the field at the same path.
    Envelopes,
    /// Gemini.
    Gemini,
    /// Responses, and whatever else of `OpenAI`'s streams has a `type` in each event.
    Responses,
}

impl Protocol {
    /// The shape of an operation's bodies.
    #[must_use]
    pub const fn of(operation: Operation) -> Self {
        match operation.dialect() {
            Dialect::Anthropic => Self::Anthropic,
            Dialect::Bedrock => match operation {
                // A model's own body, mostly Anthropic's; of others no string goes unread.
                Operation::InvokeModel | Operation::InvokeModelStream => Self::Anthropic,
                _ => Self::Bedrock,
            },
            Dialect::Gemini => Self::Gemini,
            Dialect::OpenAi => match operation {
                Operation::ChatCompletions | Operation::Completions => Self::Chat,
                _ => Self::Responses,
            },
        }
    }

    /// The shape of the conversations of an app that speaks no public API. Claude's web page has the
    /// events of Messages.
    #[must_use]
    pub const fn of_surface(surface: Surface) -> Self {
        match surface {
            Surface::ChatgptWeb => Self::ChatgptWeb,
            Surface::ClaudeDesktop | Surface::ClaudeWeb => Self::Anthropic,
            Surface::Cursor(_) => Self::Envelopes,
        }
    }
}
