//! Cursor's streams: messages of Protocol Buffers in envelopes, both ways at once, in one call or in two.

use std::time::Duration;

use http::StatusCode;
use tidegate_governance::{guardrail::Phase, record::Outcome};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Devices, Script, of, planted, rules};

const RUN: &str = "/edge/api2.cursor.sh/agent.v1.AgentService/Run";
const APPEND: &str = "/edge/api2.cursor.sh/aiserver.v1.BidiService/BidiAppend";
const CONNECT: &str = "application/connect+proto";
const PROTO: &str = "application/proto";

/// A field with a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(value.len()).expect("short");
    [&[(number << 3) | 2, length], value].concat()
}

/// A message that says this, with something besides.
fn message(text: &str) -> Vec<u8> {
    let words = field(1, text.as_bytes());
    field(1, &[field(2, &words), field(9, b"id-1")].concat())
}

fn envelope(flags: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("short");
    [&[flags], &length.to_be_bytes()[..], message].concat()
}

/// The envelopes of a stream.
fn envelopes(mut body: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let [flags, a, b, c, d] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (message, rest) = rest.split_at(length);
        found.push((flags, message.to_vec()));
        body = rest;
    }
    assert!(body.is_empty(), "half an envelope");
    found
}

fn says(message: &[u8]) -> String {
    String::from_utf8_lossy(message).into_owned()
}

#[tokio::test]
async fn messages_are_redacted_in_both_directions() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no secrets", &rules("redact", ""))
        .await?;
    let key = planted();
    let (one, two) = key.split_at(9);
    // What a model says comes in pieces, each in a message of its own.
    let answer = ["it is ", one, two, ", no more"].map(|text| envelope(0, &message(text)));
    let answer = answer.into_iter().chain([envelope(2, b"{}")]).collect();
    devices.host.plays(Script::Says(CONNECT, answer));
    let body = [
        envelope(0, &message(&format!("my key is {key}"))),
        envelope(0, &message("go on")),
    ];
    let reply = devices.send(RUN, CONNECT, body.concat()).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let heard = devices.host.heard();
    let sent = envelopes(&heard[0].body);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].1, message("my key is [AWS_ACCESS_KEY_ID]"));
    assert_eq!(sent[1].1, message("go on"));
    let got = envelopes(&reply.body);
    let said: String = got.iter().map(|(_, message)| says(message)).collect();
    assert!(
        !said.contains(one) && said.contains("[AWS_ACCESS_KEY_ID]"),
        "{said}"
    );
    assert_eq!(
        got.last().map(|(flags, end)| (*flags, end.as_slice())),
        Some((2, &b"{}"[..]))
    );
    let (row, applied) = devices.row(&reply).await?;
    assert_eq!(row.operation, "cursor");
    assert_eq!(of(&applied, Phase::Prompt), ["redact"]);
    assert_eq!(of(&applied, Phase::Answer), ["redact"]);
    Ok(())
}

#[tokio::test]
async fn a_block_ends_the_stream_as_connect_does() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no keys", &rules("block", ""))
        .await?;
    let key = planted();
    devices.host.plays(Script::Echoes(CONNECT));
    let body = envelope(0, &message(&format!("my key is {key}")));
    let reply = devices.send(RUN, CONNECT, body).await?;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (StatusCode::OK, CONNECT)
    );
    let (flags, end) = envelopes(&reply.body).pop().expect("an end");
    assert_eq!(flags, 2);
    let error: serde_json::Value = serde_json::from_slice(&end)?;
    assert_eq!(error["error"]["code"], "permission_denied");
    assert!(says(&end).contains("`no keys`"), "{}", says(&end));
    let sent: Vec<u8> = devices
        .host
        .heard()
        .into_iter()
        .flat_map(|heard| heard.body)
        .collect();
    assert!(!says(&sent).contains("AKIA"), "{}", says(&sent));
    let (row, applied) = devices.row(&reply).await?;
    assert_eq!(row.code.as_deref(), Some("prompt_blocked"));
    assert_eq!(row.outcome, Outcome::Refused);
    assert_eq!(of(&applied, Phase::Prompt), ["block"]);
    Ok(())
}

/// What is added to a conversation whose answer comes in another call: one message, or one in hexadecimal,
/// which cannot be changed where it stands.
#[tokio::test]
async fn what_is_added_is_looked_at_too() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no secrets", &rules("redact", ""))
        .await?;
    let key = planted();
    devices
        .host
        .plays(Script::Says(PROTO, vec![message(&format!("it is {key}"))]));
    let reply = devices
        .send(APPEND, PROTO, message(&format!("my key is {key}")))
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let heard = devices.host.heard();
    assert_eq!(heard[0].body, message("my key is [AWS_ACCESS_KEY_ID]"));
    assert_eq!(reply.body, message("it is [AWS_ACCESS_KEY_ID]"));
    let hex: String = message(&key)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    devices
        .host
        .plays(Script::Says(PROTO, vec![message("fine")]));
    let reply = devices
        .send(APPEND, PROTO, field(1, hex.as_bytes()))
        .await?;
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.json()?["code"], "unavailable");
    assert!(devices.host.heard().is_empty());
    Ok(())
}

/// The host answers the first message before the app says the second: neither waits for the other's end.
#[tokio::test]
async fn neither_side_waits_for_the_others_end() -> anyhow::Result<()> {
    let devices = Devices::start().await?;
    devices
        .rig
        .guardrail("no secrets", &rules("redact", ""))
        .await?;
    devices.host.plays(Script::Echoes(CONNECT));
    let mut app = TcpStream::connect(devices.rig.gateway.data).await?;
    let head = format!(
        "POST {RUN} HTTP/1.1\r\nhost: gateway\r\nx-tidegate-device-key: {}\r\ncontent-type: {CONNECT}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        devices.key.secret
    );
    app.write_all(head.as_bytes()).await?;
    let talk = async {
        let mut read = Vec::new();
        // It ends like the beginning of a key: that must not hold it up.
        for text in ["first AKIAQYLP", "second"] {
            let piece = envelope(0, &message(text));
            let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
            app.write_all(&chunk).await?;
            while !says(
                &devices
                    .host
                    .heard()
                    .last()
                    .map(|heard| heard.body.clone())
                    .unwrap_or_default(),
            )
            .contains(text)
            {
                tokio::task::yield_now().await;
            }
        }
        app.write_all(b"0\r\n\r\n").await?;
        app.read_to_end(&mut read).await?;
        anyhow::Ok(read)
    };
    let read = tokio::time::timeout(Duration::from_secs(20), talk).await??;
    let read = says(&read);
    assert!(
        read.starts_with("HTTP/1.1 200") && read.contains("first") && read.contains("second"),
        "{read}"
    );
    Ok(())
}
