//! Whose session it is, what its responses cost, and how it ends.

use serde_json::json;
use tidegate_governance::{
    entity::Allow,
    record::{CostBasis, Outcome},
};
use tidegate_harness::Rig;
use tidegate_store::Actor;
use tidegate_types::{MicroUsd, UsageSource};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{PATH, events, item, open, rig, sent, sound, transcript, turn};
use crate::responses_socket::{Client, governed::status, rows};

#[tokio::test]
async fn responses_that_are_asked_for_and_that_are_not_are_calls_with_exact_bills()
-> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("voice").await?;
    let mut client = open(&rig, &key).await?;
    let first = turn(
        &mut client,
        "hello [[usage:input=100,cached=50,audio_in=10,output=20,audio_out=30]]",
    )
    .await?;
    assert!(transcript(&first).contains("hello"), "{first:?}");
    let told: Vec<_> = first
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert!(told.contains(&"response.output_audio.delta"), "{told:?}");
    assert!(!told.contains(&"rate_limits.updated"), "{told:?}");
    client
        .say(&sound(
            "[[turn]][[usage:audio_in=1000,input=0,audio_out=40,output=0]]",
        ))
        .await?;
    let second = events(&mut client).await?;
    assert_eq!(second[0]["type"], "input_audio_buffer.speech_started");
    assert_eq!(second.last().unwrap()["response"]["status"], "completed");

    let rows = rows(&rig, &key, 2).await?;
    for row in &rows {
        assert_eq!((row.operation.as_str(), row.status), ("realtime", 200));
        assert_eq!((row.outcome, row.streamed), (Outcome::Completed, true));
        assert_eq!(row.cost_basis, CostBasis::Priced);
        assert_eq!(row.usage.source, UsageSource::Reported);
    }
    assert_eq!(
        (rows[0].usage.input_audio, rows[0].usage.output_audio),
        (10, 30)
    );
    // 100 · 4 + 50 · 0.4 + 10 · 32 + 20 · 16 + 30 · 64, and 1000 · 32 + 40 · 64 micro-USD.
    assert_eq!(
        rows[0].cost,
        MicroUsd::from_micros(400 + 20 + 320 + 320 + 1_920)
    );
    assert_eq!(rows[1].cost, MicroUsd::from_micros(32_000 + 2_560));
    let seen = rig.standin.requests();
    let handshake = seen
        .iter()
        .find(|seen| seen.method == "GET" && seen.body_length.is_none());
    let handshake = handshake.or(seen.first()).unwrap();
    assert_eq!(handshake.path, "/v1/realtime?model=gpt-voice");
    assert_eq!(
        handshake.header("authorization"),
        Some("Bearer upstream-secret")
    );
    assert!(!format!("{seen:?}").contains(&key.secret));
    Ok(())
}

#[tokio::test]
async fn a_browser_brings_its_key_as_a_protocol_and_others_by_the_unified_route()
-> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("browser").await?;
    let protocols = format!("realtime, openai-insecure-api-key.{}", key.secret);
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let path = "/v1/realtime?model=openai/gpt-voice";
    let mut client = Client::open_with(&rig, path, &headers).await?;
    assert_eq!(client.headers["sec-websocket-protocol"], "realtime");
    assert_eq!(client.event().await?["session"]["model"], "gpt-voice");
    assert!(!format!("{:?}", rig.standin.requests()).contains(&key.secret));
    let wrong = [(
        "sec-websocket-protocol",
        "realtime, openai-insecure-api-key.sk-tg-wrong",
    )];
    assert_eq!(status(Client::open_with(&rig, path, &wrong).await)?, 401);
    Ok(())
}

