//! Answers in one piece, from the provider and to clients.

use serde_json::json;
use tidegate_types::Usage;

use super::{
    super::{
        Asked, Json, Language, Seal, SealKind, read_answer,
        reply::{Answer, Stop},
        talk::{Block, Call, Reasoning},
        write_answer,
    },
    asked, requests, text_of, value,
};

const WHOLE: &str = r#"{"id":"resp_1","object":"response","created_at":1741476777.0,"status":"completed",
  "error":null,"incomplete_details":null,"model":"gpt-5","output":[
    {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"One."},{"type":"summary_text","text":"Two."}],
     "encrypted_content":"gAAA"},
    {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search"}},
    {"type":"message","id":"msg_1","status":"completed","role":"assistant","phase":"final_answer",
     "content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]},
    {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\": 1}","status":"completed"},
    {"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"p","input":"raw","status":"completed"}],
  "usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":40},"output_tokens":30,
    "output_tokens_details":{"reasoning_tokens":20},"total_tokens":130}}"#;

fn read(body: &str) -> Answer<'_> {
    read_answer(Json::read(body.as_bytes()).unwrap(), &Asked::default()).unwrap()
}

#[test]
fn the_providers_answer_is_read() {
    let answer = read(WHOLE);
    assert_eq!(
        (answer.id.as_str(), answer.created),
        ("resp_1", Some(1_741_476_777))
    );
    assert_eq!(answer.stop, Stop::ToolCalls);
    let usage = answer.usage.unwrap();
    assert_eq!(
        (usage.input, usage.cached, usage.output, usage.reasoning),
        (60, 40, 30, 20)
    );
    let [
        Block::Reasoning(thought),
        text,
        Block::Call(call),
        Block::Call(custom),
    ] = &answer.blocks[..]
    else {
        panic!("{:?}", answer.blocks);
    };
    assert_eq!(thought.parts, ["One.", "Two."]);
    let seal = thought.seal.as_ref().unwrap();
    assert_eq!((seal.owner, &*seal.data), (Language::Responses, "gAAA"));
    assert_eq!(seal.id.as_deref(), Some("rs_1"));
    assert_eq!(text_of(text), "Hello");
    assert_eq!(
        (&*call.id, &*call.input, call.freeform),
        ("call_1", "{\"a\": 1}", false)
    );
    assert_eq!(
        (&*custom.id, &*custom.input, custom.freeform),
        ("call_2", "raw", true)
    );
}

#[test]
fn how_it_ends_is_read() {
    for (rest, stop) in [
        (r#""status":"completed","output":[]"#, Stop::End),
        (
            r#""status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]"#,
            Stop::MaxOutput,
        ),
        (
            r#""status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]"#,
            Stop::Filtered,
        ),
        (
            r#""output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]"#,
            Stop::Refusal,
        ),
    ] {
        let body = format!("{{{rest}}}");
        assert_eq!(read(&body).stop, stop, "{rest}");
    }
}

#[test]
fn what_is_no_answer_is_broken() {
    for body in [
        "[]",
        "{}",
        r#"{"status":"failed","output":[],"error":{"code":"server_error","message":"x"}}"#,
        r#"{"status":"in_progress","output":[]}"#,
        r#"{"output":[3]}"#,
        r#"{"output":[{"type":"computer_call","call_id":"c"}]}"#,
        r#"{"output":[{"type":"image_generation_call","result":"AAAA"}]}"#,
        r#"{"output":[{"type":"message"}]}"#,
        r#"{"output":[{"type":"message","content":[{"type":"output_audio"}]}]}"#,
        r#"{"output":[{"type":"function_call","name":"f","arguments":""}]}"#,
        r#"{"output":[{"type":"function_call","call_id":"c","name":"f"}]}"#,
    ] {
        let read = read_answer(Json::read(body.as_bytes()).unwrap(), &Asked::default());
        assert!(read.is_err(), "{body}");
    }
}

fn call<'a>(name: &'a str, input: &'a str, freeform: bool, seal: Option<Seal<'a>>) -> Block<'a> {
    Block::Call(Call {
        id: "c1".into(),
        name: name.into(),
        input: input.into(),
        freeform,
        seal,
    })
}

