//! The conversation of a client: `contents`, and the parts in them.

use super::super::{
    Json, Refused,
    fields::Fields,
    talk::{Block, Call, Speaker, Turn},
};
use super::{
    media,
    parts::{Said, add},
    proto,
    results::{self, Ids},
    signature,
};

/// How closely an image is looked at, as with `detail` elsewhere, and notes of the client's own.
const ADVICE: &[&str] = &["mediaResolution", "partMetadata"];

/// Reads the turns.
///
/// # Errors
/// They cannot be translated.
pub(super) fn turns<'a>(contents: Vec<Fields<'a>>) -> Result<Vec<Turn<'a>>, Refused> {
    let mut ids = Ids::default();
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for mut content in contents {
        let speaker = speaker(&mut content)?;
        let parts = proto::take_messages(&mut content, "parts")?;
        content.close()?;
        // SDKs keep each chunk of a streamed answer as a content of its own.
        let goes_on = speaker == Speaker::Assistant
            && turns.last().is_some_and(|last| last.speaker == speaker);
        if !goes_on {
            turns.push(Turn {
                speaker,
                blocks: Vec::new(),
            });
        }
        let Some(turn) = turns.last_mut() else {
            continue;
        };
        for part in parts {
            if speaker == Speaker::Assistant {
                of_model(part, &mut ids, &mut turn.blocks)?;
            } else {
                turn.blocks.extend(of_user(part, &mut ids)?);
            }
        }
    }
    turns.retain(|turn| !turn.blocks.is_empty());
    Ok(turns)
}

/// Reads `systemInstruction`: text only.
///
/// # Errors
/// There is something else in it.
pub(super) fn instructions<'a>(mut content: Fields<'a>) -> Result<Vec<Block<'a>>, Refused> {
    // Whatever role it says, it is the system's.
    content.string("role")?;
    let parts = proto::take_messages(&mut content, "parts")?;
    content.close()?;
    let mut blocks = Vec::with_capacity(parts.len());
    for mut part in parts {
        part.advice(ADVICE);
        let text = part.string("text")?;
        part.close()?;
        blocks.extend(text.and_then(said));
    }
    Ok(blocks)
}

fn speaker(content: &mut Fields<'_>) -> Result<Speaker, Refused> {
    match content.string("role")?.as_deref() {
        Some("model") => Ok(Speaker::Assistant),
        None | Some("user" | "function" | "tool" | "") => Ok(Speaker::User),
        Some(_) => Err(Refused::invalid(
            content.at("role"),
            "must be `user`, `model` or `function`",
        )),
    }
}

/// An empty text says nothing, and some providers refuse it.
fn said(text: std::borrow::Cow<'_, str>) -> Option<Block<'_>> {
    (!text.is_empty()).then_some(Block::Text { text, cache: None })
}

fn of_user<'a>(mut part: Fields<'a>, ids: &mut Ids<'a>) -> Result<Option<Block<'a>>, Refused> {
    let path = part.path().clone();
    part.advice(ADVICE);
    part.only("thought", &Json::Bool(false))?;
    let text = part.string("text")?;
    let result = proto::take_message(&mut part, "functionResponse")?;
    let media = media::take(&mut part)?;
    part.close()?;
    match (text, result, media) {
        (Some(text), None, None) => Ok(said(text)),
        (None, Some(result), None) => results::read(result, ids).map(Block::Result).map(Some),
        (None, None, Some(media)) => Ok(Some(Block::Media(media))),
        (None, None, None) => Err(Refused::invalid(path, "holds nothing")),
        _ => Err(Refused::invalid(path, "holds more than one thing")),
    }
}

fn of_model<'a>(
    mut part: Fields<'a>,
    ids: &mut Ids<'a>,
    blocks: &mut Vec<Block<'a>>,
) -> Result<(), Refused> {
    let path = part.path().clone();
    part.advice(ADVICE);
    let thought = part.bool("thought")?.unwrap_or_default();
    let seal = part.string("thoughtSignature")?;
    let seal = seal
        .filter(|seal| !seal.is_empty())
        .map(signature::returned);
    let text = part.string("text")?;
    let call = proto::take_message(&mut part, "functionCall")?;
    let media = media::take(&mut part)?;
    part.close()?;
    let said = match (text, call, media) {
        (Some(text), None, None) if thought => Said::Thought(text),
        (Some(text), None, None) => Said::Text(text),
        (None, Some(call), None) => Said::Call(read_call(call, ids)?),
        (None, None, Some(media)) => {
            if seal.is_some() {
                add(blocks, Said::Text("".into()), seal);
            }
            blocks.push(Block::Media(media));
            return Ok(());
        }
        (None, None, None) if seal.is_some() => Said::Text("".into()),
        (None, None, None) => return Err(Refused::invalid(path, "holds nothing")),
        _ => return Err(Refused::invalid(path, "holds more than one thing")),
    };
    add(blocks, said, seal);
    Ok(())
}

fn read_call<'a>(mut fields: Fields<'a>, ids: &mut Ids<'a>) -> Result<Call<'a>, Refused> {
    let id = fields.string("id")?;
    let name = fields.required("name")?;
    let args = fields.object("args")?;
    fields.only("willContinue", &Json::Bool(false))?;
    fields.close()?;
    Ok(Call {
        id: ids.call(id, &name),
        name,
        input: Json::Object(args.map(Fields::rest).unwrap_or_default())
            .text()
            .into(),
        freeform: false,
        seal: None,
    })
}