#[tokio::test]
async fn a_budget_that_runs_out_refuses_responses_and_sound_and_the_session_lives()
-> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("poor").await?;
    rig.budget(&key, MicroUsd::from_micros(20_000)).await?;
    let mut client = open(&rig, &key).await?;
    turn(&mut client, "[[usage:input=10,output=0,audio_out=400]]").await?;
    let refused = turn(&mut client, "once more").await?;
    let refused = refused.last().unwrap();
    assert_eq!(refused["error"]["code"], "budget_exceeded", "{refused}");
    assert!(refused["event_id"].is_string());
    // Sound is told of once, and goes nowhere.
    client.say(&sound("[[turn]] one")).await?;
    client.say(&sound("[[turn]] two")).await?;
    assert_eq!(client.event().await?["error"]["code"], "budget_exceeded");
    client
        .say(&json!({"type": "session.update", "session": {"type": "realtime"}}))
        .await?;
    assert_eq!(client.event().await?["type"], "session.updated");
    assert!(!sent(&rig).contains("input_audio_buffer"), "{}", sent(&rig));
    assert_eq!(status(open(&rig, &key).await)?, 429);
    let rows = rows(&rig, &key, 4).await?;
    assert_eq!(rows[0].cost, MicroUsd::from_micros(40 + 25_600));
    for row in &rows[1..] {
        assert_eq!(row.code.as_deref(), Some("budget_exceeded"));
        assert_eq!((row.outcome, row.cost), (Outcome::Refused, MicroUsd::ZERO));
    }
    Ok(())
}

#[tokio::test]
async fn what_a_key_may_not_and_what_nobody_knows_is_refused() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let allow = Allow {
        models: vec!["gpt-voice".parse()?],
        ..Allow::default()
    };
    let key = rig.key_with("narrow", allow, |_| {}).await?;
    let bearer = format!("Bearer {}", key.secret);
    let headers = [("authorization", bearer.as_str())];
    let mut refused = Vec::new();
    for path in [
        "/openai/v1/realtime?model=gpt-other",
        "/openai/v1/realtime",
        "/openai/v1/realtime?model=gpt-voice&model=gpt-other",
        "/v1/realtime/calls?model=gpt-voice",
        "/openai/v1/realtime/client_secrets",
    ] {
        refused.push(status(Client::open_with(&rig, path, &headers).await)?);
    }
    assert_eq!(refused, [403, 400, 426, 426, 426]);
    let mut client = open(&rig, &key).await?;
    for (message, code) in [
        (
            json!({"type": "session.update", "session": {"model": "gpt-other"}}),
            "model_contradicted",
        ),
        (
            json!({"type": "response.create", "response": {"model": "gpt-other"}}),
            "model_contradicted",
        ),
        (
            json!({"type": "session.update", "session": {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}}),
            "invalid_message",
        ),
        (
            json!({"type": "transcription_session.update", "session": {}}),
            "invalid_message",
        ),
        (json!({"type": "response.steer"}), "invalid_message"),
        (json!("hello"), "invalid_message"),
    ] {
        client.say(&message).await?;
        let refused = client.event().await?;
        assert_eq!(refused["error"]["code"], code, "{message}");
    }
    assert_eq!(sent(&rig), "");
    client
        .say(&json!({"type": "session.update", "session": {"model": "gpt-voice"}}))
        .await?;
    assert_eq!(client.event().await?["type"], "session.updated");
    Ok(())
}

#[tokio::test]
async fn both_sides_are_heard_during_a_response_and_the_next_one_waits() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("talker").await?;
    let mut client = open(&rig, &key).await?;
    client
        .say(&item("some words to begin with [[hang]]"))
        .await?;
    client.say(&json!({"type": "response.create"})).await?;
    while client.event().await?["type"] != "response.output_audio_transcript.delta" {}
    client.say(&item("and what is said meanwhile")).await?;
    loop {
        let event = client.event().await?;
        if event["type"] == "conversation.item.done" {
            break;
        }
    }
    client.say(&json!({"type": "response.create"})).await?;
    client.say(&json!({"type": "response.cancel"})).await?;
    let first = events(&mut client).await?;
    assert_eq!(first.last().unwrap()["response"]["status"], "cancelled");
    let second = events(&mut client).await?;
    assert!(transcript(&second).contains("meanwhile"), "{second:?}");
    assert_eq!(rows(&rig, &key, 2).await?[1].outcome, Outcome::Completed);
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_revoked_is_shut_out_also_during_a_response() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("revoked").await?;
    let mut answered = open(&rig, &key).await?;
    let mut silent = open(&rig, &key).await?;
    answered
        .say(&item("some words to begin with [[hang]]"))
        .await?;
    answered.say(&json!({"type": "response.create"})).await?;
    while answered.event().await?["type"] != "response.output_audio_transcript.delta" {}
    rig.store.revoke_key(Actor::Cli, key.id).await?;
    rig.settled().await?;
    assert_eq!(answered.closed().await?.code, CloseCode::Policy);
    assert_eq!(silent.closed().await?.code, CloseCode::Policy);
    let rows = rows(&rig, &key, 1).await?;
    assert_eq!(rows[0].outcome, Outcome::Refused);
    assert!(rows[0].cost > MicroUsd::ZERO, "{:?}", rows[0]);
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_and_a_provider_that_breaks_off_leave_bills() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let (leaver, broken) = (rig.key("leaver").await?, rig.key("broken").await?);
    let mut client = open(&rig, &leaver).await?;
    client
        .say(&item("some words to begin with [[hang]]"))
        .await?;
    client.say(&json!({"type": "response.create"})).await?;
    while client.event().await?["type"] != "response.output_audio_transcript.delta" {}
    drop(client);
    let left = rows(&rig, &leaver, 1).await?;
    assert_eq!(left[0].outcome, Outcome::ClientGone);
    assert!(left[0].cost > MicroUsd::ZERO && left[0].usage.source != UsageSource::Reported);

    let mut client = open(&rig, &broken).await?;
    let events = turn(&mut client, "some words to begin with [[cut]]").await?;
    assert_eq!(events.last().unwrap()["error"]["code"], "upstream_broken");
    assert_eq!(client.closed().await?.code, CloseCode::Error);
    let row = rows(&rig, &broken, 1).await?.remove(0);
    assert_eq!(row.outcome, Outcome::UpstreamBroken);
    assert!(row.cost > MicroUsd::ZERO);
    Ok(())
}

