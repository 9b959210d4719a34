//! Requests of other dialects' clients for Gemini.

use crate::translate::samples::result;
use serde_json::json;

use super::super::super::{
    Language, Seal, SealKind,
    talk::{Call, Effort, Media, MediaKind, Source, Thinking, ToolChoice},
};
use super::*;

fn call<'a>(id: &'a str, input: &'a str) -> Call<'a> {
    Call {
        id: id.into(),
        name: "get_weather".into(),
        input: input.into(),
        freeform: false,
        seal: None,
    }
}

fn request<'a>(turns: Vec<Turn<'a>>) -> Request<'a> {
    Request {
        model: "gemini-2.5-flash".to_owned(),
        turns,
        ..Request::default()
    }
}

fn hello() -> Request<'static> {
    request(vec![turn(Speaker::User, vec![text("hi")])])
}

#[test]
fn a_turn_with_calls_and_their_results() {
    let mut request = request(vec![
        turn(Speaker::System, vec![text("late instruction")]),
        turn(Speaker::User, vec![text("hi"), text("")]),
        turn(Speaker::User, vec![text("there")]),
        turn(
            Speaker::Assistant,
            vec![
                text("I call."),
                Block::Call(call("a", r#"{"city":"Ulm"}"#)),
                Block::Call(call("b", "")),
                Block::Call(call("c", "not json")),
            ],
        ),
        turn(
            Speaker::User,
            vec![
                result("b", vec![text("x"), text("y")], false),
                result("a", vec![text("lost")], true),
                result("c", Vec::new(), false),
                text("go on"),
            ],
        ),
    ]);
    request.instructions = vec![text("system"), text("")];
    assert_eq!(
        written(&request),
        json!({
            "systemInstruction": {"parts": [{"text": "system"}, {"text": "late instruction"}]},
            "contents": [
                {"role": "user", "parts": [{"text": "hi"}, {"text": "there"}]},
                {"role": "model", "parts": [{"text": "I call."},
                    {"functionCall": {"id": "a", "name": "get_weather", "args": {"city": "Ulm"}}},
                    {"functionCall": {"id": "b", "name": "get_weather", "args": {}}},
                    {"functionCall": {"id": "c", "name": "get_weather", "args": {"_raw": "not json"}}}]},
                {"role": "user", "parts": [
                    {"functionResponse": {"id": "b", "name": "get_weather", "response": {"result": "x\ny"}}},
                    {"functionResponse": {"id": "a", "name": "get_weather", "response": {"error": "lost"}}},
                    {"functionResponse": {"id": "c", "name": "get_weather", "response": {"result": ""}}},
                    {"text": "go on"}]},
            ],
        })
    );
}

#[test]
fn instructions_in_the_conversation_are_not_to_be_said() {
    let request = request(vec![
        turn(Speaker::Assistant, vec![text("a")]),
        turn(Speaker::System, vec![text("b")]),
    ]);
    assert_eq!(unwritten(&request), Feature::SystemInConversation);
}

#[test]
fn instructions_alone_are_said_by_a_user() {
    let mut request = request(vec![turn(Speaker::System, vec![text("b")])]);
    request.instructions = vec![text("a")];
    assert_eq!(
        written(&request),
        json!({"contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]})
    );
}

#[test]
fn tools_of_every_kind() {
    let schema = r#"{"$schema":"x","type":"object","additionalProperties":false}"#;
    let mut request = hello();
    request.tools = vec![
        Tool {
            description: Some("d".into()),
            schema: Some(Json::read(schema.as_bytes()).unwrap()),
            strict: Some(true),
            ..tool("mcp__a__b.c")
        },
        Tool {
            description: Some("Patches.".into()),
            freeform: Some(Freeform {
                grammar: Some("start: X".into()),
            }),
            ..tool("apply_patch")
        },
    ];
    request.tool_choice = Some(ToolChoice::Tool("apply_patch".into()));
    request.parallel_tools = Some(false);
    let body = written(&request);
    assert_eq!(
        body["tools"],
        json!([{"functionDeclarations": [
            {"name": "mcp__a__b.c", "description": "d",
             "parametersJsonSchema": {"$schema": "x", "type": "object", "additionalProperties": false}},
            {"name": "apply_patch",
             "description": "Patches.\n\n`input` has to keep to this grammar:\nstart: X",
             "parametersJsonSchema": {"type": "object", "properties": {"input": {"type": "string"}},
                                      "required": ["input"]}},
        ]}])
    );
    assert_eq!(
        body["toolConfig"],
        json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["apply_patch"]}})
    );
    for name in ["1st", "a b", "", &"x".repeat(129)] {
        let mut request = hello();
        request.tools = vec![tool(name)];
        assert_eq!(unwritten(&request), Feature::ToolName, "{name}");
    }
}

#[test]
fn freeform_input_is_one_text() {
    let patch = Call {
        freeform: true,
        ..call("a", "*** Begin Patch")
    };
    let request = request(vec![turn(Speaker::Assistant, vec![Block::Call(patch)])]);
    assert_eq!(
        written(&request)["contents"][0]["parts"][0]["functionCall"]["args"],
        json!({"input": "*** Begin Patch"})
    );
}

#[test]
fn thinking_is_a_budget() {
    for (thinking, model, config) in [
        (r"off", "gemini-2.5-flash", json!({"thinkingBudget": 0})),
        (
            "budget",
            "gemini-2.5-flash",
            json!({"thinkingBudget": 24_576, "includeThoughts": true}),
        ),
        (
            "budget",
            "gemini-2.5-pro",
            json!({"thinkingBudget": 31_999, "includeThoughts": true}),
        ),
        ("effort", "gemini-2.5-pro", json!({"thinkingBudget": 8_192})),
        ("on", "gemini-3-pro-preview", json!({"thinkingBudget": -1})),
        ("none", "gemini-3-pro-preview", Value::Null),
    ] {
        let mut request = hello();
        model.clone_into(&mut request.model);
        request.thinking = Some(match thinking {
            "off" => Thinking {
                on: Some(false),
                shown: Some(true),
                ..Thinking::default()
            },
            "budget" => Thinking {
                on: Some(true),
                budget: Some(31_999),
                shown: Some(true),
                ..Thinking::default()
            },
            "effort" => Thinking {
                effort: Some(Effort::Medium),
                ..Thinking::default()
            },
            "on" => Thinking {
                on: Some(true),
                ..Thinking::default()
            },
            _ => Thinking::default(),
        });
        let body = written(&request);
        assert_eq!(
            body["generationConfig"]["thinkingConfig"], config,
            "{thinking}"
        );
    }
}

#[test]
fn what_gemini_cannot_be_told() {
    let media = |kind, source| {
        let media = Media {
            kind,
            source,
            name: None,
            detail: None,
            cache: None,
        };
        request(vec![turn(Speaker::User, vec![Block::Media(media)])])
    };
    let url = || Source::Url("https://example.com/x".into());
    assert_eq!(
        unwritten(&media(MediaKind::Image, url())),
        Feature::ImageUrl
    );
    assert_eq!(
        unwritten(&media(MediaKind::Document, url())),
        Feature::DocumentUrl
    );
    assert_eq!(unwritten(&media(MediaKind::Video, url())), Feature::Video);
    let file = Source::File("file-abc".into());
    assert_eq!(unwritten(&media(MediaKind::Document, file)), Feature::File);
    let youtube = Source::Url("https://youtu.be/x".into());
    assert_eq!(
        written(&media(MediaKind::Video, youtube))["contents"][0]["parts"][0],
        json!({"fileData": {"fileUri": "https://youtu.be/x"}})
    );

    let mut request = hello();
    request.sampling.seed = Some((1_u64 << 40).into());
    assert_eq!(unwritten(&request), Feature::Seed);
    let mut request = hello();
    request.sampling.stop = vec!["x".into(); 6];
    assert_eq!(unwritten(&request), Feature::Stop);
}

#[test]
fn a_text_document_keeps_its_title() {
    let media = Media {
        kind: MediaKind::Document,
        source: Source::Text("one,two".into()),
        name: Some("a.csv".into()),
        detail: None,
        cache: None,
    };
    let request = request(vec![turn(Speaker::User, vec![Block::Media(media)])]);
    assert_eq!(
        written(&request)["contents"][0]["parts"][0],
        json!({"text": "a.csv\n\none,two"})
    );
}

#[test]
fn gemini_3_gets_a_signature_at_each_steps_first_call() {
    let signed = Call {
        seal: Some(Seal {
            owner: Language::Gemini,
            kind: SealKind::Signature,
            id: None,
            data: "c2ln".into(),
        }),
        ..call("c", "{}")
    };
    let turns = || {
        vec![
            turn(Speaker::User, vec![text("go")]),
            turn(
                Speaker::Assistant,
                vec![text("a"), Block::Call(call("a", "{}"))],
            ),
            turn(Speaker::Assistant, vec![Block::Call(call("b", "{}"))]),
            turn(
                Speaker::User,
                vec![result("a", vec![], false), result("b", vec![], false)],
            ),
            turn(
                Speaker::Assistant,
                vec![Block::Call(signed.clone()), Block::Call(call("d", "{}"))],
            ),
            turn(
                Speaker::User,
                vec![result("c", vec![], false), result("d", vec![], false)],
            ),
            turn(Speaker::Assistant, vec![Block::Call(call("e", "{}"))]),
        ]
    };
    let signatures = |model: &str| {
        let mut request = request(turns());
        model.clone_into(&mut request.model);
        let body = written(&request);
        let contents = body["contents"].as_array().unwrap().clone();
        let parts = contents
            .iter()
            .flat_map(|content| content["parts"].as_array().unwrap());
        let calls = parts.filter(|part| part.get("functionCall").is_some());
        calls
            .map(|part| part["thoughtSignature"].as_str().unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
    };
    let dummy = "skip_thought_signature_validator";
    assert_eq!(
        signatures("gemini-3-pro-preview"),
        [dummy, "-", "c2ln", "-", dummy]
    );
    assert_eq!(signatures("gemini-2.5-flash"), ["-", "-", "c2ln", "-", "-"]);
}

#[test]
fn targets() {
    use super::super::target;
    assert_eq!(
        target("gemini-2.5-flash", false),
        "/v1beta/models/gemini-2.5-flash:generateContent"
    );
    assert_eq!(
        target("a/b:c é", true),
        "/v1beta/models/a%2Fb%3Ac%20%C3%A9:streamGenerateContent?alt=sse"
    );
}

#[test]
fn every_feature_has_a_name() {
    for feature in Feature::ALL {
        assert!(super::super::field(*feature).contains('.'), "{feature:?}");
    }
}
