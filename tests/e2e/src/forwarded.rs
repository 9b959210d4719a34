//! Conversations with apps' own services, which are forwarded: guardrails look at both directions of them,
//! as at calls. What is no conversation passes as it is.

mod cursor;
mod host;

use std::time::Duration;

use http::Method;
use tidegate_governance::{
    guardrail::{Applied, Phase},
    record::Outcome,
};
use tidegate_harness::{Key, Reply, Rig, RigOptions};
use tidegate_store::LoggedRequest;

use self::host::{Host, Script};
use crate::devices::enrol;

const CHATGPT: &str = "/edge/chatgpt.com/backend-api/f/conversation";
const CLAUDE: &str = "/edge/claude.ai/api/organizations/o/chat_conversations/c/completion";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";

/// A key in the shape of AWS', made up, written so that nobody takes it for one.
fn planted() -> String {
    ["AKIA", "QYLPMN5HHHFPZAM2"].concat()
}

fn rules(action: &str, more: &str) -> String {
    format!(
        r#"{{"detect":{{"kind":"rules","groups":["secrets"]}},"action":{{"do":"{action}"}}{more}}}"#
    )
}

/// A gateway, the hosts behind it, and a device.
struct Devices {
    rig: Rig,
    host: Host,
    key: Key,
}

impl Devices {
    async fn start() -> anyhow::Result<Self> {
        let host = Host::start().await?;
        let rig = Rig::with(RigOptions {
            config: host.config(),
            ..RigOptions::default()
        })
        .await?;
        let (_, key) = enrol(&rig).await?;
        Ok(Self { rig, host, key })
    }

    async fn send(
        &self,
        path: &str,
        kind: &str,
        body: impl Into<bytes::Bytes>,
    ) -> anyhow::Result<Reply> {
        let headers = [
            ("x-tidegate-device-key", self.key.secret.as_str()),
            ("x-tidegate-app", "some-browser"),
            ("content-type", kind),
            ("cookie", "session=1"),
        ];
        let client = self.rig.client();
        let sent = client.send(Method::POST, path, &headers, body);
        tokio::time::timeout(Duration::from_secs(20), sent).await?
    }

    async fn row(&self, reply: &Reply) -> anyhow::Result<(LoggedRequest, Vec<Applied>)> {
        let row = self.rig.row(reply.header("x-tidegate-request-id")).await?;
        let applied = self.rig.store.applied(row.id).await?;
        Ok((row, applied))
    }
}

/// A conversation's request, in the shape of either page.
fn asks(path: &str, text: &str) -> String {
    let value = if path == CLAUDE {
        serde_json::json!({ "prompt": text, "model": "claude-sonnet-4-5" })
    } else {
        let content = serde_json::json!({ "content_type": "text", "parts": [text] });
        let message = serde_json::json!({ "author": { "role": "user" }, "content": content });
        serde_json::json!({ "action": "next", "messages": [message], "model": "gpt-5" })
    };
    value.to_string()
}

/// The events of an answer, in the shape of either page: one for each piece of its text.
fn says(path: &str, pieces: &[&str]) -> Vec<Vec<u8>> {
    let mut events = Vec::new();
    if path == CLAUDE {
        let block = serde_json::json!({ "type": "text", "text": "" });
        let start = serde_json::json!({ "type": "content_block_start", "index": 0, "content_block": block });
        events.push(start);
        for piece in pieces {
            let delta = serde_json::json!({ "type": "text_delta", "text": piece });
            events.push(
                serde_json::json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
            );
        }
        events.push(serde_json::json!({ "type": "content_block_stop", "index": 0 }));
        events.push(serde_json::json!({ "type": "message_stop" }));
    } else {
        let content = serde_json::json!({ "content_type": "text", "parts": [""] });
        let message = serde_json::json!({
            "author": { "role": "assistant" }, "content": content, "status": "in_progress",
        });
        events.push(serde_json::json!({ "p": "", "o": "add", "v": { "message": message } }));
        for (at, piece) in pieces.iter().enumerate() {
            events.push(if at == 0 {
                serde_json::json!({ "p": "/message/content/parts/0", "o": "append", "v": piece })
            } else {
                serde_json::json!({ "v": piece })
            });
        }
        events.push(serde_json::json!({ "type": "message_stream_complete" }));
    }
    let event = |event: &serde_json::Value| format!("data: {event}\n\n").into_bytes();
    events.iter().map(event).collect()
}

