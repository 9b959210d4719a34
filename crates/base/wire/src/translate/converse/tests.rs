//! What the matrix of golden files does not show: models that differ, names that do not fit, and streams that fail.

use serde_json::{Value, json};

use crate::{
    Operation,
    eventstream::{Damage, Decoder, Kind, write},
    translate::{self, Language, Translated},
};

const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn ask(model: &str, body: &Value) -> Translated {
    let body = body.to_string();
    let named = ("bedrock/x", model);
    translate::request(
        Operation::Messages,
        Language::Converse,
        named,
        "req_1",
        body.as_bytes(),
    )
    .unwrap()
}

fn written(model: &str, body: &Value) -> Value {
    serde_json::from_slice(&ask(model, body).body).unwrap()
}

fn refused(model: &str, body: &Value) -> String {
    let body = body.to_string();
    let named = ("bedrock/x", model);
    let done = translate::request(
        Operation::Messages,
        Language::Converse,
        named,
        "req_1",
        body.as_bytes(),
    );
    done.unwrap_err().field
}

fn said(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

#[test]
fn the_model_stands_in_the_path_as_amazons_clients_write_it() {
    let body = json!({"model": "x", "max_tokens": 9, "messages": said("hi")});
    let target = |model| ask(model, &body).target;
    assert_eq!(
        target(CLAUDE),
        "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"
    );
    assert_eq!(
        target("arn:aws:bedrock:eu-west-1:1:application-inference-profile/a"),
        "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2Fa/converse"
    );
    let mut stream = body;
    stream["stream"] = true.into();
    assert!(ask("m", &stream).target.ends_with("/m/converse-stream"));
}

#[test]
fn marks_of_what_is_worth_caching_go_to_models_that_know_them() {
    let marked = |text: &str| json!({"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": "1h"}});
    let body = json!({"model": "x", "max_tokens": 9, "system": [marked("s")],
        "tools": [{"name": "f", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [marked("a")]}]});
    let hour = json!({"cachePoint": {"type": "default", "ttl": "1h"}});
    let claude = written(CLAUDE, &body);
    assert_eq!(claude["system"], json!([{"text": "s"}, hour]));
    assert_eq!(
        claude["messages"][0]["content"],
        json!([{"text": "a"}, hour])
    );
    let point = json!({"cachePoint": {"type": "default"}});
    assert_eq!(claude["toolConfig"]["tools"][1], point);
    let llama = written("us.meta.llama4-scout-17b-instruct-v1:0", &body);
    assert!(!llama.to_string().contains("cachePoint"), "{llama}");
}

#[test]
fn each_model_is_told_how_to_think_in_its_own_words() {
    let body = json!({"model": "x", "max_tokens": 20_000, "temperature": 0.3, "top_p": 0.9,
        "thinking": {"type": "enabled", "budget_tokens": 9_000}, "messages": said("hi")});
    let claude = written(CLAUDE, &body);
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 9_000}});
    assert_eq!(claude["additionalModelRequestFields"], thinking);
    assert_eq!(claude["inferenceConfig"], json!({"maxTokens": 20_000}));
    let adaptive = written("eu.anthropic.claude-opus-4-8-v1:0", &body);
    let fields = &adaptive["additionalModelRequestFields"];
    assert_eq!(fields, &json!({"thinking": {"type": "adaptive"}}));
    assert_eq!(adaptive["outputConfig"], json!({"effort": "medium"}));
    let nova = written("amazon.nova-2-lite-v1:0", &body);
    let config = json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"}});
    assert_eq!(nova["additionalModelRequestFields"], config);
    let open = written("openai.gpt-oss-120b-1:0", &body);
    let effort = json!({"reasoning_effort": "medium"});
    assert_eq!(open["additionalModelRequestFields"], effort);
    assert_eq!(open["inferenceConfig"]["temperature"], 0.3);
    let other = written("mistral.pixtral-large-2502-v1:0", &body);
    assert!(other.get("additionalModelRequestFields").is_none());
    let top_k = json!({"model": "x", "max_tokens": 9, "top_k": 5, "messages": said("hi")});
    let fields = |model| written(model, &top_k)["additionalModelRequestFields"].clone();
    assert_eq!(fields(CLAUDE), json!({"top_k": 5}));
    assert_eq!(
        fields("amazon.nova-pro-v1:0"),
        json!({"inferenceConfig": {"topK": 5}})
    );
    assert_eq!(refused("openai.gpt-oss-120b-1:0", &top_k), "top_k");
}

