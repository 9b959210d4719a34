//! Answers as streams.

use proptest::prelude::*;
use serde_json::json;
use tidegate_types::Usage;

use super::super::super::{Broken, Language, Seal, SealKind, reply::Stop};
use super::super::{read_answer, write_stream};
use super::*;

/// As Gemini streams: several parts in a chunk, texts in pieces, a signature on its own.
const STREAM: &str = concat!(
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"I \",\"thought\":true}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":10,\"totalTokenCount\":10},\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r1\"}\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"think é.\",\"thought\":true},{\"text\":\"Hel\"}],\"role\":\"model\"},\"index\":0}],\"responseId\":\"r1\"}\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"lo\"},{\"functionCall\":{\"name\":\"get_weather\",\"args\":{\"city\":\"Ulm\"}},\"thoughtSignature\":\"c2ln\"},{\"functionCall\":{\"id\":\"own\",\"name\":\"apply_patch\",\"args\":{\"input\":\"*** x\"}}}],\"role\":\"model\"},\"index\":0}],\"responseId\":\"r1\"}\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\",\"thoughtSignature\":\"ZW5k\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":5,\"thoughtsTokenCount\":3,\"totalTokenCount\":18},\"responseId\":\"r1\"}\r\n\r\n",
);

fn data(chunk: &Value) -> String {
    format!("data: {chunk}\n\n")
}

fn parts(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}}]})
}

#[test]
fn a_stream_is_read_in_steps() {
    let delta = |block, text: &str| Event::Delta {
        block,
        delta: Delta::Text(text.to_owned()),
    };
    let call = |block, id: &str, name: &str, freeform| Event::Open {
        block,
        kind: Opened::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            freeform,
        },
    };
    let input = |block, text: &str| Event::Delta {
        block,
        delta: Delta::Input(text.to_owned()),
    };
    let seal = |block, data: &'static str| Event::Delta {
        block,
        delta: Delta::Seal(Seal {
            owner: Language::Gemini,
            kind: SealKind::Signature,
            id: None,
            data: data.into(),
        }),
    };
    let found = events(&asked(), &[STREAM.as_bytes()]);
    let (usage, steps): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|event| matches!(event, Event::Usage(_)));
    assert_eq!(
        steps,
        [
            Event::Start {
                id: "r1".to_owned(),
                created: None
            },
            Event::Open {
                block: 0,
                kind: Opened::Reasoning
            },
            delta(0, "I "),
            delta(0, "think é."),
            Event::Close { block: 0 },
            Event::Open {
                block: 1,
                kind: Opened::Text
            },
            delta(1, "Hel"),
            delta(1, "lo"),
            Event::Close { block: 1 },
            call(2, "call_r1_1", "get_weather", false),
            seal(2, "c2ln"),
            input(2, r#"{"city":"Ulm"}"#),
            Event::Close { block: 2 },
            call(3, "own", "apply_patch", true),
            input(3, "*** x"),
            Event::Close { block: 3 },
            Event::Open {
                block: 4,
                kind: Opened::Reasoning
            },
            seal(4, "ZW5k"),
            Event::Close { block: 4 },
            Event::Stop(Stop::ToolCalls),
            Event::End,
        ]
    );
    assert_eq!(usage.len(), 2);
    let Some(Event::Usage(last)) = usage.last() else {
        panic!("{usage:?}");
    };
    assert_eq!((last.input, last.output, last.reasoning), (10, 8, 3));
}

#[test]
fn wherever_a_stream_is_cut_it_says_the_same() {
    let whole = events(&asked(), &[STREAM.as_bytes()]);
    let bytes = STREAM.as_bytes();
    for at in 0..bytes.len() {
        assert_eq!(
            events(&asked(), &[&bytes[..at], &bytes[at..]]),
            whole,
            "{at}"
        );
    }
}

#[test]
fn a_stream_that_ends_early_is_broken() {
    let asked = asked();
    let mut reader = StreamReader::new(&asked);
    let mut out = Vec::new();
    assert!(reader.end(&mut out).is_err());
    let cut = parts(&json!([{"text": "Hel"}])).to_string();
    reader.event("", cut.as_bytes(), &mut out).unwrap();
    assert_eq!(
        reader.end(&mut out),
        Err(Broken("it was cut before its end"))
    );
    assert!(reader.event("", b"not json", &mut out).is_err());
}