/// Everything that an answer of either page says.
fn said(reply: &Reply) -> String {
    let text = reply.text();
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = events.filter_map(|data| serde_json::from_str::<serde_json::Value>(data).ok());
    let texts = values.filter_map(|value| {
        let text = value.pointer("/delta/text").or(value.get("v"))?;
        Some(text.as_str()?.to_owned())
    });
    texts.collect()
}

fn of(applied: &[Applied], phase: Phase) -> Vec<&str> {
    let done = applied.iter().filter(|done| done.phase == phase);
    done.map(|done| done.action.as_str()).collect()
}

#[tokio::test]
async fn a_conversation_is_redacted_both_ways() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no secrets", &rules("redact", ""))
        .await?;
    let key = planted();
    let (one, two) = key.split_at(9);
    for path in [CHATGPT, CLAUDE] {
        let events = says(path, &["it is ", one, two, ", no more"]);
        devices.host.plays(Script::Says(EVENTS, events));
        let body = asks(path, &format!("my key is {key}, keep it"));
        let reply = devices.send(path, JSON, body.clone()).await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let heard = devices.host.heard();
        let sent = String::from_utf8(heard[0].body.clone())?;
        assert!(
            sent.contains("my key is [AWS") && !sent.contains(&key),
            "{sent}"
        );
        assert!(
            heard[0].head.contains("cookie: session=1"),
            "{}",
            heard[0].head
        );
        assert!(said(&reply).starts_with("it is [AWS"), "{}", reply.text());
        assert!(said(&reply).ends_with("], no more"), "{}", reply.text());
        assert!(!reply.text().contains(one), "{}", reply.text());
        assert_eq!(reply.header("etag"), "", "it is not true of these bytes");
        let (row, applied) = devices.row(&reply).await?;
        assert_eq!(of(&applied, Phase::Prompt), ["redact"]);
        assert_eq!(of(&applied, Phase::Answer), ["redact"]);
        assert_eq!(applied[0].detector, "aws-access-key-id");
        assert_eq!(row.outcome, Outcome::Completed);
        assert_eq!(row.request_bytes, body.len() as u64);
        assert_eq!(row.response_bytes, reply.body.len() as u64);
        assert!(row.model.is_some() && row.usage.input > 0, "{row:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_block_is_said_where_the_client_looks() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no keys", &rules("block", ""))
        .await?;
    let key = planted();
    for path in [
        CHATGPT,
        CLAUDE,
        "/edge/chatgpt.com/backend-api//f/%63onversation",
    ] {
        devices
            .host
            .plays(Script::Says(EVENTS, says(path, &["fine"])));
        let reply = devices
            .send(path, JSON, asks(path, &format!("use {key}")))
            .await?;
        assert_eq!(reply.status, 403, "{}", reply.text());
        let error = reply.json()?;
        let message = error.pointer("/error/message").or(error.get("detail"));
        let message = message
            .and_then(|message| message.as_str())
            .unwrap_or_default();
        assert!(message.contains("`no keys`"), "{error}");
        assert!(devices.host.heard().is_empty(), "nothing was sent");
        let (row, applied) = devices.row(&reply).await?;
        assert_eq!(row.code.as_deref(), Some("prompt_blocked"));
        assert_eq!((row.status, row.outcome), (403, Outcome::Refused));
        assert_eq!(of(&applied, Phase::Prompt), ["block"]);
    }
    let (one, two) = key.split_at(9);
    for path in [CHATGPT, CLAUDE] {
        let events = says(path, &["it is ", one, two, ", no more"]);
        devices.host.plays(Script::Says(EVENTS, events));
        let reply = devices.send(path, JSON, asks(path, "what is it?")).await?;
        assert_eq!(reply.status, 200, "it had begun");
        // What came in one piece with the key is not passed on either.
        assert!("it is ".starts_with(&said(&reply)), "{}", reply.text());
        let last = reply.text();
        let last = last.trim_end().lines().last().unwrap_or_default();
        assert!(last.contains("`no keys`"), "{last}");
        let (row, applied) = devices.row(&reply).await?;
        assert_eq!(row.code.as_deref(), Some("answer_blocked"));
        assert_eq!(row.outcome, Outcome::Refused);
        assert_eq!(of(&applied, Phase::Answer), ["block"]);
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_in_one_piece_is_replaced_by_the_refusal() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no keys", &rules("block", ""))
        .await?;
    let body = format!(r#"{{"title":"it is {}"}}"#, planted());
    let (one, two) = body.as_bytes().split_at(22);
    devices
        .host
        .plays(Script::Says(JSON, vec![one.to_vec(), two.to_vec()]));
    let reply = devices
        .send(CLAUDE, JSON, asks(CLAUDE, "what is it?"))
        .await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert!(reply.text().contains("`no keys`") && !reply.text().contains("AKIA"));
    devices
        .host
        .plays(Script::Says(JSON, vec![b"{\"title\":\"tides\"}".to_vec()]));
    let reply = devices
        .send(CLAUDE, JSON, asks(CLAUDE, "what is it?"))
        .await?;
    assert_eq!(
        (reply.status.as_u16(), reply.text().as_str()),
        (200, "{\"title\":\"tides\"}")
    );
    Ok(())
}

#[tokio::test]
async fn what_was_taken_out_is_put_back() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("private", &rules("restore", ""))
        .await?;
    for path in [CHATGPT, CLAUDE] {
        let events = says(path, &["use [AWS_ACCESS_", "KEY_ID_1", "] then"]);
        devices.host.plays(Script::Says(EVENTS, events));
        let reply = devices
            .send(path, JSON, asks(path, &format!("use {}", planted())))
            .await?;
        let heard = devices.host.heard();
        let sent = String::from_utf8(heard[0].body.clone())?;
        assert!(sent.contains("use [AWS_ACCESS_KEY_ID_1]"), "{sent}");
        assert_eq!(said(&reply), format!("use {} then", planted()));
    }
    Ok(())
}

/// Sign-in, telemetry and uploads are not read: guardrails do nothing about them.
#[tokio::test]
async fn what_is_no_conversation_passes_as_it_is() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no keys", &rules("block", ""))
        .await?;
    let text = format!("it is {}", planted());
    for path in [
        "/edge/chatgpt.com/backend-api/lat/r",
        "/edge/claude.ai/api/event_logging/batch",
    ] {
        let answer = vec![text.clone().into_bytes()];
        devices.host.plays(Script::Says("text/plain", answer));
        let reply = devices.send(path, "text/plain", text.clone()).await?;
        assert_eq!((reply.status.as_u16(), reply.text()), (200, text.clone()));
        assert_eq!(reply.header("etag"), "\"x\"");
        assert_eq!(devices.host.heard()[0].body, text.as_bytes());
        let (row, applied) = devices.row(&reply).await?;
        assert_eq!(row.operation, "edge.forward");
        assert_eq!(applied.len(), 0, "{applied:?}");
    }
    Ok(())
}

