//! Writes the conversation for Gemini: `systemInstruction` and `contents`.

use std::collections::HashMap;

use super::super::{
    Feature, Inexpressible, Json, Language, Request, Seal,
    talk::{Block, Call, Outcome, Reasoning, Speaker, Turn},
};
use super::{media, object, signature, string};

/// The instructions, where there are any, and the contents.
///
/// # Errors
/// Something in it cannot be said.
pub(super) fn all<'a>(
    request: &'a Request<'_>,
) -> Result<(Option<Json<'a>>, Json<'a>), Inexpressible> {
    let mut instructions = Vec::new();
    for block in &request.instructions {
        instruct(block, &mut instructions)?;
    }
    let mut writing = Writing {
        strict: request.model.starts_with("gemini-3"),
        names: HashMap::new(),
        called: false,
        contents: Vec::new(),
    };
    let mut begun = false;
    for turn in &request.turns {
        begun |= turn.speaker == Speaker::Assistant;
        match turn.speaker {
            Speaker::System if begun => {
                return Err(Inexpressible(Feature::SystemInConversation));
            }
            Speaker::System => {
                for block in &turn.blocks {
                    instruct(block, &mut instructions)?;
                }
            }
            Speaker::Assistant => writing.model(turn)?,
            Speaker::User => writing.user(turn)?,
        }
    }
    if writing.contents.is_empty() && !instructions.is_empty() {
        // Gemini answers no instructions alone; said by a user they are a conversation.
        let said = std::mem::take(&mut instructions);
        writing.contents.push(("user", said));
    }
    let instructions =
        (!instructions.is_empty()).then(|| object(vec![("parts", Json::Array(instructions))]));
    Ok((instructions, Json::Array(writing.written())))
}

fn instruct<'a>(block: &'a Block<'_>, parts: &mut Vec<Json<'a>>) -> Result<(), Inexpressible> {
    match block {
        Block::Text { text, .. } if text.is_empty() => Ok(()),
        Block::Text { text, .. } => {
            parts.push(text_part(text));
            Ok(())
        }
        // Only texts instruct there.
        _ => Err(Inexpressible(Feature::SystemInConversation)),
    }
}

fn text_part(text: &str) -> Json<'_> {
    object(vec![("text", string(text))])
}

struct Writing<'a> {
    /// The model refuses a step's first call where it has no signature.
    strict: bool,
    /// The names of calls, by their ids.
    names: HashMap<&'a str, &'a str>,
    /// There is a call in the last content.
    called: bool,
    /// Role and parts, the roles taking turns.
    contents: Vec<(&'static str, Vec<Json<'a>>)>,
}

impl<'a> Writing<'a> {
    fn say(&mut self, role: &'static str, part: Json<'a>) {
        match self.contents.last_mut() {
            Some((last, parts)) if *last == role => parts.push(part),
            _ => {
                self.called = false;
                self.contents.push((role, vec![part]));
            }
        }
    }

    fn user(&mut self, turn: &'a Turn<'_>) -> Result<(), Inexpressible> {
        for block in &turn.blocks {
            match block {
                Block::Text { text, .. } if text.is_empty() => {}
                Block::Text { text, .. } | Block::Refusal(text) => {
                    self.say("user", text_part(text));
                }
                Block::Media(media) => self.say("user", media::part(media)?),
                Block::Result(outcome) => self.outcome(outcome)?,
                // A user neither thinks nor calls.
                Block::Reasoning(_) | Block::Call(_) => {}
            }
        }
        Ok(())
    }

