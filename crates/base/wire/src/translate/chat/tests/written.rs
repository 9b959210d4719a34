//! What providers get of requests in nobody's dialect.

use crate::translate::samples::{media, result, text};
use serde_json::{Value, json};

use super::{
    super::super::{
        Feature, Inexpressible, Json, Language, Seal, SealKind,
        talk::{
            Block, Call, Effort, Freeform, Media, MediaKind, Reasoning, Request, Sampling, Source,
            Speaker, Thinking, ToolChoice, Turn,
        },
    },
    tool, write,
};

fn call(id: &str) -> Block<'_> {
    Block::Call(Call {
        id: id.into(),
        name: "run".into(),
        input: "".into(),
        freeform: false,
        seal: None,
    })
}

fn base64<'a>(media_type: &'a str, data: &'a str) -> Source<'a> {
    Source::Base64 {
        media_type: media_type.into(),
        data: data.into(),
    }
}

fn turns<'a>(turns: Vec<(Speaker, Vec<Block<'a>>)>) -> Request<'a> {
    let turns = turns.into_iter();
    Request {
        model: "m".to_owned(),
        turns: turns
            .map(|(speaker, blocks)| Turn { speaker, blocks })
            .collect(),
        ..Request::default()
    }
}

fn messages(request: &Request<'_>) -> Value {
    write(request)["messages"].take()
}

fn inexpressible(request: &Request<'_>) -> Feature {
    let Inexpressible(feature) = super::super::write_request(request).unwrap_err();
    feature
}

#[test]
fn results_follow_their_calls_and_their_images_follow_them() {
    let image = || media(MediaKind::Image, base64("image/png", "AAAA"));
    let request = turns(vec![
        (Speaker::Assistant, vec![call("c1")]),
        (Speaker::Assistant, vec![call("c2")]),
        (Speaker::System, vec![text("Mind the time.")]),
        (
            Speaker::User,
            vec![
                text("Look."),
                result("c1", vec![text("seen"), image()], false),
            ],
        ),
        (Speaker::User, vec![result("c2", vec![], true)]),
    ]);
    let function = json!({"name": "run", "arguments": "{}"});
    assert_eq!(
        messages(&request),
        json!([
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": function},
                {"id": "c2", "type": "function", "function": function}]},
            {"role": "tool", "tool_call_id": "c1",
                "content": "seen\n\n(Images and files of this result are in the next user message.)"},
            {"role": "tool", "tool_call_id": "c2", "content": "The tool failed."},
            {"role": "system", "content": "Mind the time."},
            {"role": "user", "content": [
                {"type": "text", "text": "From the result of call c1:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "text", "text": "Look."}]},
        ])
    );
    let failed = turns(vec![(
        Speaker::User,
        vec![result("c", vec![text("no such file")], true)],
    )]);
    assert_eq!(
        messages(&failed)[0]["content"],
        "The tool failed:\nno such file"
    );
    let alone = turns(vec![(
        Speaker::User,
        vec![result("c", vec![image()], false)],
    )]);
    let messages = messages(&alone);
    assert_eq!(messages[1]["role"], "user");
    assert_eq!(messages[1]["content"][1]["type"], "image_url");
}

#[test]
fn instructions_are_one_system_message_of_one_string() {
    let request = Request {
        instructions: vec![text("One."), text("Two.")],
        ..turns(vec![(Speaker::User, vec![text("a"), text("b")])])
    };
    assert_eq!(
        messages(&request),
        json!([
            {"role": "system", "content": "One.\n\nTwo."},
            {"role": "user", "content": "a\n\nb"},
        ])
    );
}

#[test]
fn only_a_chat_providers_own_thoughts_go_back() {
    let thought = |owner: Option<Language>, data: &'static str| {
        Block::Reasoning(Reasoning {
            parts: vec!["a".into(), " b".into()],
            seal: owner.map(|owner| Seal {
                owner,
                kind: SealKind::Signature,
                id: None,
                data: data.into(),
            }),
        })
    };
    for (owner, data, field) in [
        (Some(Language::Chat), "reasoning", Some("reasoning")),
        (
            Some(Language::Chat),
            "reasoning_content",
            Some("reasoning_content"),
        ),
        (Some(Language::Chat), "content", Some("reasoning_content")),
        (Some(Language::Messages), "reasoning", None),
        (None, "", None),
    ] {
        let mut blocks = vec![thought(owner, data)];
        let alone = turns(vec![(Speaker::Assistant, vec![thought(owner, data)])]);
        assert_eq!(messages(&alone), json!([]));
        blocks.push(text("x"));
        let written = messages(&turns(vec![(Speaker::Assistant, blocks)]));
        let mut wanted = json!({"role": "assistant", "content": "x"});
        if let Some(field) = field {
            wanted[field] = "a b".into();
        }
        assert_eq!(written, json!([wanted]));
    }
}

