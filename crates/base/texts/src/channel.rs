//! Which text this is.

/// What a text is to the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What is said.
    Text,
    /// What a model thinks aloud.
    Reasoning,
    /// Why a model will not answer.
    Refusal,
    /// The name of a tool that is called.
    ToolName,
    /// A tool call's arguments: JSON in most dialects, scanned with its inner escapes undone.
    ToolArguments,
    /// What a tool gave back.
    ToolResult,
    /// A tool's description or schema.
    ToolDefinition,
    /// What the model quotes or cites.
    Citation,
    /// Any other string.
    Other,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The operator's instructions (`system`, `developer`).
    System,
    /// The person or the program that asks.
    User,
    /// The model.
    Assistant,
    /// A tool.
    Tool,
    /// Not said.
    Unknown,
}

/// One logical text: in a prompt one string, in a streamed answer what many events add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel {
    /// What it is.
    pub kind: Kind,
    /// Whose it is.
    pub role: Role,
    /// Tells channels of one body apart: counted up as they appear.
    pub number: u32,
    /// The provider signed this text, and refuses it changed: thinking that an agent sends back. In a
    /// request, edits of it are counted and not made; in an answer they are made, and the client
    /// cannot send that thinking back.
    pub signed: bool,
}
