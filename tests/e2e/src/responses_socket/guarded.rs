//! Guardrails see what is asked and what is answered, as over HTTP.

use serde_json::Value;
use tidegate_governance::{guardrail::Phase, record::Outcome};
use tidegate_harness::{Key, Rig};

use super::{Client, rig, rows, text};

fn planted() -> String {
    ["AKIA", "QYLPMN5HHHFPZAM2"].concat()
}

async fn guarded(action: &str, more: &str) -> anyhow::Result<(Rig, Key, Client)> {
    let rig = rig("").await?;
    let key = rig.key("guarded").await?;
    let definition = format!(
        r#"{{"detect":{{"kind":"rules","groups":["secrets","personal"]}},"action":{{"do":"{action}"}}{more}}}"#
    );
    rig.guardrail("no secrets", &definition).await?;
    let client = Client::open(&rig, &key).await?;
    Ok((rig, key, client))
}

fn sent(rig: &Rig) -> String {
    let bodies = rig.standin.requests().into_iter();
    let bodies = bodies.filter_map(|seen| seen.body());
    bodies
        .map(|body| String::from_utf8_lossy(&body).into_owned())
        .collect()
}

#[tokio::test]
async fn a_prompt_is_redacted_on_its_way() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("redact", "").await?;
    let secret = planted();
    let events = client.turn(&format!("my key is {secret}, keep it")).await?;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let sent = sent(&rig);
    assert!(
        !sent.contains(&secret) && sent.contains("my key is ["),
        "{sent}"
    );
    assert!(!format!("{events:?}").contains(&secret));
    let row = rows(&rig, &key, 1).await?.remove(0);
    let applied = rig.store.applied(row.id).await?;
    assert!(
        applied
            .iter()
            .any(|done| done.phase == Phase::Prompt && &*done.action == "redact")
    );
    Ok(())
}

/// A handshake that says its messages were something else does not change what is looked at.
#[tokio::test]
async fn a_content_type_is_no_way_around() -> anyhow::Result<()> {
    let (rig, key, _) = guarded("redact", "").await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-encoding", "br"),
    ];
    let mut client = Client::open_with(&rig, super::PATH, &headers).await?;
    let secret = planted();
    client.turn(&format!("my key is {secret}")).await?;
    let sent = sent(&rig);
    assert!(
        !sent.contains(&secret) && sent.contains("my key is ["),
        "{sent}"
    );
    Ok(())
}

#[tokio::test]
async fn what_was_taken_out_of_a_prompt_is_back_in_its_answer() -> anyhow::Result<()> {
    let (rig, _, mut client) = guarded("restore", "").await?;
    let address = "maria.keller@example.org";
    for _ in 0..2 {
        let events = client
            .turn(&format!("write to {address} and to {address}"))
            .await?;
        assert!(
            text(&events).contains(&format!("write to {address} and to {address}")),
            "{events:?}"
        );
        let whole = events.last().unwrap()["response"].to_string();
        assert!(
            whole.contains(address) && !whole.contains("[EMAIL"),
            "{whole}"
        );
    }
    assert!(!sent(&rig).contains("keller"));
    Ok(())
}

/// The provider remembers the conversation, so it may say in a later answer what it was told before.
#[tokio::test]
async fn it_is_back_in_later_answers_too_and_never_in_anothers_place() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("restore", "").await?;
    let (first, second) = ("maria.keller@example.org", "jan.novak@example.org");
    client.turn(&format!("write to {first}")).await?;
    let events = client
        .turn(&format!("I wrote to [EMAIL_1], now to {second}"))
        .await?;
    let said = text(&events);
    assert!(
        said.contains(&format!("I wrote to {first}, now to {second}")),
        "{said}"
    );
    let sent = sent(&rig);
    assert!(
        sent.contains("I wrote to [EMAIL_1], now to [EMAIL_2]"),
        "{sent}"
    );
    // Another connection is another conversation.
    let mut other = Client::open(&rig, &key).await?;
    let said = text(&other.turn("who is [EMAIL_1]").await?);
    assert!(said.contains("who is [EMAIL_1]"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_prompt_that_is_blocked_is_not_sent_and_the_next_one_is() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("block", r#","answers":false"#).await?;
    let refused = client.refused(&format!("use {}", planted())).await?;
    assert_eq!(refused["error"]["code"], "prompt_blocked");
    assert_eq!(refused["status"], 400);
    assert!(sent(&rig).is_empty());
    let events = client.turn("hello").await?;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!(rows[0].code.as_deref(), Some("prompt_blocked"));
    assert_eq!(rows[1].outcome, Outcome::Completed);
    Ok(())
}

#[tokio::test]
async fn an_answer_is_redacted_event_by_event() -> anyhow::Result<()> {
    let (rig, _, mut client) = guarded("redact", r#","prompts":false"#).await?;
    let secret = planted();
    let events = client.turn(&format!("it is {secret}, I believe")).await?;
    assert!(sent(&rig).contains(&secret), "prompts are not looked at");
    let told = Value::from(events.clone()).to_string();
    assert!(!told.contains(&secret), "{told}");
    assert!(text(&events).contains("it is ["), "{told}");
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_blocked_ends_in_an_error_and_is_paid_for() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("block", r#","prompts":false"#).await?;
    let secret = planted();
    let events = client.turn(&format!("it is {secret}, I believe")).await?;
    let last = events.last().unwrap();
    assert_eq!(last["error"]["code"], "answer_blocked", "{events:?}");
    assert!(!format!("{events:?}").contains(&secret));
    let events = client.turn("hello").await?;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!(rows[0].outcome, Outcome::Refused);
    assert_eq!(rows[0].code.as_deref(), Some("answer_blocked"));
    assert!(rows[0].cost.micros() > 0);
    Ok(())
}