#[test]
fn failures_in_a_stream_are_told_once() {
    for (chunk, message) in [
        (
            json!({"error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}}),
            "busy",
        ),
        (
            json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}),
            "the model called a tool in a form that cannot be read (MALFORMED_FUNCTION_CALL)",
        ),
    ] {
        let text = data(&chunk).repeat(2);
        let found = events(&asked(), &[text.as_bytes()]);
        let failures: Vec<_> = found
            .iter()
            .filter_map(|event| match event {
                Event::Failed(failure) => Some(failure.message.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(failures, [message]);
        assert!(matches!(found.last(), Some(Event::Failed(_))));
    }
}

#[test]
fn ends_of_every_kind() {
    for (chunk, stop) in [
        (
            json!({"promptFeedback": {"blockReason": "SAFETY"}}),
            Stop::Filtered,
        ),
        (
            json!({"candidates": [{"finishReason": "MAX_TOKENS"}]}),
            Stop::MaxOutput,
        ),
        // Older models say it with every chunk.
        (
            json!({"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}]}),
            Stop::End,
        ),
    ] {
        let text = data(&chunk).repeat(2);
        let found = events(&asked(), &[text.as_bytes()]);
        let stops = found.iter().filter(|event| matches!(event, Event::Stop(_)));
        assert_eq!(stops.collect::<Vec<_>>(), [&Event::Stop(stop)]);
    }
}

#[test]
fn a_stream_read_and_written_says_the_same() {
    let chunks = chunks(asked(), events(&asked(), &[STREAM.as_bytes()]));
    let usage = json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3,
                       "totalTokenCount": 18});
    let chunk = |part: Value| {
        json!({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}],
               "modelVersion": "fast", "responseId": "r1"})
    };
    let mut last = chunk(json!({"text": "", "thoughtSignature": "ZW5k"}));
    last["candidates"][0]["finishReason"] = "STOP".into();
    last["usageMetadata"] = usage;
    assert_eq!(
        chunks,
        [
            chunk(json!({"text": "I ", "thought": true})),
            chunk(json!({"text": "think é.", "thought": true})),
            chunk(json!({"text": "Hel"})),
            chunk(json!({"text": "lo"})),
            chunk(
                json!({"functionCall": {"id": "call_r1_1", "name": "get_weather", "args": {"city": "Ulm"}},
                         "thoughtSignature": "c2ln"})
            ),
            chunk(
                json!({"functionCall": {"id": "own", "name": "apply_patch", "args": {"input": "*** x"}}})
            ),
            last,
        ]
    );
}

fn step(block: usize, delta: Delta) -> Event {
    Event::Delta { block, delta }
}

fn open_call(block: usize) -> Event {
    Event::Open {
        block,
        kind: Opened::Call {
            id: format!("toolu_{block}"),
            name: "f".to_owned(),
            freeform: false,
        },
    }
}

#[test]
fn calls_of_others_are_collected_and_seals_carried() {
    let seal = Seal {
        owner: Language::Messages,
        kind: SealKind::Signature,
        id: None,
        data: "EqQB".into(),
    };
    let found = chunks(
        asked(),
        vec![
            Event::Start {
                id: "msg_1".to_owned(),
                created: None,
            },
            Event::Open {
                block: 0,
                kind: Opened::Reasoning,
            },
            step(0, Delta::Text("a".to_owned())),
            step(0, Delta::NextPart),
            step(0, Delta::Text("b".to_owned())),
            step(0, Delta::Seal(seal.clone())),
            Event::Close { block: 0 },
            open_call(1),
            open_call(2),
            step(2, Delta::Input("{\"n\"".to_owned())),
            step(1, Delta::Input(String::new())),
            step(2, Delta::Input(":2}".to_owned())),
            Event::Close { block: 1 },
            Event::Close { block: 2 },
            Event::Usage(Usage {
                input: 1,
                output: 2,
                ..Usage::default()
            }),
            Event::Stop(Stop::ToolCalls),
            Event::End,
        ],
    );
    let parts: Vec<_> = found
        .iter()
        .map(|chunk| chunk["candidates"][0]["content"]["parts"][0].clone())
        .collect();
    let carried = super::super::signature::carried(&seal).into_owned();
    assert_eq!(
        parts,
        [
            json!({"text": "a", "thought": true}),
            json!({"text": "\n\nb", "thought": true}),
            json!({"functionCall": {"id": "toolu_1", "name": "f", "args": {}}, "thoughtSignature": carried}),
            json!({"functionCall": {"id": "toolu_2", "name": "f", "args": {"n": 2}}}),
            json!({"text": ""}),
        ]
    );
    let ends: Vec<_> = found
        .iter()
        .map(|chunk| chunk["candidates"][0].get("finishReason").is_some())
        .collect();
    assert_eq!(ends, [false, false, false, false, true]);
}

#[test]
fn what_is_collected_has_a_bound() {
    let piece = "x".repeat(1 << 20);
    let mut writer = StreamWriter::new(asked());
    let mut out = Vec::new();
    writer.event(open_call(0), &mut out);
    for _ in 0..40 {
        writer.event(step(0, Delta::Input(piece.clone())), &mut out);
    }
    writer.event(Event::Close { block: 0 }, &mut out);
    assert!(out.len() > write_stream::MOST_INPUT);
    assert!(out.len() < write_stream::MOST_INPUT + (1 << 16));
}

/// Parts as a model could say them.
fn a_part() -> impl Strategy<Value = Value> {
    let seal = prop_oneof![
        Just(None),
        Just(Some("c2ln")),
        Just(Some("dGcxLm1lc3NhZ2VzLnMuLkVx"))
    ];
    let said = prop_oneof![
        "[a-cé\"\\\\]{0,3}".prop_map(|text| json!({"text": text})),
        "[a-cé\"\\\\]{0,3}".prop_map(|text| json!({"text": text, "thought": true})),
        "[a-c]{1,2}".prop_map(|name| json!({"functionCall": {"name": name, "args": {"x": name}}})),
        Just(json!({"functionCall": {"id": "own", "name": "apply_patch", "args": {"input": "i"}}})),
    ];
    (said, seal).prop_map(|(mut part, seal)| {
        if let Some(seal) = seal {
            part["thoughtSignature"] = seal.into();
        }
        part
    })
}

proptest! {
    #[test]
    fn a_stream_and_a_whole_answer_agree(
        chunked in prop::collection::vec(prop::collection::vec(a_part(), 0..4), 1..6),
        only_one in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let asked = Asked { one_call: only_one, ..asked() };
        let mut stream: String = chunked.iter().map(|chunk| {
            let mut chunk = parts(&json!(chunk));
            chunk["responseId"] = "r".into();
            data(&chunk)
        }).collect();
        stream.push_str(&data(&json!({"candidates": [{"finishReason": "STOP"}], "responseId": "r"})));
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| &stream.as_bytes()[cut[0]..cut[1]]).collect();
        let found = events(&asked, &pieces);

        let all: Vec<_> = chunked.concat();
        let mut whole = parts(&json!(all));
        whole["responseId"] = "r".into();
        whole["candidates"][0]["finishReason"] = "STOP".into();
        let whole = whole.to_string();
        let answer = read_answer(Json::read(whole.as_bytes()).unwrap(), &asked).unwrap();
        prop_assert_eq!(format!("{:?}", blocks(&found)), format!("{:?}", answer.blocks));
        prop_assert!(found.contains(&Event::Stop(answer.stop)));
    }

    /// What a client is told in chunks is what it is told at once.
    #[test]
    fn chunks_and_a_whole_answer_agree(said in prop::collection::vec(a_part(), 0..8)) {
        let mut whole = parts(&json!(said));
        whole["candidates"][0]["finishReason"] = "STOP".into();
        let text = whole.to_string();
        let asked_for = asked();
        let answer = read_answer(Json::read(text.as_bytes()).unwrap(), &asked_for).unwrap();
        let at_once: Value = serde_json::from_slice(&super::super::write_answer(&answer, &asked_for)).unwrap();
        let stream = data(&whole);
        let chunks = chunks(asked(), events(&asked_for, &[stream.as_bytes()]));
        let mut joined: Vec<Value> = Vec::new();
        for chunk in &chunks {
            joined.extend(chunk["candidates"][0]["content"]["parts"].as_array().unwrap().clone());
        }
        // The last chunk may have nothing to say.
        if joined.last() == Some(&json!({"text": ""})) && joined.len() > 1 {
            joined.pop();
        }
        // One text may come in several chunks; here it does not, but for thoughts whose seal stands apart.
        let at_once = at_once["candidates"][0]["content"]["parts"].as_array().unwrap();
        prop_assert_eq!(flat(&joined), flat(at_once));
    }

    #[test]
    fn nonsense_makes_no_panic(text in "\\PC{0,40}", name in "[a-zA-Z]{0,8}") {
        let asked = asked();
        let mut reader = StreamReader::new(&asked);
        let mut out = Vec::new();
        let candidates = format!("{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"{name}\":{text}}}]}}}}]}}");
        for data in [&text, &candidates] {
            let read = reader.event("", data.as_bytes(), &mut out);
            let is_object = matches!(Json::read(data.as_bytes()), Ok(Json::Object(_)));
            prop_assert!(is_object || read.is_err());
        }
        prop_assert!(reader.end(&mut out).is_err());
    }
}

/// Texts of one kind in a row are joined, as a reader joins them.
fn flat(parts: &[Value]) -> Vec<Value> {
    let mut flat: Vec<Value> = Vec::new();
    for part in parts {
        if let (Some(last), Some(text)) = (flat.last_mut(), part["text"].as_str())
            && last.get("text").is_some()
            && last.get("thought") == part.get("thought")
            && part.get("thoughtSignature").is_none()
        {
            let joined = format!("{}{text}", last["text"].as_str().unwrap());
            last["text"] = joined.into();
            continue;
        }
        flat.push(part.clone());
    }
    flat
}
