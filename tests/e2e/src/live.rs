//! Gemini's Live API: each answer of a session is a call of its own, governed, billed and logged; what is refused ends
//! the session, since its protocol has no errors.

use serde_json::{Value, json};
use tidegate_governance::{
    entity::Allow,
    record::{CostBasis, Outcome},
};
use tidegate_harness::{Key, Rig, RigOptions};
use tidegate_store::{Actor, LoggedRequest};
use tidegate_types::{MicroUsd, UsageSource};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    realtime::base64,
    responses_socket::{Client, governed::status, rows},
};

const PATH: &str =
    "/genai/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
/// Micro-dollars a token: 4 and 16 for text, 32 and 64 for sound, 0.4 from the cache.
const PRICES: &str = r#"
[[row]]
family = "gemini"
model = "gemini-voice"
input = "4.00"
cached = "0.40"
input_audio = "32.00"
output = "16.00"
output_audio = "64.00"
max_output = 100
"#;

async fn rig() -> anyhow::Result<Rig> {
    Rig::with(RigOptions {
        config: "[prices]\nfile = \"prices.toml\"\n".to_owned(),
        files: vec![("prices.toml", PRICES)],
        websocket: true,
        ..RigOptions::default()
    })
    .await
}

fn setup(model: &str) -> Value {
    json!({"setup": {"model": model, "generationConfig": {"responseModalities": ["AUDIO"]},
                     "outputAudioTranscription": {}}})
}

fn said(text: &str) -> Value {
    json!({"client_content": {"turns": [{"role": "user", "parts": [{"text": text}]}], "turn_complete": true}})
}

fn sound(text: &str) -> Value {
    json!({"realtime_input": {"audio": {"data": base64(text), "mimeType": "audio/pcm"}}})
}

async fn connect(rig: &Rig, key: &Key) -> anyhow::Result<Client> {
    Client::open_with(rig, PATH, &[("x-goog-api-key", &key.secret)]).await
}

/// A session that the provider agreed to.
async fn open(rig: &Rig, key: &Key) -> anyhow::Result<Client> {
    let mut client = connect(rig, key).await?;
    client.say(&setup("models/gemini-voice")).await?;
    let agreed = message(&mut client).await?;
    anyhow::ensure!(agreed.get("setupComplete").is_some(), "{agreed}");
    Ok(client)
}

/// The next message, which is JSON in bytes as the provider said it.
async fn message(client: &mut Client) -> anyhow::Result<Value> {
    match client.next().await? {
        Message::Binary(bytes) => Ok(serde_json::from_slice(&bytes)?),
        other => anyhow::bail!("no message in bytes: {other:?}"),
    }
}

/// The transcript of what is answered, to the end of the turn.
async fn answer(client: &mut Client) -> anyhow::Result<String> {
    let mut text = String::new();
    loop {
        let message = message(client).await?;
        let content = &message["serverContent"];
        let piece = content["outputTranscription"]["text"].as_str();
        text.push_str(piece.unwrap_or_default());
        if content["turnComplete"] == true {
            return Ok(text);
        }
    }
}

async fn closed(client: &mut Client, code: CloseCode, word: &str) -> anyhow::Result<CloseFrame> {
    let frame = client.closed().await?;
    anyhow::ensure!(
        frame.code == code && frame.reason.starts_with(word),
        "{frame:?}"
    );
    Ok(frame)
}

/// All that the provider was told.
fn sent(rig: &Rig) -> String {
    let bodies = rig.standin.requests().into_iter();
    let bodies = bodies.filter_map(|seen| seen.body());
    bodies
        .map(|body| String::from_utf8_lossy(&body).into_owned())
        .collect()
}

fn is_billed(row: &LoggedRequest) {
    assert_eq!((row.operation.as_str(), row.status), ("live", 200));
    assert_eq!((row.outcome, row.streamed), (Outcome::Completed, true));
    assert_eq!(row.cost_basis, CostBasis::Priced);
    assert_eq!(row.usage.source, UsageSource::Reported);
}

