//! Guardrails see every text of a session, and what they stop is not said any more.

use serde_json::{Value, json};
use tidegate_governance::{guardrail::Phase, record::Outcome};
use tidegate_harness::{Key, Rig};
use tidegate_types::UsageSource;

use super::{events, item, open, rig, sent, sound, transcript, turn};
use crate::responses_socket::{Client, rows};

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
    let client = open(&rig, &key).await?;
    Ok((rig, key, client))
}

#[tokio::test]
async fn every_text_of_a_client_is_redacted_on_its_way() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("redact", "").await?;
    let secret = planted();
    let session = json!({"type": "realtime", "instructions": format!("know {secret}"),
                         "tools": [{"type": "function", "name": "f", "description": format!("takes {secret}")}]});
    client
        .say(&json!({"type": "session.update", "session": session}))
        .await?;
    assert_eq!(client.event().await?["type"], "session.updated");
    let output =
        json!({"type": "function_call_output", "call_id": "c", "output": format!("gave {secret}")});
    client
        .say(&json!({"type": "conversation.item.create", "item": output}))
        .await?;
    client
        .say(&item(&format!("my key is {secret}, keep it")))
        .await?;
    let asked = json!({"instructions": format!("repeat {secret}")});
    client
        .say(&json!({"type": "response.create", "response": asked}))
        .await?;
    events(&mut client).await?;
    let sent = sent(&rig);
    assert!(!sent.contains(&secret), "{sent}");
    for kept in ["know [", "takes [", "gave [", "my key is [", "repeat ["] {
        assert!(sent.contains(kept), "{kept}: {sent}");
    }
    let row = rows(&rig, &key, 1).await?.remove(0);
    let applied = rig.store.applied(row.id).await?;
    assert!(
        applied
            .iter()
            .any(|done| done.phase == Phase::Prompt && &*done.action == "redact")
    );
    Ok(())
}

#[tokio::test]
async fn a_text_that_is_blocked_goes_no_further_and_the_session_lives() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("block", "").await?;
    client
        .say(&item(&format!("my key is {}", planted())))
        .await?;
    let refused = client.event().await?;
    assert_eq!(refused["error"]["code"], "prompt_blocked", "{refused}");
    assert_eq!(sent(&rig), "");
    turn(&mut client, "hello").await?;
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!(rows[0].code.as_deref(), Some("prompt_blocked"));
    assert_eq!(rows[1].outcome, Outcome::Completed);
    Ok(())
}

#[tokio::test]
async fn what_was_taken_out_of_a_text_is_back_in_the_transcript() -> anyhow::Result<()> {
    let (rig, _, mut client) = guarded("restore", "").await?;
    let address = "maria.keller@example.org";
    for _ in 0..2 {
        let events = turn(&mut client, &format!("write to {address} and to {address}")).await?;
        assert!(
            transcript(&events).contains(&format!("{address} and to {address}")),
            "{events:?}"
        );
    }
    assert!(!sent(&rig).contains(address));
    Ok(())
}

/// What the user says is sound, which nobody reads; what the model says of it is text.
#[tokio::test]
async fn an_answer_that_is_blocked_is_stopped_and_cannot_be_fetched() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("block", r#","prompts":false"#).await?;
    let secret = planted();
    client
        .say(&sound(&format!(
            "[[turn]][[usage:input=7,output=9]] {} {secret} {}",
            "x ".repeat(40),
            "y ".repeat(200)
        )))
        .await?;
    let said = events(&mut client).await?;
    let refused = said.last().unwrap();
    assert_eq!(refused["error"]["code"], "answer_blocked", "{refused}");
    assert!(!format!("{said:?}").contains(&secret));
    let row = rows(&rig, &key, 1).await?.remove(0);
    assert_eq!(
        (row.outcome, row.code.as_deref()),
        (Outcome::Refused, Some("answer_blocked"))
    );
    // What was made is charged as the provider counts it.
    assert_eq!(
        (row.usage.source, row.usage.output),
        (UsageSource::Reported, 9)
    );
    assert!(sent(&rig).contains("response.cancel"), "{}", sent(&rig));
    let made = said
        .iter()
        .find(|event| event["type"] == "response.output_item.added");
    let id = made.unwrap()["item"]["id"].clone();
    client
        .say(&json!({"type": "conversation.item.retrieve", "item_id": id}))
        .await?;
    let fetched: Value = client.event().await?;
    assert_eq!(fetched["error"]["code"], "answer_blocked", "{fetched}");
    turn(&mut client, "hello").await?;
    Ok(())
}
