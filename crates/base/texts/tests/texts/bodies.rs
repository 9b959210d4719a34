//! Bodies in one piece: which texts there are, what is not looked at, what an edit leaves.

use bytes::Bytes;
use serde_json::{Value, json};
use tidegate_texts::{
    Direction, Fault, Protocol,
    body::{Rewritten, rewrite},
    channel::{Channel, Kind, Role},
    fuzzing::Words,
};

const JSON: &str = "application/json";

fn swapped(kind: &str, direction: Direction, protocol: Protocol, body: &str) -> Rewritten {
    let body = Bytes::from(body.to_owned());
    rewrite(
        kind,
        direction,
        protocol,
        &body,
        &mut Words::swap("secret", "[S]"),
    )
    .unwrap()
}

/// All texts with their kinds and roles.
fn texts(direction: Direction, protocol: Protocol, body: &Value) -> Vec<(Kind, Role, String)> {
    let words = Words::none("secret");
    let bytes = Bytes::from(body.to_string());
    let out = rewrite(JSON, direction, protocol, &bytes, &mut words.clone()).unwrap();
    assert_eq!(out.body, None);
    let plain = |(channel, text): (Channel, String)| (channel.kind, channel.role, text);
    words.texts().into_iter().map(plain).collect()
}

fn has(found: &[(Kind, Role, String)], kind: Kind, role: Role, text: &str) {
    let wanted = (kind, role, text.to_owned());
    assert!(found.contains(&wanted), "{wanted:?} in {found:#?}");
}

#[test]
fn a_chat_request_says_who_says_what() {
    let body = json!({"model": "gpt-4o", "messages": [
        {"role": "system", "content": "be kind"},
        {"content": "behind", "role": "developer"},
        {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "hi"},
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{}", "QUJD".repeat(30))}},
            {"type": "image_url", "image_url": {"url": "https://x.test/?k=v"}},
            {"type": "input_audio", "input_audio": {"data": "QUJD".repeat(40), "format": "wav"}}]},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "shell", "arguments": "{\"cmd\":\"a\\n\\u0062\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"}],
        "tools": [{"type": "function", "function": {"name": "shell", "description": "runs",
            "parameters": {"type": "object", "properties": {"cmd": {"type": "string",
                "description": "the line"}}}}}],
        "metadata": {"who": "me"}, "user": "ann@x.test", "strange": ["thing"]});
    let found = texts(Direction::Request, Protocol::Chat, &body);
    has(&found, Kind::Text, Role::System, "be kind");
    has(&found, Kind::Text, Role::System, "behind");
    has(&found, Kind::Text, Role::User, "hi");
    has(&found, Kind::Other, Role::User, "Ann");
    has(&found, Kind::Other, Role::User, "https://x.test/?k=v");
    has(&found, Kind::ToolName, Role::Assistant, "shell");
    has(
        &found,
        Kind::ToolArguments,
        Role::Assistant,
        "{\"cmd\":\"a\nb\"}",
    );
    has(&found, Kind::ToolResult, Role::Tool, "done");
    has(&found, Kind::ToolDefinition, Role::System, "runs");
    has(&found, Kind::ToolDefinition, Role::System, "the line");
    has(&found, Kind::Other, Role::User, "{\"who\":\"me\"}");
    has(&found, Kind::Other, Role::User, "ann@x.test");
    has(&found, Kind::Other, Role::User, "thing");
    let quiet = ["gpt-4o", "call_1", "function", "object", "user"];
    assert!(
        !found
            .iter()
            .any(|(_, _, text)| quiet.contains(&text.as_str()))
    );
    let out = swapped(JSON, Direction::Request, Protocol::Chat, &body.to_string());
    assert_eq!(out.report.unscanned_bytes, 22 + 120 + 160);
}

#[test]
fn an_anthropic_request_says_who_says_what() {
    let body = json!({"model": "claude-sonnet-4-5", "system": [{"type": "text", "text": "be kind"}],
        "thinking": {"type": "enabled", "budget_tokens": 99},
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hmm secret", "signature": "c2ln"},
                {"type": "tool_use", "id": "toolu_1", "name": "read",
                    "input": {"path": "/etc/x", "secret": 7}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [
                    {"type": "text", "text": "result"}]},
                {"type": "document", "title": "Doc", "source": {"type": "text",
                    "media_type": "text/plain", "data": "A".repeat(80)}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                    "data": "QUJD".repeat(40)}}]}],
        "tools": [{"name": "read", "description": "reads", "input_schema": {"type": "object"}}]});
    let found = texts(Direction::Request, Protocol::Anthropic, &body);
    has(&found, Kind::Text, Role::System, "be kind");
    has(&found, Kind::Text, Role::User, "hi");
    has(&found, Kind::Reasoning, Role::Assistant, "hmm secret");
    has(&found, Kind::ToolName, Role::Assistant, "read");
    has(
        &found,
        Kind::ToolArguments,
        Role::Assistant,
        "{\"path\":\"/etc/x\",\"secret\":7}",
    );
    has(&found, Kind::ToolResult, Role::Tool, "result");
    has(&found, Kind::Text, Role::User, &"A".repeat(80));
    has(&found, Kind::ToolDefinition, Role::System, "reads");
    let out = swapped(
        JSON,
        Direction::Request,
        Protocol::Anthropic,
        &body.to_string(),
    );
    assert_eq!(out.report.unscanned_bytes, 160);
    // Signed thinking must go back as it came; the guard is told.
    assert_eq!(out.report.refused_edits, 1);
    let after: Value = serde_json::from_slice(&out.body.unwrap()).unwrap();
    assert_eq!(after["messages"][1]["content"][0]["thinking"], "hmm secret");
    assert_eq!(after["messages"][1]["content"][1]["input"]["[S]"], 7);
}

