//! What a stand-in remembers, and how it ends.

use http::{Method, Request};
use http_body_util::Full;
use serde_json::Value;
use tidegate_loadtest::{Options, StandIn};

use crate::talk::{call, chat, client, start, text};

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
async fn shutdown_frees_the_port() {
    let standin = start().await;
    let addr = standin.addr;
    call(&standin, "/v1/chat/completions", &chat("hi")).await;
    standin.shutdown().await;
    drop(StandIn::start(addr, Options::default()).await.unwrap());
}
