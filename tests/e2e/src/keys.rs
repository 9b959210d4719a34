//! Keys: allow-lists hold, and a revoked, disabled or expired key is refused within a second.

use std::time::{Duration, Instant};

use tidegate_governance::entity::Allow;
use tidegate_harness::Rig;
use tidegate_store::{Actor, KeyPatch, NewSecret};
use tidegate_types::{PlainKey, Timestamp};

use crate::prompts;

const PATH: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn a_revoked_key_stops_working_within_a_second() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("revoked").await?;
    let client = rig.client();
    assert_eq!(
        client
            .post(PATH, &key.secret, prompts::chat("hi", false))
            .await?
            .status,
        200
    );
    rig.store.revoke_key(Actor::Cli, key.id).await?;
    let revoked = Instant::now();
    loop {
        let reply = client
            .post(PATH, &key.secret, prompts::chat("hi", false))
            .await?;
        if reply.status == 401 {
            break;
        }
        assert!(
            revoked.elapsed() < Duration::from_secs(1),
            "still accepted after a second"
        );
    }
    Ok(())
}

#[tokio::test]
async fn disabling_expiry_and_rotation_hold() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let client = rig.client();
    let body = || prompts::chat("hi", false);
    let expired = rig
        .key_with("expired", Allow::default(), |new| {
            new.expires_at = Some(Timestamp::from_micros(1));
        })
        .await;
    // A key that is expired when it is made may be refused by the store, or by the gateway.
    if let Ok(expired) = expired {
        let reply = client.post(PATH, &expired.secret, body()).await?;
        assert_eq!(reply.json()?["error"]["code"], "key_expired");
    }
    let key = rig.key("rotated").await?;
    let next = PlainKey::generate(PlainKey::VIRTUAL)?;
    let grace = Duration::from_secs(3_600);
    rig.store
        .rotate_key(Actor::Cli, key.id, NewSecret::from(&next), grace)
        .await?;
    rig.settled().await?;
    for secret in [key.secret.as_str(), next.expose()] {
        assert_eq!(client.post(PATH, secret, body()).await?.status, 200);
    }
    let off = KeyPatch {
        disabled: Some(true),
        ..KeyPatch::default()
    };
    rig.store.patch_key(Actor::Cli, key.id, off).await?;
    rig.settled().await?;
    let reply = client.post(PATH, next.expose(), body()).await?;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert_eq!(reply.json()?["error"]["code"], "key_disabled");
    Ok(())
}

#[tokio::test]
async fn allow_lists_hold() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let allow = Allow {
        providers: vec!["openai".parse()?],
        models: vec!["gpt-4o*".parse()?],
        routes: vec!["chat.completions".into(), "messages".into()],
    };
    let key = rig.key_with("listed", allow, |_| {}).await?;
    let client = rig.client();
    let reply = client
        .post(PATH, &key.secret, prompts::chat("hi", false))
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let other = prompts::chat("hi", false).replace("gpt-4o-mini", "gpt-5");
    let cases = [
        (PATH, other, "model_not_allowed"),
        (
            "/openai/v1/responses",
            prompts::response("hi", false),
            "route_not_allowed",
        ),
        (
            "/anthropic/v1/messages",
            prompts::message("hi", false),
            "provider_not_allowed",
        ),
    ];
    for (path, body, code) in cases {
        let reply = client.post(path, &key.secret, body).await?;
        assert_eq!(reply.status, 403, "{}", reply.text());
        let named = reply.json()?["error"]["code"].clone();
        assert_eq!(named, code);
    }
    Ok(())
}