fn planted() -> String {
    ["AKIA", "QYLPMN5HHHFPZAM2"].concat()
}

async fn guarded(action: &str, more: &str) -> anyhow::Result<(Rig, Key, Client)> {
    let rig = rig().await?;
    let key = rig.key("guarded").await?;
    let definition = format!(
        r#"{{"detect":{{"kind":"rules","groups":["secrets","personal"]}},"action":{{"do":"{action}"}}{more}}}"#
    );
    rig.guardrail("no secrets", &definition).await?;
    let client = open(&rig, &key).await?;
    Ok((rig, key, client))
}

#[tokio::test]
async fn turns_that_are_asked_for_and_that_are_not_are_calls_with_exact_bills() -> anyhow::Result<()>
{
    let rig = rig().await?;
    let key = rig.key("voice").await?;
    let mut client = open(&rig, &key).await?;
    let prompt = "hello [[usage:input=100,cached=50,audio_in=10,output=20,audio_out=30]]";
    client.say(&said(prompt)).await?;
    assert!(answer(&mut client).await?.contains("hello"));
    let prompt = "[[turn]][[late]][[usage:audio_in=1000,input=0,audio_out=40,output=0]]";
    client.say(&sound(prompt)).await?;
    answer(&mut client).await?;
    assert!(message(&mut client).await?["usageMetadata"].is_object());
    let rows = rows(&rig, &key, 2).await?;
    rows.iter().for_each(is_billed);
    // 100 · 4 + 50 · 0.4 + 10 · 32 + 20 · 16 + 30 · 64, and 1000 · 32 + 40 · 64 micro-USD.
    assert_eq!(
        rows[0].cost,
        MicroUsd::from_micros(400 + 20 + 320 + 320 + 1_920)
    );
    assert_eq!(rows[1].cost, MicroUsd::from_micros(32_000 + 2_560));
    let seen = rig.standin.requests();
    assert_eq!(seen[0].path, PATH.strip_prefix("/genai").unwrap());
    assert_eq!(seen[0].header("x-goog-api-key"), Some("upstream-secret"));
    assert!(!format!("{seen:?}").contains(&key.secret));
    assert!(sent(&rig).contains("models/gemini-voice"));
    Ok(())
}

#[tokio::test]
async fn a_call_of_functions_ends_a_call_and_what_they_gave_back_begins_another()
-> anyhow::Result<()> {
    let rig = rig().await?;
    let key = rig.key("tools").await?;
    let mut client = open(&rig, &key).await?;
    client.say(&said("[[tool]] a heron")).await?;
    let call = message(&mut client).await?;
    assert_eq!(call["toolCall"]["functionCalls"][0]["name"], "look");
    let result = json!({"id": "call_1", "name": "look", "response": {"result": "an egret"}});
    client
        .say(&json!({"tool_response": {"functionResponses": [result]}}))
        .await?;
    assert!(answer(&mut client).await?.contains("an egret"));
    let rows = rows(&rig, &key, 2).await?;
    assert_ne!(rows[0].usage.source, UsageSource::Reported);
    is_billed(&rows[1]);
    Ok(())
}

#[tokio::test]
async fn a_key_in_the_query_opens_a_session_and_goes_no_further() -> anyhow::Result<()> {
    let rig = rig().await?;
    let key = rig.key("browser").await?;
    let mut client = Client::open_with(&rig, &format!("{PATH}?key={}", key.secret), &[]).await?;
    client.say(&setup("models/gemini-voice")).await?;
    assert!(message(&mut client).await?.get("setupComplete").is_some());
    assert!(!format!("{:?}", rig.standin.requests()).contains(&key.secret));
    let wrong = format!("{PATH}?key=sk-tg-wrong");
    assert_eq!(status(Client::open_with(&rig, &wrong, &[]).await)?, 401);
    Ok(())
}

