//! What a guard stops: prompts before they are sent, answers before or while they arrive.

use http::Method;
use http_body_util::BodyExt;
use tidegate_governance::record::Outcome;
use tidegate_harness::Rig;
use tidegate_types::UsageSource;

use super::{
    CHAT, DIALECTS, MESSAGES, clients, guarded, key, piece,
    scripted::Scripted,
    words::{NO_ANSWER, NO_PROMPT, SLOW},
};
use crate::prompts;

#[tokio::test]
async fn a_blocked_prompt_never_leaves_and_is_refused_in_its_dialect() -> anyhow::Result<()> {
    let rig = Rig::with(guarded(String::new())).await?;
    let key = key(&rig).await?;
    for client in clients(&rig) {
        for (path, body) in DIALECTS {
            for stream in [false, true] {
                let body = body(&format!("{SLOW} a {NO_PROMPT}"), stream);
                let reply = client.post(path, &key.secret, body).await?;
                assert_eq!(reply.status, 400, "{}", reply.text());
                assert_eq!(reply.header("x-should-retry"), "false");
                let error = &reply.json()?["error"];
                assert_eq!(error["type"], "policy_blocked");
                assert_eq!(error["code"], "prompt_blocked");
                let message = error["message"].as_str().unwrap_or_default();
                assert!(message.contains("`sea monsters`"), "{message}");
                assert!(!message.contains(NO_PROMPT), "{message}");
                let row = rig.row(reply.header("x-tidegate-request-id")).await?;
                assert_eq!(row.outcome, Outcome::Refused);
                assert_eq!(
                    (row.status, row.code.as_deref()),
                    (400, Some("prompt_blocked"))
                );
                assert_eq!(row.cost.micros(), 0);
                assert!(!row.has_content, "what was not sent is not kept");
            }
        }
    }
    assert!(rig.standin.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_answer_in_one_piece_is_refused_in_its_place_and_charged() -> anyhow::Result<()> {
    let rig = Rig::with(guarded(String::new())).await?;
    let key = key(&rig).await?;
    for client in clients(&rig) {
        for (path, body) in DIALECTS {
            let body = body(&format!("a {NO_ANSWER}"), false);
            let reply = client.post(path, &key.secret, body.clone()).await?;
            assert_eq!(reply.status, 400, "{}", reply.text());
            let length = reply.body.len().to_string();
            assert_eq!(reply.header("content-length"), length);
            let error = &reply.json()?["error"];
            assert_eq!(error["type"], "policy_blocked");
            assert_eq!(error["code"], "answer_blocked");
            assert!(!reply.text().contains(NO_ANSWER));
            let row = rig.row(reply.header("x-tidegate-request-id")).await?;
            assert_eq!(row.outcome, Outcome::Refused);
            assert_eq!(
                (row.status, row.code.as_deref()),
                (400, Some("answer_blocked"))
            );
            assert_eq!(row.usage.source, UsageSource::Reported);
            assert!(row.cost.micros() > 0, "it was made");
            assert_eq!(row.response_bytes, reply.body.len() as u64);
            let (_, content) = rig.store.request(row.id).await?;
            assert_eq!(content.map(|content| content.answer), Some(Vec::new()));
            // The connection is as good as new.
            let next = client
                .post(path, &key.secret, body.replace(NO_ANSWER, "x"))
                .await?;
            assert_eq!(next.status, 200);
        }
    }
    Ok(())
}

/// The events of a message up to its first text, each dialect's.
const BEGINNINGS: [&str; 2] = [
    "data: {\"choices\":[{\"delta\":{\"content\":\"fine \"}}]}\n\n",
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":100,\
     \"output_tokens\":1}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\
     \"delta\":{\"type\":\"text_delta\",\"text\":\"fine \"}}\n\n",
];

#[tokio::test]
async fn a_stream_stops_in_the_middle_with_an_error_and_the_provider_is_left() -> anyhow::Result<()>
{
    for (index, path, dialect) in [(0, CHAT, "openai"), (1, MESSAGES, "anthropic")] {
        let provider = Scripted::start().await?;
        let rig = Rig::with(guarded(provider.config(dialect))).await?;
        let key = key(&rig).await?;
        let bearer = format!("Bearer {}", key.secret);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        for client in clients(&rig) {
            let body = match index {
                0 => prompts::chat("hi", true).replace("gpt-4o", "scripted/gpt-4o"),
                _ => prompts::message("hi", true).replace("claude", "scripted/claude"),
            };
            let open = client.open(Method::POST, path, &headers, body);
            let beginning = BEGINNINGS[index];
            let play = async {
                let mut call = provider.called().await?;
                call.begin().await?;
                call.say(beginning).await?;
                anyhow::Ok(call)
            };
            let (answer, call) = tokio::join!(open, play);
            let (answer, mut call) = (answer?, call?);
            let id = answer.headers()["x-tidegate-request-id"]
                .to_str()?
                .to_owned();
            let mut answer = answer.into_body();
            let mut got = String::new();
            while got.len() < beginning.len() {
                got += &piece(&mut answer).await?;
            }
            assert_eq!(got, beginning);
            // The word is over two events; its first half is never seen.
            let last = &beginning[beginning[..beginning.len() - 2]
                .rfind("\n\n")
                .map_or(0, |at| at + 2)..];
            let (first, second) = NO_ANSWER.split_at(3);
            call.say(&last.replace("fine ", first)).await?;
            call.say(&last.replace("fine ", second)).await?;
            let rest = answer.collect().await?.to_bytes();
            let rest = String::from_utf8_lossy(&rest).into_owned();
            let event = if index == 0 {
                "data: "
            } else {
                "event: error\ndata: "
            };
            let error = rest
                .strip_prefix(event)
                .and_then(|rest| rest.strip_suffix("\n\n"));
            let error = error.ok_or_else(|| anyhow::anyhow!("no error event: {rest}"))?;
            let error: serde_json::Value = serde_json::from_str(error)?;
            assert_eq!(error["error"]["type"], "policy_blocked", "{error}");
            assert_eq!(error["error"]["code"], "answer_blocked", "{error}");
            assert!(!rest.contains(first) && !rest.contains("[DONE]"), "{rest}");
            call.left().await?;
            let row = rig.row(&id).await?;
            assert_eq!((row.outcome, row.status), (Outcome::Refused, 200));
            assert_eq!(row.code.as_deref(), Some("answer_blocked"));
            assert!(row.usage.output > 0 && row.cost.micros() > 0, "{row:?}");
            assert_ne!(row.usage.source, UsageSource::Reported);
            let (_, content) = rig.store.request(row.id).await?;
            let kept = content.map(|content| content.answer);
            assert_eq!(kept.as_deref(), Some(beginning.as_bytes()));
        }
    }
    Ok(())
}
