//! Reads what is said in a request.

use std::{borrow::Cow, collections::HashMap};

use super::ids;
use crate::translate::{
    Json, Language, Path, Refused, Seal, SealKind,
    fields::{Fields, elements, missing, wrong},
    talk::{Block, Cache, Call, Media, MediaKind, Outcome, Reasoning, Source},
};

/// Of a text. Where earlier answers found what they say is no part of what they say.
const TEXT_ADVICE: &[&str] = &["citations"];

/// Of a call. It is cached with the turn that it is in.
const CALL_ADVICE: &[&str] = &["cache_control"];

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Assistant,
    /// In what a tool gave.
    Result,
    System,
    User,
}

/// Takes a member that is a text or a list of blocks.
pub(super) fn read<'a>(
    of: &mut Fields<'a>,
    name: &'static str,
    place: Place,
) -> Result<Vec<Block<'a>>, Refused> {
    let path = of.at(name);
    let list = match of.take(name) {
        Some(Json::String(text)) => return Ok(vec![Block::Text { text, cache: None }]),
        Some(Json::Array(list)) => list,
        Some(other) => return Err(wrong(&path, "a string or an array", &other)),
        None if matches!(place, Place::System | Place::Result) => return Ok(Vec::new()),
        None => return Err(missing(&path)),
    };
    let mut blocks = Vec::with_capacity(list.len());
    for (path, value) in elements(&path, list) {
        block(path, value, place, &mut blocks)?;
    }
    give_calls_their_seals(&mut blocks, Language::Messages, ids::read);
    Ok(blocks)
}

fn block<'a>(
    path: Path,
    value: Json<'a>,
    place: Place,
    out: &mut Vec<Block<'a>>,
) -> Result<(), Refused> {
    let mut fields = Fields::new(path, value)?;
    let kind = fields.required("type")?;
    let listens = matches!(place, Place::User | Place::Result);
    match &*kind {
        "text" => {
            let text = fields.required("text")?;
            let cache = cache(&mut fields)?;
            fields.advice(TEXT_ADVICE);
            out.push(Block::Text { text, cache });
        }
        "image" if listens => image(&mut fields, out)?,
        "document" if listens => document(&mut fields, out)?,
        "tool_result" if place == Place::User => out.push(result(&mut fields)?),
        // Its client found a tool for the model; here the model sees all of them.
        "tool_reference" if place == Place::Result => {
            let name = fields.required("tool_name")?;
            let cache = cache(&mut fields)?;
            let text = Cow::Owned(format!("The tool `{name}` can be called."));
            out.push(Block::Text { text, cache });
        }
        "thinking" if place == Place::Assistant => out.push(thinking(&mut fields)?),
        "redacted_thinking" if place == Place::Assistant => {
            let data = fields.required("data")?;
            out.push(Block::Reasoning(Reasoning {
                parts: Vec::new(),
                seal: Some(Seal::returned(
                    data,
                    Language::Messages,
                    SealKind::Content,
                    None,
                )),
            }));
        }
        "tool_use" if place == Place::Assistant => out.push(call(&mut fields)?),
        _ => {
            let why = format!(
                "is `{kind}`, which cannot be translated for the provider that serves this model"
            );
            return Err(Refused::invalid(fields.at("type"), why));
        }
    }
    fields.close()
}

/// How long a cached prefix is to live. Its type and scope are those of Anthropic's cache.
pub(super) fn cache(of: &mut Fields<'_>) -> Result<Option<Cache>, Refused> {
    let Some(mut control) = of.object("cache_control")? else {
        return Ok(None);
    };
    Ok(Some(match control.string("ttl")?.as_deref() {
        Some("1h") => Cache::Hour,
        _ => Cache::Minutes5,
    }))
}

fn thinking<'a>(fields: &mut Fields<'a>) -> Result<Block<'a>, Refused> {
    let text = fields.required("thinking")?;
    let signature = fields
        .string("signature")?
        .filter(|signature| !signature.is_empty());
    let parts = if text.is_empty() {
        Vec::new()
    } else {
        vec![text]
    };
    let seal = signature
        .map(|signature| Seal::returned(signature, Language::Messages, SealKind::Signature, None));
    Ok(Block::Reasoning(Reasoning { parts, seal }))
}

fn call<'a>(fields: &mut Fields<'a>) -> Result<Block<'a>, Refused> {
    let id = ids::read(fields.required("id")?);
    let name = fields.required("name")?;
    let path = fields.at("input");
    let input = match fields.take("input") {
        Some(input @ Json::Object(_)) => input.text(),
        Some(other) => return Err(wrong(&path, "an object", &other)),
        None => "{}".to_owned(),
    };
    if let Some(mut caller) = fields.object("caller")? {
        // Any other caller is code that Anthropic ran.
        if caller.required("type")? != "direct" {
            return Err(Refused::unsupported(caller.at("type")));
        }
        caller.close()?;
    }
    fields.advice(CALL_ADVICE);
    Ok(Block::Call(Call {
        id,
        name,
        input: Cow::Owned(input),
        freeform: false,
        seal: None,
    }))
}

