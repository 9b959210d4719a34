//! Forms: the fields are found, and a form that two readers could read differently is refused.

use bytes::Bytes;

use super::super::{Edits, rewrite};
use super::*;
use crate::Operation as Op;

const TYPE: &str = "multipart/form-data; boundary=XX";

fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut out = String::new();
    for (disposition, value) in parts {
        out.push_str("--XX\r\nContent-Disposition: ");
        out.push_str(disposition);
        out.push_str("\r\n\r\n");
        out.push_str(value);
        out.push_str("\r\n");
    }
    out.push_str("--XX--\r\n");
    out.into_bytes()
}

const FILE: (&str, &str) = (
    "form-data; name=\"file\"; filename=\"a;\\\"b.mp3\"",
    "\r\n--X not the boundary\r\n\0\u{1}",
);
const MODEL: (&str, &str) = ("form-data; name=\"model\"", "openai/whisper-1");

#[test]
fn fields_are_found_and_spliced() {
    let body = form(&[FILE, MODEL, ("form-data; name=stream", "True"), FILE]);
    let found = inspect_form(Op::AudioTranscriptions, TYPE, &body).unwrap();
    assert!(found.stream);
    assert_eq!(
        found.model.as_ref().unwrap().value.as_str(),
        "openai/whisper-1"
    );
    let body = Bytes::from(body);
    let out = rewrite(
        &body,
        &found,
        &Edits {
            model: Some("whisper-1"),
            report_usage: true,
        },
    );
    let expected = String::from_utf8(body.to_vec())
        .unwrap()
        .replace("openai/whisper-1", "whisper-1");
    assert_eq!(out, expected.as_bytes());
}

#[test]
fn counts_and_sizes() {
    let body = form(&[
        ("form-data; name=\"n\"", "2"),
        ("form-data; name=\"size\"", "256x256"),
    ]);
    let found = inspect_form(
        Op::ImagesEdits,
        "Multipart/Form-Data; Boundary=\"XX\"",
        &body,
    );
    let found = found.unwrap();
    assert_eq!(
        (found.choices, found.image.size.as_deref()),
        (2, Some("256x256"))
    );
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let other = |disposition| (disposition, "forbidden");
    for parts in [
        vec![MODEL, MODEL],
        vec![MODEL, other("form-data; name=\"x\"; name=\"model\"")],
        vec![MODEL, other("form-data; name*=UTF-8''model")],
        vec![MODEL, other("form-data; name=\"mod\\el\"")],
        vec![MODEL, other("form-data; name=\"mod%65l\"")],
        vec![MODEL, other("form-data; name=\"model")],
        vec![MODEL, other("form-data")],
        vec![other(
            "form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"",
        )],
    ] {
        let body = form(&parts);
        assert!(
            inspect_form(Op::AudioTranscriptions, TYPE, &body).is_err(),
            "{parts:?}"
        );
    }
}

#[test]
fn malformed_forms_are_refused() {
    for body in [
        &b""[..],
        b"--XX",
        b"--XX\r\n",
        b"preamble\r\n--XX--",
        b"--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm",
        b"--XXY\r\n\r\n--XX--",
        b"--XX\r\nno colon\r\n\r\nm\r\n--XX--",
    ] {
        assert!(
            inspect_form(Op::AudioTranscriptions, TYPE, body).is_err(),
            "{body:?}"
        );
    }
    for content_type in [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; a=b",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=",
    ] {
        let found = inspect_form(Op::AudioTranscriptions, content_type, &form(&[MODEL]));
        assert_eq!(found, Err(BodyError::FormType), "{content_type}");
    }
}
