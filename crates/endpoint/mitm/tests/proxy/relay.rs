//! Calls that go through the gateway, over HTTP/1.1 and HTTP/2.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use tidegate_policy::{AppRule, Decision, Mode, Pinned};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    body::{Written, whole},
    client::{App, connect},
    peer::{self, Peer},
    rig::{CLAUDE, OPENAI, Rig, Setup, timed},
};

const VERSIONS: [&str; 2] = ["http/1.1", "h2"];

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    trailers: Option<HeaderMap>,
}

/// A gateway that writes down what it gets and answers with its body and trailers.
async fn echoing() -> anyhow::Result<(Peer, Arc<Mutex<Vec<Seen>>>)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let peer = peer::gateway(move |request| {
        let noted = noted.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap();
            let trailers = body.trailers().cloned();
            let body = body.to_bytes();
            noted.lock().unwrap().push(Seen {
                method: parts.method,
                target: parts.uri.path_and_query().unwrap().to_string(),
                headers: parts.headers,
                body: body.clone(),
                trailers,
            });
            let (writer, answer) = crate::body::written();
            tokio::spawn(async move {
                writer.data(body).await.unwrap();
                let sum = http::HeaderName::from_static("x-sum");
                let trailers = HeaderMap::from_iter([(sum, "42".parse().unwrap())]);
                writer.trailers(trailers).await.unwrap();
            });
            Response::builder()
                .status(StatusCode::CREATED)
                .header("alt-svc", "h3=\":443\"")
                .header("trailer", "x-sum")
                .header("x-kept", "yes")
                .header("set-cookie", "a=1")
                .header("set-cookie", "b=2")
                .body(answer)
                .unwrap()
        }
    })
    .await?;
    Ok((peer, seen))
}

fn call(host: &str, target: &str, body: Written) -> Request<Written> {
    Request::post(format!("https://{host}{target}"))
        .header("authorization", "Bearer own")
        .header("x-tidegate-app", "spoofed")
        .header("x-tidegate-device-key", "spoofed")
        .header("x-tidegate-mode", "gateway")
        .header("te", "trailers")
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn a_call_reaches_the_gateway_and_its_answer_the_app() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let (gateway, seen) = echoing().await?;
            let nobody = peer::nobody().await?;
            let rig = Rig::start(Setup::new(nobody, gateway.url() + "/base/")).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            for _ in 0..2 {
                let request = call(CLAUDE, "/v1/messages?beta=true&x=%2F", whole("prompt"));
                let response = app.send(request).await?;
                assert_eq!(response.status(), StatusCode::CREATED);
                let headers = response.headers();
                assert_eq!(headers["x-kept"], "yes");
                assert_eq!(headers.get("alt-svc"), None);
                assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
                let body = response.into_body().collect().await?;
                assert_eq!(body.trailers().unwrap()["x-sum"], "42", "{version}");
                assert_eq!(body.to_bytes(), "prompt");
            }
            let seen = seen.lock().unwrap().clone();
            assert_eq!(seen.len(), 2);
            assert_eq!(seen[0].method, Method::POST);
            assert_eq!(
                seen[0].target,
                "/base/edge/api.anthropic.com/v1/messages?beta=true&x=%2F"
            );
            assert_eq!(seen[0].body, "prompt");
            let headers = &seen[0].headers;
            let expected = [
                ("authorization", "Bearer own"),
                ("te", "trailers"),
                ("x-tidegate-app", "claude-code"),
                ("x-tidegate-device-key", "the-device-key"),
                ("x-tidegate-mode", "pass_through"),
                ("x-tidegate-os-user", "ada"),
                ("x-tidegate-process", "/usr/bin/the%20app"),
            ];
            for (name, value) in expected {
                let all: Vec<_> = headers.get_all(name).iter().collect();
                assert_eq!(all, [value], "{name} over {version}");
            }
            assert_eq!(headers.len(), expected.len(), "{headers:?}");
            assert_eq!(rig.counters.totals().requests, 2);
            assert_eq!(rig.log(), ["relayed api.anthropic.com"]);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn alpn_follows_the_client() -> anyhow::Result<()> {
    timed(async {
        let (gateway, _) = echoing().await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        for (offer, agreed) in [
            (&["http/1.1", "h2"][..], Some(&b"h2"[..])),
            (&["http/1.1"], Some(b"http/1.1")),
            (&["h2"], Some(b"h2")),
            (&[], None),
        ] {
            let stream = connect(rig.address, rig.ca.client(offer)?, CLAUDE).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), agreed, "{offer:?}");
        }
        // Protocols that are not known here: as a server without ALPN.
        let mut app = App::connect(rig.address, rig.ca.client(&[])?, CLAUDE).await?;
        let response = app.send(call(CLAUDE, "/", whole("x"))).await?;
        assert_eq!(response.status(), StatusCode::CREATED);
        let strange = rig.ca.client(&["acme/1"])?;
        let stream = connect(rig.address, strange, CLAUDE).await?;
        assert_eq!(stream.get_ref().1.alpn_protocol(), None);
        Ok(())
    })
    .await
}