#[test]
fn a_responses_request_says_who_says_what() {
    let body = json!({"model": "gpt-5", "instructions": "be kind", "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "so"}],
            "encrypted_content": "Z0FB".repeat(30)},
        {"type": "function_call", "call_id": "call_1", "name": "shell",
            "arguments": "{\"a\":\"\\u0062\"}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "done"},
        {"type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "*** Begin"}]});
    let found = texts(Direction::Request, Protocol::Responses, &body);
    has(&found, Kind::Text, Role::System, "be kind");
    has(&found, Kind::Text, Role::User, "hi");
    has(&found, Kind::Reasoning, Role::User, "so");
    has(
        &found,
        Kind::ToolArguments,
        Role::Assistant,
        "{\"a\":\"b\"}",
    );
    has(&found, Kind::ToolResult, Role::Tool, "done");
    has(&found, Kind::ToolArguments, Role::Assistant, "*** Begin");
    let plain = texts(
        Direction::Request,
        Protocol::Responses,
        &json!({"input": "hi"}),
    );
    has(&plain, Kind::Text, Role::User, "hi");
}

#[test]
fn gemini_and_converse_requests_say_who_says_what() {
    let body = json!({"systemInstruction": {"parts": [{"text": "be kind"}]}, "contents": [
        {"role": "user", "parts": [{"text": "hi"},
            {"inlineData": {"mimeType": "image/png", "data": "QUJD".repeat(40)}}]},
        {"parts": [{"functionCall": {"name": "shell", "args": {"a": "\u{1}"}}},
            {"text": "aloud", "thought": true}], "role": "model"},
        {"role": "user", "parts": [{"functionResponse": {"name": "shell",
            "response": {"output": "done"}}}]}],
        "tools": [{"functionDeclarations": [{"name": "shell", "description": "runs"}]}]});
    let found = texts(Direction::Request, Protocol::Gemini, &body);
    has(&found, Kind::Text, Role::System, "be kind");
    has(&found, Kind::Text, Role::User, "hi");
    has(
        &found,
        Kind::ToolArguments,
        Role::Assistant,
        "{\"a\":\"\u{1}\"}",
    );
    has(&found, Kind::Reasoning, Role::Assistant, "aloud");
    has(
        &found,
        Kind::ToolResult,
        Role::Tool,
        "{\"output\":\"done\"}",
    );
    has(&found, Kind::ToolDefinition, Role::System, "runs");
    let body = json!({"system": [{"text": "be kind"}], "messages": [
        {"role": "user", "content": [{"text": "hi"}]},
        {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "hmm", "signature": "c2ln"}}},
            {"toolUse": {"toolUseId": "t1", "name": "shell", "input": {"a": 1}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [
            {"json": {"b": 2}}, {"text": "done"}]}}]}]});
    let found = texts(Direction::Request, Protocol::Bedrock, &body);
    has(&found, Kind::Text, Role::System, "be kind");
    has(&found, Kind::Reasoning, Role::Assistant, "hmm");
    has(&found, Kind::ToolArguments, Role::Assistant, "{\"a\":1}");
    has(&found, Kind::ToolResult, Role::Tool, "{\"b\":2}");
    has(&found, Kind::ToolResult, Role::Tool, "done");
}

#[test]
fn what_no_edit_touches_stays_to_the_byte() {
    let body = "{ \"messages\" : [ {\"role\":\"user\",\r\n \"content\":\"a \\u0073ecret\\/\\u00e9\"} ],\t\"x\":1e0}";
    let out = swapped(JSON, Direction::Request, Protocol::Chat, body);
    let expected = body.replace("\\u0073ecret", "[S]");
    assert_eq!(out.body.unwrap(), expected);
    let same = swapped(
        JSON,
        Direction::Request,
        Protocol::Chat,
        &body.replace("ecret", "ecre"),
    );
    assert_eq!((same.body, same.stopped), (None, false));
}

