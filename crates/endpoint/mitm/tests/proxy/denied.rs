//! Denied apps are told so, in words that their client shows.

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tidegate_policy::{AppRule, Decision, Mode, Pinned};

use crate::{
    body::whole,
    client::{App, connect},
    peer,
    rig::{CLAUDE, OPENAI, Rig, Setup, timed},
};

fn deny(rig: &Rig) {
    rig.rules.change(|document| {
        document.apps.push(AppRule {
            app: "claude-code".parse().unwrap(),
            decision: Decision::Denied,
            mode: Mode::PassThrough,
            pinned: Pinned::Bypass,
            note: Some("not reviewed yet.".into()),
        });
    });
}

async fn rig() -> anyhow::Result<Rig> {
    let rig = Rig::start(Setup::new(
        peer::nobody().await?,
        "http://127.0.0.1:1".into(),
    ))
    .await?;
    deny(&rig);
    Ok(rig)
}

#[tokio::test]
async fn the_reason_is_in_the_shape_of_the_host() -> anyhow::Result<()> {
    timed(async {
        let rig = rig().await?;
        for (version, host, bulk) in [
            ("http/1.1", CLAUDE, 0),
            ("h2", CLAUDE, 0),
            ("h2", OPENAI, 0),
            // The app is still sending when the answer is there.
            ("http/1.1", OPENAI, 20 << 20),
            ("h2", OPENAI, 20 << 20),
        ] {
            let mut app = App::connect(rig.address, rig.ca.client(&[version])?, host).await?;
            let request = Request::post(format!("https://{host}/v1/messages"))
                .body(whole(vec![b'x'; bulk]))?;
            let response = app.send(request).await?;
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            assert_eq!(response.headers()["content-type"], "application/json");
            let body = response.into_body().collect().await?.to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body)?;
            let error = &body["error"];
            if host == CLAUDE {
                assert_eq!(body["type"], "error");
            } else {
                assert_eq!(error["code"], "app_denied");
            }
            assert_eq!(error["type"], "permission_error");
            let message = error["message"].as_str().unwrap();
            for part in [
                "claude-code",
                host,
                "revision 8",
                "not reviewed yet",
                "contact",
            ] {
                assert!(message.contains(part), "{part}: {message}");
            }
        }
        assert_eq!(rig.counters.totals().denied, 5);
        Ok(())
    })
    .await
}

/// A denied app that pins is not let through for it.
#[tokio::test]
async fn pinning_is_no_way_round() -> anyhow::Result<()> {
    timed(async {
        let rig = rig().await?;
        for _ in 0..4 {
            let distrusting = crate::ca::Ca::new()?.client(&["h2"])?;
            assert!(connect(rig.address, distrusting, CLAUDE).await.is_err());
        }
        rig.happened("denied api.anthropic.com", 4).await?;
        assert_eq!(rig.log().len(), 4);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_a_leaf_the_handshake_is_refused() -> anyhow::Result<()> {
    timed(async {
        let rig = rig().await?;
        rig.leaf.clear();
        let error = connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("AccessDenied"), "{error}");
        Ok(())
    })
    .await
}
