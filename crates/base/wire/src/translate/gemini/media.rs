//! What is not text: `inlineData` and `fileData`.

use std::borrow::Cow;

use super::super::{
    Feature, Inexpressible, Json, Refused, base64,
    fields::Fields,
    talk::{Media, MediaKind, Source},
};
use super::{object, proto, signature, string};

/// Takes the data of a part, where it has such.
///
/// # Errors
/// It cannot be translated.
pub(super) fn take<'a>(part: &mut Fields<'a>) -> Result<Option<Media<'a>>, Refused> {
    if let Some(mut inline) = proto::take_message(part, "inlineData")? {
        let media_type = inline.required("mimeType")?;
        let data = signature::standard(inline.required("data")?);
        let name = inline.string("displayName")?;
        inline.close()?;
        let kind = kind(&media_type);
        let text = (kind == MediaKind::Document && media_type.starts_with("text/"))
            .then(|| base64::either(&data).and_then(|bytes| String::from_utf8(bytes).ok()))
            .flatten();
        let source = match text {
            Some(text) => Source::Text(Cow::Owned(text)),
            None => Source::Base64 { media_type, data },
        };
        return Ok(Some(media(kind, source, name)));
    }
    let Some(mut file) = proto::take_message(part, "fileData")? else {
        return Ok(None);
    };
    let uri = file.required("fileUri")?;
    let media_type = file.string("mimeType")?;
    let name = file.string("displayName")?;
    let path = file.at("mimeType");
    file.close()?;
    let source = if is_own(&uri) {
        Source::File(uri)
    } else {
        Source::Url(uri)
    };
    let kind = match (media_type, &source) {
        (Some(media_type), _) => kind(&media_type),
        (None, Source::Url(url)) if is_video_site(url) => MediaKind::Video,
        (None, Source::File(_)) => MediaKind::Document,
        (None, _) => return Err(Refused::invalid(path, "is missing")),
    };
    Ok(Some(media(kind, source, name)))
}

const fn media<'a>(kind: MediaKind, source: Source<'a>, name: Option<Cow<'a, str>>) -> Media<'a> {
    Media {
        kind,
        source,
        name,
        detail: None,
        cache: None,
    }
}

fn kind(media_type: &str) -> MediaKind {
    match media_type.split('/').next() {
        Some("audio") => MediaKind::Audio,
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        _ => MediaKind::Document,
    }
}

/// A file of Google's Files API or of its storage.
fn is_own(uri: &str) -> bool {
    uri.starts_with("gs://") || uri.starts_with("https://generativelanguage.googleapis.com/")
}

/// The one site whose videos Gemini reads by their address.
fn is_video_site(url: &str) -> bool {
    [
        "https://www.youtube.com/",
        "https://youtube.com/",
        "https://youtu.be/",
    ]
    .iter()
    .any(|site| url.starts_with(site))
}

/// A part for it.
///
/// # Errors
/// Gemini does not read it from there.
pub(super) fn part<'a>(media: &'a Media<'_>) -> Result<Json<'a>, Inexpressible> {
    let file = |uri| {
        let data = object(vec![("fileUri", string(uri))]);
        Ok(object(vec![("fileData", data)]))
    };
    match &media.source {
        Source::Base64 { media_type, data } => {
            let data = vec![("mimeType", string(media_type)), ("data", string(data))];
            Ok(object(vec![("inlineData", object(data))]))
        }
        Source::Text(text) => Ok(object(vec![("text", titled(media.name.as_deref(), text))])),
        Source::File(uri) if is_own(uri) => file(uri),
        Source::File(_) => Err(Inexpressible(Feature::File)),
        Source::Url(url) if media.kind == MediaKind::Video && is_video_site(url) => file(url),
        Source::Url(_) => Err(Inexpressible(match media.kind {
            MediaKind::Audio => Feature::Audio,
            MediaKind::Document => Feature::DocumentUrl,
            MediaKind::Image => Feature::ImageUrl,
            MediaKind::Video => Feature::Video,
        })),
    }
}

/// A document's text below its title, which has no other place.
fn titled<'a>(title: Option<&str>, text: &'a str) -> Json<'a> {
    match title {
        Some(title) => Json::String(format!("{title}\n\n{text}").into()),
        None => string(text),
    }
}
