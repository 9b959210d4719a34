//! The conversation of a Chat client.

use std::borrow::Cow;

use super::{
    super::{
        fields::{Fields, missing, wrong},
        talk::{Block, Call, Outcome, Reasoning, Speaker, Turn},
    },
    Json, Language, Refused,
    read_content::{self, content},
    shape::{REASONING, call_seal},
};

/// What a client sends back of an answer as it came: places in the text, and another provider's copy of the
/// reasoning. The text and the reasoning themselves are read.
const ASSISTANT_ADVICE: &[&str] = &["annotations", "reasoning_details"];

/// Its place in a list that is in order anyway, and whether it is worth caching, which is said of texts too.
const CALL_ADVICE: &[&str] = &["cache_control", "index"];

/// What comes before the conversation, and the conversation.
type Read<'a> = (Vec<Block<'a>>, Vec<Turn<'a>>);

pub(super) fn read<'a>(fields: &mut Fields<'a>) -> Result<Read<'a>, Refused> {
    let path = fields.at("messages");
    let list = fields.list("messages")?;
    if list.is_empty() {
        return Err(missing(&path));
    }
    let mut talk = Talk::default();
    for (path, value) in list {
        talk.message(Fields::new(path, value)?)?;
    }
    Ok((talk.instructions, talk.turns))
}

#[derive(Default)]
struct Talk<'a> {
    instructions: Vec<Block<'a>>,
    turns: Vec<Turn<'a>>,
    /// The first name that was seen of each speaker.
    names: Vec<(Speaker, Cow<'a, str>)>,
}

impl<'a> Talk<'a> {
    fn message(&mut self, mut message: Fields<'a>) -> Result<(), Refused> {
        let role = message.required("role")?;
        match &*role {
            "assistant" => self.assistant(message),
            "developer" | "system" => self.system(message),
            "tool" => self.tool(message),
            "user" => self.user(message),
            _ => Err(Refused::unsupported(message.at("role"))),
        }
    }

    /// A name is a label as long as one speaker has no second one; then it says who is speaking, and no other
    /// dialect has a place for that.
    fn name(&mut self, message: &mut Fields<'a>, speaker: Speaker) -> Result<(), Refused> {
        let Some(name) = message.string("name")? else {
            return Ok(());
        };
        match self.names.iter().find(|(of, _)| *of == speaker) {
            Some((_, first)) if *first != name => Err(Refused::unsupported(message.at("name"))),
            Some(_) => Ok(()),
            None => {
                self.names.push((speaker, name));
                Ok(())
            }
        }
    }

    fn push(&mut self, speaker: Speaker, blocks: Vec<Block<'a>>) {
        if !blocks.is_empty() {
            self.turns.push(Turn { speaker, blocks });
        }
    }

    fn system(&mut self, mut message: Fields<'a>) -> Result<(), Refused> {
        self.name(&mut message, Speaker::System)?;
        let blocks = content(&mut message, read_content::TEXT)?;
        message.close()?;
        if self.turns.is_empty() {
            self.instructions.extend(blocks);
        } else {
            self.push(Speaker::System, blocks);
        }
        Ok(())
    }

    fn user(&mut self, mut message: Fields<'a>) -> Result<(), Refused> {
        self.name(&mut message, Speaker::User)?;
        let blocks = content(&mut message, read_content::USER)?;
        message.close()?;
        self.push(Speaker::User, blocks);
        Ok(())
    }

    fn tool(&mut self, mut message: Fields<'a>) -> Result<(), Refused> {
        let mut blocks = content(&mut message, read_content::USER)?;
        let cache = blocks.iter().rev().find_map(|block| match block {
            Block::Text { cache, .. } => *cache,
            Block::Media(media) => media.cache,
            _ => None,
        });
        blocks.retain(|block| !matches!(block, Block::Text { text, .. } if text.is_empty()));
        let outcome = Outcome {
            id: message.required("tool_call_id")?,
            name: message.string("name")?,
            blocks,
            failed: false,
            cache,
        };
        message.close()?;
        self.push(Speaker::User, vec![Block::Result(outcome)]);
        Ok(())
    }

    fn assistant(&mut self, mut message: Fields<'a>) -> Result<(), Refused> {
        self.name(&mut message, Speaker::Assistant)?;
        message.advice(ASSISTANT_ADVICE);
        let mut blocks = Vec::new();
        let mut thought = None;
        for field in REASONING {
            thought = thought.or(message.string(field)?);
        }
        if let Some(thought) = thought.filter(|thought| !thought.is_empty()) {
            blocks.push(Block::Reasoning(Reasoning {
                parts: vec![thought],
                seal: None,
            }));
        }
        blocks.extend(content(&mut message, read_content::ASSISTANT)?);
        // Beside calls an empty string stands for no text.
        blocks.retain(|block| !matches!(block, Block::Text { text, .. } if text.is_empty()));
        if let Some(refusal) = message.string("refusal")? {
            blocks.push(Block::Refusal(refusal));
        }
        for (path, value) in message.list("tool_calls")? {
            blocks.push(Block::Call(call(Fields::new(path, value)?)?));
        }
        message.close()?;
        self.push(Speaker::Assistant, blocks);
        Ok(())
    }
}

fn call(mut fields: Fields<'_>) -> Result<Call<'_>, Refused> {
    fields.advice(CALL_ADVICE);
    let id = fields.required("id")?;
    let seal = call_seal(fields.take("extra_content"), Language::Gemini);
    let kind = fields.string("type")?.unwrap_or(Cow::Borrowed("function"));
    let member = match &*kind {
        "custom" => "custom",
        "function" => "function",
        _ => return Err(Refused::unsupported(fields.at("type"))),
    };
    let inner = fields.object(member)?;
    let mut inner = inner.ok_or_else(|| missing(&fields.at(member)))?;
    fields.close()?;
    let name = inner.required("name")?;
    let freeform = kind == "custom";
    let input = if freeform {
        inner.string("input")?.unwrap_or_default()
    } else {
        arguments(&mut inner)?
    };
    inner.close()?;
    Ok(Call {
        id,
        name,
        input,
        freeform,
        seal,
    })
}

/// Arguments; some models give none where a tool takes none.
fn arguments<'a>(function: &mut Fields<'a>) -> Result<Cow<'a, str>, Refused> {
    match function.take("arguments") {
        None => Ok(Cow::Borrowed("{}")),
        Some(Json::String(text)) if text.trim().is_empty() => Ok(Cow::Borrowed("{}")),
        Some(Json::String(text)) => Ok(text),
        Some(other) => Err(wrong(&function.at("arguments"), "a string", &other)),
    }
}
