//! Each dialect's answers: whole and streamed, tools, structured output.

use serde_json::{Value, json};
use tidegate_loadtest::{Options, StandIn};

use crate::talk::{call, chat, dialects, start, stream, with};

#[tokio::test]
async fn every_dialect_echoes_and_counts() {
    let standin = start().await;
    for (path, body, at, usage) in dialects("hello there [[usage:output=77]]") {
        let (status, answer) = call(&standin, path, &body).await;
        assert_eq!(status, 200, "{path}");
        assert!(
            answer
                .pointer(at)
                .unwrap()
                .as_str()
                .unwrap()
                .contains("hello there"),
            "{path}"
        );
        assert_eq!(answer.pointer(usage), Some(&json!(77)), "{path}");
    }
}

#[tokio::test]
async fn streams_say_what_whole_answers_say() {
    let standin = start().await;
    let prompt = "tides [[size:3000]][[usage:cached=10,reasoning=5,write5m=7,write1h=3]]";
    let [chat, responses, messages, gemini] = dialects(prompt);

    let (_, whole) = call(&standin, chat.0, &chat.1).await;
    let body = with(
        with(chat.1, "stream", true.into()),
        "stream_options",
        json!({"include_usage": true}),
    );
    let events = stream(&standin, chat.0, &body).await;
    let text: String = events
        .iter()
        .filter_map(|e| e.pointer("/choices/0/delta/content")?.as_str())
        .collect();
    assert_eq!(text.len(), 3000);
    assert_eq!(whole["choices"][0]["message"]["content"], text.as_str());
    assert_eq!(whole["usage"], events.last().unwrap()["usage"]);

    let (_, whole) = call(&standin, responses.0, &responses.1).await;
    let events = stream(
        &standin,
        responses.0,
        &with(responses.1, "stream", true.into()),
    )
    .await;
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    assert_eq!(last["response"]["usage"], whole["usage"]);
    assert!(
        events
            .iter()
            .enumerate()
            .all(|(i, e)| e["sequence_number"] == i)
    );

    let (_, whole) = call(&standin, messages.0, &messages.1).await;
    let events = stream(
        &standin,
        messages.0,
        &with(messages.1, "stream", true.into()),
    )
    .await;
    let start = &events[0]["message"]["usage"];
    let delta = &events
        .iter()
        .find(|e| e["type"] == "message_delta")
        .unwrap()["usage"];
    assert_eq!(start["cache_creation"], whole["usage"]["cache_creation"]);
    assert_eq!(start["cache_creation"]["ephemeral_5m_input_tokens"], 7);
    assert_eq!(delta["output_tokens"], whole["usage"]["output_tokens"]);
    assert_eq!(events.last().unwrap()["type"], "message_stop");

    let (_, whole) = call(&standin, gemini.0, &gemini.1).await;
    let events = stream(
        &standin,
        "/v1beta/models/m:streamGenerateContent?alt=sse",
        &gemini.1,
    )
    .await;
    assert_eq!(
        events.last().unwrap()["usageMetadata"],
        whole["usageMetadata"]
    );
    let (_, array) = call(
        &standin,
        "/v1beta/models/m:streamGenerateContent",
        &gemini.1,
    )
    .await;
    assert_eq!(array.as_array().unwrap().len(), events.len());
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_answered() {
    let standin = start().await;
    let prompt = r#"please [[tool:look {"where":[[1]]}]]"#;
    let function =
        json!({"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}});
    let body = with(chat(prompt), "tools", json!([function]));
    let (_, answer) = call(&standin, "/v1/chat/completions", &body).await;
    let message = &answer["choices"][0]["message"];
    let arguments = message["tool_calls"][0]["function"]["arguments"]
        .as_str()
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(arguments).unwrap(),
        json!({"where": [[1]]})
    );
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");

    let events = stream(
        &standin,
        "/v1/chat/completions",
        &with(body.clone(), "stream", true.into()),
    )
    .await;
    let streamed: Vec<_> = events
        .iter()
        .filter_map(|e| {
            e.pointer("/choices/0/delta/tool_calls/0/function/arguments")?
                .as_str()
        })
        .collect();
    assert_eq!(streamed.concat(), arguments);
    assert!(streamed.len() > 2, "in several deltas");

    let mut next = body;
    let messages = next["messages"].as_array_mut().unwrap();
    messages.push(message.clone());
    messages.push(json!({"role": "tool", "tool_call_id": "x", "content": "seen"}));
    let (_, answer) = call(&standin, "/v1/chat/completions", &next).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn anthropic_and_responses_call_tools_too() {
    let standin = start().await;
    let prompt = r#"[[tool:look {"at":"the sea and the shore"}]]"#;
    let body = with(
        chat(prompt),
        "tools",
        json!([{"name": "look", "input_schema": {"type": "object"}}]),
    );
    let (_, answer) = call(&standin, "/v1/messages", &body).await;
    assert_eq!(answer["stop_reason"], "tool_use");
    assert_eq!(
        answer["content"][0]["input"],
        json!({"at": "the sea and the shore"})
    );
    let events = stream(&standin, "/v1/messages", &with(body, "stream", true.into())).await;
    let json: String = events
        .iter()
        .filter_map(|e| e.pointer("/delta/partial_json")?.as_str())
        .collect();
    assert_eq!(json, r#"{"at":"the sea and the shore"}"#);

    let tools = json!([{"type": "function", "name": "look", "parameters": {}}, {"type": "custom", "name": "patch"}]);
    let body = json!({"model": "m", "tools": tools, "stream": true,
                      "input": [{"role": "user", "content": [{"type": "input_text", "text": "[[tool:patch \"*** x\"]]"}]}]});
    let events = stream(&standin, "/v1/responses", &body).await;
    let item = &events.last().unwrap()["response"]["output"][0];
    assert_eq!(
        (&item["type"], &item["input"]),
        (&json!("custom_tool_call"), &json!("*** x"))
    );
}

#[tokio::test]
async fn structured_output_fits_its_schema_in_every_dialect() {
    let standin = start().await;
    let schema =
        json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    let [chat, responses, messages, gemini] = dialects("p");
    let json_schema =
        json!({"type": "json_schema", "json_schema": {"name": "s", "schema": schema}});
    let format = json!({"format": {"type": "json_schema", "name": "s", "schema": schema}});
    for (case, key, value) in [
        (chat, "response_format", json_schema),
        (responses, "text", format.clone()),
        (messages, "output_config", format),
        (
            gemini,
            "generationConfig",
            json!({"responseMimeType": "application/json", "responseSchema": schema}),
        ),
    ] {
        let (_, answer) = call(&standin, case.0, &with(case.1, key, value)).await;
        assert_eq!(
            answer.pointer(case.2),
            Some(&json!(r#"{"n":0}"#)),
            "{}",
            case.0
        );
    }
}

#[tokio::test]
async fn the_fixed_path_answers_and_still_streams() {
    let standin = StandIn::start(
        "127.0.0.1:0",
        Options {
            fixed: true,
            ..Options::default()
        },
    )
    .await
    .unwrap();
    for (path, body, at, _) in dialects("hello") {
        let (status, answer) = call(&standin, path, &body).await;
        assert_eq!(status, 200);
        assert_eq!(
            answer.pointer(at).unwrap().as_str().unwrap().len(),
            900,
            "{path}"
        );
    }
    let body = with(chat("hello"), "stream", true.into());
    assert!(stream(&standin, "/v1/chat/completions", &body).await.len() > 2);
    let (status, _) = call(&standin, "/v1/chat/completions", &chat("[[status:500]]")).await;
    assert_eq!(status, 500);
}
