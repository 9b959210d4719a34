//! Requests as clients send them.

use serde_json::{Value, json};

use super::read;
use crate::translate::{
    Language, SealKind,
    talk::{Block, Cache, Effort, Format, MediaKind, Source, Speaker, Thinking, ToolChoice},
};

/// A request as Claude Code sends it.
fn claude_code() -> Value {
    json!({
        "model": "claude-opus-4-5", "max_tokens": 32000, "stream": true,
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.0; cch=1;"},
            {"type": "text", "text": "You are Claude Code.", "cache_control": {"type": "ephemeral", "ttl": "1h", "scope": "global"}},
        ],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "<system-reminder>…</system-reminder>"},
                {"type": "text", "text": "fix it", "cache_control": {"type": "ephemeral"}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "ZGF0YQ=="},
                {"type": "text", "text": "Reading.", "citations": null},
                {"type": "tool_use", "id": "tgx_functions_2eRead_3a0", "name": "Read",
                 "input": {"file_path": "a", "limit": 2}, "caller": {"type": "direct"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "tgx_functions_2eRead_3a0", "is_error": true,
                 "cache_control": {"type": "ephemeral"},
                 "content": [
                    {"type": "text", "text": "no"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
                    {"type": "tool_reference", "tool_name": "Grep"},
                 ]},
                {"type": "text", "text": "go on"},
            ]},
            {"role": "system", "content": "The user is away."},
        ],
        "tools": [{"name": "Read", "description": "Reads.", "input_schema": {"type": "object", "$schema": "s"},
                   "eager_input_streaming": true, "defer_loading": false, "strict": false,
                   "allowed_callers": ["direct"], "input_examples": [{"file_path": "b"}]}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "thinking": {"type": "adaptive", "display": "updates"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "metadata": {"user_id": "user_1"}, "output_config": {"effort": "xhigh"},
        "service_tier": "auto", "temperature": 1, "container": null, "mcp_servers": [],
    })
}

