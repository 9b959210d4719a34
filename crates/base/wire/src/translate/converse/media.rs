//! What is not text: images, documents, sound and video, each with a `format` of Bedrock's and a `source`.

use std::borrow::Cow;

use ::base64::Engine as _;

use super::names::Documents;
use crate::translate::{
    Feature, Inexpressible, Json, Refused,
    build::{object, text},
    fields::{Fields, missing},
    talk::{Media, MediaKind, Source},
};

/// Bedrock's word for a format, and the media types that it stands for (RFC 6838), the usual one first.
type Formats = &'static [(&'static str, &'static [&'static str])];

const IMAGES: Formats = &[
    ("gif", &["image/gif"]),
    ("jpeg", &["image/jpeg", "image/jpg"]),
    ("png", &["image/png"]),
    ("webp", &["image/webp"]),
];

const DOCUMENTS: Formats = &[
    ("csv", &["text/csv"]),
    ("doc", &["application/msword"]),
    (
        "docx",
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ),
    ("html", &["text/html"]),
    ("md", &["text/markdown"]),
    ("pdf", &["application/pdf"]),
    ("txt", &["text/plain"]),
    ("xls", &["application/vnd.ms-excel"]),
    (
        "xlsx",
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ),
];

const SOUNDS: Formats = &[
    ("aac", &["audio/aac"]),
    ("flac", &["audio/flac"]),
    ("m4a", &["audio/m4a", "audio/x-m4a"]),
    ("mka", &["audio/x-matroska"]),
    ("mp3", &["audio/mpeg", "audio/mp3"]),
    ("mp4", &["audio/mp4"]),
    ("ogg", &["audio/ogg"]),
    ("opus", &["audio/opus"]),
    ("pcm", &["audio/pcm", "audio/l16"]),
    (
        "wav",
        &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
    ),
    ("webm", &["audio/webm"]),
];

const VIDEOS: Formats = &[
    ("flv", &["video/x-flv"]),
    ("mkv", &["video/x-matroska"]),
    ("mov", &["video/quicktime"]),
    ("mp4", &["video/mp4"]),
    ("mpeg", &["video/mpeg"]),
    ("three_gp", &["video/3gpp"]),
    ("webm", &["video/webm"]),
    ("wmv", &["video/x-ms-wmv"]),
];

/// The name of each kind's block, its formats, and what cannot be said where none fits.
const fn of(kind: MediaKind) -> (&'static str, Formats, Feature) {
    match kind {
        MediaKind::Audio => ("audio", SOUNDS, Feature::Audio),
        MediaKind::Document => ("document", DOCUMENTS, Feature::Document),
        MediaKind::Image => ("image", IMAGES, Feature::MediaType),
        MediaKind::Video => ("video", VIDEOS, Feature::Video),
    }
}

/// The kinds by the names of their blocks.
pub(super) const KINDS: [(&str, MediaKind); 4] = [
    ("audio", MediaKind::Audio),
    ("document", MediaKind::Document),
    ("image", MediaKind::Image),
    ("video", MediaKind::Video),
];

/// A block for it.
///
/// # Errors
/// Bedrock takes no such format, or does not read it from there.
pub(super) fn written<'r>(
    media: &'r Media<'_>,
    documents: &mut Documents,
) -> Result<Json<'r>, Inexpressible> {
    let (name, formats, feature) = of(media.kind);
    let (format, source) = match &media.source {
        Source::Base64 { media_type, data } => {
            let essence = media_type.split(';').next().unwrap_or_default().trim();
            let essence = essence.to_ascii_lowercase();
            let mut known = formats.iter();
            let found = known.find(|(_, types)| types.contains(&&*essence));
            let (format, _) = found.ok_or(Inexpressible(feature))?;
            (*format, object([("bytes", text(&**data))]))
        }
        // Its bytes, which every model takes that takes documents.
        Source::Text(words) if media.kind == MediaKind::Document => {
            let data = ::base64::prelude::BASE64_STANDARD.encode(words.as_bytes());
            ("txt", object([("bytes", text(data))]))
        }
        Source::Text(_) => return Err(Inexpressible(feature)),
        Source::File(_) => return Err(Inexpressible(Feature::File)),
        Source::Url(_) => {
            return Err(Inexpressible(match media.kind {
                MediaKind::Document => Feature::DocumentUrl,
                MediaKind::Image => Feature::ImageUrl,
                MediaKind::Audio | MediaKind::Video => feature,
            }));
        }
    };
    let mut block = vec![("format", text(format))];
    if media.kind == MediaKind::Document {
        block.push(("name", text(documents.name(media.name.as_deref()))));
    }
    block.push(("source", source));
    Ok(object([(name, object(block))]))
}

/// Reads a block of this kind.
///
/// # Errors
/// It says what cannot be translated.
pub(super) fn read<'a>(kind: MediaKind, mut block: Fields<'a>) -> Result<Media<'a>, Refused> {
    let (_, formats, _) = of(kind);
    let at = block.at("format");
    let format = block.string("format")?;
    let name = if kind == MediaKind::Document {
        block.string("name")?
    } else {
        None
    };
    if let Some(mut citations) = block.object("citations")? {
        // An answer that cites has another form, which others do not have.
        citations.only("enabled", &Json::Bool(false))?;
        citations.close()?;
    }
    let path = block.at("source");
    let mut from = block.object("source")?.ok_or_else(|| missing(&path))?;
    let source = if let Some(data) = from.string("bytes")? {
        let format = format.ok_or_else(|| missing(&at))?;
        let known = formats.iter().find(|(known, _)| *known == format);
        let types = known.map(|(_, types)| *types).unwrap_or_default();
        let media_type = types.first().ok_or_else(|| Refused::unsupported(at))?;
        let plain = (kind == MediaKind::Document && media_type.starts_with("text/"))
            .then(|| crate::translate::base64::standard(&data))
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        match plain {
            Some(words) => Source::Text(Cow::Owned(words)),
            None => Source::Base64 {
                media_type: Cow::Borrowed(media_type),
                data,
            },
        }
    } else if let Some(words) = from.string("text")? {
        Source::Text(words)
    } else {
        // `s3Location`, which only AWS can read, and lists of texts.
        let rest = from.rest();
        let (name, _) = rest.first().ok_or_else(|| missing(&path))?;
        return Err(Refused::unsupported(format!("{path}.{name}")));
    };
    from.close()?;
    block.close()?;
    Ok(Media {
        kind,
        source,
        name,
        detail: None,
        cache: None,
    })
}
