//! Requests as clients send them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::talk::{Effort, Format, ToolChoice},
    asked, read, refused, text_of,
};

/// As Codex sends it.
pub(super) const CODEX: &str = r#"{
  "model": "gpt-5.1-codex", "instructions": "You are Codex.",
  "input": [
    {"type":"message","role":"developer","content":[{"type":"input_text","text":"<permissions>"}]},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>"}]},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"List files."}]}
  ],
  "tools": [
    {"type":"function","name":"exec_command","description":"Runs.","strict":false,
     "parameters":{"type":"object","properties":{"cmd":{"type":"string"}},"required":["cmd"]}},
    {"type":"custom","name":"apply_patch","description":"Edits.",
     "format":{"type":"grammar","syntax":"lark","definition":"start: begin"}},
    {"type":"namespace","name":"mcp__files__","description":"Files of the team.","tools":[
      {"type":"function","name":"read","description":"Reads.","strict":false,"defer_loading":true,
       "parameters":{"type":"object","properties":{}}},
      {"type":"function","name":"list","strict":false,"parameters":{"type":"object","properties":{}}}]},
    {"type":"web_search","external_web_access":false},
    {"type":"local_shell"}
  ],
  "tool_choice": "auto", "parallel_tool_calls": false,
  "reasoning": {"effort":"medium","summary":"auto"},
  "store": false, "stream": true, "include": ["reasoning.encrypted_content"],
  "service_tier": "priority", "prompt_cache_key": "0198-aa", "text": {"verbosity":"low"},
  "client_metadata": {"x-codex-installation-id":"1"}
}"#;

#[test]
fn codex_gets_through() {
    let request = read(CODEX);
    let instructions: Vec<_> = request.instructions.iter().map(text_of).collect();
    assert_eq!(instructions, ["You are Codex.", "<permissions>"]);
    assert_eq!(request.turns.len(), 1);
    let said: Vec<_> = request.turns[0].blocks.iter().map(text_of).collect();
    assert_eq!(said, ["<environment_context>", "List files."]);
    let names: Vec<_> = request.tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(
        names,
        [
            "exec_command",
            "apply_patch",
            "mcp__files__read",
            "mcp__files__list",
            "local_shell"
        ]
    );
    let patch = request.tools[1].freeform.as_ref().unwrap();
    assert_eq!(
        patch.grammar.as_deref(),
        Some("Grammar of the input (lark):\nstart: begin")
    );
    let files = &request.tools[2];
    let (space, name) = files.namespace.as_ref().unwrap();
    assert_eq!((&**space, &**name), ("mcp__files__", "read"));
    assert_eq!(
        files.description.as_deref(),
        Some("Reads.\n\nOf all tools in `mcp__files__`: Files of the team.")
    );
    assert_eq!(request.tools[3].description, None);
    let shell = request.tools[4].schema.as_ref().unwrap();
    assert!(shell.get("properties").unwrap().get("command").is_some());
    assert_eq!(request.tool_choice, Some(ToolChoice::Auto));
    assert_eq!(request.parallel_tools, Some(false));
    let thinking = request.thinking.unwrap();
    assert_eq!(thinking.on, Some(true));
    assert_eq!(thinking.effort, Some(Effort::Medium));
    assert_eq!(thinking.shown, Some(true));
    assert!(request.stream);
}

#[test]
fn answers_repeat_what_was_asked() {
    let asked = asked(CODEX);
    let echo = |name: &str| asked.echo.iter().find(|(known, _)| known == name);
    assert_eq!(
        echo("instructions").unwrap().1.as_str(),
        Some("You are Codex.")
    );
    let tools = echo("tools").unwrap().1.text();
    // The model has no such tool.
    assert!(!tools.contains("web_search") && tools.contains("apply_patch"));
    assert!(echo("client_metadata").is_none() && echo("input").is_none());
}

#[test]
fn a_text_alone_is_the_users() {
    let request = read(
        r#"{"model":"m","input":"Hi","max_output_tokens":50,"temperature":0.5,"top_p":null,
            "user":"a","safety_identifier":"b","truncation":"disabled","background":false,
            "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}}}"#,
    );
    assert_eq!(text_of(&request.turns[0].blocks[0]), "Hi");
    assert_eq!(request.sampling.max_output, Some(50));
    assert_eq!(request.sampling.temperature.unwrap().as_f64(), Some(0.5));
    assert_eq!(request.user.as_deref(), Some("b"));
    assert!(matches!(
        request.format,
        Format::Schema {
            strict: Some(true),
            ..
        }
    ));
    assert!(!request.stream && request.thinking.is_none());
}

