//! What is not text, as parts of a message.

use crate::translate::base64;
use crate::translate::build::{object, text};
use std::borrow::Cow;

use super::{
    super::talk::{Media, MediaKind, Source},
    Feature, Inexpressible, Json,
    shape::put,
};

/// A part of a message's content.
#[derive(Debug)]
pub(super) enum Part<'a> {
    Media(Json<'a>),
    Text(Cow<'a, str>),
}

/// Something as a part. Documents of text are text.
pub(super) fn part<'a>(media: &'a Media<'_>) -> Result<Part<'a>, Inexpressible> {
    match media.kind {
        MediaKind::Audio => audio(media).map(Part::Media),
        MediaKind::Document => document(media),
        MediaKind::Image => image(media).map(Part::Media),
        MediaKind::Video => Err(Inexpressible(Feature::Video)),
    }
}

fn image<'a>(media: &'a Media<'_>) -> Result<Json<'a>, Inexpressible> {
    let url = match &media.source {
        Source::Base64 { media_type, data } => Cow::Owned(data_url(media_type, data)),
        Source::Url(url) => Cow::Borrowed(&**url),
        Source::File(_) => return Err(Inexpressible(Feature::File)),
        Source::Text(_) => return Err(Inexpressible(Feature::MediaType)),
    };
    let mut image = vec![("url".into(), text(url))];
    let detail = match media.detail.as_deref() {
        // Responses' word; the closest look that Chat has.
        Some("original") => Some("high"),
        other => other,
    };
    if let Some(detail) = detail {
        put(&mut image, "detail", text(detail));
    }
    Ok(object([
        ("type", text("image_url")),
        ("image_url", Json::Object(image)),
    ]))
}

fn audio<'a>(media: &'a Media<'_>) -> Result<Json<'a>, Inexpressible> {
    let (media_type, data) = match &media.source {
        Source::Base64 { media_type, data } => (media_type, data),
        Source::File(_) => return Err(Inexpressible(Feature::File)),
        Source::Text(_) | Source::Url(_) => return Err(Inexpressible(Feature::Audio)),
    };
    let format = match &*media_type.to_ascii_lowercase() {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "wav",
        "audio/mpeg" | "audio/mp3" => "mp3",
        _ => return Err(Inexpressible(Feature::MediaType)),
    };
    Ok(object([
        ("type", text("input_audio")),
        (
            "input_audio",
            object([("data", text(&**data)), ("format", text(format))]),
        ),
    ]))
}

fn document<'a>(media: &'a Media<'_>) -> Result<Part<'a>, Inexpressible> {
    let name = media.name.as_deref();
    match &media.source {
        Source::Base64 { media_type, data } if is_text(media_type) => {
            let bytes = base64::standard(data).ok_or(Inexpressible(Feature::MediaType))?;
            let said = String::from_utf8(bytes).map_err(|_| Inexpressible(Feature::MediaType))?;
            Ok(Part::Text(titled(name, said.into())))
        }
        Source::Base64 { media_type, data } if media_type.eq_ignore_ascii_case(PDF) => {
            let file = object([
                ("filename", text(name.unwrap_or("document.pdf"))),
                ("file_data", text(data_url(PDF, data))),
            ]);
            Ok(Part::Media(object([
                ("type", text("file")),
                ("file", file),
            ])))
        }
        Source::Base64 { .. } => Err(Inexpressible(Feature::MediaType)),
        Source::File(_) => Err(Inexpressible(Feature::File)),
        Source::Text(said) => Ok(Part::Text(titled(name, Cow::Borrowed(said)))),
        Source::Url(_) => Err(Inexpressible(Feature::DocumentUrl)),
    }
}

const PDF: &str = "application/pdf";

fn data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

fn is_text(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    media_type.starts_with("text/") || media_type == "application/json"
}

fn titled<'a>(name: Option<&str>, said: Cow<'a, str>) -> Cow<'a, str> {
    match name {
        Some(name) => Cow::Owned(format!("{name}:\n\n{said}")),
        None => said,
    }
}
