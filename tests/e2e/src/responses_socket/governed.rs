//! Whose call it is, what it costs, and how it ends.

use serde_json::json;
use tidegate_governance::record::{CostBasis, Outcome};
use tidegate_harness::{Rig, eventually};
use tidegate_loadtest::standin::Outcome as Seen;
use tidegate_store::Actor;
use tidegate_types::{MicroUsd, UsageSource};
use tokio_tungstenite::tungstenite::{Error, protocol::frame::coding::CloseCode};

use super::{Client, MODEL, PATH, asked, rig, rows, text};

/// gpt-4o-mini: 0.15 $ a million prompt tokens, 0.075 $ cached, 0.60 $ a million answer tokens.
#[tokio::test]
async fn two_responses_on_one_connection_are_two_calls_with_exact_bills() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("two").await?;
    let mut client = Client::open(&rig, &key).await?;
    assert!(!client.headers.contains_key("sec-websocket-extensions"));
    let first = client
        .turn("hello [[usage:input=1000,cached=200,output=300]]")
        .await?;
    assert_eq!(first[0]["type"], "response.created");
    assert!(text(&first).contains("hello"), "{first:?}");
    let id = first[0]["response"]["id"].clone();
    let mut second = asked("again [[usage:input=2000,output=100]]");
    second["previous_response_id"] = id;
    client.say(&second).await?;
    let second = client.events().await?;
    assert!(text(&second).contains("again"), "{second:?}");

    let rows = rows(&rig, &key, 2).await?;
    for row in &rows {
        assert_eq!((row.operation.as_str(), row.status), ("responses", 200));
        assert_eq!((row.outcome, row.streamed), (Outcome::Completed, true));
        assert_eq!(row.cost_basis, CostBasis::Priced);
        assert_eq!(row.usage.source, UsageSource::Reported);
        assert!(row.request_bytes > 0 && row.response_bytes > 0 && row.ttft_us.is_some());
    }
    // 1000 · 0.15 + 200 · 0.075 + 300 · 0.60, and 2000 · 0.15 + 100 · 0.60 micro-USD.
    assert_eq!(rows[0].cost, MicroUsd::from_micros(150 + 15 + 180));
    assert_eq!(rows[1].cost, MicroUsd::from_micros(300 + 60));
    let seen = rig.standin.requests();
    let handshakes: Vec<_> = seen.iter().filter(|seen| seen.method == "GET").collect();
    assert_eq!(handshakes.len(), 1, "one connection");
    assert_eq!(handshakes[0].path, "/v1/responses");
    assert_eq!(
        handshakes[0].header("authorization"),
        Some("Bearer upstream-secret")
    );
    assert_eq!(handshakes[0].header("sec-websocket-extensions"), None);
    assert_eq!(
        handshakes[0].header("openai-beta"),
        Some("responses_websockets=2026-02-06")
    );
    let told = format!("{seen:?}");
    assert!(
        !told.contains(&key.secret) && !told.contains("x-tidegate"),
        "{told}"
    );
    Ok(())
}

#[tokio::test]
async fn a_key_in_the_list_of_protocols_is_a_key_and_goes_no_further() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("browser").await?;
    let protocols = format!("responses, openai-insecure-api-key.{}", key.secret);
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let mut client = Client::open_with(&rig, PATH, &headers).await?;
    assert_eq!(client.headers["sec-websocket-protocol"], "responses");
    client.turn("hello").await?;
    let told = format!("{:?}", rig.standin.requests());
    assert!(!told.contains(&key.secret), "{told}");
    let wrong = [(
        "sec-websocket-protocol",
        "openai-insecure-api-key.sk-tg-wrong",
    )];
    let refused = Client::open_with(&rig, PATH, &wrong).await;
    assert_eq!(status(refused)?, 401);
    Ok(())
}

pub(crate) fn status(refused: anyhow::Result<Client>) -> anyhow::Result<u16> {
    let Err(error) = refused else {
        anyhow::bail!("it was let through");
    };
    match error.downcast::<Error>()? {
        Error::Http(response) => Ok(response.status().as_u16()),
        other => Err(other.into()),
    }
}

#[tokio::test]
async fn a_budget_that_runs_out_refuses_the_next_response_and_the_connection_lives()
-> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("poor").await?;
    rig.budget(&key, MicroUsd::from_micros(500)).await?;
    let mut client = Client::open(&rig, &key).await?;
    client.turn("[[usage:input=1000,output=600]]").await?;
    let refused = client.refused("once more").await?;
    assert_eq!(
        (refused["status"].as_u64(), &refused["error"]["code"]),
        (Some(429), &json!("budget_exceeded"))
    );
    assert_eq!(refused["error"]["type"], "insufficient_quota");
    let refused = client.refused("and once more").await?;
    assert_eq!(refused["error"]["code"], "budget_exceeded");
    let rows = rows(&rig, &key, 3).await?;
    assert_eq!(rows[0].cost, MicroUsd::from_micros(150 + 360));
    assert_eq!(rows[1].code.as_deref(), Some("budget_exceeded"));
    assert_eq!(
        (rows[1].outcome, rows[1].cost),
        (Outcome::Refused, MicroUsd::ZERO)
    );
    Ok(())
}

