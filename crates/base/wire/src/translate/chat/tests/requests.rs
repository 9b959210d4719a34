//! Requests of clients: what is read of them, and what is refused by name.

use serde_json::json;

use super::{
    super::super::{
        Feature, Language, SealKind,
        talk::{Block, Cache, Effort, Format, MediaKind, Source, Speaker, ToolChoice},
    },
    again, read, refused, text, write,
};

#[test]
fn options_are_read_and_what_only_advises_is_left_out() {
    let body = r#"{"model": "gpt", "stream": true, "stream_options": {"include_usage": true},
        "max_tokens": 900, "max_completion_tokens": 800, "temperature": 0.5, "top_p": 0.9, "seed": 7,
        "stop": "END", "reasoning_effort": "xhigh", "parallel_tool_calls": false,
        "user": "old", "safety_identifier": "u1", "store": false, "metadata": {"a": "b"},
        "service_tier": "auto", "prompt_cache_key": "k", "verbosity": "low", "n": 1, "logprobs": false,
        "modalities": ["text"], "logit_bias": {}, "logit_bias_": null,
        "messages": [{"role": "user", "content": "Weather?"}]}"#;
    let request = read(body).unwrap();
    assert!(request.stream && request.stream_usage);
    assert_eq!(request.sampling.max_output, Some(800));
    assert_eq!(request.sampling.stop, ["END"]);
    assert_eq!(request.user.as_deref(), Some("u1"));
    assert_eq!(request.parallel_tools, Some(false));
    let thinking = request.thinking.unwrap();
    assert_eq!(thinking.effort, Some(Effort::ExtraHigh));
}

#[test]
fn a_conversation_with_tools_is_read() {
    let body = r#"{
        "model": "gpt",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Use tools.",
                "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
            {"role": "user", "content": "Weather?", "name": "ann"},
            {"role": "assistant", "content": "", "refusal": null, "annotations": [], "audio": null,
                "function_call": null, "reasoning_content": "hm", "reasoning": "hm", "tool_calls": [
                {"id": "c1", "type": "function", "index": 0,
                    "function": {"name": "weather", "arguments": ""},
                    "extra_content": {"google": {"thought_signature": "sig"}}},
                {"id": "c2", "type": "custom", "custom": {"name": "patch", "input": "*** x"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "17"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "done"}]},
            {"role": "system", "content": "Now answer."}
        ],
        "tools": [
            {"type": "function", "function": {"name": "weather", "description": "d", "strict": true,
                "parameters": {"type": "object", "properties": {"z": {}, "a": {}}}}},
            {"type": "custom", "custom": {"name": "patch", "format": {"type": "grammar",
                "grammar": {"syntax": "lark", "definition": "start: x"}}}}
        ],
        "tool_choice": {"type": "function", "function": {"name": "weather"}}
    }"#;
    let request = read(body).unwrap();
    assert_eq!(
        request.tool_choice,
        Some(ToolChoice::Tool("weather".into()))
    );
    assert!(matches!(
        &request.instructions[..],
        [Block::Text { text: one, cache: None }, Block::Text { text: two, cache: Some(Cache::Hour) }]
            if one == "Be brief." && two == "Use tools."
    ));
    let speakers: Vec<Speaker> = request.turns.iter().map(|turn| turn.speaker).collect();
    let (assistant, user) = (Speaker::Assistant, Speaker::User);
    assert_eq!(speakers, [user, assistant, user, user, Speaker::System]);
    let [
        Block::Reasoning(thought),
        Block::Call(one),
        Block::Call(two),
    ] = &request.turns[1].blocks[..]
    else {
        panic!("{:?}", request.turns[1]);
    };
    assert_eq!(
        (&thought.parts[..], &thought.seal),
        (&["hm".into()][..], &None)
    );
    assert_eq!(
        (&*one.id, &*one.name, &*one.input, one.freeform),
        ("c1", "weather", "{}", false)
    );
    let seal = one.seal.as_ref().unwrap();
    assert_eq!(
        (seal.owner, seal.kind, &*seal.data),
        (Language::Gemini, SealKind::Signature, "sig")
    );
    assert_eq!(
        (&*two.id, &*two.name, &*two.input, two.freeform),
        ("c2", "patch", "*** x", true)
    );
    assert!(matches!(&request.turns[2].blocks[..], [Block::Result(of)] if of.id == "c1"));
    let schema = request.tools[0].schema.as_ref().unwrap().text();
    assert_eq!(schema, r#"{"type":"object","properties":{"z":{},"a":{}}}"#);
    let grammar = request.tools[1]
        .freeform
        .as_ref()
        .unwrap()
        .grammar
        .as_deref();
    assert_eq!(grammar, Some("(lark)\nstart: x"));
}

