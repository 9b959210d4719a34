//! Guardrails as admins write them, on real calls: secrets and personal data in prompts and answers,
//! streamed and not, in every dialect; and what the log says of them.

use tidegate_governance::guardrail::{Applied, Phase};
use tidegate_harness::{Client, Key, Reply, Rig};

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";
const RESPONSES: &str = "/openai/v1/responses";
const MESSAGES: &str = "/anthropic/v1/messages";

type Body = fn(&str, bool) -> String;
const DIALECTS: [(&str, Body); 3] = [
    (CHAT, prompts::chat),
    (RESPONSES, prompts::response),
    (MESSAGES, prompts::message),
];

/// A key in the shape of AWS', made up, written so that nobody takes it for one.
fn planted() -> String {
    ["AKIA", "QYLPMN5HHHFPZAM2"].concat()
}

fn rules(action: &str, more: &str) -> String {
    format!(
        r#"{{"detect":{{"kind":"rules","groups":["secrets","personal"]}},"action":{action}{more}}}"#
    )
}

/// Everything that a body says, events put together.
pub(crate) fn said(reply: &Reply) -> String {
    const PLACES: [&str; 6] = [
        "/choices/0/delta/content",
        "/choices/0/message/content",
        "/output/0/content/0/text",
        "/content/0/text",
        "/delta/text",
        "/delta",
    ];
    let text = reply.text();
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = events.chain([text.as_str()]);
    let values = values.filter_map(|part| serde_json::from_str::<serde_json::Value>(part).ok());
    let found = values.filter_map(|value| {
        let text = PLACES
            .iter()
            .find_map(|place| value.pointer(place)?.as_str());
        text.map(str::to_owned)
    });
    found.collect()
}

async fn ask(client: &Client, key: &Key, path: &str, body: String) -> anyhow::Result<Reply> {
    client.post(path, &key.secret, body).await
}

pub(crate) async fn applied(rig: &Rig, reply: &Reply) -> anyhow::Result<Vec<Applied>> {
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    Ok(rig.store.applied(row.id).await?)
}

/// What the provider got in the last call.
fn sent(rig: &Rig) -> String {
    let seen = rig.standin.requests().pop();
    let body = seen.and_then(|seen| seen.body());
    String::from_utf8_lossy(&body.unwrap_or_default()).into_owned()
}

