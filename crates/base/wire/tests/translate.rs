//! The matrix of translation: every request of each client language to each upstream language, and every
//! answer back, against golden files; and the table of `docs/translation.md`, which is made from them.
//!
//! `TIDEGATE_GOLDEN=write cargo test -p tidegate-wire --test translate` writes the files anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

#[path = "support/events.rs"]
mod events;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;
use serde_json::{Value, json, value::RawValue};
use tidegate_wire::{
    Operation,
    translate::{self, Language, Translation},
};

/// A model as its client and its provider name it. Bedrock's name says whose it is.
const fn model(upstream: Language) -> (&'static str, &'static str) {
    match upstream {
        Language::Converse => ("provider/m", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        _ => ("provider/m", "m"),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The requests of a client language, by what they are about.
fn requests(client: Language) -> BTreeMap<String, Box<RawValue>> {
    let file = folder().join(format!("translate/requests_{client}.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Compares with a golden file, or writes it.
fn golden(path: &str, found: &str) {
    let file = folder().join("translate/golden").join(path);
    if std::env::var_os("TIDEGATE_GOLDEN").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, found).unwrap();
    }
    let wanted = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(wanted, found, "{path}");
}

fn operation(client: Language, about: &str) -> Operation {
    client.operation(about == "stream")
}

fn translated(client: Language, upstream: Language, about: &str, body: &RawValue) -> Value {
    let operation = operation(client, about);
    match translate::request(
        operation,
        upstream,
        model(upstream),
        "req_1",
        body.get().as_bytes(),
    ) {
        Err(refused) => json!({ "refused": refused.field }),
        Ok(done) => {
            let body: Box<RawValue> = serde_json::from_slice(&done.body).unwrap();
            json!({ "target": done.target, "body": body })
        }
    }
}

/// Whether a provider of that language takes the client's requests as they are. Bedrock takes Invoke so.
fn is_native(client: Language, upstream: Language) -> bool {
    upstream == client || (client, upstream) == (Language::Invoke, Language::Converse)
}

fn pairs() -> impl Iterator<Item = (Language, Language)> {
    let others = |client: &Language| {
        let client = *client;
        let upstreams = Language::UPSTREAM.iter().copied();
        upstreams
            .filter(move |upstream| !is_native(client, *upstream))
            .map(move |upstream| (client, upstream))
    };
    Language::ALL.iter().flat_map(others)
}

#[test]
fn requests_are_translated_or_refused_by_name() {
    for (client, upstream) in pairs() {
        let mut found = String::from("{\n");
        for (about, body) in requests(client) {
            // One line a request: a change shows which.
            let line = translated(client, upstream, &about, &body);
            writeln!(found, "{}: {line},", json!(about)).unwrap();
        }
        found.push_str("\"\": null\n}\n");
        golden(&format!("requests/{client}_{upstream}.json"), &found);
    }
}

#[test]
fn a_request_that_is_damaged_is_refused_or_translated_and_nothing_else() {
    for (client, upstream) in pairs() {
        for (about, body) in requests(client) {
            let text = body.get().as_bytes();
            for cut in 0..text.len() {
                let operation = operation(client, &about);
                let model = model(upstream);
                let cut = translate::request(operation, upstream, model, "req_1", &text[..cut]);
                assert!(cut.is_err(), "{client} {about}");
            }
        }
    }
}

/// A request that has the tools that the answers call.
fn back(client: Language, upstream: Language) -> Translation {
    let body = requests(client).remove("tools").unwrap();
    let operation = client.operation(true);
    let body = body.get().as_bytes();
    let done = translate::request(operation, upstream, model(upstream), "req_1", body);
    done.unwrap().back
}

type File = Option<Vec<u8>>;

/// The stream of an answer.
fn stream(dir: &Path) -> File {
    let events = fs::read(dir.join("stream.events")).ok();
    let events = events.map(|text| events::encoded(&text));
    fs::read(dir.join("stream.sse")).ok().or(events)
}

/// The answers of an upstream language: name, whole, stream.
fn answers(upstream: Language) -> Vec<(String, File, File)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder().join("golden")).unwrap() {
        let dir = entry.unwrap().path();
        let expected: Value =
            serde_json::from_slice(&fs::read(dir.join("expected.json")).unwrap()).unwrap();
        let of = |operation: &Operation| Some(operation.name()) == expected["operation"].as_str();
        let asked = Operation::ALL.iter().copied().find(of).unwrap();
        if Language::of(asked) == Some(upstream) {
            let name = dir.file_name().unwrap().to_string_lossy().into_owned();
            let whole = fs::read(dir.join("whole.json")).ok();
            found.push((name, whole, stream(&dir)));
        }
    }
    let name = format!("{upstream}_tools");
    let dir = folder().join("translate/answers").join(&name);
    let whole = fs::read(dir.join("whole.json")).unwrap();
    found.push((name, Some(whole), stream(&dir)));
    found.sort();
    assert!(found.len() >= 3, "{upstream}");
    found
}

/// The events in a stream of Invoke's, so that its golden files can be read.
fn unwrapped(text: &str) -> String {
    let line = |line: &str| {
        let (name, payload) = line.split_once(' ').unwrap();
        let payload: Value = serde_json::from_str(payload).unwrap();
        match payload["bytes"].as_str() {
            Some(bytes) => {
                let event = BASE64_STANDARD.decode(bytes).unwrap();
                format!("{name} {}\n", String::from_utf8(event).unwrap())
            }
            None => format!("{name} {payload}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// What a client gets of a stream, as text.
fn streamed(client: Language, upstream: Language, pieces: &[&[u8]]) -> String {
    let shown = |out: &[u8]| match client {
        Language::Converse => events::decoded(out),
        Language::Invoke => unwrapped(&events::decoded(out)),
        _ => String::from_utf8(out.to_vec()).unwrap(),
    };
    let mut stream = back(client, upstream).stream();
    let mut out = Vec::new();
    for piece in pieces {
        match stream.push(piece) {
            Ok(written) => out.extend(written),
            Err(broken) => return format!("{}\nBROKEN {broken}", shown(&out)),
        }
    }
    match stream.end() {
        Ok(written) => out.extend(written),
        Err(broken) => return format!("{}\nBROKEN {broken}", shown(&out)),
    }
    shown(&out)
}

#[test]
fn answers_are_translated_back() {
    for (client, upstream) in pairs() {
        for (name, whole, stream) in answers(upstream) {
            if let Some(whole) = whole {
                let found = match back(client, upstream).whole(&whole) {
                    Ok(found) => String::from_utf8(found).unwrap() + "\n",
                    Err(broken) => format!("BROKEN {broken}\n"),
                };
                golden(&format!("answers/{name}/{client}.json"), &found);
            }
            if let Some(stream) = stream {
                let found = streamed(client, upstream, &[&stream]);
                let end = match client {
                    Language::Converse | Language::Invoke => "events",
                    _ => "sse",
                };
                golden(&format!("answers/{name}/{client}.{end}"), &found);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_stream_is_the_same_wherever_it_is_cut(
        pair in 0..pairs().count(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let (client, upstream) = pairs().nth(pair).unwrap();
        for (name, _, stream) in answers(upstream) {
            let Some(stream) = stream else { continue };
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|ends| &stream[ends[0]..ends[1]]).collect();
            let whole = streamed(client, upstream, &[&stream]);
            prop_assert_eq!(streamed(client, upstream, &pieces), whole, "{}", name);
        }
    }
}

#[test]
fn what_no_dialect_sends_is_broken_and_no_panic() {
    for (client, upstream) in pairs() {
        for (_, whole, stream) in answers(upstream) {
            let whole = whole.unwrap_or_default();
            let whole = whole.trim_ascii_end();
            for cut in 0..whole.len() {
                assert!(back(client, upstream).whole(&whole[..cut]).is_err());
            }
            let stream = stream.unwrap_or_default();
            let step = stream.len() / 40 + 1;
            for cut in (0..stream.len()).step_by(step) {
                streamed(client, upstream, &[&stream[..cut]]);
                streamed(
                    client,
                    upstream,
                    &[&stream[..cut], b"\ndata: {\"a\":1}\n\n", &stream[cut..]],
                );
            }
        }
        assert!(back(client, upstream).whole(b"[]").is_err());
    }
}

/// The rows of the table, in its order.
fn table() -> String {
    let mut out = String::from(
        "| Request | Client | to Chat | to Responses | to Messages | to Gemini | to Converse |\n|---|---|---|---|---|---|---|\n",
    );
    let upstreams = [
        Language::Chat,
        Language::Responses,
        Language::Messages,
        Language::Gemini,
        Language::Converse,
    ];
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for client in upstreams.into_iter().chain([Language::Invoke]) {
        for (about, body) in requests(client) {
            let cell = |upstream: &Language| {
                if is_native(client, *upstream) {
                    return "exact".to_owned();
                }
                let found = translated(client, *upstream, &about, &body);
                match found["refused"].as_str() {
                    Some(field) => format!("refused: `{field}`"),
                    None => "translated".to_owned(),
                }
            };
            let cells: Vec<_> = upstreams.iter().map(cell).collect();
            let row = format!("| {about} | {client} | {} |", cells.join(" | "));
            rows.entry(about).or_default().push(row);
        }
    }
    for row in rows.into_values().flatten() {
        out.push_str(&row);
        out.push('\n');
    }
    out
}

#[test]
fn the_table_in_the_documentation_is_what_happens() {
    const BEGIN: &str =
        "<!-- made by `cargo test -p tidegate-wire --test translate`; do not edit -->\n";
    let file = folder().join("../../../../docs/translation.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once(BEGIN).unwrap();
    let wanted = format!("{before}{BEGIN}{}", table());
    if std::env::var_os("TIDEGATE_GOLDEN").is_some() {
        fs::write(&file, &wanted).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), wanted);
}