#[tokio::test]
async fn a_budget_that_runs_out_ends_the_session_before_anything_is_asked() -> anyhow::Result<()> {
    let rig = rig().await?;
    let key = rig.key("poor").await?;
    rig.budget(&key, MicroUsd::from_micros(20_000)).await?;
    let mut client = open(&rig, &key).await?;
    client
        .say(&said("[[usage:input=10,output=0,audio_out=400]]"))
        .await?;
    answer(&mut client).await?;
    client.say(&sound("[[turn]] once more")).await?;
    closed(&mut client, CloseCode::Policy, "budget_exceeded").await?;
    assert!(!sent(&rig).contains("realtime_input"), "{}", sent(&rig));
    let mut again = connect(&rig, &key).await?;
    again.say(&setup("models/gemini-voice")).await?;
    closed(&mut again, CloseCode::Policy, "budget_exceeded").await?;
    let rows = rows(&rig, &key, 3).await?;
    assert_eq!(rows[0].cost, MicroUsd::from_micros(40 + 25_600));
    for row in &rows[1..] {
        assert_eq!(row.code.as_deref(), Some("budget_exceeded"));
        assert_eq!((row.outcome, row.cost), (Outcome::Refused, MicroUsd::ZERO));
    }
    Ok(())
}

#[tokio::test]
async fn what_a_key_may_not_and_what_nobody_knows_is_refused() -> anyhow::Result<()> {
    let rig = rig().await?;
    let allow = Allow {
        models: vec!["gemini-voice".parse()?],
        ..Allow::default()
    };
    let key = rig.key_with("narrow", allow, |_| {}).await?;
    for (first, code, word) in [
        (
            setup("models/gemini-other"),
            CloseCode::Policy,
            "model_not_allowed",
        ),
        (json!({"setup": {}}), CloseCode::Invalid, "model_missing"),
        (said("hello"), CloseCode::Invalid, "invalid_message"),
        (
            json!({"contextUpdate": {}}),
            CloseCode::Invalid,
            "invalid_message",
        ),
        (json!("hello"), CloseCode::Invalid, "invalid_message"),
    ] {
        let mut client = connect(&rig, &key).await?;
        client.say(&first).await?;
        closed(&mut client, code, word).await?;
    }
    assert_eq!(sent(&rig), "");
    let mut client = open(&rig, &key).await?;
    client.say(&setup("models/gemini-voice")).await?;
    closed(&mut client, CloseCode::Invalid, "invalid_message").await?;
    Ok(())
}