fn history(tools: &Value, choice: &Value) -> Value {
    let mut body = json!({"model": "x", "max_tokens": 9, "messages": [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "look", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "is_error": true}]}]});
    if !tools.is_null() {
        body["tools"] = tools.clone();
    }
    if !choice.is_null() {
        body["tool_choice"] = choice.clone();
    }
    body
}

#[test]
fn tools_of_before_are_declared_and_none_is_said_by_leaving_them_out() {
    let found = written(CLAUDE, &history(&Value::Null, &Value::Null));
    let spec = &found["toolConfig"]["tools"][0]["toolSpec"];
    assert_eq!(spec["name"], "look");
    assert_eq!(spec["inputSchema"]["json"]["type"], "object");
    let none = json!({"type": "none"});
    let tools = json!([{"name": "look", "input_schema": {"type": "object"}}]);
    assert_eq!(refused(CLAUDE, &history(&tools, &none)), "tool_choice");
    let fresh = json!({"model": "x", "max_tokens": 9, "messages": said("hi"), "tools": tools,
        "tool_choice": none});
    assert!(written(CLAUDE, &fresh).get("toolConfig").is_none());
    let failed = |model| {
        let found = written(model, &history(&tools, &Value::Null));
        found["messages"][2]["content"][0]["toolResult"].clone()
    };
    let word = json!([{"text": "The tool failed."}]);
    assert_eq!(
        failed(CLAUDE),
        json!({"toolUseId": "a", "content": word, "status": "error"})
    );
    assert_eq!(
        failed("us.meta.llama4-scout-17b-instruct-v1:0"),
        json!({"toolUseId": "a", "content": word})
    );
}

#[test]
fn a_long_name_of_a_tool_comes_back_whole() {
    let long = format!("mcp__{}", "x".repeat(90));
    let body = json!({"model": "x", "max_tokens": 9, "messages": said("hi"),
        "tools": [{"name": long, "input_schema": {"type": "object"}}]});
    let done = ask(CLAUDE, &body);
    let sent: Value = serde_json::from_slice(&done.body).unwrap();
    let name = sent["toolConfig"]["tools"][0]["toolSpec"]["name"].as_str();
    assert_eq!(name.map(str::len), Some(64));
    let answer = json!({"output": {"message": {"role": "assistant", "content": [
        {"toolUse": {"toolUseId": "t", "name": name, "input": {}}}]}}, "stopReason": "tool_use"});
    let back = done.back.whole(answer.to_string().as_bytes()).unwrap();
    let back: Value = serde_json::from_slice(&back).unwrap();
    assert_eq!(back["content"][0]["name"], long.as_str());
    let bad = json!({"model": "x", "max_tokens": 9, "messages": said("hi"),
        "tools": [{"name": "a.b", "input_schema": {"type": "object"}}]});
    assert_eq!(refused(CLAUDE, &bad), "tools.name");
}