#[test]
fn what_changes_the_answer_is_refused_by_its_name() {
    for (member, field) in [
        (r#""previous_response_id":"resp_1""#, "previous_response_id"),
        (r#""conversation":"conv_1""#, "conversation"),
        (r#""background":true"#, "background"),
        (r#""prompt":{"id":"p"}"#, "prompt"),
        (r#""max_tool_calls":3"#, "max_tool_calls"),
        (r#""truncation":"auto""#, "truncation"),
        (r#""top_logprobs":2"#, "top_logprobs"),
        (
            r#""context_management":[{"type":"compaction"}]"#,
            "context_management",
        ),
        (
            r#""include":["reasoning.encrypted_content","message.output_text.logprobs"]"#,
            "include[1]",
        ),
        (r#""reasoning":{"effort":"huge"}"#, "reasoning.effort"),
        (r#""reasoning":{"mode":"pro"}"#, "reasoning.mode"),
        (r#""text":{"format":{"type":"xml"}}"#, "text.format.type"),
        (r#""tools":[{"type":"file_search"}]"#, "tools[0].type"),
        (
            r#""tools":[{"type":"web_search"},{"type":"code_interpreter","container":"c"}]"#,
            "tools[1].type",
        ),
        (
            r#""tools":[{"type":"web_search_preview"}]"#,
            "tools[0].type",
        ),
        (
            r#""tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}"#,
            "tool_choice.type",
        ),
        (
            r#""tools":[{"type":"web_search"}],"tool_choice":"required""#,
            "tool_choice",
        ),
        (
            r#""tools":[{"type":"function","name":"a"},{"type":"custom","name":"a"}]"#,
            "tools[1].name",
        ),
        (
            r#""tools":[{"type":"function","name":"a","allowed_callers":["programmatic"]}]"#,
            "tools[0].allowed_callers",
        ),
        (
            r#""tools":[{"type":"function","name":"a","parameters":3}]"#,
            "tools[0].parameters",
        ),
        (r#""stream":"yes""#, "stream"),
        (
            r#""tool_choice":{"type":"function","name":"gone"}"#,
            "tool_choice.name",
        ),
    ] {
        let body = format!(r#"{{"model":"m","input":"Hi",{member}}}"#);
        assert_eq!(refused(&body), field, "{member}");
    }
}

#[test]
fn a_choice_names_tools_by_their_flat_names() {
    let tools = r#"[{"type":"function","name":"a"},
        {"type":"namespace","name":"n","description":"","tools":[{"type":"function","name":"b"}]},
        {"type":"custom","name":"c"}]"#;
    let choice = |choice: &str| {
        let body = format!(r#"{{"model":"m","input":"","tools":{tools},"tool_choice":{choice}}}"#);
        let request = super::read_request(super::Json::read(body.as_bytes()).unwrap());
        let request = request.unwrap().0;
        let names: Vec<String> = request.tools.iter().map(|t| t.name.to_string()).collect();
        (
            format!("{:?}", request.tool_choice.unwrap()),
            names.join(" "),
        )
    };
    let all = "a n__b c";
    for (said, wanted, tools) in [
        (r#""required""#, "Required", all),
        (r#"{"type":"custom","name":"c"}"#, r#"Tool("c")"#, all),
        (
            r#"{"type":"function","namespace":"n","name":"b"}"#,
            r#"Tool("n__b")"#,
            all,
        ),
        (
            r#"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"a"},{"type":"custom","name":"c"}]}"#,
            r#"AnyOf(["a", "c"])"#,
            all,
        ),
        (
            r#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"a"}]}"#,
            "Auto",
            "a",
        ),
    ] {
        assert_eq!(
            choice(said),
            (wanted.to_owned(), tools.to_owned()),
            "{said}"
        );
    }
}

#[test]
fn flat_names_are_distinct_and_fit() {
    let long = "n".repeat(70);
    let body = format!(
        r#"{{"model":"m","input":"","tools":[
            {{"type":"namespace","name":"a","description":"","tools":[{{"type":"function","name":"b"}}]}},
            {{"type":"function","name":"a__b"}},
            {{"type":"namespace","name":"a.c","description":"","tools":[{{"type":"function","name":"d"}}]}},
            {{"type":"namespace","name":"{long}","description":"","tools":[
                {{"type":"function","name":"x"}},{{"type":"custom","name":"y"}}]}}]}}"#
    );
    let request = read(&body);
    let names: Vec<_> = request.tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names[1], "a__b");
    assert!(names[0].starts_with("a__b_") && names[2].starts_with("a_c__d_"));
    assert_ne!(names[3], names[4]);
    assert!(names.iter().all(|name| name.len() <= 64));
    let again: Vec<_> = read(&body)
        .tools
        .iter()
        .map(|t| t.name.to_string())
        .collect();
    assert_eq!(names, again);
}

/// A value with some part of it replaced.
fn replaced(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| replaced(value, at, with)),
        Value::Object(map) => map.values_mut().for_each(|value| replaced(value, at, with)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn nonsense_anywhere_is_read_or_refused(at in 0_usize..140, with in 0_usize..7) {
        let with = [json!(null), json!(""), json!("x"), json!(-1), json!([]), json!({}), json!([[{}]])][with].clone();
        let mut body: Value = serde_json::from_str(CODEX).unwrap();
        let mut left = at;
        replaced(&mut body, &mut left, &with);
        let body = body.to_string();
        let read = super::read_request(super::Json::read(body.as_bytes()).unwrap());
        if let Err(refused) = read {
            prop_assert!(at == 0 || !refused.field.is_empty(), "{}", refused);
        }
    }
}
