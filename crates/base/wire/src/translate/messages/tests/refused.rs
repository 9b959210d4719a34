//! What clients ask for and cannot get is refused by its name.

use serde_json::{Value, json};

use super::refused;

/// Which field of a request with these members is refused.
fn field(more: &Value) -> String {
    let mut body = json!({"model": "m", "max_tokens": 9, "messages": []});
    let members = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    refused(&body).0
}

#[test]
fn of_the_request() {
    for (more, wanted) in [
        (json!({"container": "c"}), "container"),
        (json!({"mcp_servers": [{"type": "url"}]}), "mcp_servers"),
        (json!({"inference_geo": "us"}), "inference_geo"),
        (json!({"fallbacks": "default"}), "fallbacks"),
        (json!({"seed": 1}), "seed"),
        (json!({"messages": "x"}), "messages"),
        (
            json!({"messages": [{"role": "tool", "content": ""}]}),
            "messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages[0].content",
        ),
        (json!({"temperature": "1"}), "temperature"),
        (json!({"stop_sequences": [1]}), "stop_sequences[0]"),
        (json!({"metadata": {"team": "a"}}), "metadata.team"),
        (
            json!({"thinking": {"type": "enabled"}}),
            "thinking.budget_tokens",
        ),
        (json!({"thinking": {"type": "often"}}), "thinking.type"),
        (
            json!({"thinking": {"type": "adaptive", "display": "all"}}),
            "thinking.display",
        ),
        (
            json!({"output_config": {"effort": "huge"}}),
            "output_config.effort",
        ),
        (
            json!({"output_config": {"format": {"type": "xml"}}}),
            "output_config.format.type",
        ),
        (
            json!({"output_config": {"format": {"type": "json_schema"}}}),
            "output_config.format.schema",
        ),
    ] {
        assert_eq!(field(&more), wanted, "{more}");
    }
    assert_eq!(refused(&json!([])).0, "body");
    assert_eq!(refused(&json!({})).0, "model");
}

#[test]
fn of_tools() {
    let code = "code_execution_20250825";
    for (tool, wanted) in [
        (
            json!({"type": "web_search_20250305", "name": "web_search"}),
            "tools[0].type",
        ),
        (json!({"name": "a"}), "tools[0].input_schema"),
        (
            json!({"name": "a", "input_schema": []}),
            "tools[0].input_schema",
        ),
        (
            json!({"name": "a", "input_schema": {}, "allowed_callers": [code]}),
            "tools[0].allowed_callers",
        ),
        (
            json!({"name": "a", "input_schema": {}, "new": 1}),
            "tools[0].new",
        ),
    ] {
        assert_eq!(field(&json!({ "tools": [tool] })), wanted, "{tool}");
    }
    assert_eq!(
        field(&json!({"tool_choice": {"type": "tool"}})),
        "tool_choice.name"
    );
    assert_eq!(
        field(&json!({"tool_choice": {"type": "some"}})),
        "tool_choice.type"
    );
    let tools = json!([{"type": "computer_20250124", "name": "computer"}]);
    let (_, why) = refused(&json!({"model": "m", "messages": [], "tools": tools}));
    assert!(why.contains("computer_20250124"));
}

#[test]
fn of_what_is_said() {
    let code = json!({"type": "code_execution_20250825", "tool_id": "t"});
    for (role, block, wanted) in [
        (
            "user",
            json!({"type": "search_result", "source": "s"}),
            "type",
        ),
        (
            "user",
            json!({"type": "tool_use", "id": "a", "name": "b"}),
            "type",
        ),
        (
            "user",
            json!({"type": "document", "citations": {"enabled": true}}),
            "citations.enabled",
        ),
        ("user", json!({"type": "document"}), "source"),
        (
            "user",
            json!({"type": "image", "source": {"type": "text"}}),
            "source.type",
        ),
        ("user", json!({"type": "text", "text": 1}), "text"),
        (
            "user",
            json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "search_result"}]}),
            "content[0].type",
        ),
        (
            "assistant",
            json!({"type": "server_tool_use", "id": "a", "name": "web_search"}),
            "type",
        ),
        ("assistant", json!({"type": "image", "source": {}}), "type"),
        (
            "assistant",
            json!({"type": "tool_use", "id": "a", "name": "b", "input": "c"}),
            "input",
        ),
        (
            "assistant",
            json!({"type": "tool_use", "id": "a", "name": "b", "caller": code}),
            "caller.type",
        ),
        ("system", json!({"type": "image", "source": {}}), "type"),
    ] {
        let found = field(&json!({"messages": [{"role": role, "content": [block]}]}));
        assert_eq!(found, format!("messages[0].content[0].{wanted}"), "{block}");
    }
}
