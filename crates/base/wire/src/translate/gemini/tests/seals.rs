//! Signatures on their way there and back.

use serde_json::json;

use super::super::super::{
    Language, Seal, SealKind,
    reply::{Answer, Stop},
    talk::Call,
};
use super::super::{read_answer, signature, write_answer};
use super::*;

fn seal(owner: Language, data: &str) -> Seal<'static> {
    Seal {
        owner,
        kind: SealKind::Content,
        id: Some("rs_1".into()),
        data: data.to_owned().into(),
    }
}

fn thoughts(parts: &[&'static str], seal: Option<Seal<'static>>) -> Block<'static> {
    Block::Reasoning(Reasoning {
        parts: parts.iter().map(|part| (*part).into()).collect(),
        seal,
    })
}

fn a_call() -> Block<'static> {
    Block::Call(Call {
        id: "c".into(),
        name: "f".into(),
        input: "{}".into(),
        freeform: false,
        seal: None,
    })
}

#[test]
fn other_providers_seals_are_base64_and_come_back_in_either_alphabet() {
    for owner in [Language::Chat, Language::Messages, Language::Responses] {
        for data in ["x", "xy?>", "ÿþ~~~", ""] {
            let sealed = seal(owner, data);
            let text = signature::carried(&sealed).into_owned();
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            );
            let url_safe = text.replace('+', "-").replace('/', "_");
            for text in [text.as_str(), &url_safe, url_safe.trim_end_matches('=')] {
                assert_eq!(signature::returned(text.into()), sealed, "{text}");
            }
        }
    }
}

#[test]
fn own_signatures_stay_as_they_are() {
    for text in [
        "c2ln",
        "skip_thought_signature_validator",
        "dGcxLg==",
        "dGcxL*",
    ] {
        let seal = signature::returned(text.into());
        assert_eq!((seal.owner, &*seal.data), (Language::Gemini, text));
        assert_eq!(signature::carried(&seal), text);
    }
}

/// What was thought elsewhere is shown, its seal stands on the next part, and both come back as one block: also
/// where the client throws the thoughts away.
#[test]
fn thoughts_of_others_come_back_through_a_client() {
    let answer = Answer {
        blocks: vec![
            thoughts(&["a", "b"], Some(seal(Language::Responses, "s1"))),
            thoughts(&[], Some(seal(Language::Responses, "s2"))),
            text("Hello"),
            thoughts(&["c"], Some(seal(Language::Messages, "s3"))),
            a_call(),
            thoughts(&[], Some(seal(Language::Messages, "s4"))),
        ],
        stop: Stop::ToolCalls,
        ..Answer::default()
    };
    let written: Value = serde_json::from_slice(&write_answer(&answer, &asked())).unwrap();
    let content = &written["candidates"][0]["content"];
    let parts = content["parts"].as_array().unwrap();
    let shapes: Vec<_> = parts
        .iter()
        .map(|part| {
            (
                part["text"].as_str(),
                part.get("thought").is_some(),
                part.get("thoughtSignature").is_some(),
            )
        })
        .collect();
    assert_eq!(
        shapes,
        [
            (Some("a\n\nb"), true, false),
            (Some(""), false, true),
            (Some("Hello"), false, true),
            (Some("c"), true, false),
            (None, false, true),
            (Some(""), false, true),
        ]
    );
    let body = json!({"contents": [content]}).to_string();
    let request = read(&body);
    let seals = |blocks: &[Block<'_>]| {
        let of = |block: &Block<'_>| match block {
            Block::Reasoning(Reasoning { parts, seal }) => {
                let seal = seal
                    .as_ref()
                    .map(|seal| (seal.owner, seal.data.clone().into_owned()));
                format!("{} {seal:?}", parts.join("\n\n"))
            }
            Block::Text { text, .. } => text.clone().into_owned(),
            _ => "call".to_owned(),
        };
        blocks.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(seals(&request.turns[0].blocks), seals(&answer.blocks));

    let kept = parts
        .iter()
        .filter(|part| part.get("thought").is_none())
        .collect::<Vec<_>>();
    let body = json!({"contents": [{"role": "model", "parts": kept}]}).to_string();
    let found = seals(&read(&body).turns[0].blocks);
    let of: Vec<_> = ["s1", "s2", "Hello", "s3", "call", "s4"].into();
    assert_eq!(found.len(), of.len());
    for (found, of) in found.iter().zip(of) {
        assert!(found.contains(of), "{found}");
    }
}

#[test]
fn own_signatures_stand_on_their_parts_again() {
    let parts = json!([
        {"text": "Hello", "thoughtSignature": "c2lnMQ=="},
        {"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "c2lnMg=="},
        {"text": "", "thoughtSignature": "c2lnMw=="},
    ]);
    let body = json!({"contents": [{"role": "model", "parts": parts}]});
    assert_eq!(written(&read(&body.to_string())), body);
    let answer =
        json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}).to_string();
    let asked = asked();
    let answer = read_answer(Json::read(answer.as_bytes()).unwrap(), &asked).unwrap();
    let request = Request {
        turns: vec![turn(Speaker::Assistant, answer.blocks)],
        ..Request::default()
    };
    assert_eq!(written(&request), body);
}

#[test]
fn other_thoughts_are_not_sent_to_gemini() {
    let request = Request {
        turns: vec![turn(
            Speaker::Assistant,
            vec![
                thoughts(&["a"], None),
                thoughts(&["b"], Some(seal(Language::Messages, "s"))),
                text("Hello"),
            ],
        )],
        ..Request::default()
    };
    assert_eq!(
        written(&request)["contents"][0]["parts"],
        json!([{"text": "Hello"}])
    );
}

/// A dialect without a place at calls may bring a signature as thoughts before them.
#[test]
fn a_signature_before_a_call_is_the_calls() {
    let own = Seal {
        id: None,
        kind: SealKind::Signature,
        ..seal(Language::Gemini, "c2ln")
    };
    let request = Request {
        model: "gemini-3-pro".to_owned(),
        turns: vec![turn(
            Speaker::Assistant,
            vec![thoughts(&[], Some(own)), a_call()],
        )],
        ..Request::default()
    };
    assert_eq!(
        written(&request)["contents"][0]["parts"],
        json!([{"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "c2ln"}])
    );
}
