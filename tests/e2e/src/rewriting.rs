//! What guards change in a prompt or an answer arrives changed, and what they stop does not arrive:
//! over both versions of HTTP, streamed and not, by key and through a laptop's agent.

mod app;
mod blocked;
mod broken;
pub(crate) mod laptop;
mod scripted;
mod words;

use std::sync::Arc;

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tidegate_governance::record::Outcome;
use tidegate_harness::{Client, Key, Reply, Rig, RigOptions};
use tidegate_pipeline::guard::{Guard, Guards};

use crate::prompts;
use scripted::Scripted;
use words::{IN_ANSWERS, IN_PROMPTS, SLOW, Words};

const CHAT: &str = "/openai/v1/chat/completions";
const MESSAGES: &str = "/anthropic/v1/messages";
/// What a caller writes; the stand-in echoes it, so that both of its words go both ways.
const PROMPT: &str = "mackerel and lighthouse and lighthouses";
/// What the provider sees of it.
const SENT: &str = "herring and lighthouse and lighthouses";
/// What the caller gets.
const GOT: &str = "echo: herring and beacon and beacons";

type Body = fn(&str, bool) -> String;
const DIALECTS: [(&str, Body); 2] = [(CHAT, prompts::chat), (MESSAGES, prompts::message)];

fn guarded(config: String) -> RigOptions {
    let guard: Arc<dyn Guard> = Arc::new(Words);
    RigOptions {
        config,
        guards: Guards::from_iter([guard]),
        ..RigOptions::default()
    }
}

async fn key(rig: &Rig) -> anyhow::Result<Key> {
    rig.key_with("test", Default::default(), |new| new.log_content = true)
        .await
}

fn clients(rig: &Rig) -> [Client; 2] {
    let url = format!("http://{}", rig.gateway.data);
    [Client::http1(&url), Client::http2(&url)]
}

/// The text of an answer in either dialect, streamed or not.
fn text(body: &str) -> String {
    const PLACES: [&str; 4] = [
        "/choices/0/delta/content",
        "/choices/0/message/content",
        "/content/0/text",
        "/delta/text",
    ];
    let events = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let parts = events.chain([body]);
    let values = parts.filter_map(|part| serde_json::from_str::<Value>(part).ok());
    values
        .filter_map(|value| {
            let found = PLACES.iter().find_map(|place| value.pointer(place));
            found.and_then(Value::as_str).map(str::to_owned)
        })
        .collect()
}

/// The next piece of an answer.
async fn piece(body: &mut Incoming) -> anyhow::Result<String> {
    let frame = body
        .frame()
        .await
        .ok_or_else(|| anyhow::anyhow!("over"))??;
    let data = frame.into_data().unwrap_or_default();
    Ok(String::from_utf8(data.to_vec())?)
}

async fn rows_agree(rig: &Rig, reply: &Reply, body: &str, plain: &Reply) -> anyhow::Result<()> {
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    let (_, content) = rig.store.request(row.id).await?;
    let content = content.ok_or_else(|| anyhow::anyhow!("no content"))?;
    let sent = body.replace(IN_PROMPTS.0, IN_PROMPTS.1);
    assert_eq!(content.prompt, sent.as_bytes(), "as it was sent");
    assert_eq!(content.answer, reply.body, "as it arrived");
    assert_eq!(row.outcome, Outcome::Completed);
    assert_eq!(row.request_bytes, body.len() as u64);
    assert_eq!(row.response_bytes, reply.body.len() as u64);
    // The bill is the provider's, not of what is left of its answer.
    let usage: Vec<u64> = plain
        .text()
        .split(['{', ',', '}'])
        .filter_map(|part| part.split_once(':'))
        .filter(|(name, _)| matches!(*name, "\"output_tokens\"" | "\"completion_tokens\""))
        .filter_map(|(_, count)| count.parse().ok())
        .collect();
    assert_eq!(Some(&row.usage.output), usage.last());
    assert!(row.cost.micros() > 0);
    Ok(())
}

