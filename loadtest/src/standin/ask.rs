//! What a request asks for, told the same way whatever dialect it came in.

use serde_json::Value;

use super::knobs::tool_calls;

/// A turn of the conversation, as far as the stand-in cares.
pub(super) enum Piece {
    /// A tool's result.
    Result,
    /// Text blocks of one user message.
    User(Vec<String>),
}

/// A tool on offer.
pub(super) struct Tool {
    pub(super) name: String,
    /// Takes free text in place of JSON (OpenAI's custom tools).
    pub(super) custom: bool,
    pub(super) schema: Value,
}

/// Whether the caller insists on a tool call.
#[derive(Default)]
pub(super) enum Force {
    Any,
    Named(String),
    #[default]
    No,
}

/// What a dialect's reader finds in a body.
#[derive(Default)]
pub(super) struct Told {
    pub(super) pieces: Vec<Piece>,
    pub(super) tools: Vec<Tool>,
    pub(super) force: Force,
    /// The schema the answer must fit; `Value::Null` is "any JSON object".
    pub(super) schema: Option<Value>,
}

/// A generation request.
pub(super) struct Ask {
    pub(super) model: String,
    pub(super) stream: bool,
    /// The last block of the last user message, to echo.
    pub(super) echo: String,
    /// The whole last user message, where the knobs are.
    pub(super) prompt: String,
    /// Tool calls to answer with: name, arguments, free text or JSON.
    pub(super) calls: Vec<(String, Value, bool)>,
    pub(super) schema: Option<Value>,
    /// Prompt size in tokens, derived from the text and the images.
    pub(super) tokens: u64,
    pub(super) tier: Option<String>,
}

/// What one image costs, in tokens.
const IMAGE_TOKENS: u64 = 85;

impl Ask {
    pub(super) fn new(model: &str, stream: bool, body: &Value, told: Told) -> Self {
        let last = told.pieces.iter().rev().find_map(|piece| match piece {
            Piece::User(blocks) => Some(blocks.as_slice()),
            Piece::Result => None,
        });
        let last = last.unwrap_or_default();
        let size = Size::of(body);
        Self {
            model: model.to_owned(),
            stream,
            echo: last.last().cloned().unwrap_or_default(),
            prompt: last.join("\n"),
            calls: calls(&told),
            schema: told.schema,
            tokens: size.text.div_ceil(4).max(1) + size.images * IMAGE_TOKENS,
            tier: text(body, "service_tier").map(str::to_owned),
        }
    }
}

/// The calls asked for in the newest message that asks for any, unless a result has come
/// since. Without such a message a forced choice calls the tool with minimal arguments.
fn calls(told: &Told) -> Vec<(String, Value, bool)> {
    let tool = |name: &str| told.tools.iter().find(|tool| tool.name == name);
    let mut answered = false;
    for piece in told.pieces.iter().rev() {
        match piece {
            Piece::Result => answered = true,
            Piece::User(blocks) => {
                let asked = blocks.iter().flat_map(|block| tool_calls(block));
                let known: Vec<_> = asked
                    .filter_map(|(name, input)| tool(&name).map(|t| (name, input, t.custom)))
                    .collect();
                if !known.is_empty() {
                    return if answered { Vec::new() } else { known };
                }
            }
        }
    }
    if answered {
        return Vec::new();
    }
    let forced = match &told.force {
        Force::Any => told.tools.first(),
        Force::Named(name) => tool(name),
        Force::No => None,
    };
    let call = forced.map(|tool| {
        (
            tool.name.clone(),
            super::schema::minimal(&tool.schema),
            tool.custom,
        )
    });
    call.into_iter().collect()
}

/// A string member of an object.
pub(super) fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

/// The items of an array member; nothing when it is missing.
pub(super) fn items<'a>(node: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    node.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The text blocks of a `content` that is a string or a list of parts with `text`.
pub(super) fn blocks(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| text(part, "text"))
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Sizes found by walking a body: bytes of text, and images.
#[derive(Default)]
struct Size {
    text: u64,
    images: u64,
}

impl Size {
    fn of(body: &Value) -> Self {
        let mut size = Self::default();
        size.walk("", body);
        size
    }

    fn walk(&mut self, key: &str, node: &Value) {
        match node {
            // The model's name may be rewritten on the way, and media is not text.
            Value::String(_)
                if matches!(
                    key,
                    "model" | "data" | "url" | "image_url" | "file_data" | "fileUri"
                ) => {}
            Value::String(text) => self.text += text.len() as u64,
            Value::Array(list) => list.iter().for_each(|node| self.walk(key, node)),
            Value::Object(map) => {
                let kind = map.get("type").and_then(Value::as_str).unwrap_or("");
                let inline = map.contains_key("inlineData") || map.contains_key("fileData");
                if inline || matches!(kind, "image" | "image_url" | "input_image") {
                    self.images += 1;
                }
                map.iter().for_each(|(key, node)| self.walk(key, node));
            }
            Value::Bool(_) | Value::Null | Value::Number(_) => {}
        }
    }
}