#[tokio::test]
async fn what_is_redacted_never_leaves_and_the_log_says_so_without_it() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("test").await?;
    rig.guardrail("no secrets", &rules(r#"{"do":"redact"}"#, ""))
        .await?;
    let secret = planted();
    for (path, body) in DIALECTS {
        for stream in [false, true] {
            let body = body(&format!("my key is {secret}, keep it"), stream);
            let reply = ask(&rig.client(), &key, path, body).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let sent = sent(&rig);
            assert!(!sent.contains(&secret), "{path}: {sent}");
            assert!(sent.contains("my key is ["), "{path}: {sent}");
            assert!(!reply.text().contains(&secret));
            let applied = applied(&rig, &reply).await?;
            let prompt = applied.iter().find(|done| done.phase == Phase::Prompt);
            let prompt = prompt.expect("it was redacted");
            assert_eq!(
                (&*prompt.guardrail, &*prompt.action),
                ("no secrets", "redact")
            );
            assert!(prompt.detector.starts_with("aws"), "{prompt:?}");
            assert_eq!(prompt.places, ["text"]);
            let text = serde_json::to_string(&applied)?;
            assert!(!text.contains(&secret));
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_restored_is_seen_by_the_caller_and_by_nobody_else() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("test").await?;
    rig.guardrail("private", &rules(r#"{"do":"restore"}"#, ""))
        .await?;
    let address = "maria.keller@example.org";
    for (path, body) in DIALECTS {
        for stream in [false, true] {
            let body = body(&format!("write to {address} and to {address}"), stream);
            let reply = ask(&rig.client(), &key, path, body).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let sent = sent(&rig);
            assert!(!sent.contains("keller"), "{path}: {sent}");
            assert_eq!(sent.matches("[EMAIL").count(), 2, "{path}: {sent}");
            let said = said(&reply);
            assert!(
                said.contains(&format!("write to {address} and to {address}")),
                "{path} {stream}: {said}"
            );
            assert!(!reply.text().contains("[EMAIL"), "{}", reply.text());
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_blocked_is_refused_before_it_is_sent() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("test").await?;
    rig.guardrail(
        "no keys",
        &rules(r#"{"do":"block"}"#, r#","answers":false"#),
    )
    .await?;
    for (path, body) in DIALECTS {
        let body = body(&format!("use {}", planted()), true);
        let reply = ask(&rig.client(), &key, path, body).await?;
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("`no keys`"), "{}", reply.text());
        assert!(!reply.text().contains(&planted()));
        let applied = applied(&rig, &reply).await?;
        assert_eq!(applied[0].action, "block");
    }
    assert!(rig.standin.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_answer_that_holds_a_secret_is_cleaned_or_stopped() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("test").await?;
    let secret = planted();
    let only = r#","prompts":false"#;
    let id = rig
        .guardrail("out", &rules(r#"{"do":"redact","with":"mask"}"#, only))
        .await?;
    for (path, body) in DIALECTS {
        for stream in [false, true] {
            // The stand-in says what it was told, cut into events of a few characters.
            let body = body(&format!("it is {secret} and no more"), stream);
            let reply = ask(&rig.client(), &key, path, body).await?;
            assert!(sent(&rig).contains(&secret), "prompts are not looked at");
            assert_eq!(reply.status, 200, "{}", reply.text());
            // An answer in one piece was looked at before it left: its length is known, whatever was changed.
            let length = reply.header("content-length");
            let whole = if stream {
                ""
            } else {
                &reply.body.len().to_string()
            };
            assert_eq!(length, whole, "{path} {stream}");
            let said = said(&reply);
            assert!(!said.contains(&secret), "{path} {stream}: {said}");
            assert!(said.contains("and no more"), "{path} {stream}: {said}");
            assert!(said.contains(&format!("**{}", &secret[16..])), "{said}");
            let applied = applied(&rig, &reply).await?;
            assert!(
                applied.iter().all(|done| done.phase == Phase::Answer),
                "{applied:?}"
            );
        }
    }
    rig.store
        .delete_guardrail(tidegate_store::Actor::Cli, id)
        .await?;
    rig.guardrail("stop", &rules(r#"{"do":"block"}"#, only))
        .await?;
    for (path, body) in DIALECTS {
        let reply = ask(
            &rig.client(),
            &key,
            path,
            body(&format!("it is {secret} ok"), true),
        )
        .await?;
        assert_eq!(reply.status, 200, "it had begun");
        let text = reply.text();
        assert!(!said(&reply).contains(&secret[..8]), "{path}: {text}");
        assert!(text.contains("answer_blocked"), "{path}: {text}");
        assert!(!text.contains("[DONE]"), "{path}: {text}");
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.code.as_deref(), Some("answer_blocked"));
    }
    Ok(())
}

#[tokio::test]
async fn a_shadow_changes_nothing_and_tells_what_it_would_have_done() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("test").await?;
    rig.guardrail("try", &rules(r#"{"do":"block"}"#, r#","shadow":true"#))
        .await?;
    let body = prompts::message(&format!("it is {}", planted()), true);
    let reply = ask(&rig.client(), &key, MESSAGES, body.clone()).await?;
    let plain = rig.direct().post("/v1/messages", "x", body).await?;
    assert_eq!(said(&reply), said(&plain));
    let applied = applied(&rig, &reply).await?;
    let both: Vec<_> = applied
        .iter()
        .map(|done| (done.phase, done.shadow))
        .collect();
    assert_eq!(both, [(Phase::Prompt, true), (Phase::Answer, true)]);
    Ok(())
}

#[tokio::test]
async fn scope_condition_and_terms_decide_whom_it_concerns() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let (one, other) = (rig.key("one").await?, rig.key("other").await?);
    let definition = format!(
        r#"{{"detect":{{"kind":"terms","words":["Project Mackerel"]}},"action":{{"do":"block"}},
        "scope":{{"keys":["{}"],"models":["claude-*"]}},
        "condition":"call.streamed && call.provider == 'anthropic'"}}"#,
        one.id
    );
    rig.guardrail("names", &definition).await?;
    let client = rig.client();
    let text = "tell me of project  mackerel";
    let message = prompts::message(text, true);
    assert_eq!(
        ask(&client, &one, MESSAGES, message.clone()).await?.status,
        400
    );
    assert_eq!(ask(&client, &other, MESSAGES, message).await?.status, 200);
    let whole = prompts::message(text, false);
    assert_eq!(ask(&client, &one, MESSAGES, whole).await?.status, 200);
    assert_eq!(
        ask(&client, &one, CHAT, prompts::chat(text, true))
            .await?
            .status,
        200
    );
    let longer = prompts::message("project mackerels", true);
    assert_eq!(ask(&client, &one, MESSAGES, longer).await?.status, 200);
    Ok(())
}
