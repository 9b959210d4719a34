//! The stand-in from outside: shapes of the dialects, knobs, and what it remembers.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tidegate_loadtest::standin::Outcome;
use tidegate_loadtest::{Options, StandIn};

type Http = Client<HttpConnector, Full<Bytes>>;

fn client(h2: bool) -> Http {
    Client::builder(TokioExecutor::new())
        .http2_only(h2)
        .build_http()
}

async fn start() -> StandIn {
    StandIn::start("127.0.0.1:0", Options::default())
        .await
        .unwrap()
}

fn post(standin: &StandIn, path: &str, body: &Value) -> Request<Full<Bytes>> {
    let uri = format!("{}{path}", standin.url());
    Request::post(uri)
        .body(Full::from(body.to_string()))
        .unwrap()
}

async fn text(body: Incoming) -> Result<String, hyper::Error> {
    Ok(String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap())
}

async fn call(standin: &StandIn, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = client(false)
        .request(post(standin, path, body))
        .await
        .unwrap();
    (
        answer.status(),
        serde_json::from_str(&text(answer.into_body()).await.unwrap()).unwrap(),
    )
}

async fn stream(standin: &StandIn, path: &str, body: &Value) -> Vec<Value> {
    let answer = client(false)
        .request(post(standin, path, body))
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let text = text(answer.into_body()).await.unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn chat(prompt: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": prompt}]})
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

/// The same generation request in every dialect: path, body, where the text and usage are.
fn dialects(prompt: &str) -> [(&'static str, Value, &'static str, &'static str); 4] {
    [
        (
            "/v1/chat/completions",
            chat(prompt),
            "/choices/0/message/content",
            "/usage/completion_tokens",
        ),
        (
            "/v1/responses",
            json!({"model": "m", "input": prompt}),
            "/output/0/content/0/text",
            "/usage/output_tokens",
        ),
        (
            "/v1/messages",
            chat(prompt),
            "/content/0/text",
            "/usage/output_tokens",
        ),
        (
            "/v1beta/models/m:generateContent",
            json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]}),
            "/candidates/0/content/parts/0/text",
            "/usageMetadata/candidatesTokenCount",
        ),
    ]
}

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
async fn fails_in_the_dialect_and_then_succeeds() {
    let standin = start().await;
    for (path, body, ..) in dialects("[[status:429:1]] once") {
        let answer = client(false)
            .request(post(&standin, path, &body))
            .await
            .unwrap();
        assert_eq!(answer.status(), 429, "{path}");
        assert_eq!(answer.headers()["retry-after"], "1");
        let error: Value = serde_json::from_str(&text(answer.into_body()).await.unwrap()).unwrap();
        assert!(error["error"]["message"].is_string(), "{path}");
        let (status, _) = call(&standin, path, &with(body, "unused", 1.into())).await;
        assert_eq!(status, 200, "{path}");
        // Without a token the prompt is counted, and the next dialect sends the same one.
        standin.clear();
    }
}

#[tokio::test]
async fn cuts_a_stream_and_knows_it() {
    for h2 in [false, true] {
        let standin = start().await;
        let body = with(chat("[[cut]][[size:500]]"), "stream", true.into());
        let mut answer = client(h2)
            .request(post(&standin, "/v1/chat/completions", &body))
            .await
            .unwrap()
            .into_body();
        assert!(
            answer.frame().await.unwrap().is_ok(),
            "something came before the break"
        );
        assert!(text(answer).await.is_err());
        let seen = standin.requests();
        assert_eq!(seen[0].outcome, Outcome::Cut);
        assert_eq!(seen[0].version, if h2 { "HTTP/2.0" } else { "HTTP/1.1" });
    }
}

