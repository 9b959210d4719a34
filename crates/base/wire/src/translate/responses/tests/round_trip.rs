//! A request that is read and written says the same, and so does an answer.

use proptest::prelude::*;

use super::{
    super::{
        Asked, read_answer,
        reply::{Answer, Delta, Event, Opened, Stop},
        talk::{Block, Call, Reasoning},
        write_answer, write_request,
    },
    Json, StreamReader, asked, read, said, value,
};
use crate::translate::{Language, ReadStream, Seal, SealKind};

#[test]
fn a_request_says_the_same() {
    let body = r#"{"model":"m","instructions":"Be.","stream":true,"max_output_tokens":99,"temperature":1,
      "top_p":0.5,"user":"u","parallel_tool_calls":true,"tool_choice":{"type":"custom","name":"p"},
      "reasoning":{"effort":"high","summary":"auto"},
      "text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"b":1,"a":[]},"strict":false}},
      "tools":[{"type":"function","name":"f","description":"d","parameters":{"z":1,"a":2},"strict":true},
        {"type":"custom","name":"p","description":"e"}],
      "input":[{"role":"user","content":[{"type":"input_text","text":"Hi"},
          {"type":"input_image","image_url":"data:image/png;base64,QUJD","detail":"high"},
          {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}]},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
         "encrypted_content":"gA=="},
        {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Yo"},{"type":"refusal","refusal":"No"}]},
        {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"z\": 1}"},
        {"type":"custom_tool_call","call_id":"c2","name":"p","input":"text"},
        {"type":"function_call_output","call_id":"c1","output":"x"},
        {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"y"},
          {"type":"input_image","image_url":"https://a/b"}]},
        {"role":"developer","content":"Mind."},{"role":"user","content":"Go"}]}"#;
    let mut first = read(body);
    first.model = "m".to_owned();
    let written = write_request(&first).unwrap();
    let written = String::from_utf8(written).unwrap();
    let mut second = read(&written);
    second.model = "m".to_owned();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
}

/// An answer, and the steps that say it.
fn answer(blocks: Vec<Block<'static>>, stop: Stop) -> (Answer<'static>, Vec<Event>) {
    let mut steps = vec![Event::Start {
        id: "chatcmpl-1".to_owned(),
        created: Some(7),
    }];
    for (block, said) in blocks.iter().enumerate() {
        let (kind, deltas) = deltas(said);
        steps.push(Event::Open { block, kind });
        steps.extend(
            deltas
                .into_iter()
                .map(|delta| Event::Delta { block, delta }),
        );
        steps.push(Event::Close { block });
    }
    steps.extend([Event::Stop(stop.clone()), Event::End]);
    let answer = Answer {
        id: "chatcmpl-1".to_owned(),
        created: Some(7),
        blocks,
        stop,
        usage: None,
    };
    (answer, steps)
}

/// Pieces of a text of any length.
fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(3)
        .map(|piece| piece.iter().collect())
        .collect()
}

fn deltas(block: &Block<'static>) -> (Opened, Vec<Delta>) {
    let texts = |text: &str| pieces(text).into_iter().map(Delta::Text).collect();
    match block {
        Block::Text { text, .. } => (Opened::Text, texts(text)),
        Block::Refusal(text) => (Opened::Refusal, texts(text)),
        Block::Reasoning(reasoning) => {
            let mut found: Vec<Delta> = Vec::new();
            for (at, part) in reasoning.parts.iter().enumerate() {
                if at > 0 {
                    found.push(Delta::NextPart);
                }
                found.extend(texts(part));
            }
            found.extend(reasoning.seal.clone().map(Delta::Seal));
            (Opened::Reasoning, found)
        }
        Block::Call(call) => {
            let kind = Opened::Call {
                id: call.id.to_string(),
                name: call.name.to_string(),
                freeform: call.freeform,
            };
            let mut found: Vec<Delta> = pieces(&call.input).into_iter().map(Delta::Input).collect();
            // Where it comes with the first piece it is in time.
            let at = found.len().min(1);
            if let Some(seal) = call.seal.clone() {
                found.insert(at, Delta::Seal(seal));
            }
            (kind, found)
        }
        other => panic!("{other:?}"),
    }
}