#[test]
fn tokens_that_repeat_a_changed_text_go() {
    let body = json!({"choices": [
        {"index": 0, "message": {"role": "assistant", "content": "the secret"},
            "logprobs": {"content": [{"token": "secret"}]}},
        {"index": 1, "message": {"role": "assistant", "content": "nothing"},
            "logprobs": {"content": [{"token": "nothing"}]}}]});
    let out = swapped(JSON, Direction::Answer, Protocol::Chat, &body.to_string());
    let after: Value = serde_json::from_slice(&out.body.unwrap()).unwrap();
    assert_eq!(after["choices"][0]["message"]["content"], "the [S]");
    assert_eq!(after["choices"][0]["logprobs"], Value::Null);
    assert_eq!(after["choices"][1], body["choices"][1]);
}

#[test]
fn parts_of_a_form_are_texts_and_files_are_counted() {
    let part = |head: &str, value: &str| format!("--X\r\n{head}\r\n\r\n{value}\r\n");
    let form = [
        part("Content-Disposition: form-data; name=\"model\"", "secret-model"),
        part("Content-Disposition: form-data; name=\"prompt\"", "a secret cat"),
        part(
            "Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png",
            "\u{0}secret",
        ),
        part(
            "Content-Disposition: form-data; name=\"file\"; filename=\"b.jsonl\"\r\nContent-Type: application/octet-stream",
            "{\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"\\u0073ecret\"}]}}\n",
        ),
        "--X--\r\n".to_owned(),
    ]
    .concat();
    let kind = "multipart/form-data; boundary=X";
    let out = swapped(kind, Direction::Request, Protocol::Responses, &form);
    let expected = form
        .replace("a secret cat", "a [S] cat")
        .replace("\\u0073ecret", "[S]");
    assert_eq!(out.body.unwrap(), expected);
    assert_eq!(out.report.unscanned_bytes, 7);
}

#[test]
fn other_types_are_read_where_they_are_text() {
    let out = swapped(
        "text/plain",
        Direction::Answer,
        Protocol::Responses,
        "1\nsecret\n",
    );
    assert_eq!(out.body.unwrap(), "1\n[S]\n");
    let lines = "{\"text\":\"secret\"}\n\n{\"id\":\"a\"}\n";
    let out = swapped(
        "application/jsonl",
        Direction::Answer,
        Protocol::Anthropic,
        lines,
    );
    assert_eq!(out.body.unwrap(), lines.replace("secret", "[S]"));
    let out = swapped(JSON, Direction::Answer, Protocol::Chat, "");
    assert_eq!(out.body, None);
    let out = swapped(
        "audio/mpeg",
        Direction::Answer,
        Protocol::Responses,
        "\u{0}secret",
    );
    assert_eq!((out.body, out.report.unscanned_bytes), (None, 7));
}

#[test]
fn what_is_over_a_bound_is_said() {
    let run = |body: String| {
        let words = &mut Words::none("secret");
        rewrite(
            JSON,
            Direction::Request,
            Protocol::Chat,
            &Bytes::from(body),
            words,
        )
    };
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(run(deep), Err(Fault::Depth));
    assert!(matches!(
        run("{\"a\":".to_owned()),
        Err(Fault::Syntax { .. })
    ));
    let long = " ".repeat((32 << 20) + 1);
    assert!(matches!(run(long), Err(Fault::Frame { .. })));
}

#[test]
fn a_word_that_stops_is_said_and_nothing_is_given() {
    let body = Bytes::from("{\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}]}");
    let mut words = Words::stop("secret");
    let out = rewrite(JSON, Direction::Request, Protocol::Chat, &body, &mut words).unwrap();
    assert_eq!((out.body, out.stopped), (None, true));
}

#[test]
fn messages_of_cursor_are_rewritten_where_they_can_be() {
    let field = |number: u8, value: &[u8]| {
        let length = u8::try_from(value.len()).unwrap();
        [&[(number << 3) | 2, length], value].concat()
    };
    let envelope = |message: &[u8]| {
        let length = u8::try_from(message.len()).unwrap();
        [&[0, 0, 0, 0, length], message].concat()
    };
    let message = |text: &str| {
        let words = field(1, text.as_bytes());
        field(1, &[field(2, &words), field(9, b"id-1")].concat())
    };
    let run = |kind: &str, body: Vec<u8>| {
        let words = &mut Words::swap("secret", "[a longer word that stands here]");
        let body = Bytes::from(body);
        rewrite(kind, Direction::Request, Protocol::Envelopes, &body, words).unwrap()
    };
    let after = message("the [a longer word that stands here].");
    let out = run(
        "application/connect+proto",
        envelope(&message("the secret.")),
    );
    assert_eq!(out.body.unwrap(), envelope(&after));
    let out = run("application/proto", message("the secret."));
    assert_eq!(out.body.unwrap(), after);
    // A message in hexadecimal is shown, and cannot be changed.
    let hex: String = message("the secret.")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let out = run("application/proto", field(1, hex.as_bytes()));
    assert_eq!((out.body, out.report.refused_edits), (None, 1));
}
