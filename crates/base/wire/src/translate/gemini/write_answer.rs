//! Writes an answer for a client: `GenerateContentResponse`.

use super::super::{
    Asked, Json,
    reply::{Answer, Stop},
    talk::{Block, Call},
};
use super::{
    finish, media, object, signature, string,
    write_contents::{args, signed},
};

pub(in super::super) fn write_answer(answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    let mut parts = Vec::new();
    // A signature stands on the part after the thoughts that it seals: clients keep those, while many of them
    // throw thoughts away.
    let mut pending = None;
    let flush = |parts: &mut Vec<_>, pending: Option<String>| {
        parts.extend(pending.map(|seal| text("", false, Some(&seal))));
    };
    for block in &answer.blocks {
        match block {
            Block::Text { text: said, .. } | Block::Refusal(said) => {
                if !said.is_empty() {
                    parts.push(text(said, false, pending.take().as_deref()));
                }
            }
            Block::Reasoning(reasoning) => {
                flush(&mut parts, pending.take());
                let thoughts = reasoning.parts.join("\n\n");
                if !thoughts.is_empty() {
                    parts.push(text(&thoughts, true, None));
                }
                let seal = reasoning.seal.as_ref();
                pending = seal.map(|seal| signature::carried(seal).into_owned());
            }
            Block::Call(asked) => {
                let own = asked.seal.as_ref();
                let own = own.map(|seal| signature::carried(seal).into_owned());
                if own.is_some() {
                    flush(&mut parts, pending.take());
                }
                parts.push(call(asked, own.or(pending.take()).as_deref()));
            }
            // Such as Gemini itself would say.
            Block::Media(found) => parts.extend(media::part(found).ok().map(Json::into_owned)),
            // A model gives no results.
            Block::Result(_) => {}
        }
    }
    flush(&mut parts, pending);
    if parts.is_empty() {
        parts.push(text("", false, None));
    }
    let usage = answer.usage.as_ref().map(finish::usage);
    let response = response(parts, Some(&answer.stop), usage, (&asked.model, &answer.id));
    response.bytes()
}

/// A part with text.
pub(super) fn text(text: &str, thought: bool, seal: Option<&str>) -> Json<'static> {
    let mut members = vec![("text", string(text))];
    if thought {
        members.push(("thought", Json::Bool(true)));
    }
    signed(members, seal).into_owned()
}

/// A part with a call.
pub(super) fn call(call: &Call<'_>, seal: Option<&str>) -> Json<'static> {
    let members = vec![
        ("id", string(&call.id)),
        ("name", string(&call.name)),
        ("args", args(call)),
    ];
    signed(vec![("functionCall", object(members))], seal).into_owned()
}

/// An answer, or a chunk of one. The answer's names are those of its model and its own.
pub(super) fn response<'a>(
    parts: Vec<Json<'a>>,
    stop: Option<&Stop>,
    usage: Option<Json<'a>>,
    (model, id): (&'a str, &'a str),
) -> Json<'a> {
    let content = vec![("parts", Json::Array(parts)), ("role", string("model"))];
    let mut candidate = vec![("content", object(content))];
    candidate.extend(stop.map(|stop| ("finishReason", string(finish::word(stop)))));
    candidate.push(("index", Json::Number(0.into())));
    let mut members = vec![("candidates", Json::Array(vec![object(candidate)]))];
    members.extend(usage.map(|usage| ("usageMetadata", usage)));
    members.push(("modelVersion", string(model)));
    if !id.is_empty() {
        members.push(("responseId", string(id)));
    }
    object(members)
}