fn result<'a>(fields: &mut Fields<'a>) -> Result<Block<'a>, Refused> {
    Ok(Block::Result(Outcome {
        id: ids::read(fields.required("tool_use_id")?),
        name: None,
        blocks: read(fields, "content", Place::Result)?,
        failed: fields.bool("is_error")?.unwrap_or(false),
        cache: cache(fields)?,
    }))
}

fn image<'a>(fields: &mut Fields<'a>, out: &mut Vec<Block<'a>>) -> Result<(), Refused> {
    let mut source = source(fields)?;
    let kind = source.required("type")?;
    let read = common_source(&mut source, &kind)?;
    let Some(read) = read else {
        return Err(Refused::unsupported(source.at("type")));
    };
    source.close()?;
    out.push(Block::Media(Media {
        kind: MediaKind::Image,
        source: read,
        name: None,
        detail: None,
        cache: cache(fields)?,
    }));
    Ok(())
}

fn source<'a>(of: &mut Fields<'a>) -> Result<Fields<'a>, Refused> {
    let path = of.at("source");
    of.object("source")?.ok_or_else(|| missing(&path))
}

/// Where images and documents may be.
fn common_source<'a>(source: &mut Fields<'a>, kind: &str) -> Result<Option<Source<'a>>, Refused> {
    Ok(Some(match kind {
        "base64" => Source::Base64 {
            media_type: source.required("media_type")?,
            data: source.required("data")?,
        },
        "file" => Source::File(source.required("file_id")?),
        "url" => Source::Url(source.required("url")?),
        _ => return Ok(None),
    }))
}

fn document<'a>(fields: &mut Fields<'a>, out: &mut Vec<Block<'a>>) -> Result<(), Refused> {
    // What is said of the document is shown to the model before it.
    if let Some(text) = fields.string("context")? {
        out.push(Block::Text { text, cache: None });
    }
    if let Some(mut citations) = fields.object("citations")? {
        // An answer that cites has another form, which others do not have.
        citations.only("enabled", &Json::Bool(false))?;
        citations.close()?;
    }
    let mut source = source(fields)?;
    let kind = source.required("type")?;
    let mut images = Vec::new();
    let read = match &*kind {
        "text" => {
            source.only("media_type", &Json::String("text/plain".into()))?;
            Source::Text(source.required("data")?)
        }
        "content" => {
            let mut texts = String::new();
            for block in read(&mut source, "content", Place::Result)? {
                match block {
                    Block::Text { text, .. } => {
                        let apart = if texts.is_empty() { "" } else { "\n" };
                        texts.push_str(apart);
                        texts.push_str(&text);
                    }
                    other => images.push(other),
                }
            }
            Source::Text(Cow::Owned(texts))
        }
        other => match common_source(&mut source, other)? {
            Some(read) => read,
            None => return Err(Refused::unsupported(source.at("type"))),
        },
    };
    source.close()?;
    out.push(Block::Media(Media {
        kind: MediaKind::Document,
        source: read,
        name: fields.string("title")?,
        detail: None,
        cache: cache(fields)?,
    }));
    out.append(&mut images);
    Ok(())
}

/// What stands at a call elsewhere has no place at a call here: clients get it as a thought of its own, with
/// the call's id, beside the call.
/// `own` is the client's language, `read` makes an id what its call has.
pub(in crate::translate) fn give_calls_their_seals<'a>(
    blocks: &mut Vec<Block<'a>>,
    own: Language,
    read: impl Fn(Cow<'a, str>) -> Cow<'a, str>,
) {
    let mut seals: HashMap<String, Option<Seal<'_>>> = HashMap::new();
    for block in &*blocks {
        if let Block::Call(call) = block {
            seals.insert(call.id.clone().into_owned(), None);
        }
    }
    blocks.retain_mut(|block| {
        let Block::Reasoning(Reasoning { parts, seal }) = block else {
            return true;
        };
        let signs = |seal: &&mut Seal<'_>| seal.kind == SealKind::Signature && seal.owner != own;
        let Some(found) = seal.as_mut().filter(|_| parts.is_empty()).filter(signs) else {
            return true;
        };
        let id = found.id.clone().map(&read);
        let Some(place) = id.and_then(|id| seals.get_mut(&*id)) else {
            return true;
        };
        found.id = None;
        *place = seal.take();
        false
    });
    for block in blocks {
        if let Block::Call(call) = block {
            call.seal = seals.remove(&*call.id).flatten();
        }
    }
}