/// Nobody can say what is in it: it is refused, or passes and the log says that nobody looked.
#[tokio::test]
async fn what_cannot_be_read_passes_only_where_that_is_said() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let only = r#","answers":false"#;
    let id = devices
        .rig
        .guardrail("closed", &rules("redact", only))
        .await?;
    let broken = "{\"messages\":[";
    devices
        .host
        .plays(Script::Says(EVENTS, says(CHATGPT, &["fine"])));
    let reply = devices.send(CHATGPT, JSON, broken).await?;
    assert_eq!(reply.status, 503, "{}", reply.text());
    let (row, applied) = devices.row(&reply).await?;
    assert_eq!(row.code.as_deref(), Some("guard_failed"));
    assert_eq!(of(&applied, Phase::Prompt), ["refused"]);
    assert!(devices.host.heard().is_empty());
    devices
        .rig
        .store
        .delete_guardrail(tidegate_store::Actor::Cli, id)
        .await?;
    let open = format!(r#"{only},"on_failure":"open""#);
    devices
        .rig
        .guardrail("open", &rules("redact", &open))
        .await?;
    let reply = devices.send(CHATGPT, JSON, broken).await?;
    assert_eq!(
        (reply.status.as_u16(), said(&reply).as_str()),
        (200, "fine")
    );
    assert_eq!(devices.host.heard()[0].body, broken.as_bytes());
    let (_, applied) = devices.row(&reply).await?;
    assert_eq!(of(&applied, Phase::Prompt), ["bypassed"]);
    Ok(())
}