fn stream(events: &[(Kind, &str, Value)]) -> String {
    let body = json!({"model": "x", "max_tokens": 9, "stream": true, "messages": said("hi")});
    let mut stream = ask(CLAUDE, &body).back.stream();
    let mut bytes = Vec::new();
    for (kind, name, payload) in events {
        write(&mut bytes, *kind, name, payload.to_string().as_bytes());
    }
    let mut out = stream.push(&bytes).unwrap();
    match stream.end() {
        Ok(rest) => out.extend(rest),
        Err(broken) => out.extend(broken.to_string().bytes()),
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_stream_that_fails_says_why_and_nothing_of_the_account() {
    let start = (Kind::Event, "messageStart", json!({"role": "assistant"}));
    let text = json!({"contentBlockIndex": 0, "delta": {"text": "her"}});
    let text = (Kind::Event, "contentBlockDelta", text);
    let failed = json!({"message": "arn:aws:iam::123456789012:user/a is throttled"});
    let failed = (Kind::Exception, "throttlingException", failed);
    let found = stream(&[start.clone(), text.clone(), failed]);
    assert!(found.contains("\"type\":\"rate_limit_error\""), "{found}");
    assert!(found.contains("[resource] is throttled"), "{found}");
    assert!(!found.contains("message_stop"), "{found}");
    let cut = stream(&[start.clone(), text.clone()]);
    assert!(cut.contains("it ends before `messageStop`"), "{cut}");
    let malformed = json!({"stopReason": "malformed_model_output"});
    let malformed = (Kind::Event, "messageStop", malformed);
    let found = stream(&[start.clone(), text.clone(), malformed]);
    assert!(found.contains("\"type\":\"api_error\""), "{found}");
    let stop = (
        Kind::Event,
        "messageStop",
        json!({"stopReason": "max_tokens"}),
    );
    let found = stream(&[start, text, stop]);
    assert!(found.contains("\"stop_reason\":\"max_tokens\""), "{found}");
    assert!(found.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

#[test]
fn errors_come_in_the_clients_envelope_with_bedrocks_words() {
    let body = json!({"model": "x", "max_tokens": 9, "messages": said("hi")});
    let back = ask(CLAUDE, &body).back;
    let error = br#"{"message":"Input is too long for requested model."}"#;
    let found = back.failure(400, Some("ValidationException"), error);
    let found: Value = serde_json::from_slice(&found).unwrap();
    assert_eq!(found["error"]["type"], "invalid_request_error");
    assert_eq!(
        found["error"]["message"],
        "Input is too long for requested model."
    );
    let other = br#"{"message":"no access to arn:aws:bedrock:eu-west-1::foundation-model/a"}"#;
    let shown = translate::redacted(other);
    assert_eq!(shown, br#"{"message":"no access to [resource]"}"#);
}

/// What the others cannot read comes back to them through a client of Converse.
#[test]
fn foreign_seals_come_back_through_a_client() {
    let body = json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]}});
    let ask = |upstream, body: &Value| {
        let body = body.to_string();
        let named = ("p/m", "m");
        translate::request(
            Operation::Converse,
            upstream,
            named,
            "req_1",
            body.as_bytes(),
        )
        .unwrap()
    };
    let answers = [
        (
            Language::Gemini,
            json!({"candidates": [{"content": {"parts": [
                {"text": "Hm", "thought": true}, {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2lnbmVk"}]},
                "finishReason": "STOP"}]}),
        ),
        (
            Language::Messages,
            json!({"type": "message", "content": [{"type": "redacted_thinking", "data": "c2lnbmVk"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {}}], "stop_reason": "tool_use"}),
        ),
        (
            Language::Responses,
            json!({"object": "response", "status": "completed", "output": [
                {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2lnbmVk"},
                {"type": "function_call", "call_id": "t", "name": "f", "arguments": "{}"}]}),
        ),
    ];
    for (upstream, answer) in answers {
        let back = ask(upstream, &body).back;
        let found = back.whole(answer.to_string().as_bytes()).unwrap();
        let found: Value = serde_json::from_slice(&found).unwrap();
        let said = &found["output"]["message"];
        let id = said["content"].as_array().unwrap().iter();
        let id = id
            .filter_map(|block| block["toolUse"]["toolUseId"].as_str())
            .next();
        let mut next = body.clone();
        let result =
            json!({"role": "user", "content": [{"toolResult": {"toolUseId": id, "content": []}}]});
        next["messages"]
            .as_array_mut()
            .unwrap()
            .extend([said.clone(), result]);
        let sent = ask(upstream, &next).body;
        let sent = String::from_utf8(sent).unwrap();
        assert!(sent.contains("\"c2lnbmVk\""), "{upstream}: {said} {sent}");
        assert!(!sent.contains("tg1."), "{upstream}: {sent}");
    }
}

#[test]
fn a_client_gets_whole_messages_only() {
    let body = json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}).to_string();
    let named = ("p/m", "m");
    let done = translate::request(
        Operation::ConverseStream,
        Language::Chat,
        named,
        "req_1",
        body.as_bytes(),
    );
    let mut stream = done.unwrap().back.stream();
    let chunk = r#"data: {"choices":[{"index":0,"delta":{"content":"her"}}]}"#;
    let error = r#"data: {"error":{"message":"slow","type":"rate_limit_error"}}"#;
    let out = stream
        .push(format!("{chunk}\n\n{error}\n\n").as_bytes())
        .unwrap();
    let mut names = Vec::new();
    let mut decoder = Decoder::default();
    let read: Result<(), Damage> = decoder.push(&out, |message| {
        let (kind, name) = message.kind();
        names.push((kind, name.to_owned()));
        Ok(())
    });
    read.unwrap();
    let last = (Kind::Exception, "throttlingException".to_owned());
    assert_eq!(names.last(), Some(&last), "{names:?}");
    assert_eq!(names[0].1, "messageStart");
}
