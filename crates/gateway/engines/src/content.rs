//! What a service is to look at.

/// Which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the model.
    Prompt,
    /// From the model.
    Answer,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The operator.
    System,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
    /// A tool.
    Tool,
}

/// One text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Who says it.
    pub speaker: Speaker,
    /// The text.
    pub text: &'a str,
}

/// The texts of one look, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'a> {
    /// Which way they go.
    pub direction: Direction,
    /// The texts.
    pub parts: Vec<Part<'a>>,
    /// The model, for services that want to know.
    pub model: &'a str,
}

impl Speaker {
    /// The role in messages of chats.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

impl Content<'_> {
    /// All texts, one after the other, each on lines of its own.
    #[must_use]
    pub fn joined(&self) -> String {
        let texts = self.parts.iter().map(|part| part.text);
        texts.collect::<Vec<_>>().join("\n\n")
    }
}
