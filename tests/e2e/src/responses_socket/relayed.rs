//! Codex on a laptop, with an account of its own: its WebSocket goes to its own host, by its own credential, and
//! what is said on it is governed all the same.

use tidegate_governance::record::Outcome;
use tidegate_policy::{Decision, Mode};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{Client, rows, text};
use crate::devices::Devices;

const PATH: &str = "/edge/api.openai.com/v1/responses";

async fn open(devices: &Devices) -> anyhow::Result<Client> {
    let headers = [
        ("x-tidegate-device-key", devices.key.secret.as_str()),
        ("x-tidegate-app", "claude-code"),
        ("x-tidegate-os-user", "ada"),
        ("authorization", "Bearer of-the-app"),
    ];
    Client::open_with(&devices.rig, PATH, &headers).await
}

#[tokio::test]
async fn it_goes_to_its_own_host_and_each_response_is_a_call() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let mut client = open(&devices).await?;
    assert_eq!(
        client.headers["x-codex-turn-state"], "standin",
        "what the host says"
    );
    for prompt in ["hello [[usage:input=1000,output=100]]", "again"] {
        assert!(text(&client.turn(prompt).await?).len() > 3);
    }
    let seen = devices.home.requests();
    assert_eq!(seen[0].path, "/v1/responses");
    assert_eq!(seen[0].header("authorization"), Some("Bearer of-the-app"));
    assert_eq!(seen[0].header("host"), Some("api.openai.com"));
    let told = format!("{seen:?}");
    assert!(
        !told.contains("tidegate") && !told.contains(&devices.key.secret),
        "{told}"
    );
    assert_eq!(devices.rig.standin.requests().len(), 0);
    let rows = rows(&devices.rig, &devices.key, 2).await?;
    assert_eq!(rows[0].cost.micros(), 150 + 60);
    for row in rows {
        assert_eq!(
            (row.operation.as_str(), row.outcome),
            ("responses", Outcome::Completed)
        );
        let edge = row.edge.as_ref().unwrap();
        assert_eq!(
            (edge.device(), edge.app(), edge.host()),
            (devices.id, "claude-code", "api.openai.com")
        );
        assert_eq!(row.provider.as_ref().unwrap().as_str(), "openai");
    }
    Ok(())
}

#[tokio::test]
async fn guardrails_see_it() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let rules = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    devices.rig.guardrail("no secrets", rules).await?;
    let mut client = open(&devices).await?;
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let events = client.turn(&format!("my key is {secret}, keep it")).await?;
    assert!(text(&events).contains("my key is ["), "{events:?}");
    for seen in devices.home.requests() {
        let body = seen.body().unwrap_or_default();
        assert!(!String::from_utf8_lossy(&body).contains(&secret));
    }
    Ok(())
}

#[tokio::test]
async fn an_app_that_is_denied_meanwhile_is_shut_out() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    let mut client = open(&devices).await?;
    client.turn("hello").await?;
    devices.decide(Decision::Denied, Mode::PassThrough).await?;
    assert_eq!(client.closed().await?.code, CloseCode::Policy);
    Ok(())
}