fn seal(owner: Language, kind: SealKind) -> Option<Seal<'static>> {
    Some(Seal {
        owner,
        kind,
        id: None,
        data: "SIG".into(),
    })
}

#[test]
fn codex_gets_its_items() {
    let answer = Answer {
        id: "msg_01AB".to_owned(),
        created: Some(5),
        blocks: vec![
            Block::Reasoning(Reasoning {
                parts: vec!["Hm.".into()],
                seal: seal(Language::Messages, SealKind::Signature),
            }),
            Block::Text {
                text: "Hello".into(),
                cache: None,
            },
            call(
                "mcp__files__read",
                "{}",
                false,
                seal(Language::Gemini, SealKind::Signature),
            ),
            call("apply_patch", "*** Begin", true, None),
        ],
        stop: Stop::ToolCalls,
        usage: Some(Usage {
            input: 1,
            cached: 2,
            cache_write_5m: 4,
            output: 8,
            reasoning: 3,
            ..Usage::default()
        }),
    };
    let whole = value(&write_answer(&answer, &asked(requests::CODEX)));
    let text = json!({"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []});
    assert_eq!(
        whole["output"],
        json!([
            {"id": "rs_msg_01AB_0", "type": "reasoning", "encrypted_content": "tg1.messages.s..SIG",
             "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"id": "msg_msg_01AB_1", "type": "message", "status": "completed", "role": "assistant", "content": [text]},
            {"id": "rs_msg_01AB_2", "type": "reasoning", "summary": [], "encrypted_content": "tg1.gemini.s..SIG"},
            {"id": "fc_msg_01AB_3", "type": "function_call", "status": "completed", "call_id": "c1",
             "name": "read", "namespace": "mcp__files__", "arguments": "{}"},
            {"id": "ctc_msg_01AB_4", "type": "custom_tool_call", "status": "completed", "call_id": "c1",
             "name": "apply_patch", "input": "*** Begin"}])
    );
    assert_eq!(
        whole["usage"],
        json!({"input_tokens": 7, "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 4},
            "output_tokens": 8, "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 15})
    );
    assert_eq!(whole["id"], "resp_msg_01AB");
    assert_eq!(
        (&whole["model"], &whole["store"]),
        (&json!("named"), &json!(false))
    );
    assert_eq!(whole["instructions"], "You are Codex.");
    assert_eq!(whole["text"], json!({"verbosity": "low"}));
    assert_eq!(whole["parallel_tool_calls"], false);
    assert_eq!(whole["created_at"], 5);
}

#[test]
fn an_answer_that_is_cut_is_incomplete() {
    for (stop, refusal, status, reason) in [
        (Stop::End, false, "completed", None),
        (Stop::Sequence(None), false, "completed", None),
        (
            Stop::MaxOutput,
            false,
            "incomplete",
            Some("max_output_tokens"),
        ),
        (
            Stop::ContextWindow,
            false,
            "incomplete",
            Some("max_output_tokens"),
        ),
        (Stop::Pause, false, "incomplete", Some("max_output_tokens")),
        (Stop::Filtered, false, "incomplete", Some("content_filter")),
        (Stop::Refusal, false, "incomplete", Some("content_filter")),
        (Stop::Refusal, true, "completed", None),
    ] {
        let answer = Answer {
            blocks: if refusal {
                vec![Block::Refusal("No.".into())]
            } else {
                Vec::new()
            },
            stop: stop.clone(),
            ..Answer::default()
        };
        let whole = value(&write_answer(&answer, &Asked::default()));
        assert_eq!(whole["status"], status, "{stop:?}");
        let found = whole["incomplete_details"].get("reason");
        assert_eq!(found.and_then(|reason| reason.as_str()), reason, "{stop:?}");
    }
}
