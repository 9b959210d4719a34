//! What is read, written and read again says the same.

use serde_json::json;

use super::{Json, read, read_request, write, write_request};

#[test]
fn a_request_comes_back() {
    let body = json!({
        "model": "claude", "max_tokens": 9000,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "look", "cache_control": {"type": "ephemeral"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
                {"type": "document", "source": {"type": "url", "url": "https://a/b.pdf"}, "title": "b"},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "ZGF0YQ=="},
                {"type": "text", "text": "So."},
                {"type": "tool_use", "id": "tgx_a_2eb", "name": "read", "input": {"b": [1, null], "a": 1.5}},
                {"type": "tool_use", "id": "t2", "name": "read", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "tgx_a_2eb", "content": [
                    {"type": "text", "text": "no"},
                    {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}},
                ], "cache_control": {"type": "ephemeral"}},
                {"type": "tool_result", "tool_use_id": "t2", "is_error": true,
                 "content": [{"type": "text", "text": "no such"}]},
                {"type": "text", "text": "go on"},
            ]},
        ],
        "tools": [{"name": "read", "description": "Reads.", "input_schema": {"type": "object", "z": 1, "a": 2},
                   "strict": true, "cache_control": {"type": "ephemeral"}}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "thinking": {"type": "enabled", "budget_tokens": 5000, "display": "omitted"},
        "top_p": 0.95, "stop_sequences": ["END"],
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "metadata": {"user_id": "u"}, "stream": true,
    });
    let first = read(&body);
    let written = write(&first);
    assert_eq!(written, body);
    assert_eq!(format!("{:?}", read(&written)), format!("{first:?}"));
}

#[test]
fn a_text_alone_comes_back() {
    let first = read(
        &json!({"model": "m", "max_tokens": 5, "system": "s", "temperature": 0.2, "top_k": 3,
                             "messages": [{"role": "user", "content": "hi"}]}),
    );
    let again = read(&write(&first));
    assert_eq!(format!("{again:?}"), format!("{first:?}"));
}

#[test]
fn nothing_changes_places() {
    let body = r#"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"a\"\u00e9\n"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"read","input":{"z":1,"a":{"y":[2.50,-1],"b":12345678901234567890}}}]}],"tools":[{"name":"read","input_schema":{"type":"object","z":{"b":1,"a":2},"a":[]}}]}"#;
    let request = read_request(Json::read(body.as_bytes()).unwrap()).unwrap();
    let written = String::from_utf8(write_request(&request).unwrap()).unwrap();
    assert_eq!(written, body.replace("\\u00e9", "é").replace("2.50", "2.5"));
}