    /// A signature stands on the part after the thoughts that it seals.
    fn model(&mut self, turn: &'a Turn<'_>) -> Result<(), Inexpressible> {
        let mut pending = None;
        for block in &turn.blocks {
            match block {
                Block::Reasoning(Reasoning { seal, .. }) => {
                    if let Some(own) = seal.as_ref().and_then(own) {
                        self.flush(pending.replace(own));
                    }
                }
                Block::Text { text, .. } if text.is_empty() => {}
                Block::Text { text, .. } | Block::Refusal(text) => {
                    self.say(
                        "model",
                        signed(vec![("text", string(text))], pending.take()),
                    );
                }
                Block::Media(media) => {
                    self.flush(pending.take());
                    self.say("model", media::part(media)?);
                }
                Block::Call(call) => {
                    let seal = match call.seal.as_ref().and_then(own) {
                        Some(own) => {
                            self.flush(pending.take());
                            Some(own)
                        }
                        None => pending.take(),
                    };
                    self.call(call, seal);
                }
                // Results are the user's.
                Block::Result(outcome) => self.outcome(outcome)?,
            }
        }
        self.flush(pending);
        Ok(())
    }

    /// A signature of its own, as Gemini's streams have them.
    fn flush(&mut self, seal: Option<&'a str>) {
        if seal.is_some() {
            self.say("model", signed(vec![("text", string(""))], seal));
        }
    }

    fn call(&mut self, call: &'a Call<'_>, seal: Option<&'a str>) {
        self.names.insert(&call.id, &call.name);
        let goes_on = self
            .contents
            .last()
            .is_some_and(|(role, _)| *role == "model");
        let is_first = !(goes_on && self.called);
        let seal = seal.or_else(|| (self.strict && is_first).then_some(signature::DUMMY));
        let members = vec![
            ("id", string(&call.id)),
            ("name", string(&call.name)),
            ("args", args(call)),
        ];
        self.say(
            "model",
            signed(vec![("functionCall", object(members))], seal),
        );
        self.called = true;
    }

    fn outcome(&mut self, outcome: &'a Outcome<'_>) -> Result<(), Inexpressible> {
        let mut texts = Vec::new();
        let mut media = Vec::new();
        for block in &outcome.blocks {
            match block {
                Block::Text { text, .. } | Block::Refusal(text) => texts.push(&**text),
                Block::Media(found) => media.push(media::part(found)?),
                // A result holds nothing else.
                Block::Reasoning(_) | Block::Call(_) | Block::Result(_) => {}
            }
        }
        let text = match texts.as_slice() {
            [text] => string(text),
            texts => Json::String(texts.join("\n").into()),
        };
        let kind = if outcome.failed { "error" } else { "result" };
        let known = self.names.get(&*outcome.id).copied();
        // The id stands for a name that nobody knows: Gemini says itself that it answers no call.
        let name = outcome.name.as_deref().or(known).unwrap_or(&outcome.id);
        let response = object(vec![
            ("id", string(&outcome.id)),
            ("name", string(name)),
            ("response", object(vec![(kind, text)])),
        ]);
        self.say("user", object(vec![("functionResponse", response)]));
        for part in media {
            self.say("user", part);
        }
        Ok(())
    }

    fn written(self) -> Vec<Json<'a>> {
        let content =
            |(role, parts)| object(vec![("role", string(role)), ("parts", Json::Array(parts))]);
        self.contents.into_iter().map(content).collect()
    }
}

/// The signature of a seal that is Gemini's own.
fn own<'a>(seal: &'a Seal<'_>) -> Option<&'a str> {
    (seal.owner == Language::Gemini).then_some(&*seal.data)
}

/// A part with its signature.
pub(super) fn signed<'a>(
    mut part: Vec<(&'static str, Json<'a>)>,
    signature: Option<&'a str>,
) -> Json<'a> {
    part.extend(signature.map(|signature| ("thoughtSignature", string(signature))));
    object(part)
}

/// A call's input as Gemini has it: an object.
pub(super) fn args<'a>(call: &'a Call<'_>) -> Json<'a> {
    if call.freeform {
        return object(vec![("input", string(&call.input))]);
    }
    if call.input.trim().is_empty() {
        return object(Vec::new());
    }
    match Json::read(call.input.as_bytes()) {
        Ok(args @ Json::Object(_)) => args,
        // What the model wrote is kept, whatever it is.
        _ => object(vec![("_raw", string(&call.input))]),
    }
}