/// Browsers use one connection for all names in a certificate.
#[tokio::test]
async fn each_call_is_judged_by_its_own_host() -> anyhow::Result<()> {
    timed(async {
        for version in VERSIONS {
            let (gateway, seen) = echoing().await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            let client = rig.ca.client(&[version])?;
            let mut app = App::connect(rig.address, client, CLAUDE).await?;
            let response = app.send(call(OPENAI, "/v1/models", whole(""))).await?;
            assert_eq!(response.status(), StatusCode::CREATED);
            response.into_body().collect().await?;
            assert_eq!(
                seen.lock().unwrap()[0].target,
                "/edge/api.openai.com/v1/models"
            );
            for other in ["example.com", "127.0.0.1"] {
                let response = app.send(call(other, "/", whole("x"))).await?;
                assert_eq!(
                    response.status(),
                    StatusCode::MISDIRECTED_REQUEST,
                    "{other}"
                );
                response.into_body().collect().await?;
            }
            assert_eq!(seen.lock().unwrap().len(), 1);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_open_connection_follows_a_new_policy() -> anyhow::Result<()> {
    timed(async {
        let (gateway, seen) = echoing().await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
        app.send(call(CLAUDE, "/", whole(""))).await?;
        assert_eq!(
            rig.rules.asked.load(std::sync::atomic::Ordering::Relaxed),
            1
        );
        rig.rules
            .change(|document| document.default_mode = Mode::Gateway);
        app.send(call(CLAUDE, "/", whole(""))).await?;
        assert_eq!(
            seen.lock().unwrap()[1].headers["x-tidegate-mode"],
            "gateway"
        );
        rig.rules.change(|document| {
            document.apps.push(AppRule {
                app: "claude-code".parse().unwrap(),
                decision: Decision::Denied,
                mode: Mode::PassThrough,
                pinned: Pinned::Block,
                note: None,
            });
        });
        let response = app.send(call(CLAUDE, "/", whole("x"))).await?;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(seen.lock().unwrap().len(), 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_gateway_is_reached_over_verified_tls() -> anyhow::Result<()> {
    timed(async {
        let issuer = crate::ca::Ca::new()?;
        let server = issuer.server(&["localhost"], &["h2"])?;
        let gateway = peer::origin(server, |_| async { Response::new(whole("ok")) }).await?;
        let url = format!("https://localhost:{}", gateway.address.port());
        for (roots, status) in [
            (issuer.roots()?, StatusCode::OK),
            (
                crate::ca::Ca::new()?.roots()?,
                StatusCode::SERVICE_UNAVAILABLE,
            ),
        ] {
            let mut setup = Setup::new(peer::nobody().await?, url.clone());
            setup.gateway_roots = roots;
            let rig = Rig::start(setup).await?;
            rig.rules
                .change(|document| document.fail = tidegate_policy::FailMode::Closed);
            let mut app = App::connect(rig.address, rig.ca.client(&["h2"])?, CLAUDE).await?;
            let response = app.send(call(CLAUDE, "/", whole(""))).await?;
            assert_eq!(response.status(), status);
        }
        Ok(())
    })
    .await
}

/// HTTP/1.1 on the wire: leave to send is given here, trailers go along, and what an app wrote about its
/// own hop does not.
#[tokio::test]
async fn an_expecting_app_is_let_send_and_its_trailers_arrive() -> anyhow::Result<()> {
    timed(async {
        let (gateway, seen) = echoing().await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let client = rig.ca.client(&["http/1.1"])?;
        let mut app = connect(rig.address, client, OPENAI).await?;
        app.write_all(
            b"POST https://api.openai.com/v1/x HTTP/1.1\r\nHost: api.openai.com\r\n\
              Expect: 100-continue\r\nTransfer-Encoding: chunked\r\nTrailer: x-end\r\n\
              TE: trailers\r\nConnection: x-hop, te\r\nX-Hop: 1\r\n\r\n",
        )
        .await?;
        let mut leave = [0; 25];
        app.read_exact(&mut leave).await?;
        assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
        app.write_all(b"3\r\nabc\r\n0\r\nx-end: 9\r\n\r\n").await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n0\r\nx-sum: 42\r\n\r\n") {
            anyhow::ensure!(app.read_buf(&mut answer).await? > 0, "{answer:?}");
        }
        let seen = seen.lock().unwrap().clone();
        assert_eq!(seen[0].target, "/edge/api.openai.com/v1/x");
        assert_eq!(seen[0].body, "abc");
        assert_eq!(seen[0].trailers.as_ref().unwrap()["x-end"], "9");
        for name in ["expect", "x-hop", "connection", "transfer-encoding", "host"] {
            assert_eq!(seen[0].headers.get(name), None, "{name}");
        }
        Ok(())
    })
    .await
}
