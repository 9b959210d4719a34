//! Reads the parts of a message, and of what a tool gave.

use std::borrow::Cow;

use super::{
    Json, Refused,
    fields::{Fields, elements, missing, wrong},
    talk::{Block, Media, MediaKind, Source},
};
use crate::translate::Path;

/// Sources and probabilities of a text that was said before, and hints for caches: the text says the same
/// without them.
const ADVICE: &[&str] = &["annotations", "logprobs", "prompt_cache_breakpoint"];

/// A text, or a list of parts.
pub(super) fn content<'a>(path: &Path, value: Json<'a>) -> Result<Vec<Block<'a>>, Refused> {
    match value {
        Json::String(text) => Ok(vec![Block::Text { text, cache: None }]),
        Json::Array(list) => elements(path, list)
            .into_iter()
            .map(|(path, value)| part(Fields::new(path, value)?))
            .collect(),
        other => Err(wrong(path, "a string or an array", &other)),
    }
}

fn part(mut part: Fields<'_>) -> Result<Block<'_>, Refused> {
    part.advice(ADVICE);
    let block = match &*part.required("type")? {
        "input_text" | "output_text" => Block::Text {
            text: part.required("text")?,
            cache: None,
        },
        "refusal" => Block::Refusal(part.required("refusal")?),
        "input_image" => Block::Media(image(&mut part)?),
        "input_file" => Block::Media(file(&mut part)?),
        "input_audio" => Block::Media(audio(&mut part)?),
        _ => return Err(Refused::unsupported(part.at("type"))),
    };
    part.close()?;
    Ok(block)
}

fn image<'a>(part: &mut Fields<'a>) -> Result<Media<'a>, Refused> {
    let path = part.at("image_url");
    let url = part.string("image_url")?;
    let id = part.string("file_id")?;
    let source = match (url, id) {
        (Some(url), None) => located(&path, url)?,
        (None, Some(id)) => Source::File(id),
        (None, None) => return Err(missing(&path)),
        (Some(_), Some(_)) => return Err(Refused::invalid(path, "stands beside a `file_id`")),
    };
    Ok(Media {
        kind: MediaKind::Image,
        source,
        name: None,
        detail: part.string("detail")?,
        cache: None,
    })
}

fn file<'a>(part: &mut Fields<'a>) -> Result<Media<'a>, Refused> {
    let name = part.string("filename")?;
    let path = part.at("file_data");
    let data = part.string("file_data")?;
    let url = part.string("file_url")?;
    let id = part.string("file_id")?;
    let source = match (data, url, id) {
        (Some(data), None, None) if data.starts_with("data:") => located(&path, data)?,
        (Some(data), None, None) => Source::Base64 {
            media_type: Cow::Borrowed(media_type(name.as_deref().unwrap_or_default())),
            data,
        },
        (None, Some(url), None) => Source::Url(url),
        (None, None, Some(id)) => Source::File(id),
        (None, None, None) => return Err(missing(&path)),
        _ => return Err(Refused::invalid(path, "is not the only place of the file")),
    };
    Ok(Media {
        kind: MediaKind::Document,
        source,
        name,
        detail: part.string("detail")?,
        cache: None,
    })
}

/// Of a file whose data do not say it.
fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "txt" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "html" => "text/html",
        "json" => "application/json",
        _ => "application/pdf",
    }
}

fn audio<'a>(part: &mut Fields<'a>) -> Result<Media<'a>, Refused> {
    let path = part.at("input_audio");
    let Some(mut audio) = part.object("input_audio")? else {
        return Err(missing(&path));
    };
    let data = audio.required("data")?;
    let media_type = match &*audio.required("format")? {
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        _ => return Err(Refused::unsupported(audio.at("format"))),
    };
    audio.close()?;
    Ok(Media {
        kind: MediaKind::Audio,
        source: Source::Base64 {
            media_type: Cow::Borrowed(media_type),
            data,
        },
        name: None,
        detail: None,
        cache: None,
    })
}

/// A URL, whose data may stand in it (RFC 2397).
fn located<'a>(path: &Path, url: Cow<'a, str>) -> Result<Source<'a>, Refused> {
    if !url.starts_with("data:") {
        return Ok(Source::Url(url));
    }
    let bad = || Refused::invalid(path, "is no `data:` URL with a media type and base64");
    let comma = url.find(',').ok_or_else(bad)?;
    let head = url.get("data:".len()..comma).ok_or_else(bad)?;
    let media_type = head.strip_suffix(";base64").ok_or_else(bad)?;
    // Parameters of the type say nothing of an image or a document.
    let end = media_type.find(';').unwrap_or(media_type.len());
    let kind = "data:".len().."data:".len() + end;
    if kind.is_empty() {
        return Err(bad());
    }
    Ok(match url {
        Cow::Borrowed(url) => Source::Base64 {
            media_type: url.get(kind).ok_or_else(bad)?.into(),
            data: url.get(comma + 1..).ok_or_else(bad)?.into(),
        },
        Cow::Owned(url) => Source::Base64 {
            media_type: Cow::Owned(url.get(kind).ok_or_else(bad)?.to_owned()),
            data: Cow::Owned(url.get(comma + 1..).ok_or_else(bad)?.to_owned()),
        },
    })
}
