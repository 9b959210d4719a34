//! Providers that take their time, and say so or do not; and callers who do not wait.

use std::time::{Duration, Instant};

use tidegate_governance::record::Outcome;
use tidegate_harness::{Rig, RigOptions};
use tidegate_loadtest::standin::{Options, StandIn};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{CHAT, said};
use crate::prompts;

/// A provider that gives the first call the first answer, and so on; nothing, where it is empty.
async fn scripted(answers: Vec<String>) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        for answer in answers {
            let Ok((mut peer, _)) = listener.accept().await else {
                return;
            };
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            while !request.ends_with(b"}") {
                match peer.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(length) => request.extend_from_slice(&piece[..length]),
                }
            }
            // Whether it is taken is what the test looks at.
            drop(peer.write_all(answer.as_bytes()).await);
            if answer.is_empty() {
                while peer.read(&mut piece).await.is_ok_and(|read| read > 0) {}
            }
        }
    });
    Ok(url)
}

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn rig(url: &str, more: &str) -> anyhow::Result<Rig> {
    let config = format!(
        "[[providers]]\nname = \"s\"\ndialect = \"openai\"\nbase_url = \"{url}\"\nmodels = [\"x\"]\n{more}\n"
    );
    Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await
}

#[tokio::test]
async fn a_provider_with_less_time_to_begin_gives_way_sooner() -> anyhow::Result<()> {
    let url = scripted(vec![String::new()]).await?;
    let well = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let more = format!(
        "first_byte = \"300ms\"\n[[providers]]\nname = \"well\"\ndialect = \"openai\"\nbase_url = \"{}\"\n\
         models = [\"y\"]\n[[models]]\nname = \"both\"\n[[models.targets]]\nmodel = \"s/gpt-4o\"\n\
         [[models.targets]]\nmodel = \"well/gpt-4o\"",
        well.url()
    );
    let rig = rig(&url, &more).await?;
    let key = rig.key("slow").await?;
    let body = prompts::chat_with("both", "hello", false);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 200);
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    let attempts = rig.store.attempts(row.id).await?;
    assert_eq!(said(&attempts), ["s/- 0 timeout", "well/- 200 served"]);
    let took = attempts[0].took_us;
    assert!((300_000..10_000_000).contains(&took), "{took}");
    Ok(())
}

#[tokio::test]
async fn googles_word_in_a_body_for_how_long_to_wait_is_kept() -> anyhow::Result<()> {
    let busy = |delay: &str| {
        let body = format!(
            r#"{{"error":{{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{delay}"}}]}}}}"#
        );
        json("429 Too Many Requests", &body)
    };
    let well = json(
        "200 OK",
        r#"{"id":"c","object":"chat.completion","model":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#,
    );
    let url = scripted(vec![busy("0.4s"), well, busy("60s")]).await?;
    let rig = rig(&url, "[routing]\nretry_delay = \"1ms\"").await?;
    let key = rig.key("google").await?;
    let ask = async || -> anyhow::Result<_> {
        let body = prompts::chat_with("s/x", "hello", false);
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        Ok((reply.status.as_u16(), rig.store.attempts(row.id).await?))
    };
    let (status, attempts) = ask().await?;
    assert_eq!((status, attempts.len()), (200, 2), "{attempts:?}");
    let waited = attempts[1].began_us - attempts[0].began_us;
    assert!(waited >= 400_000, "{waited}");
    // Longer than anybody waits: the caller is told instead.
    let (status, attempts) = ask().await?;
    assert_eq!((status, attempts.len()), (429, 1), "{attempts:?}");
    Ok(())
}

#[tokio::test]
async fn who_leaves_while_nobody_is_asked_pays_nothing() -> anyhow::Result<()> {
    let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
    standin.order("", "status=429,retry-after=4");
    let rig = rig(&standin.url(), "").await?;
    let key = rig.key("leaves").await?;
    let body = prompts::chat_with("s/gpt-4o-mini", "hello", false);
    let client = rig.client();
    let asking = client.post(CHAT, &key.secret, body);
    let refused = async {
        while standin.stats().requests == 0 || standin.stats().in_flight > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The gateway has the answer, and waits.
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    tokio::select! {
        reply = asking => panic!("it was answered: {}", reply?.status),
        () = refused => {}
    }
    drop(client);
    let deadline = Instant::now() + Duration::from_secs(20);
    let row = loop {
        match rig.rows(&key).await?.pop() {
            Some(row) => break row,
            None => assert!(Instant::now() < deadline, "it was never over"),
        }
    };
    assert_eq!((row.outcome, row.cost.micros()), (Outcome::ClientGone, 0));
    assert_eq!(said(&rig.store.attempts(row.id).await?), ["s/- 429 status"]);
    assert!(row.duration_us < 4_000_000, "{row:?}");
    assert_eq!(standin.stats().requests, 1);
    Ok(())
}

#[tokio::test]
async fn a_key_that_aws_does_not_take_is_the_operators_affair() -> anyhow::Result<()> {
    let denied = |name: &str| {
        let answer = json(
            "403 Forbidden",
            r#"{"message":"The security token is invalid."}"#,
        );
        answer.replacen("\r\n", &format!("\r\nx-amzn-errortype: {name}\r\n"), 1)
    };
    let answers = ["UnrecognizedClientException", "AccessDeniedException"];
    let url = scripted(answers.map(denied).to_vec()).await?;
    let config = format!(
        "[[providers]]\nname = \"aws\"\ndialect = \"bedrock\"\nbase_url = \"{url}\"\n\
         api_key = \"file:provider-key\"\n"
    );
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("aws").await?;
    let ask = async || {
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#.to_owned();
        let path = "/bedrock/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";
        rig.client().post(path, &key.secret, body).await
    };
    let reply = ask().await?;
    assert_eq!(reply.status, 502, "{}", reply.text());
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    assert_eq!(row.code.as_deref(), Some("upstream_credential"));
    assert!(!reply.text().contains("security token"), "{}", reply.text());
    // What the account may not use is the caller's to know.
    assert_eq!(ask().await?.status, 403);
    Ok(())
}