#[tokio::test]
async fn what_a_provider_refuses_costs_nothing() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("refused").await?;
    let mut client = open(&rig, &key).await?;
    let refused = turn(&mut client, "[[status:500]]").await?;
    assert_eq!(
        refused.last().unwrap()["error"]["message"],
        "failed as asked"
    );
    turn(&mut client, "hello").await?;
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!((rows[0].status, rows[0].cost), (400, MicroUsd::ZERO));
    Ok(())
}

#[tokio::test]
async fn sessions_of_a_key_are_bounded_and_none_lives_for_ever() -> anyhow::Result<()> {
    let rig = rig("[limits]\nwebsockets_per_key = 2\n[timeouts]\nwebsocket = \"1s\"\n").await?;
    let key = rig.key("many").await?;
    let mut first = open(&rig, &key).await?;
    let second = open(&rig, &key).await?;
    assert_eq!(status(open(&rig, &key).await)?, 429);
    drop(second);
    assert_eq!(
        first.event().await?["error"]["code"],
        "websocket_connection_limit_reached"
    );
    assert_eq!(first.closed().await?.code, CloseCode::Normal);
    Ok(())
}

#[tokio::test]
async fn silence_ends_a_session() -> anyhow::Result<()> {
    let rig = rig("[timeouts]\nwebsocket_idle = \"3s\"\n").await?;
    let key = rig.key("silent").await?;
    let closed = open(&rig, &key).await?.closed().await?;
    assert_eq!(
        (closed.code, closed.reason.as_str()),
        (CloseCode::Normal, "nothing was said for too long")
    );
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_stops_lets_a_response_end_and_then_says_goodbye() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("drain").await?;
    let mut idle = open(&rig, &key).await?;
    let mut busy = open(&rig, &key).await?;
    busy.say(&item(
        "one two three four five six seven eight [[pause:0.05]]",
    ))
    .await?;
    busy.say(&json!({"type": "response.create"})).await?;
    while busy.event().await?["type"] != "response.created" {}
    let (stopped, ended, idle) = tokio::join!(rig.gateway.stop(), events(&mut busy), idle.closed());
    let () = stopped;
    assert_eq!(ended?.last().unwrap()["type"], "response.done");
    assert_eq!(busy.closed().await?.code, CloseCode::Away);
    assert_eq!(idle?.code, CloseCode::Away);
    Ok(())
}

#[tokio::test]
async fn without_a_websocket_or_a_provider_that_speaks_one_it_is_refused() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("plain").await?;
    let bearer = format!("Bearer {}", key.secret);
    let refused = Client::open_with(&rig, PATH, &[("authorization", &bearer)]).await;
    assert_eq!(status(refused)?, 426);
    assert_eq!(rig.standin.requests().len(), 0);
    Ok(())
}