#[tokio::test]
async fn notices_a_peer_that_leaves() {
    let standin = start().await;
    for (marks, before_head) in [
        ("[[stall]]", true),
        ("[[delay:600]]", true),
        ("[[hang]]", false),
        ("[[pause:600]]", false),
    ] {
        let body = with(chat(marks), "stream", true.into());
        let http = client(false);
        let request = http.request(post(&standin, "/v1/chat/completions", &body));
        let reading = async { text(request.await.unwrap().into_body()).await };
        let in_the_middle = until(|| {
            let last = standin.requests().pop();
            last.is_some_and(|seen| {
                seen.body_length.is_some() && (before_head || seen.status.is_some())
            })
        });
        tokio::select! {
            _ = reading => panic!("{marks} ended"),
            () = in_the_middle => {}
        }
        drop(http);
        until(|| standin.stats().in_flight == 0).await;
        assert_eq!(
            standin.requests().last().unwrap().outcome,
            Outcome::Cancelled,
            "{marks}"
        );
        standin.clear();
    }
    assert_eq!(standin.stats().cancelled, 4);
}

/// Waits for the event itself, for five seconds at most.
async fn until(mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !happened() {
        assert!(Instant::now() < deadline, "it never happened");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn remembers_bodies_byte_for_byte() {
    let standin = start().await;
    let odd = r#"{ "model":"m",  "x":1e5, "messages":[{"role":"user","content":"\u00e9"}]}"#;
    for h2 in [false, true] {
        let request = Request::post(format!("{}/v1/chat/completions?a=b", standin.url()))
            .header("x-standin", "usage:0, size=10")
            .body(Full::from(odd))
            .unwrap();
        let answer = client(h2).request(request).await.unwrap();
        let answer: Value = serde_json::from_str(&text(answer.into_body()).await.unwrap()).unwrap();
        assert_eq!(
            answer["choices"][0]["message"]["content"]
                .as_str()
                .unwrap()
                .len(),
            10
        );
        let seen = standin.requests().pop().unwrap();
        assert_eq!(seen.body().unwrap(), odd.as_bytes());
        assert_eq!(
            (seen.path.as_str(), seen.status),
            ("/v1/chat/completions?a=b", Some(200))
        );
        assert_eq!(seen.header("x-standin"), Some("usage:0, size=10"));
    }
    let large = chat(&"x".repeat(3 << 20));
    let (status, _) = call(&standin, "/v1/chat/completions", &large).await;
    let seen = standin.requests().pop().unwrap();
    assert_eq!(
        (status.as_u16(), seen.body_length),
        (200, Some(large.to_string().len()))
    );
    assert!(seen.body_base64.is_none() && seen.body_sha256.is_some());
}

#[tokio::test]
async fn tells_its_memory_over_http_too() {
    let standin = start().await;
    call(&standin, "/v1/chat/completions", &chat("hi")).await;
    let ask = |method: Method, path: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/_standin/{path}", standin.url()));
        client(false).request(request.body(Full::default()).unwrap())
    };
    let seen = text(
        ask(Method::GET, "requests?last=5")
            .await
            .unwrap()
            .into_body(),
    )
    .await
    .unwrap();
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["requests"][0]["outcome"], "finished");
    let stats = text(ask(Method::GET, "stats").await.unwrap().into_body())
        .await
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&stats).unwrap()["requests"],
        1
    );
    ask(Method::DELETE, "requests").await.unwrap();
    assert!(standin.requests().is_empty());
}

#[tokio::test]
async fn answers_early_without_reading_the_body() {
    let standin = start().await;
    let body = format!(
        r#"{{"x":"[[early]][[status:413]]{}"}}"#,
        "y".repeat(32 << 20)
    );
    let request = Request::post(format!("{}/v1/messages", standin.url()))
        .body(Full::from(body))
        .unwrap();
    // The client may see the answer or the closed connection first; the stand-in has
    // answered in either case, and has not read the rest.
    drop(client(false).request(request).await);
    let seen = standin.requests().pop().unwrap();
    assert_eq!((seen.status, seen.body_length), (Some(413), None));
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

#[tokio::test]
async fn shutdown_frees_the_port() {
    let standin = start().await;
    let addr = standin.addr;
    call(&standin, "/v1/chat/completions", &chat("hi")).await;
    standin.shutdown().await;
    drop(StandIn::start(addr, Options::default()).await.unwrap());
}
