//! Embeddings, moderations, images and audio: the smallest answers that fit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::chat::CREATED;
use crate::standin::ask::text;
use crate::standin::route::{Answer, sse};

/// A transparent PNG of one pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// Length of an embedding when none is asked for.
const DIMENSIONS: u64 = 16;
/// The longest embedding that is made.
const MOST_DIMENSIONS: u64 = 4096;
/// Categories of a moderation.
const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

pub(super) fn embeddings(body: &Value) -> Answer {
    let inputs = match body.get("input") {
        Some(Value::Array(list)) if !list.first().is_some_and(Value::is_number) => list.len(),
        _ => 1,
    };
    let dimensions = body
        .get("dimensions")
        .and_then(Value::as_u64)
        .unwrap_or(DIMENSIONS);
    let one = asked_vector(body).unwrap_or_else(|| {
        vec![0.25_f32; usize::try_from(dimensions.min(MOST_DIMENSIONS)).unwrap_or(16)]
    });
    let vector = if text(body, "encoding_format") == Some("base64") {
        let bytes: Vec<u8> = one.iter().flat_map(|x| x.to_le_bytes()).collect();
        Value::from(STANDARD.encode(bytes))
    } else {
        json!(one)
    };
    let tokens = body
        .get("input")
        .map_or(0, |input| input.to_string().len())
        .div_ceil(4)
        .max(1);
    let data: Vec<_> = (0..inputs)
        .map(|index| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    Answer::json(&json!({
        "object": "list", "data": data, "model": body.get("model"),
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }))
}

/// The numbers of `[[vector:1,0.5]]` in the text.
fn asked_vector(body: &Value) -> Option<Vec<f32>> {
    let asked = text(body, "input")?.split_once("[[vector:")?.1;
    let numbers = asked.split_once("]]")?.0.split(',');
    numbers.map(|number| number.trim().parse().ok()).collect()
}

pub(super) fn moderations(body: &Value) -> Answer {
    let inputs = body
        .get("input")
        .and_then(Value::as_array)
        .map_or(1, Vec::len);
    let each = |value: Value| {
        CATEGORIES
            .map(|name| (name.to_owned(), value.clone()))
            .into_iter()
            .collect::<Map<_, _>>()
    };
    let result = json!({
        "flagged": false, "categories": each(false.into()), "category_scores": each(0.0001.into()),
        "category_applied_input_types": each(json!(["text"])),
    });
    Answer::json(&json!({
        "id": "modr-standin", "model": "omni-moderation-latest", "results": vec![result; inputs],
    }))
}

pub(super) fn images() -> Answer {
    Answer::json(&json!({
        "created": CREATED, "background": "transparent", "output_format": "png", "quality": "low",
        "size": "1024x1024", "data": [{"b64_json": PIXEL}],
        "usage": {
            "input_tokens": 10, "output_tokens": 272, "total_tokens": 282,
            "input_tokens_details": {"text_tokens": 10, "image_tokens": 0},
        },
    }))
}

/// A valid, silent WAV for `wav`; else a few bytes that begin as an MP3 frame does.
pub(super) fn speech(body: &Value) -> Answer {
    if text(body, "stream_format") == Some("sse") {
        let delta = json!({"type": "speech.audio.delta", "audio": STANDARD.encode([0_u8; 32])});
        let done = json!({"type": "speech.audio.done",
                          "usage": {"input_tokens": 4, "output_tokens": 20, "total_tokens": 24}});
        return Answer::sse(vec![sse(None, &delta), sse(None, &done)]);
    }
    if text(body, "response_format") == Some("wav") {
        let mut wav = b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x08\0\0\0".to_vec();
        wav.extend([0; 8]);
        return Answer::whole(wav.into(), "audio/wav");
    }
    let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
    frame.resize(417, 0);
    Answer::whole(Bytes::from(frame), "audio/mpeg")
}

pub(super) fn transcription() -> Answer {
    Answer::json(&json!({
        "text": "The tide turns.",
        "usage": {
            "type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19,
            "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
        },
    }))
}