#[tokio::test]
async fn every_text_of_a_client_is_redacted_on_its_way() -> anyhow::Result<()> {
    let (rig, key, _) = guarded("redact", "").await?;
    let secret = planted();
    let mut client = connect(&rig, &key).await?;
    let mut first = setup("models/gemini-voice");
    first["setup"]["systemInstruction"] = json!({"parts": [{"text": format!("know {secret}")}]});
    client.say(&first).await?;
    message(&mut client).await?;
    client
        .say(&said(&format!("my key is {secret}, keep it")))
        .await?;
    answer(&mut client).await?;
    client
        .say(&json!({"realtimeInput": {"text": format!("once more {secret}")}}))
        .await?;
    answer(&mut client).await?;
    let result =
        json!({"id": "c", "name": "look", "response": {"output": format!("gave {secret}")}});
    client
        .say(&json!({"toolResponse": {"functionResponses": [result]}}))
        .await?;
    answer(&mut client).await?;
    let sent = sent(&rig);
    assert!(!sent.contains(&secret), "{sent}");
    for kept in ["know [", "my key is [", "once more [", "gave ["] {
        assert!(sent.contains(kept), "{kept}: {sent}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_taken_out_of_a_text_is_back_in_the_transcript() -> anyhow::Result<()> {
    let (rig, _, mut client) = guarded("restore", "").await?;
    let address = "maria.keller@example.org";
    for _ in 0..2 {
        client
            .say(&said(&format!("write to {address} and to {address}")))
            .await?;
        let text = answer(&mut client).await?;
        assert!(
            text.contains(&format!("{address} and to {address}")),
            "{text}"
        );
    }
    assert!(!sent(&rig).contains(address));
    Ok(())
}

#[tokio::test]
async fn texts_that_are_blocked_go_no_further_either_way() -> anyhow::Result<()> {
    let (rig, key, mut client) = guarded("block", "").await?;
    client
        .say(&said(&format!("my key is {}", planted())))
        .await?;
    closed(&mut client, CloseCode::Invalid, "prompt_blocked").await?;
    assert!(!sent(&rig).contains(&planted()));
    let row = rows(&rig, &key, 1).await?.remove(0);
    assert_eq!(row.code.as_deref(), Some("prompt_blocked"));

    let (rig, key, mut client) = guarded("block", r#","prompts":false"#).await?;
    let (secret, long) = (planted(), "y ".repeat(200));
    client.say(&said(&format!("hello {secret} {long}"))).await?;
    let mut seen = String::new();
    let frame = loop {
        match client.next().await? {
            Message::Close(frame) => break frame.unwrap(),
            other => seen.push_str(&String::from_utf8_lossy(&other.into_data())),
        }
    };
    assert!(frame.reason.starts_with("answer_blocked"), "{frame:?}");
    assert!(!seen.contains(&secret), "{seen}");
    let row = rows(&rig, &key, 1).await?.remove(0);
    let code = row.code.as_deref();
    assert_eq!(
        (row.outcome, code),
        (Outcome::Refused, Some("answer_blocked"))
    );
    assert!(row.cost > MicroUsd::ZERO);
    Ok(())
}

#[tokio::test]
async fn whoever_leaves_breaks_off_or_is_revoked_leaves_a_bill() -> anyhow::Result<()> {
    let rig = rig().await?;
    let (leaver, broken) = (rig.key("leaver").await?, rig.key("broken").await?);
    let revoked = rig.key("revoked").await?;
    let mut client = open(&rig, &leaver).await?;
    client
        .say(&said("some words to begin with [[hang]]"))
        .await?;
    message(&mut client).await?;
    drop(client);
    let row = rows(&rig, &leaver, 1).await?.remove(0);
    assert_eq!(row.outcome, Outcome::ClientGone);
    assert!(row.cost > MicroUsd::ZERO && row.usage.source != UsageSource::Reported);

    let mut client = open(&rig, &broken).await?;
    client
        .say(&said("some words to begin with [[cut]]"))
        .await?;
    closed(&mut client, CloseCode::Error, "upstream_broken").await?;
    let row = rows(&rig, &broken, 1).await?.remove(0);
    assert_eq!(row.outcome, Outcome::UpstreamBroken);
    assert!(row.cost > MicroUsd::ZERO);

    let mut client = open(&rig, &revoked).await?;
    client
        .say(&said("some words to begin with [[hang]]"))
        .await?;
    message(&mut client).await?;
    rig.store.revoke_key(Actor::Cli, revoked.id).await?;
    rig.settled().await?;
    closed(&mut client, CloseCode::Policy, "").await?;
    assert!(rows(&rig, &revoked, 1).await?[0].cost > MicroUsd::ZERO);
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_stops_lets_an_answer_end_and_says_that_it_goes() -> anyhow::Result<()> {
    let rig = rig().await?;
    let key = rig.key("drain").await?;
    let mut busy = open(&rig, &key).await?;
    busy.say(&said(
        "one two three four five six seven eight [[pause:0.05]]",
    ))
    .await?;
    message(&mut busy).await?;
    let (stopped, ended) = tokio::join!(rig.gateway.stop(), answer(&mut busy));
    let () = stopped;
    ended?;
    assert!(busy.event().await?["goAway"].is_object());
    assert_eq!(busy.closed().await?.code, CloseCode::Away);
    Ok(())
}
