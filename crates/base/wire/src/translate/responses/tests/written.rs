//! Requests as the provider gets them.

use crate::translate::samples::{media, result, text};
use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    super::{
        Feature, Json, Language, Seal, SealKind, field,
        talk::{
            Block, Call, Effort, Format, MediaKind, Reasoning, Request, Sampling, Source, Speaker,
            Thinking, Tool, ToolChoice, Turn,
        },
        write_request,
    },
    value,
};

fn body(request: &Request<'_>) -> Value {
    value(&write_request(request).unwrap())
}

fn said<'a>(speaker: Speaker, blocks: Vec<Block<'a>>) -> Request<'a> {
    Request {
        model: "gpt-5".to_owned(),
        turns: vec![Turn { speaker, blocks }],
        ..Request::default()
    }
}

fn input(speaker: Speaker, blocks: Vec<Block<'_>>) -> Value {
    body(&said(speaker, blocks))["input"].clone()
}

fn call<'a>(id: &'a str, freeform: bool) -> Block<'a> {
    Block::Call(Call {
        id: id.into(),
        name: "f".into(),
        input: "{}".into(),
        freeform,
        seal: None,
    })
}

fn base64(media_type: &'static str) -> Source<'static> {
    Source::Base64 {
        media_type: media_type.into(),
        data: "QUJD".into(),
    }
}

#[test]
fn nothing_is_stored_and_the_seals_are_asked_for() {
    let mut request = said(Speaker::User, vec![text("Hi")]);
    request.instructions = vec![text("One."), text("Two.")];
    request.stream = true;
    request.sampling.max_output = Some(1);
    assert_eq!(
        body(&request),
        json!({"model": "gpt-5", "store": false, "stream": true,
            "include": ["reasoning.encrypted_content"], "instructions": "One.\n\nTwo.",
            "max_output_tokens": 16, "input": [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]})
    );
    request.turns.clear();
    let found = body(&request);
    assert_eq!(
        found["input"],
        json!([{"type": "message", "role": "system", "content": "One.\n\nTwo."}])
    );
    assert_eq!(found.get("instructions"), None);
    // Models that do not think refuse to be asked.
    request.model = "gpt-4.1-mini".to_owned();
    assert_eq!(body(&request).get("include"), None);
}

#[test]
fn tools_and_their_results_are_written() {
    let found = input(
        Speaker::Assistant,
        vec![
            text("a"),
            call("c1", false),
            call("c2", true),
            Block::Refusal("no".into()),
        ],
    );
    assert_eq!(
        found,
        json!([
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "custom_tool_call", "call_id": "c2", "name": "f", "input": "{}"},
            {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}])
    );
    let image = media(MediaKind::Image, base64("image/png"));
    let mut request = said(
        Speaker::Assistant,
        vec![call("c1", false), call("c2", true)],
    );
    request.turns.push(Turn {
        speaker: Speaker::User,
        blocks: vec![
            result("c1", vec![text("x"), image], false),
            result("c2", vec![text("bad")], true),
            result("c3", Vec::new(), false),
            text("Go on."),
        ],
    });
    assert_eq!(
        body(&request)["input"].as_array().unwrap()[2..],
        json!([
            {"type": "function_call_output", "call_id": "c1", "output": [
                {"type": "input_text", "text": "x"},
                {"type": "input_image", "image_url": "data:image/png;base64,QUJD"}]},
            {"type": "custom_tool_call_output", "call_id": "c2", "output": "The tool failed.\nbad"},
            {"type": "function_call_output", "call_id": "c3", "output": ""},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Go on."}]}])
        .as_array()
        .unwrap()[..]
    );
    let long = "x".repeat(200);
    let mut request = said(Speaker::Assistant, vec![call(&long, false)]);
    request.turns.push(Turn {
        speaker: Speaker::User,
        blocks: vec![result(&long, Vec::new(), false)],
    });
    let items = &body(&request)["input"];
    assert_eq!(items[0]["call_id"].as_str().unwrap().len(), 64);
    assert_eq!(items[0]["call_id"], items[1]["call_id"]);
}

#[test]
fn only_its_own_thoughts_are_sent_back() {
    let thought = |owner, kind| {
        Block::Reasoning(Reasoning {
            parts: vec!["Hm.".into()],
            seal: Some(Seal {
                owner,
                kind,
                id: Some("rs_1".into()),
                data: "gA".into(),
            }),
        })
    };
    let found = input(
        Speaker::Assistant,
        vec![
            thought(Language::Messages, SealKind::Signature),
            thought(Language::Responses, SealKind::Content),
            Block::Reasoning(Reasoning {
                parts: vec!["Hm.".into()],
                seal: None,
            }),
        ],
    );
    assert_eq!(
        found,
        json!([{"type": "reasoning", "id": "rs_1", "encrypted_content": "gA",
            "summary": [{"type": "summary_text", "text": "Hm."}]}])
    );
}

#[test]
fn media_are_written() {
    let found = input(
        Speaker::User,
        vec![
            media(MediaKind::Image, Source::Url("https://a/b".into())),
            media(MediaKind::Document, base64("application/pdf")),
            media(MediaKind::Document, Source::Url("https://a/c".into())),
            media(MediaKind::Document, Source::Text("words".into())),
            media(MediaKind::Audio, base64("audio/mpeg")),
        ],
    );
    assert_eq!(
        found[0]["content"],
        json!([
            {"type": "input_image", "image_url": "https://a/b"},
            {"type": "input_file", "filename": "document.pdf", "file_data": "data:application/pdf;base64,QUJD"},
            {"type": "input_file", "file_url": "https://a/c"},
            {"type": "input_text", "text": "words"},
            {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}}])
    );
}

#[test]
fn thinking_becomes_an_effort() {
    let effort = |thinking: Thinking| {
        let mut request = said(Speaker::User, vec![text("Hi")]);
        request.thinking = Some(thinking);
        body(&request).get("reasoning").cloned()
    };
    let on = Thinking {
        on: Some(true),
        ..Thinking::default()
    };
    for (thinking, wanted) in [
        (on.clone(), Some(json!({"summary": "auto"}))),
        (
            Thinking {
                budget: Some(31_999),
                ..on.clone()
            },
            Some(json!({"effort": "high", "summary": "auto"})),
        ),
        (
            Thinking {
                effort: Some(Effort::ExtraHigh),
                shown: Some(false),
                ..on
            },
            Some(json!({"effort": "xhigh"})),
        ),
        (
            Thinking {
                on: Some(false),
                ..Thinking::default()
            },
            None,
        ),
        (
            Thinking {
                on: Some(false),
                effort: Some(Effort::None),
                ..Thinking::default()
            },
            Some(json!({"effort": "none"})),
        ),
    ] {
        assert_eq!(effort(thinking.clone()), wanted, "{thinking:?}");
    }
}

#[test]
fn tools_formats_and_users_are_written() {
    let tool = |name: &'static str, schema: Option<&'static str>| Tool {
        name: name.into(),
        description: Some("d".into()),
        schema: schema.map(|schema| Json::read(schema.as_bytes()).unwrap()),
        strict: None,
        freeform: None,
        namespace: None,
        cache: None,
    };
    let mut request = said(Speaker::User, vec![text("Hi")]);
    request.tools = vec![
        tool("a", Some(r#"{"type":"object","x":1}"#)),
        tool("b", None),
    ];
    request.tool_choice = Some(ToolChoice::AnyOf(vec!["a".into(), "b".into()]));
    request.parallel_tools = Some(false);
    request.user = Some(Cow::Owned("u".repeat(100)));
    request.format = Format::Schema {
        name: None,
        description: None,
        schema: Json::read(b"{}").unwrap(),
        strict: Some(true),
    };
    let found = body(&request);
    assert_eq!(
        found["tools"],
        json!([
            {"type": "function", "name": "a", "description": "d", "strict": false,
             "parameters": {"type": "object", "x": 1}},
            {"type": "function", "name": "b", "description": "d", "strict": false,
             "parameters": {"type": "object", "properties": {}}}])
    );
    assert_eq!(
        found["tool_choice"],
        json!({"type": "allowed_tools", "mode": "required", "tools": [
            {"type": "function", "name": "a"}, {"type": "function", "name": "b"}]})
    );
    assert_eq!(found["parallel_tool_calls"], false);
    assert_eq!(found["safety_identifier"].as_str().unwrap().len(), 64);
    assert_eq!(
        found["text"]["format"],
        json!({"type": "json_schema", "name": "answer", "schema": {}, "strict": true})
    );
    request.tools[0].name = "a.b".into();
    assert_eq!(write_request(&request).unwrap_err().0, Feature::ToolName);
}

#[test]
fn what_cannot_be_said_is_refused() {
    let sampled = |sampling: Sampling<'static>| Request {
        sampling,
        ..said(Speaker::User, vec![text("Hi")])
    };
    let with = |kind, source| said(Speaker::User, vec![media(kind, source)]);
    let audio = || vec![media(MediaKind::Audio, base64("audio/mpeg"))];
    let stop = vec!["END".into()];
    for (request, feature) in [
        (
            sampled(Sampling {
                top_k: Some(1),
                ..Sampling::default()
            }),
            Feature::TopK,
        ),
        (
            sampled(Sampling {
                stop,
                ..Sampling::default()
            }),
            Feature::Stop,
        ),
        (
            sampled(Sampling {
                seed: Some(1.into()),
                ..Sampling::default()
            }),
            Feature::Seed,
        ),
        (
            sampled(Sampling {
                presence_penalty: Some(1.into()),
                ..Sampling::default()
            }),
            Feature::PresencePenalty,
        ),
        (
            sampled(Sampling {
                frequency_penalty: Some(1.into()),
                ..Sampling::default()
            }),
            Feature::FrequencyPenalty,
        ),
        (
            with(MediaKind::Image, Source::File("f".into())),
            Feature::File,
        ),
        (
            with(MediaKind::Image, base64("image/tiff")),
            Feature::MediaType,
        ),
        (with(MediaKind::Video, base64("video/mp4")), Feature::Video),
        (
            with(MediaKind::Audio, Source::Url("https://a".into())),
            Feature::Audio,
        ),
        (
            said(Speaker::User, vec![result("c", audio(), false)]),
            Feature::ToolResultMedia,
        ),
        (said(Speaker::Assistant, audio()), Feature::Audio),
    ] {
        assert_eq!(write_request(&request).unwrap_err().0, feature);
    }
    let fine = sampled(Sampling {
        presence_penalty: Some(0.into()),
        ..Sampling::default()
    });
    assert!(write_request(&fine).is_ok());
}

#[test]
fn each_feature_has_a_name() {
    assert!(
        Feature::ALL
            .iter()
            .all(|feature| !field(*feature).is_empty())
    );
}