#[tokio::test]
async fn what_a_key_may_not_is_refused_by_message() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let allow = tidegate_governance::entity::Allow {
        models: vec![MODEL.parse()?],
        ..Default::default()
    };
    let key = rig.key_with("narrow", allow, |_| {}).await?;
    rig.limit(&key, |limit| limit.requests_per_minute = Some(1))
        .await?;
    let mut client = Client::open(&rig, &key).await?;
    let mut other = asked("hello");
    other["model"] = "gpt-5-mini".into();
    client.say(&other).await?;
    let refused = client.event().await?;
    assert_eq!(refused["error"]["code"], "model_not_allowed");
    client.turn("hello").await?;
    let refused = client.refused("hello").await?;
    assert_eq!(refused["error"]["code"], "rate_limit_exceeded");
    // A second request within the first, messages that carry prompts nobody reads, and no JSON.
    for (message, code) in [
        (
            json!({"type": "response.create", "model": MODEL, "response": {"model": "gpt-5-mini"}}),
            "invalid_message",
        ),
        (
            json!({"type": "response.steer", "input": "hello"}),
            "invalid_message",
        ),
        (json!({"input": "hello"}), "invalid_message"),
        (json!("hello"), "invalid_message"),
        (
            json!({"type": "response.create", "input": "hello"}),
            "model_missing",
        ),
    ] {
        client.say(&message).await?;
        let refused = client.event().await?;
        assert_eq!(refused["error"]["code"], code, "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_revoked_meanwhile_is_shut_out() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("revoked").await?;
    let mut asking = Client::open(&rig, &key).await?;
    let mut silent = Client::open(&rig, &key).await?;
    asking.turn("hello").await?;
    rig.store.revoke_key(Actor::Cli, key.id).await?;
    rig.settled().await?;
    let refused = asking.refused("hello").await?;
    assert_eq!(refused["error"]["code"], "invalid_api_key");
    assert_eq!(asking.closed().await?.code, CloseCode::Policy);
    // Nor does saying nothing help.
    assert_eq!(silent.closed().await?.code, CloseCode::Policy);
    let again = Client::open(&rig, &key).await;
    assert_eq!(status(again)?, 401);
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_pays_for_what_was_made_and_its_provider_is_told() -> anyhow::Result<()>
{
    let rig = rig("").await?;
    let key = rig.key("leaver").await?;
    let mut client = Client::open(&rig, &key).await?;
    client.ask("some words to begin with [[hang]]").await?;
    while client.event().await?["type"] != "response.output_text.delta" {}
    drop(client);
    let rows = rows(&rig, &key, 1).await?;
    assert_eq!(rows[0].outcome, Outcome::ClientGone);
    assert!(rows[0].cost > MicroUsd::ZERO, "{:?}", rows[0]);
    assert_ne!(rows[0].usage.source, UsageSource::Reported);
    eventually("the provider learns of it", || left(&rig)).await?;
    Ok(())
}

fn left(rig: &Rig) -> bool {
    let seen = rig.standin.requests();
    seen.iter().any(|seen| seen.outcome == Seen::Cancelled)
}

#[tokio::test]
async fn a_provider_that_breaks_off_is_an_error_and_the_next_response_has_another_connection()
-> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("broken").await?;
    let mut client = Client::open(&rig, &key).await?;
    let events = client.turn("some words to begin with [[cut]]").await?;
    let last = events.last().unwrap();
    assert_eq!(
        (last["status"].as_u64(), &last["error"]["code"]),
        (Some(502), &json!("upstream_broken"))
    );
    assert!(events.len() > 1);
    let events = client.turn("hello").await?;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!(rows[0].outcome, Outcome::UpstreamBroken);
    assert!(rows[0].cost > MicroUsd::ZERO);
    assert_eq!(rows[1].outcome, Outcome::Completed);
    Ok(())
}

#[tokio::test]
async fn what_a_provider_refuses_costs_nothing_and_passes_as_it_is() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("refused").await?;
    let mut client = Client::open(&rig, &key).await?;
    let refused = client.refused("[[status:429]]").await?;
    assert_eq!(
        (refused["status"].as_u64(), &refused["error"]["message"]),
        (Some(429), &json!("failed as asked"))
    );
    client.turn("hello").await?;
    let rows = rows(&rig, &key, 2).await?;
    assert_eq!((rows[0].status, rows[0].cost), (429, MicroUsd::ZERO));
    assert_eq!(rows[0].code, None);
    Ok(())
}

#[tokio::test]
async fn connections_of_a_key_are_bounded_and_none_lives_for_ever() -> anyhow::Result<()> {
    let rig = rig("[limits]\nwebsockets_per_key = 2\n[timeouts]\nwebsocket = \"1s\"\n").await?;
    let key = rig.key("many").await?;
    let mut first = Client::open(&rig, &key).await?;
    let second = Client::open(&rig, &key).await?;
    assert_eq!(status(Client::open(&rig, &key).await)?, 429);
    drop(second);
    let told = first.event().await?;
    assert_eq!(told["error"]["code"], "websocket_connection_limit_reached");
    assert_eq!(first.closed().await?.code, CloseCode::Normal);
    let mut again = Client::open(&rig, &key).await?;
    again.turn("hello").await?;
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_stops_lets_a_response_end_and_then_says_goodbye() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("drain").await?;
    let mut idle = Client::open(&rig, &key).await?;
    let mut busy = Client::open(&rig, &key).await?;
    busy.ask("one two three four five six seven eight [[pause:0.05]]")
        .await?;
    assert_eq!(busy.event().await?["type"], "response.created");
    let (stopped, ended, idle) = tokio::join!(rig.gateway.stop(), busy.events(), idle.closed());
    let () = stopped;
    assert_eq!(ended?.last().unwrap()["type"], "response.completed");
    assert_eq!(busy.closed().await?.code, CloseCode::Away);
    assert_eq!(idle?.code, CloseCode::Away);
    Ok(())
}

#[tokio::test]
async fn providers_that_speak_http_only_are_not_asked_and_clients_fall_back() -> anyhow::Result<()>
{
    let rig = Rig::start().await?;
    let key = rig.key("fallback").await?;
    assert_eq!(status(Client::open(&rig, &key).await)?, 426);
    assert_eq!(rig.standin.requests().len(), 0);
    Ok(())
}