#[tokio::test]
async fn words_change_both_ways_in_every_dialect_version_and_manner() -> anyhow::Result<()> {
    let rig = Rig::with(guarded(String::new())).await?;
    let key = key(&rig).await?;
    for client in clients(&rig) {
        for (path, body) in DIALECTS {
            for (stream, slow) in [(false, ""), (true, ""), (false, SLOW), (true, SLOW)] {
                rig.standin.clear();
                let (body, got) = (
                    body(&format!("{slow}{PROMPT}"), stream),
                    GOT.replace("herring", &format!("{slow}herring")),
                );
                let reply = client.post(path, &key.secret, body.clone()).await?;
                assert_eq!(reply.status, 200, "{}", reply.text());
                assert_eq!(text(&reply.text()), got, "{}", reply.text());
                assert!(!reply.text().contains(IN_ANSWERS.0));
                // Nobody knows the length of a stream; an answer in one piece leaves when it is looked at.
                let length = if stream {
                    ""
                } else {
                    &reply.body.len().to_string()
                };
                assert_eq!(reply.header("content-length"), length);
                let seen = rig.standin.requests().pop().expect("one request");
                let sent = seen.body().expect("a body");
                let sent = String::from_utf8_lossy(&sent).into_owned();
                assert!(sent.contains(&format!("{slow}{SENT}")), "{sent}");
                let length = sent.len().to_string();
                assert_eq!(seen.header("content-length"), Some(length.as_str()));
                let native = &path[path.match_indices('/').nth(1).map_or(0, |(at, _)| at)..];
                let plain = rig.direct().post(native, "x", sent).await?;
                rows_agree(&rig, &reply, &body, &plain).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_the_guard_leaves_alone_arrives_as_it_was() -> anyhow::Result<()> {
    let rig = Rig::with(guarded(String::new())).await?;
    let key = key(&rig).await?;
    for stream in [false, true] {
        let body = prompts::message("nothing to see here, just a longer text", stream);
        let reply = rig
            .client()
            .post(MESSAGES, &key.secret, body.clone())
            .await?;
        let plain = rig.direct().post("/v1/messages", "x", body).await?;
        assert_eq!(reply.body.len(), plain.body.len());
        assert_eq!(text(&reply.text()), text(&plain.text()));
    }
    // No sentry, no change of length.
    let reply = rig.client().get("/openai/v1/models", &key.secret).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    Ok(())
}

#[tokio::test]
async fn an_event_leaves_at_once_unless_it_is_held() -> anyhow::Result<()> {
    let provider = Scripted::start().await?;
    let rig = Rig::with(guarded(provider.config("openai"))).await?;
    let key = key(&rig).await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let event = |text: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    for client in clients(&rig) {
        let body = prompts::chat(PROMPT, true).replace("gpt-4o", "scripted/gpt-4o");
        let open = client.open(Method::POST, CHAT, &headers, body);
        let play = async {
            let mut call = provider.called().await?;
            call.begin().await?;
            anyhow::Ok(call)
        };
        let (answer, call) = tokio::join!(open, play);
        let (answer, mut call) = (answer?, call?);
        assert!(call.body.contains(SENT), "{}", call.body);
        for stale in ["etag", "content-md5"] {
            assert_eq!(answer.headers().get(stale), None);
        }
        let mut answer = answer.into_body();
        // The provider says nothing more before the client has the first.
        call.say(&event("one")).await?;
        assert_eq!(piece(&mut answer).await?, event("one"));
        // A word over two events: of the first only its text before the word leaves.
        call.say(&event("a light")).await?;
        assert_eq!(text(&piece(&mut answer).await?), "a ");
        // An event over two pieces of the network's.
        let whole = event("house");
        let (start, rest) = whole.split_at(20);
        call.say(start).await?;
        call.say(rest).await?;
        assert_eq!(text(&piece(&mut answer).await?), "beacon");
        // What was held because it might have been one comes when it is none.
        call.say(&event("light")).await?;
        call.say("data: [DONE]\n\n").await?;
        call.finish().await?;
        let rest = answer.collect().await?.to_bytes();
        let rest = String::from_utf8(rest.to_vec())?;
        assert_eq!(text(&rest), "light");
        assert!(rest.ends_with("\n\ndata: [DONE]\n\n"), "{rest}");
    }
    Ok(())
}
