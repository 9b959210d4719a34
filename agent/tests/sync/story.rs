//! What is said between the machine and its gateway.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use anyhow::Context;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidegate_device_api::{Effect, EffectItem, EffectState, INVENTORY, Inventory, Means, Wanted};
use tidegate_edge::control::{self, Request};
use tidegate_policy::Decision;
use tidegate_split::Refused;

use crate::{HANGS, gateway::Gateway, machine::Machine};

fn server() -> Effect {
    Effect {
        item: EffectItem::McpServer {
            identity: "npm:server".parse().unwrap(),
            launch: "0".repeat(64).parse().unwrap(),
            client: "claude-code".parse().unwrap(),
            name: "files".into(),
            user: Some("nobody-of-this-name".into()),
            config_path: "~/.claude.json".into(),
        },
        decision: Decision::Denied,
        state: EffectState::Verified,
        means: vec![Means::NativePolicy],
        detail: None,
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_comes_and_its_effect_goes() -> anyhow::Result<()> {
    let mut gateway = Gateway::open().await?;
    let mut machine = Machine::enrolled(&gateway)?;
    let agent = machine.start().await?;
    let first = gateway.next().await?;
    assert_eq!(first.key, "Bearer tg-device-of-this-test");
    let said = first.check_in()?;
    assert_eq!((said.revision, said.wait_seconds), (3, 0));
    assert!(said.seq > 0 && said.effects.is_none());
    first.answer(200, &json!({"next_seconds": 60})).await?;
    assert_eq!(machine.passed().await?, 3);

    // The next one waits for a decision.
    let second = gateway.next().await?;
    let waits = second.check_in()?;
    assert!(waits.seq > said.seq && (54..=60).contains(&waits.wait_seconds));
    let empty = waits.inventory.context("the first pass is done")?;
    machine.homes.done.lock().unwrap().effects.push(server());
    let policy = machine.policy(&json!({
        "revision": 4,
        "apps": [{"app": "cursor", "decision": "denied"}],
        "mcp_servers": [{"identity": "npm:server", "decision": "denied"}],
    }));
    let answer = json!({"next_seconds": 60, "policy": policy, "want_inventory": true});
    second.answer(200, &answer).await?;
    assert_eq!(machine.passed().await?, 4);

    // Its effect, and the inventory that the gateway lacked, in whatever order.
    let mut effects = None;
    let mut uploaded = None;
    while effects.is_none() || uploaded.is_none() {
        let asked = gateway.next().await?;
        if asked.path == INVENTORY {
            uploaded = Some(asked.body.clone());
            asked.answer(204, &Value::Null).await?;
            continue;
        }
        effects = asked.check_in()?.effects;
        asked.answer(200, &json!({"next_seconds": 5})).await?;
    }
    let uploaded = uploaded.context("uploaded")?;
    assert_eq!(sha256(&uploaded), empty);
    assert_eq!(
        serde_json::from_slice::<Inventory>(&uploaded)?,
        Inventory::default()
    );
    let report = effects.context("told")?;
    assert_eq!((report.revision, report.effects.len()), (4, 2));
    assert!(report.effects.contains(&server()));

    // A person asks while a check-in waits at the gateway: it is given up for that.
    let waiting = gateway.next().await?;
    let before = waiting.check_in()?;
    assert_eq!(before.effects, None);
    let wanted = Request {
        wanted: Wanted::App {
            app: "cursor".parse()?,
        },
        reason: "for work".into(),
    };
    control::request(machine.socket(), wanted).await?;
    waiting.given_up().await?;
    let heard = gateway.next().await?;
    let said = heard.check_in()?;
    assert_eq!(
        (said.requests.len(), &*said.requests[0].reason),
        (1, "for work")
    );
    assert!(said.seq > before.seq);
    heard.answer(200, &json!({"next_seconds": 5})).await?;
    let view = machine
        .until(|view| view["requests"][0]["sent"] == true)
        .await?;
    assert_eq!(
        (&view["state"], &view["effects_revision"]),
        (&json!("enrolled"), &json!(4))
    );
    assert_eq!(view["inventory"]["hash"], empty);
    agent.end().await?;

    // The next start counts on, and knows the policy and the inventory.
    let agent = machine.start().await?;
    let again = gateway.next().await?.check_in()?;
    assert!(again.seq > said.seq && again.requests.is_empty());
    assert_eq!((again.revision, again.inventory), (4, Some(empty)));
    agent.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_at_homes_is_heard() -> anyhow::Result<()> {
    let gateway = Gateway::open().await?;
    let mut machine = Machine::enrolled(&gateway)?;
    *machine.homes.refused.lock().unwrap() = Some(Refused {
        app: "cursor".into(),
        program: "/usr/bin/cursor".into(),
        uid: Some(1000),
    });
    let agent = machine.start().await?;
    assert_eq!(machine.passed().await?, 3);
    machine
        .until(|view| view["apps"][0]["app"] == "cursor" && view["counts"]["denied"] == 1)
        .await?;
    machine.homes.changes.notify_one();
    assert_eq!(machine.passed().await?, 3);
    agent.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_keeps_its_policy_and_says_so() -> anyhow::Result<()> {
    let mut gateway = Gateway::open().await?;
    let machine = Machine::enrolled(&gateway)?;
    let agent = machine.start().await?;
    let refused = json!({"code": "device_duplicate", "detail": "Another machine is this device."});
    gateway.next().await?.answer(409, &refused).await?;
    let view = machine.until(|view| view["state"] == "duplicate").await?;
    assert_eq!(view["policy"]["revision"], 3);
    assert!(machine.state()?.identity()?.is_some());
    agent.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_device_is_none_until_somebody_enrols_it() -> anyhow::Result<()> {
    let mut gateway = Gateway::open().await?;
    let machine = Machine::enrolled(&gateway)?;
    let names = json!({
        "revision": 5,
        "hosts": [{"host": "api.openai.com", "treatment": "governed"}],
    });
    machine.state()?.keep_policy(&machine.policy(&names))?;
    let agent = machine.start().await?;
    let first = gateway.next().await?;
    assert_eq!(agent.redirector.tables().names, ["api.openai.com"]);
    // Something in between answers: that is not the gateway's word.
    first.answer(410, &json!({"detail": "Gone"})).await?;
    let second = gateway.next().await?;
    assert!(!machine.homes.retired.load(Ordering::Relaxed));
    assert!(machine.state()?.identity()?.is_some());
    second
        .answer(410, &json!({"code": "device_removed"}))
        .await?;
    machine.until(|view| view["state"] == "removed").await?;
    let left = || -> anyhow::Result<BTreeSet<_>> {
        let folder = std::fs::read_dir(machine.dir.path().join("state"))?;
        let names = folder.map(|entry| entry.map(|entry| entry.file_name()));
        Ok(names.collect::<Result<_, _>>()?)
    };
    let gone = async {
        while left()? != BTreeSet::from(["removed".into()]) {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(HANGS, gone).await??;
    assert!(machine.homes.retired.load(Ordering::Relaxed));
    assert!(agent.redirector.tables().names.is_empty());
    agent.end().await?;

    // The next start asks nobody, and says what it is.
    let agent = machine.start().await?;
    let view = machine.until(|view| view["state"] == "removed").await?;
    assert_eq!(view["policy"], Value::Null);
    let wanted = Request {
        wanted: Wanted::Support { name: "x".into() },
        reason: "x".into(),
    };
    assert!(control::request(machine.socket(), wanted).await.is_err());
    assert!(gateway.is_quiet());
    agent.end().await
}
