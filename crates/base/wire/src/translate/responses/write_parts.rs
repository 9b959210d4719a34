//! Writes what is not text as parts of messages and of outputs.

use crate::translate::build::{Members, members, object, text};
use std::borrow::Cow;

use super::{
    Feature, Inexpressible, Json,
    talk::{Media, MediaKind, Source},
};

/// A text of the user's, or of a tool.
pub(super) fn input_text<'r>(words: impl Into<Cow<'r, str>>) -> Json<'r> {
    object([("type", text("input_text")), ("text", text(words))])
}

/// Whether a tool can give it.
pub(super) const fn is_result(kind: MediaKind) -> bool {
    matches!(kind, MediaKind::Document | MediaKind::Image)
}

/// What it is called where it cannot be said at all.
pub(super) const fn feature(kind: MediaKind) -> Feature {
    match kind {
        MediaKind::Audio => Feature::Audio,
        MediaKind::Document => Feature::Document,
        MediaKind::Image => Feature::MediaType,
        MediaKind::Video => Feature::Video,
    }
}

pub(super) fn media<'r>(media: &'r Media<'_>) -> Result<Json<'r>, Inexpressible> {
    if matches!(media.source, Source::File(_)) {
        return Err(Inexpressible(Feature::File));
    }
    match media.kind {
        MediaKind::Image => image(media),
        MediaKind::Document => document(media),
        MediaKind::Audio => audio(&media.source),
        MediaKind::Video => Err(Inexpressible(Feature::Video)),
    }
}

fn image<'r>(media: &'r Media<'_>) -> Result<Json<'r>, Inexpressible> {
    let url = match &media.source {
        Source::Url(url) => Cow::Borrowed(&**url),
        Source::Base64 { media_type, data } => match &**media_type {
            "image/png" | "image/jpeg" | "image/webp" | "image/gif" => in_url(media_type, data),
            "image/jpg" => in_url("image/jpeg", data),
            _ => return Err(Inexpressible(Feature::MediaType)),
        },
        Source::File(_) | Source::Text(_) => return Err(Inexpressible(Feature::MediaType)),
    };
    let part = members([("type", text("input_image")), ("image_url", text(url))]);
    Ok(detailed(part, media))
}

fn detailed<'r>(mut part: Members<'r>, media: &'r Media<'_>) -> Json<'r> {
    if let Some(detail) = &media.detail {
        part.push(("detail".into(), text(&**detail)));
    }
    Json::Object(part)
}

fn document<'r>(media: &'r Media<'_>) -> Result<Json<'r>, Inexpressible> {
    let mut part = members([("type", text("input_file"))]);
    match &media.source {
        // A name does not go with a URL.
        Source::Url(url) => part.push(("file_url".into(), text(&**url))),
        Source::Base64 { media_type, data } => {
            let name = media.name.as_deref();
            let name = name.map_or_else(|| Cow::Borrowed(usual_name(media_type)), Cow::Borrowed);
            part.push(("filename".into(), text(name)));
            part.push(("file_data".into(), text(in_url(media_type, data))));
        }
        Source::Text(words) => {
            let words = match &media.name {
                Some(name) => Cow::Owned(format!("{name}:\n{words}")),
                None => Cow::Borrowed(&**words),
            };
            return Ok(input_text(words));
        }
        Source::File(_) => return Err(Inexpressible(Feature::File)),
    }
    Ok(detailed(part, media))
}

/// The provider wants one.
fn usual_name(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "document.pdf",
        "text/csv" => "document.csv",
        "text/html" => "document.html",
        "text/markdown" => "document.md",
        "application/json" => "document.json",
        _ => "document.txt",
    }
}

fn audio<'r>(source: &'r Source<'_>) -> Result<Json<'r>, Inexpressible> {
    let Source::Base64 { media_type, data } = source else {
        return Err(Inexpressible(Feature::Audio));
    };
    let format = match &**media_type {
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        _ => return Err(Inexpressible(Feature::MediaType)),
    };
    let audio = object([("data", text(&**data)), ("format", text(format))]);
    Ok(object([
        ("type", text("input_audio")),
        ("input_audio", audio),
    ]))
}

fn in_url<'r>(media_type: &str, data: &str) -> Cow<'r, str> {
    Cow::Owned(format!("data:{media_type};base64,{data}"))
}
