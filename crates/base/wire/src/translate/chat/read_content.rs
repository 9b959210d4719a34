//! What a message of a Chat client says: a string, or parts.

use std::borrow::Cow;

use super::{
    super::{
        fields::{Fields, elements, missing, wrong},
        talk::{Block, Cache, Media, MediaKind, Source},
    },
    Json, Refused,
};
use crate::translate::Path;

/// The parts that a message may have, by its role.
pub(super) const TEXT: &[&str] = &["text"];
pub(super) const ASSISTANT: &[&str] = &["text", "refusal"];
pub(super) const USER: &[&str] = &["text", "image_url", "input_audio", "file"];

/// Takes `content`; none where it is not there.
pub(super) fn content<'a>(
    message: &mut Fields<'a>,
    allowed: &[&str],
) -> Result<Vec<Block<'a>>, Refused> {
    let path = message.at("content");
    let mut blocks = match message.take("content") {
        None => Vec::new(),
        Some(Json::String(text)) => vec![Block::Text { text, cache: None }],
        Some(Json::Array(list)) => elements(&path, list)
            .into_iter()
            .map(|(path, value)| part(Fields::new(path, value)?, allowed))
            .collect::<Result<_, _>>()?,
        Some(other) => return Err(wrong(&path, "a string or an array", &other)),
    };
    // Some clients mark the message and mean its end.
    if let Some(marked) = cache(message)? {
        match blocks.last_mut() {
            Some(Block::Text { cache, .. }) => *cache = Some(marked),
            Some(Block::Media(media)) => media.cache = Some(marked),
            _ => {}
        }
    }
    Ok(blocks)
}

/// Takes `cache_control`, which clients of several providers send for Anthropic's sake.
pub(super) fn cache(fields: &mut Fields<'_>) -> Result<Option<Cache>, Refused> {
    let Some(mut mark) = fields.object("cache_control")? else {
        return Ok(None);
    };
    mark.only("type", &Json::String("ephemeral".into()))?;
    let cache = match mark.string("ttl")?.as_deref() {
        None | Some("5m") => Cache::Minutes5,
        Some("1h") => Cache::Hour,
        Some(_) => return Err(Refused::unsupported(mark.at("ttl"))),
    };
    mark.close()?;
    Ok(Some(cache))
}

fn part<'a>(mut fields: Fields<'a>, allowed: &[&str]) -> Result<Block<'a>, Refused> {
    let kind = fields.required("type")?;
    if !allowed.contains(&&*kind) {
        return Err(Refused::unsupported(fields.at("type")));
    }
    let cache = cache(&mut fields)?;
    let block = match &*kind {
        "text" => Block::Text {
            text: fields.required("text")?,
            cache,
        },
        "refusal" => Block::Refusal(fields.required("refusal")?),
        "image_url" => Block::Media(Media {
            cache,
            ..image(&mut fields)?
        }),
        "input_audio" => Block::Media(Media {
            cache,
            ..audio(inner(&mut fields, "input_audio")?)?
        }),
        _ => Block::Media(Media {
            cache,
            ..file(inner(&mut fields, "file")?)?
        }),
    };
    fields.close()?;
    Ok(block)
}

fn inner<'a>(fields: &mut Fields<'a>, name: &'static str) -> Result<Fields<'a>, Refused> {
    let path = fields.at(name);
    fields.object(name)?.ok_or_else(|| missing(&path))
}

fn image<'a>(part: &mut Fields<'a>) -> Result<Media<'a>, Refused> {
    let path = part.at("image_url");
    let (url, detail) = match part.take("image_url") {
        None => return Err(missing(&path)),
        // Some clients leave the object out.
        Some(Json::String(url)) => (url, None),
        Some(value) => {
            let mut image = Fields::new(path.clone(), value)?;
            let read = (image.required("url")?, image.string("detail")?);
            image.close()?;
            read
        }
    };
    let source = source(&path, url)?;
    Ok(media(MediaKind::Image, source, None, detail))
}

fn audio(mut audio: Fields<'_>) -> Result<Media<'_>, Refused> {
    let data = audio.required("data")?;
    let media_type = match &*audio.required("format")? {
        "mp3" => Cow::Borrowed("audio/mpeg"),
        "wav" => Cow::Borrowed("audio/wav"),
        other => Cow::Owned(format!("audio/{other}")),
    };
    audio.close()?;
    let source = Source::Base64 { media_type, data };
    Ok(media(MediaKind::Audio, source, None, None))
}

fn file(mut file: Fields<'_>) -> Result<Media<'_>, Refused> {
    let name = file.string("filename")?;
    let path = file.at("file_data");
    let source = match (file.string("file_data")?, file.string("file_id")?) {
        (Some(data), _) => source(&path, data)?,
        (None, Some(id)) => Source::File(id),
        (None, None) => return Err(missing(&path)),
    };
    file.close()?;
    let kind = match &source {
        Source::Base64 { media_type, .. } => match media_type.split('/').next() {
            Some("audio") => MediaKind::Audio,
            Some("image") => MediaKind::Image,
            Some("video") => MediaKind::Video,
            _ => MediaKind::Document,
        },
        _ => MediaKind::Document,
    };
    Ok(media(kind, source, name, None))
}

const fn media<'a>(
    kind: MediaKind,
    source: Source<'a>,
    name: Option<Cow<'a, str>>,
    detail: Option<Cow<'a, str>>,
) -> Media<'a> {
    Media {
        kind,
        source,
        name,
        detail,
        cache: None,
    }
}

/// What a URL leads to, or holds (RFC 2397).
fn source<'a>(path: &Path, url: Cow<'a, str>) -> Result<Source<'a>, Refused> {
    let scheme = url.split(':').next().unwrap_or_default();
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        return Ok(Source::Url(url));
    }
    let wanted = || Refused::invalid(path, "must be an http URL, or a data URL in base64");
    let comma = url.find(',').ok_or_else(wanted)?;
    let (head, _) = url.split_at(comma);
    let essence = match head.split_at_checked("data:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("data:") => rest,
        _ => return Err(wanted()),
    };
    let mut parts = essence.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let in_base64 = parts.any(|part| part.trim().eq_ignore_ascii_case("base64"));
    if media_type.is_empty() || !in_base64 {
        return Err(wanted());
    }
    let data = match url {
        Cow::Borrowed(url) => Cow::Borrowed(url.split_at(comma + 1).1),
        Cow::Owned(url) => Cow::Owned(url.split_at(comma + 1).1.to_owned()),
    };
    Ok(Source::Base64 {
        media_type: media_type.into(),
        data,
    })
}
