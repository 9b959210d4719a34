//! How the tests talk to a stand-in.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tidegate_loadtest::{Options, StandIn};

pub(crate) type Http = Client<HttpConnector, Full<Bytes>>;

pub(crate) fn client(h2: bool) -> Http {
    Client::builder(TokioExecutor::new())
        .http2_only(h2)
        .build_http()
}

pub(crate) async fn start() -> StandIn {
    StandIn::start("127.0.0.1:0", Options::default())
        .await
        .unwrap()
}

pub(crate) fn post(standin: &StandIn, path: &str, body: &Value) -> Request<Full<Bytes>> {
    let uri = format!("{}{path}", standin.url());
    Request::post(uri)
        .body(Full::from(body.to_string()))
        .unwrap()
}

pub(crate) async fn text(body: Incoming) -> Result<String, hyper::Error> {
    Ok(String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap())
}

pub(crate) async fn call(standin: &StandIn, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = client(false)
        .request(post(standin, path, body))
        .await
        .unwrap();
    (
        answer.status(),
        serde_json::from_str(&text(answer.into_body()).await.unwrap()).unwrap(),
    )
}

pub(crate) async fn stream(standin: &StandIn, path: &str, body: &Value) -> Vec<Value> {
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

pub(crate) fn chat(prompt: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": prompt}]})
}

pub(crate) fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

/// The same generation request in every dialect: path, body, where the text and usage are.
pub(crate) fn dialects(prompt: &str) -> [(&'static str, Value, &'static str, &'static str); 4] {
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
