//! Limits by address, before a key is known: behind a proxy that is believed, by the PROXY protocol and by the header;
//! and who is not believed changes nothing by what it says.

use tidegate_harness::{Reply, Rig, RigOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";
const LIMITS: &str = "[limits]\naddress_failures = 3\naddress_connections = 2\n";

async fn rig(more: &str) -> anyhow::Result<Rig> {
    Rig::with(RigOptions {
        config: format!("{LIMITS}{more}\n"),
        ..RigOptions::default()
    })
    .await
}

async fn ask(rig: &Rig, secret: &str, from: &str) -> anyhow::Result<Reply> {
    let bearer = format!("Bearer {secret}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("x-forwarded-for", from),
    ];
    let body = prompts::chat("hi", false);
    rig.client()
        .send(http::Method::POST, CHAT, &headers, body)
        .await
}

/// The header of the PROXY protocol for a client at that address.
fn preamble(from: [u8; 4]) -> Vec<u8> {
    let mut all = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    all.extend(from);
    all.extend([127, 0, 0, 1, 0x12, 0x34, 0, 80]);
    all
}

#[tokio::test]
async fn who_guesses_keys_is_barred_for_a_while_and_nobody_else_is() -> anyhow::Result<()> {
    let rig = rig("trusted_proxies = [\"127.0.0.0/8\"]").await?;
    let key = rig.key("known").await?;
    for _ in 0..3 {
        // What a client writes itself stands left of what the proxy wrote.
        let reply = ask(&rig, "sk-tg-guessed", "192.0.2.1, 203.0.113.9").await?;
        assert_eq!(reply.status, 401);
    }
    // Not even a key that is known is looked at now.
    let barred = ask(&rig, &key.secret, "203.0.113.9").await?;
    assert_eq!(barred.status, 429, "{}", barred.text());
    let wait: u64 = barred.header("retry-after").parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(ask(&rig, &key.secret, "203.0.113.10").await?.status, 200);
    assert_eq!(ask(&rig, &key.secret, "192.0.2.1").await?.status, 200);
    assert!(rig.standin.requests().len() == 2);
    let control = tidegate_harness::Client::http1(&format!("http://{}", rig.gateway.control));
    let shown = control.get("/metrics", "").await?.text();
    let counted = r#"tidegate_address_refusals_total{limit="failures"} 1"#;
    assert!(shown.contains(counted), "{shown}");
    Ok(())
}

#[tokio::test]
async fn what_is_said_by_who_is_not_trusted_is_not_believed() -> anyhow::Result<()> {
    let rig = rig("").await?;
    let key = rig.key("alone").await?;
    for _ in 0..5 {
        assert_eq!(ask(&rig, "sk-tg-guessed", "203.0.113.9").await?.status, 401);
    }
    assert_eq!(ask(&rig, &key.secret, "203.0.113.9").await?.status, 200);
    // The PROXY protocol from nobody's proxy is no HTTP.
    let mut stream = TcpStream::connect(rig.gateway.data).await?;
    stream.write_all(&preamble([203, 0, 113, 9])).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await?;
    let mut answer = Vec::new();
    // It may be reset, too.
    drop(stream.read_to_end(&mut answer).await);
    assert!(
        !answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    Ok(())
}

#[tokio::test]
async fn connections_are_counted_by_the_address_that_the_proxy_names() -> anyhow::Result<()> {
    let rig = rig("trusted_proxies = [\"127.0.0.1\"]").await?;
    let open = async |from: [u8; 4]| {
        let mut stream = TcpStream::connect(rig.gateway.data).await?;
        // In two pieces, as it may come.
        let preamble = preamble(from);
        stream.write_all(&preamble[..7]).await?;
        stream.flush().await?;
        stream.write_all(&preamble[7..]).await?;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            .await?;
        let mut first = [0; 12];
        let read = stream.read_exact(&mut first).await;
        let alive = read.is_ok() && first.starts_with(b"HTTP/1.1 200");
        anyhow::Ok((stream, alive))
    };
    let (one, alive) = open([203, 0, 113, 9]).await?;
    assert!(alive);
    let (two, alive) = open([203, 0, 113, 9]).await?;
    assert!(alive);
    let (_, alive) = open([203, 0, 113, 9]).await?;
    assert!(!alive, "a third one");
    let (_other, alive) = open([203, 0, 113, 10]).await?;
    assert!(alive, "another address");
    drop((one, two));
    let mut again = false;
    for _ in 0..1_000 {
        again = open([203, 0, 113, 9]).await?.1;
        if again {
            break;
        }
    }
    assert!(again, "closed ones make room");
    Ok(())
}
