//! The wire below: HTTP/2 in clear, TLS with both versions, `Expect: 100-continue`, connection reuse.

use anyhow::Context;
use tidegate_harness::{Client, Rig, RigOptions};
use tidegate_loadtest::{Options, StandIn, TlsFiles};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{prompts, tls};

const CHAT: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn http2_in_clear() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("h2c").await?;
    let client = Client::http2(&format!("http://{}", rig.gateway.data));
    for stream in [false, true] {
        let reply = client
            .post(CHAT, &key.secret, prompts::chat("hi", stream))
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(!reply.body.is_empty());
    }
    let reply = client
        .post(CHAT, "sk-tg-wrong", prompts::chat("hi", false))
        .await?;
    assert_eq!(reply.status, 401, "{}", reply.text());
    Ok(())
}

#[tokio::test]
async fn connections_are_reused_on_both_sides() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("reuse").await?;
    let client = rig.client();
    for _ in 0..20 {
        assert_eq!(
            client
                .post(CHAT, &key.secret, prompts::chat("hi", true))
                .await?
                .status,
            200
        );
        // A refusal must leave the connection usable too.
        assert_eq!(client.post(CHAT, &key.secret, "{").await?.status, 400);
    }
    assert_eq!(rig.standin.stats().connections, 1);
    Ok(())
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("continue").await?;
    let body = prompts::chat("hi", false);
    let mut stream = TcpStream::connect(rig.gateway.data).await?;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        key.secret,
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let mut got = [0; 25];
    stream.read_exact(&mut got).await?;
    assert!(
        got.starts_with(b"HTTP/1.1 100"),
        "{}",
        String::from_utf8_lossy(&got)
    );
    stream.write_all(body.as_bytes()).await?;
    let mut rest = vec![0; 15];
    stream.read_exact(&mut rest).await?;
    assert!(String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"));
    Ok(())
}

#[tokio::test]
async fn tls_with_http1_and_http2() -> anyhow::Result<()> {
    let issued = rcgen::generate_simple_self_signed(vec!["gateway.test".into()])?;
    let dir = std::env::temp_dir().join(format!("tidegate-tls-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let (certificate, key_file) = (dir.join("cert.pem"), dir.join("key.pem"));
    std::fs::write(&certificate, issued.cert.pem())?;
    std::fs::write(&key_file, issued.signing_key.serialize_pem())?;
    let listen = format!("[listen.data_tls]\ncertificate = {certificate:?}\nkey = {key_file:?}\n");
    let rig = Rig::with(RigOptions {
        listen,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("tls").await?;
    for alpn in ["http/1.1", "h2"] {
        let mut tls =
            tls::connect(rig.gateway.data, "gateway.test", issued.cert.der(), alpn).await?;
        let chosen = tls.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(chosen.as_deref(), Some(alpn.as_bytes()));
        if alpn == "http/1.1" {
            let body = prompts::chat("hi", false);
            let head = format!(
                "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: \
                 application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                key.secret,
                body.len()
            );
            tls.write_all(head.as_bytes()).await?;
            let mut answer = Vec::new();
            tls.read_to_end(&mut answer)
                .await
                .context("the answer broke off")?;
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// The provider speaks TLS under a private CA: verified by name, over HTTP/2 where it is allowed.
#[tokio::test]
async fn upstream_tls_with_http1_and_http2() -> anyhow::Result<()> {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".into()])?;
    let dir = std::env::temp_dir().join(format!("tidegate-upstream-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    std::fs::write(&cert, issued.cert.pem())?;
    std::fs::write(&key, issued.signing_key.serialize_pem())?;
    let tls = Some(TlsFiles {
        cert: cert.clone(),
        key,
    });
    let options = Options {
        tls,
        ..Options::default()
    };
    let secure = StandIn::start("127.0.0.1:0", options).await?;
    let port = secure.addr.port();
    let provider = |name: &str, host: &str, rest: &str| {
        format!(
            "[[providers]]\nname = \"{name}\"\ndialect = \"openai\"\nmodels = [\"{name}-*\"]\n\
             base_url = \"https://{host}:{port}\"\n{rest}\n"
        )
    };
    let ca = format!("ca = {cert:?}");
    let config = provider("h2", "localhost", &ca)
        + &provider("h1", "localhost", &format!("{ca}\nhttp2 = false"))
        + &provider("untrusted", "localhost", "")
        + &provider("misnamed", "127.0.0.1", &ca);
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("upstream").await?;
    for (name, version) in [("h2", "HTTP/2.0"), ("h1", "HTTP/1.1")] {
        secure.clear();
        for stream in [false, true] {
            let body = prompts::chat("hi", stream).replace("gpt-4o", &format!("{name}/gpt-4o"));
            let reply = rig.client().post(CHAT, &key.secret, body).await?;
            assert_eq!(reply.status, 200, "{name}: {}", reply.text());
            let row = rig.row(reply.header("x-tidegate-request-id")).await?;
            assert!(row.cost.micros() > 0);
        }
        let seen = secure.requests();
        assert!(seen.iter().all(|seen| seen.version == version), "{seen:?}");
        assert!(seen.iter().all(|one| one.connection == seen[0].connection));
    }
    for name in ["untrusted", "misnamed"] {
        let body = prompts::chat("hi", false).replace("gpt-4o", &format!("{name}/gpt-4o"));
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        assert_eq!(reply.status, 502, "{name}: {}", reply.text());
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
