//! Failures, breaks and stalls on demand, and peers that leave.

use std::time::{Duration, Instant};

use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tidegate_loadtest::standin::Outcome;

use crate::talk::{call, chat, client, dialects, post, start, text, with};

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
