//! What is no message, comes in parts, or is too large (RFC 6455).

use futures::SinkExt;
use tidegate_harness::Rig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{CloseCode, Data, OpCode},
    },
};

use super::{Client, asked, rig, text};

async fn open(config: &str) -> anyhow::Result<(Rig, Client)> {
    let rig = rig(config).await?;
    let key = rig.key("frames").await?;
    let client = Client::open(&rig, &key).await?;
    Ok((rig, client))
}

#[tokio::test]
async fn a_message_in_fragments_is_one_and_pings_between_them_are_answered() -> anyhow::Result<()> {
    let (_rig, mut client) = open("").await?;
    let message = asked("in several parts").to_string();
    let (first, rest) = message.as_bytes().split_at(message.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    let part = |bytes: &[u8], opcode, last| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(opcode), last))
    };
    client.socket.send(part(first, Data::Text, false)).await?;
    client
        .socket
        .send(Message::Ping("are you there".into()))
        .await?;
    client
        .socket
        .send(part(second, Data::Continue, false))
        .await?;
    client
        .socket
        .send(part(third, Data::Continue, true))
        .await?;
    assert_eq!(client.next().await?, Message::Pong("are you there".into()));
    assert!(text(&client.events().await?).contains("in several parts"));
    Ok(())
}

#[tokio::test]
async fn a_client_that_closes_is_answered() -> anyhow::Result<()> {
    let (_rig, mut client) = open("").await?;
    client.turn("hello").await?;
    client.socket.close(None).await?;
    let answer = client.next().await?;
    assert!(answer.is_close(), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_is_closed_with_its_code() -> anyhow::Result<()> {
    let (rig, mut client) = open("[limits]\nbody_max = \"64KiB\"\n").await?;
    let largest = "a".repeat(60 << 10);
    assert!(text(&client.turn(&largest).await?).len() > 60);
    let seen = rig.standin.requests().len();
    let larger = "a".repeat(70 << 10);
    client.ask(&larger).await?;
    assert_eq!(client.closed().await?.code, CloseCode::Size);
    assert_eq!(rig.standin.requests().len(), seen);
    Ok(())
}

#[tokio::test]
async fn bytes_and_text_that_is_none_are_closed_with_their_codes() -> anyhow::Result<()> {
    let (_rig, mut client) = open("").await?;
    client.socket.send(Message::binary(vec![1, 2, 3])).await?;
    assert_eq!(client.closed().await?.code, CloseCode::Unsupported);
    let (_rig, mut client) = open("").await?;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.socket.send(Message::Frame(frame)).await?;
    assert_eq!(client.closed().await?.code, CloseCode::Invalid);
    Ok(())
}

#[tokio::test]
async fn frames_without_a_mask_or_with_bits_that_nobody_agreed_on_end_it() -> anyhow::Result<()> {
    // A text frame unmasked, one with the bit of permessage-deflate, and a fragmented ping.
    for bytes in [
        &[0x81, 0x02, b'{', b'}'][..],
        &[0xc1, 0x82, 0, 0, 0, 0, b'{', b'}'],
        &[0x09, 0x80, 0, 0, 0, 0],
    ] {
        let (_rig, client) = open("").await?;
        let mut stream = client.socket.into_inner();
        stream.write_all(bytes).await?;
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await?;
        // A close frame with 1002, protocol error.
        assert_eq!(said.first(), Some(&0x88), "{said:?}");
        assert_eq!(
            said.get(2..4),
            Some(&1002_u16.to_be_bytes()[..]),
            "{said:?}"
        );
    }
    Ok(())
}