#[test]
fn parts_of_every_kind_are_read() {
    let body = text(
        &json!({"model": "m", "messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/PNG;base64,AAAA", "detail": "low"}},
            {"type": "image_url", "image_url": "https://x.example/y.png"},
            {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "mp3"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,CCCC"}},
            {"type": "file", "file": {"file_id": "file-1"}},
        ]}]}),
    );
    let request = read(&body).unwrap();
    let seen: Vec<String> = request.turns[0]
        .blocks
        .iter()
        .map(|block| {
            let Block::Media(media) = block else {
                panic!("{block:?}")
            };
            let source = match &media.source {
                Source::Base64 { media_type, data } => format!("{media_type} {data}"),
                Source::Url(url) => url.clone().into_owned(),
                Source::File(id) => format!("id {id}"),
                Source::Text(_) => panic!("{media:?}"),
            };
            format!(
                "{:?} {source} {:?} {:?}",
                media.kind,
                media.name.as_deref(),
                media.detail.as_deref()
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "Image image/png AAAA None Some(\"low\")",
            "Image https://x.example/y.png None None",
            "Audio audio/mpeg BBBB None None",
            "Document application/pdf CCCC Some(\"a.pdf\") None",
            "Document id file-1 None None",
        ]
    );
    let audio =
        |block: &Block<'_>| matches!(block, Block::Media(media) if media.kind == MediaKind::Audio);
    assert_eq!(
        request.turns[0]
            .blocks
            .iter()
            .filter(|block| audio(block))
            .count(),
        1
    );
}

#[test]
fn formats_are_read() {
    let format = |format: serde_json::Value| {
        let body = text(
            &json!({"model": "m", "messages": [{"role": "user", "content": "x"}],
            "response_format": format}),
        );
        match read(&body).unwrap().format {
            Format::Text => "text".to_owned(),
            Format::Json => "json".to_owned(),
            Format::Schema {
                name,
                schema,
                strict,
                ..
            } => {
                format!("{name:?} {} {strict:?}", schema.text())
            }
        }
    };
    assert_eq!(format(json!({"type": "text"})), "text");
    assert_eq!(format(json!({"type": "json_object"})), "json");
    let schema = json!({"type": "json_schema", "json_schema":
        {"name": "n", "schema": {"type": "object"}, "strict": true}});
    assert_eq!(format(schema), r#"Some("n") {"type":"object"} Some(true)"#);
}

#[test]
fn what_cannot_be_said_elsewhere_is_refused_by_name() {
    let user = json!([{"role": "user", "content": "hi"}]);
    for (member, value, field) in [
        ("functions", json!([]), "functions"),
        ("function_call", json!("auto"), "function_call"),
        ("n", json!(2), "n"),
        ("logprobs", json!(true), "logprobs"),
        ("top_logprobs", json!(3), "top_logprobs"),
        ("logit_bias", json!({"1": 2}), "logit_bias"),
        ("modalities", json!(["text", "audio"]), "modalities"),
        ("audio", json!({"voice": "x"}), "audio"),
        ("web_search_options", json!({}), "web_search_options"),
        ("stream_options", json!({"x": 1}), "stream_options.x"),
        (
            "response_format",
            json!({"type": "grammar"}),
            "response_format.type",
        ),
        ("tools", json!([{"type": "web_search"}]), "tools[0].type"),
        ("tool_choice", json!({"type": "mcp"}), "tool_choice.type"),
        ("wholly_new", json!(0), "wholly_new"),
    ] {
        let mut body = json!({"model": "m", "messages": user});
        body[member] = value;
        let said = refused(&body);
        assert!(
            said.starts_with(&format!("{field} cannot be translated")),
            "{said}"
        );
    }
}

#[test]
fn messages_that_are_none_are_refused_by_their_place() {
    for (messages, wanted) in [
        (json!([]), "messages is missing"),
        (json!("x"), "messages must be an array, and is a string"),
        (
            json!([{"role": "function", "content": "x"}]),
            "messages[0].role cannot",
        ),
        (
            json!([{"role": "user", "content": 1}]),
            "messages[0].content must be a string or an array",
        ),
        (
            json!([{"role": "system", "content": [{"type": "image_url", "image_url": "http://x"}]}]),
            "messages[0].content[0].type cannot",
        ),
        (
            json!([{"role": "user", "content": [{"type": "video_url"}]}]),
            "messages[0].content[0].type cannot",
        ),
        (
            json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "gopher"}}]}]),
            "messages[0].content[0].image_url must be an http URL",
        ),
        (
            json!([{"role": "user", "content": "x", "new": 1}]),
            "messages[0].new cannot",
        ),
        (
            json!([{"role": "assistant", "function_call": {"name": "f"}}]),
            "messages[0].function_call cannot",
        ),
        (
            json!([{"role": "assistant", "audio": {"id": "a"}}]),
            "messages[0].audio cannot",
        ),
        (
            json!([{"role": "assistant", "tool_calls": [{"function": {}}]}]),
            "messages[0].tool_calls[0].id is missing",
        ),
        (
            json!([{"role": "tool", "content": "x"}]),
            "messages[0].tool_call_id is missing",
        ),
        (
            json!([{"role": "user", "content": "x", "name": "ann"},
            {"role": "user", "content": "y", "name": "bob"}]),
            "messages[1].name cannot",
        ),
    ] {
        let said = refused(&json!({"model": "m", "messages": messages}));
        assert!(said.starts_with(wanted), "{said}");
    }
    assert_eq!(
        refused(&json!([])),
        "body must be an object, and is an array"
    );
    assert!(refused(&json!({"messages": []})).starts_with("model is missing"));
    let effort = json!({"model": "m", "messages": [], "reasoning_effort": "some"});
    assert!(refused(&effort).starts_with("reasoning_effort must be none"));
}