fn block() -> impl Strategy<Value = Block<'static>> {
    let seal = |owner, kind| {
        proptest::option::of("[a-zA-Z0-9+/=]{1,20}").prop_map(move |data| {
            data.map(|data| Seal {
                owner,
                kind,
                id: None,
                data: data.into(),
            })
        })
    };
    let thoughts = seal(Language::Messages, SealKind::Signature);
    let calls = seal(Language::Gemini, SealKind::Signature);
    prop_oneof![
        ".{0,12}".prop_map(|text| Block::Text {
            text: text.into(),
            cache: None
        }),
        ".{0,12}".prop_map(|text| Block::Refusal(text.into())),
        (proptest::collection::vec(".{1,9}", 0..3), thoughts).prop_map(|(parts, seal)| {
            let parts = parts.into_iter().map(Into::into).collect();
            Block::Reasoning(Reasoning { parts, seal })
        }),
        ("[a-z0-9_]{1,8}", ".{0,12}", any::<bool>(), calls).prop_map(
            |(id, input, freeform, seal)| {
                Block::Call(Call {
                    id: id.into(),
                    name: "f".into(),
                    input: input.into(),
                    freeform,
                    seal,
                })
            }
        ),
    ]
}

fn stop() -> impl Strategy<Value = Stop> {
    prop_oneof![
        Just(Stop::End),
        Just(Stop::ToolCalls),
        Just(Stop::MaxOutput),
        Just(Stop::Filtered),
        Just(Stop::Refusal),
        Just(Stop::Sequence(None)),
    ]
}

proptest! {
    #[test]
    fn a_whole_answer_and_its_stream_agree(blocks in proptest::collection::vec(block(), 0..6), stop in stop()) {
        let body = r#"{"model":"m","input":"Hi"}"#;
        let (answer, steps) = answer(blocks, stop);
        let whole = value(&write_answer(&answer, &asked(body)));
        let events = said(asked(body), steps);
        let (name, last) = events.last().unwrap();
        prop_assert_eq!(&last["response"], &whole);
        let status = whole["status"].as_str().unwrap();
        prop_assert_eq!(name, &format!("response.{status}"));
        // Each item was done as it stands at the end, and events are counted.
        let done: Vec<_> = events
            .iter()
            .filter(|(name, _)| name == "response.output_item.done")
            .map(|(_, data)| data["item"].clone())
            .collect();
        prop_assert_eq!(&serde_json::Value::Array(done), &whole["output"]);
        for (at, (name, data)) in events.iter().enumerate() {
            prop_assert_eq!(data["sequence_number"].as_u64(), Some(at as u64));
            prop_assert_eq!(data["type"].as_str(), Some(name.as_str()));
        }
    }

    #[test]
    fn what_is_written_is_read_again(blocks in proptest::collection::vec(block(), 0..6)) {
        let body = r#"{"model":"m","input":"Hi"}"#;
        let (answer, steps) = answer(blocks, Stop::End);
        let text = write_answer(&answer, &asked(body));
        let whole = read_answer(Json::read(&text).unwrap(), &Asked::default()).unwrap();
        let mut reader = StreamReader::new(&Asked::default());
        let mut found = Vec::new();
        for (name, data) in said(asked(body), steps) {
            reader.event(&name, data.to_string().as_bytes(), &mut found).unwrap();
        }
        reader.end(&mut found).unwrap();
        prop_assert_eq!(joined(found), expected(&whole));
    }
}

/// What steps say, each block with all its pieces.
fn joined(steps: Vec<Event>) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for step in steps {
        match step {
            Event::Open { block, kind } => {
                assert_eq!(block, blocks.len());
                blocks.push(format!("{kind:?} "));
            }
            Event::Delta { block, delta } => blocks[block].push_str(&match delta {
                Delta::Text(text) | Delta::Input(text) => text,
                Delta::NextPart => "\n".to_owned(),
                Delta::Seal(seal) => format!("!{}", seal.data),
            }),
            _ => {}
        }
    }
    blocks
}

fn expected(answer: &Answer<'_>) -> Vec<String> {
    let shown = |block: &Block<'_>| match block {
        Block::Text { text, .. } => format!("Text {text}"),
        Block::Refusal(text) => format!("Refusal {text}"),
        Block::Reasoning(reasoning) => {
            let seal = reasoning
                .seal
                .as_ref()
                .map(|seal| format!("!{}", seal.data));
            let text = reasoning.parts.join("\n");
            format!("Reasoning {text}{}", seal.unwrap_or_default())
        }
        Block::Call(call) => {
            let kind = Opened::Call {
                id: call.id.to_string(),
                name: call.name.to_string(),
                freeform: call.freeform,
            };
            format!("{kind:?} {}", call.input)
        }
        other => panic!("{other:?}"),
    };
    answer.blocks.iter().map(shown).collect()
}