#[test]
fn what_claude_code_says_is_read() {
    let request = read(&claude_code());
    let [Block::Text { text, cache }] = &*request.instructions else {
        panic!("{:?}", request.instructions);
    };
    assert_eq!(
        (&**text, *cache),
        ("You are Claude Code.", Some(Cache::Hour))
    );
    let speakers: Vec<_> = request.turns.iter().map(|turn| turn.speaker).collect();
    let wanted = [
        Speaker::User,
        Speaker::Assistant,
        Speaker::User,
        Speaker::System,
    ];
    assert_eq!(speakers, wanted);
    let [
        Block::Reasoning(shown),
        Block::Reasoning(hidden),
        Block::Text { .. },
        Block::Call(call),
    ] = &*request.turns[1].blocks
    else {
        panic!("{:?}", request.turns[1]);
    };
    assert_eq!(shown.parts, ["Hm."]);
    let seal = shown.seal.as_ref().unwrap();
    assert_eq!(
        (seal.owner, seal.kind, &*seal.data),
        (Language::Messages, SealKind::Signature, "c2ln")
    );
    let seal = hidden.seal.as_ref().unwrap();
    assert_eq!((seal.kind, &*seal.data), (SealKind::Content, "ZGF0YQ=="));
    assert_eq!((&*call.id, &*call.name), ("functions.Read:0", "Read"));
    assert_eq!(call.input, r#"{"file_path":"a","limit":2}"#);
    let [Block::Result(result), Block::Text { .. }] = &*request.turns[2].blocks else {
        panic!("{:?}", request.turns[2]);
    };
    assert_eq!(
        (&*result.id, result.failed, result.cache),
        ("functions.Read:0", true, Some(Cache::Minutes5))
    );
    assert_eq!(result.blocks.len(), 3);
}

#[test]
fn what_claude_code_asks_for_is_read() {
    let request = read(&claude_code());
    let tool = &request.tools[0];
    assert_eq!(
        tool.description.as_deref(),
        Some("Reads.\n\nExamples of its input:\n{\"file_path\":\"b\"}")
    );
    assert_eq!(
        tool.schema.as_ref().unwrap().text(),
        r#"{"$schema":"s","type":"object"}"#
    );
    assert_eq!(tool.strict, Some(false));
    assert_eq!(request.tool_choice, Some(ToolChoice::Auto));
    assert_eq!(request.parallel_tools, Some(false));
    let thinking = Thinking {
        on: Some(true),
        effort: Some(Effort::ExtraHigh),
        budget: None,
        shown: Some(true),
    };
    assert_eq!(request.thinking, Some(thinking));
    assert_eq!(request.user.as_deref(), Some("user_1"));
    assert_eq!(request.sampling.max_output, Some(32000));
    assert!(request.stream && request.stream_usage);
}

#[test]
fn thinking_is_read() {
    let of = |more: Value| {
        let mut body = json!({"model": "m", "max_tokens": 1, "messages": []});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        read(&body).thinking
    };
    assert_eq!(of(json!({})), None);
    let effort = of(json!({"output_config": {"effort": "low"}})).unwrap();
    assert_eq!((effort.on, effort.effort), (None, Some(Effort::Low)));
    let off =
        of(json!({"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}})).unwrap();
    assert_eq!((off.on, off.effort), (Some(false), None));
    let least = of(json!({"thinking": {"type": "between_tools"}})).unwrap();
    assert_eq!(least.on, Some(false));
    let on =
        of(json!({"thinking": {"type": "enabled", "budget_tokens": 5000, "display": "omitted"}}))
            .unwrap();
    assert_eq!(
        (on.on, on.budget, on.shown),
        (Some(true), Some(5000), Some(false))
    );
}

#[test]
fn documents_are_read() {
    let request = read(&json!({"model": "m", "messages": [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"},
             "title": "t.pdf", "context": "A bill.", "citations": {"enabled": false}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
            {"type": "document", "source": {"type": "url", "url": "https://a/b.pdf"}},
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
            {"type": "document", "source": {"type": "content", "content": [
                {"type": "text", "text": "one"}, {"type": "text", "text": "two"},
                {"type": "image", "source": {"type": "url", "url": "https://a/i.png"}}]}},
        ]},
    ], "output_format": {"type": "json_schema", "schema": {"type": "object"}}}));
    assert_eq!((request.instructions.len(), request.turns.len()), (1, 1));
    let said = &request.turns[0].blocks;
    assert!(matches!(&said[0], Block::Text { text, .. } if text == "A bill."));
    let media: Vec<_> = said
        .iter()
        .filter_map(|block| match block {
            Block::Media(media) => Some((media.kind, media.name.as_deref(), &media.source)),
            _ => None,
        })
        .collect();
    let document = MediaKind::Document;
    assert!(matches!(media[0], (kind, Some("t.pdf"), Source::Base64 { .. }) if kind == document));
    assert!(matches!(media[1].2, Source::Text(text) if text == "plain"));
    assert!(matches!(media[2].2, Source::Url(url) if url == "https://a/b.pdf"));
    assert!(matches!(media[3].2, Source::File(id) if id == "file_1"));
    assert!(matches!(media[4].2, Source::Text(text) if text == "one\ntwo"));
    assert!(matches!(media[5], (MediaKind::Image, None, Source::Url(_))));
    assert!(matches!(
        request.format,
        Format::Schema {
            strict: Some(true),
            ..
        }
    ));
}

#[test]
fn what_stands_at_calls_comes_back_to_them() {
    let request = read(
        &json!({"model": "m", "messages": [{"role": "assistant", "content": [
            {"type": "redacted_thinking", "data": "tg1.gemini.s.call_1.c2lnIQ=="},
            {"type": "redacted_thinking", "data": "tg1.gemini.s..dGhvdWdodA=="},
            {"type": "redacted_thinking", "data": "tg1.responses.c.rs_1.ZQ=="},
            {"type": "tool_use", "id": "call_1", "name": "a", "input": {}},
            {"type": "tool_use", "id": "call_2", "name": "b", "input": {}},
        ]}]}),
    );
    let [
        Block::Reasoning(thought),
        Block::Reasoning(encrypted),
        Block::Call(first),
        Block::Call(second),
    ] = &*request.turns[0].blocks
    else {
        panic!("{:?}", request.turns[0]);
    };
    assert_eq!(&*thought.seal.as_ref().unwrap().data, "dGhvdWdodA==");
    assert_eq!(encrypted.seal.as_ref().unwrap().id.as_deref(), Some("rs_1"));
    let seal = first.seal.as_ref().unwrap();
    assert_eq!(
        (seal.owner, &*seal.data, &seal.id),
        (Language::Gemini, "c2lnIQ==", &None)
    );
    assert_eq!(second.seal, None);
}