#[test]
fn a_provider_that_thinks_gets_its_field_at_every_call() {
    let thought = |field: &'static str| {
        Block::Reasoning(Reasoning {
            parts: vec!["hm".into()],
            seal: Some(super::super::shape::thought(field)),
        })
    };
    for (field, wanted) in [("reasoning_content", json!("")), ("reasoning", Value::Null)] {
        let written = messages(&turns(vec![
            (Speaker::Assistant, vec![call("c1")]),
            (Speaker::User, vec![result("c1", vec![], false)]),
            (Speaker::Assistant, vec![text("x")]),
            (Speaker::User, vec![text("y")]),
            (Speaker::Assistant, vec![thought(field), call("c2")]),
        ]));
        assert_eq!(written[0]["reasoning_content"], wanted);
        assert_eq!(written[2].get("reasoning_content"), None);
        assert_eq!(written[4][field], "hm");
    }
}

#[test]
fn a_calls_seal_goes_back_to_its_owner_only() {
    for (owner, there) in [(Language::Chat, true), (Language::Gemini, false)] {
        let Block::Call(mut made) = call("c") else {
            unreachable!()
        };
        made.seal = Some(Seal {
            owner,
            kind: SealKind::Signature,
            id: None,
            data: "s".into(),
        });
        let written = messages(&turns(vec![(Speaker::Assistant, vec![Block::Call(made)])]));
        let extra = &written[0]["tool_calls"][0]["extra_content"];
        assert_eq!(*extra != Value::Null, there);
        if there {
            assert_eq!(*extra, json!({"google": {"thought_signature": "s"}}));
        }
    }
}

#[test]
fn long_ids_are_shortened_alike_at_call_and_result() {
    let (one, two) = ("x".repeat(60), "x".repeat(61));
    let request = turns(vec![
        (Speaker::Assistant, vec![call(&one), call(&two)]),
        (
            Speaker::User,
            vec![result(&one, vec![], false), result(&two, vec![], false)],
        ),
    ]);
    let messages = messages(&request);
    let id = |at: usize| messages[0]["tool_calls"][at]["id"].as_str().unwrap();
    assert!(id(0).len() <= 40 && id(0) != id(1));
    assert_eq!(
        (id(0), id(1)),
        (
            messages[1]["tool_call_id"].as_str().unwrap(),
            messages[2]["tool_call_id"].as_str().unwrap()
        )
    );
}

#[test]
fn freeform_tools_are_functions_with_one_string() {
    let mut patch = tool("patch", true);
    patch.description = Some("Edits.".into());
    patch.freeform = Some(Freeform {
        grammar: Some("start: x".into()),
    });
    let made = Call {
        id: "c".into(),
        name: "patch".into(),
        input: "say \"x\"".into(),
        freeform: true,
        seal: None,
    };
    let request = Request {
        tools: vec![patch],
        ..turns(vec![(Speaker::Assistant, vec![Block::Call(made)])])
    };
    let body = write(&request);
    let function = &body["tools"][0]["function"];
    assert_eq!(
        function["description"],
        "Edits.\n\nThe input keeps to this grammar:\nstart: x"
    );
    assert_eq!(function["parameters"]["required"], json!(["input"]));
    let arguments = &body["messages"][0]["tool_calls"][0]["function"]["arguments"];
    assert_eq!(arguments, r#"{"input":"say \"x\""}"#);
}

#[test]
fn thinking_is_asked_for_in_words_that_models_know() {
    let word = |on: Option<bool>, effort: Option<Effort>, budget: Option<u64>| {
        let thinking = Some(Thinking {
            on,
            effort,
            budget,
            shown: None,
        });
        let mut body = write(&Request {
            thinking,
            ..turns(vec![])
        });
        body["reasoning_effort"].take()
    };
    assert_eq!(word(None, None, None), Value::Null);
    assert_eq!(word(Some(false), None, None), "none");
    assert_eq!(word(Some(true), None, None), "medium");
    assert_eq!(word(Some(true), Some(Effort::Max), None), "xhigh");
    assert_eq!(word(Some(true), Some(Effort::Minimal), Some(9)), "minimal");
    assert_eq!(word(Some(true), None, Some(1_024)), "low");
    assert_eq!(word(Some(true), None, Some(31_999)), "high");
    assert_eq!(write(&turns(vec![])).get("reasoning_effort"), None);
}

#[test]
fn documents_of_text_are_text() {
    let said = |source: Source<'_>, name: Option<&str>| {
        let document = Block::Media(Media {
            kind: MediaKind::Document,
            source,
            name: name.map(|name| name.to_owned().into()),
            detail: None,
            cache: None,
        });
        messages(&turns(vec![(Speaker::User, vec![document])]))[0]["content"].take()
    };
    assert_eq!(said(Source::Text("a".into()), Some("T")), "T:\n\na");
    assert_eq!(said(base64("text/plain", "aMOpIQ=="), None), "hé!");
    assert_eq!(said(base64("text/plain", "aMOp\nITE"), None), "hé!1");
    let pdf = said(base64("application/pdf", "AAAA"), None);
    assert_eq!(
        pdf[0]["file"],
        json!({"filename": "document.pdf", "file_data": "data:application/pdf;base64,AAAA"})
    );
}