#[test]
fn a_choice_among_tools_offers_those() {
    let tools = json!([
        {"type": "function", "function": {"name": "a"}},
        {"type": "function", "function": {"name": "b"}},
        {"type": "function", "function": {"name": "c"}},
    ]);
    let allowed = |mode: &str| {
        json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [
        {"type": "function", "function": {"name": "a"}}, {"type": "function", "function": {"name": "c"}}]}})
    };
    for (mode, choice) in [("auto", "auto"), ("required", "required")] {
        let body = again(json!({"tools": tools, "tool_choice": allowed(mode)}));
        assert_eq!(body["tool_choice"], choice);
        let names: Vec<_> = body["tools"].as_array().unwrap().iter().collect();
        assert_eq!(names.len(), 2);
        assert_eq!(names[1]["function"]["name"], "c");
    }
}

#[test]
fn each_feature_has_a_name() {
    for feature in Feature::ALL {
        assert!(!super::super::field(*feature).is_empty(), "{feature:?}");
    }
}

#[test]
fn a_request_that_is_read_and_written_says_the_same() {
    let body = json!({
        "model": "gpt",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "high"}},
                {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "wav"}},
                {"type": "file", "file": {"filename": "a.pdf",
                    "file_data": "data:application/pdf;base64,CCCC"}}]},
            {"role": "assistant", "content": "Looking.", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "a", "arguments": "{\"x\": 1 }"}},
                {"id": "c2", "type": "function", "function": {"name": "b", "arguments": "nonsense"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "17"},
            {"role": "tool", "tool_call_id": "c2", "content": ""},
            {"role": "assistant", "content": null, "refusal": "No."},
            {"role": "system", "content": "Go on."},
            {"role": "user", "content": "Please."}],
        "tools": [
            {"type": "function", "function": {"name": "a", "description": "d",
                "parameters": {"type": "object"}, "strict": true}},
            {"type": "function", "function": {"name": "b", "parameters": {"type": "object"}}}],
        "tool_choice": "required", "parallel_tool_calls": true,
        "max_completion_tokens": 10, "temperature": 0.25, "top_p": 1, "presence_penalty": -0.5,
        "frequency_penalty": 2, "seed": -3, "stop": ["a", "b"],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "description": "e",
            "schema": {"type": "object"}, "strict": false}},
        "reasoning_effort": "minimal",
        "stream": true, "stream_options": {"include_usage": true},
        "user": "u1",
    });
    assert_eq!(write(&read(&text(&body)).unwrap()), body);
}