#[test]
fn what_chat_cannot_say_is_named() {
    for (kind, source, feature) in [
        (MediaKind::Video, base64("video/mp4", ""), Feature::Video),
        (MediaKind::Image, Source::File("f".into()), Feature::File),
        (
            MediaKind::Audio,
            Source::Url("https://x".into()),
            Feature::Audio,
        ),
        (
            MediaKind::Audio,
            base64("audio/ogg", ""),
            Feature::MediaType,
        ),
        (
            MediaKind::Document,
            Source::Url("https://x".into()),
            Feature::DocumentUrl,
        ),
        (
            MediaKind::Document,
            base64("application/zip", ""),
            Feature::MediaType,
        ),
        (
            MediaKind::Document,
            base64("text/plain", "!"),
            Feature::MediaType,
        ),
        (
            MediaKind::Document,
            base64("text/plain", "/w=="),
            Feature::MediaType,
        ),
    ] {
        let request = turns(vec![(Speaker::User, vec![media(kind, source)])]);
        assert_eq!(inexpressible(&request), feature);
    }
    let sampling = |sampling: Sampling<'static>| Request {
        sampling,
        ..Request::default()
    };
    let top_k = Sampling {
        top_k: Some(1),
        ..Sampling::default()
    };
    assert_eq!(inexpressible(&sampling(top_k)), Feature::TopK);
    let stop = Sampling {
        stop: vec!["x".into(); 5],
        ..Sampling::default()
    };
    assert_eq!(inexpressible(&sampling(stop)), Feature::Stop);
    for name in ["", "a.b", &"x".repeat(65)] {
        let request = Request {
            tools: vec![tool(name, false)],
            ..Request::default()
        };
        assert_eq!(inexpressible(&request), Feature::ToolName);
    }
    for choice in [ToolChoice::Required, ToolChoice::AnyOf(vec!["x".into()])] {
        let request = Request {
            tool_choice: Some(choice),
            ..Request::default()
        };
        assert_eq!(inexpressible(&request), Feature::ToolChoice);
    }
    let pictured = turns(vec![(
        Speaker::Assistant,
        vec![media(MediaKind::Image, base64("image/png", ""))],
    )]);
    assert_eq!(inexpressible(&pictured), Feature::MediaType);
}

#[test]
fn a_choice_without_tools_and_a_long_user_are_left_out() {
    let request = Request {
        tool_choice: Some(ToolChoice::Auto),
        parallel_tools: Some(true),
        user: Some("x".repeat(65).into()),
        ..turns(vec![])
    };
    assert_eq!(write(&request), json!({"model": "m", "messages": []}));
}

#[test]
fn a_schemas_name_is_one_that_is_taken() {
    use super::super::super::talk::Format;
    for (name, wanted) in [(None, "answer"), (Some("a b.c"), "a_b_c")] {
        let format = Format::Schema {
            name: name.map(Into::into),
            description: None,
            schema: Json::Object(vec![]),
            strict: None,
        };
        let body = write(&Request {
            format,
            ..turns(vec![])
        });
        assert_eq!(body["response_format"]["json_schema"]["name"], wanted);
    }
}
