//! One end of a governed WebSocket (RFC 6455), message by message. Frames, masks, fragments, pings and text
//! that is no UTF-8 are the library's; here is how long the other side is waited for, and how much of what it
//! says is held.

use std::{collections::VecDeque, pin::pin, time::Duration};

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use pingora_core::protocols::Stream;
use tokio::{io::AsyncWriteExt, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

/// How many messages may be waiting while another one is answered. What is said beyond them stays with who
/// says it.
const EARLY: usize = 2;
/// Room for what is read and written at once, in bytes; what is larger gets its own for as long as it lasts.
const BUFFER: usize = 8 * 1024;
/// The longest reason of a close, in bytes (RFC 6455 §5.5.1).
const LONGEST_REASON: usize = 123;

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message of text.
    Text(Bytes),
    /// A message of bytes.
    Binary,
    /// It closed, and why.
    Closed(Option<CloseFrame>),
    /// It is gone, or what it says is against the protocol; what to say to it.
    Broken(CloseCode),
}

/// Who is at the other end is there no more.
#[derive(Debug)]
pub(super) struct Gone;

/// One end.
#[derive(Debug)]
pub(super) struct Peer {
    to: SplitSink<WebSocketStream<Stream>, Message>,
    from: SplitStream<WebSocketStream<Stream>>,
    early: VecDeque<Heard>,
    /// How long it may take to take what is said to it.
    patience: Duration,
}

impl Peer {
    /// Begins after the handshake, with what the other side said in one packet with it. No message of it may
    /// be larger than `largest`, in bytes.
    pub(super) async fn begin(
        stream: Stream,
        said: Bytes,
        role: Role,
        largest: u64,
        patience: Duration,
    ) -> Self {
        let largest = usize::try_from(largest).unwrap_or(usize::MAX);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest));
        let socket =
            WebSocketStream::from_partially_read(stream, said.to_vec(), role, Some(config)).await;
        let (to, from) = socket.split();
        Self {
            to,
            from,
            early: VecDeque::new(),
            patience,
        }
    }

    /// What is said next. Nothing is lost when this is dropped before it says.
    pub(super) async fn hear(&mut self) -> Heard {
        match self.early.pop_front() {
            Some(heard) => heard,
            None => listen(&mut self.from).await,
        }
    }

    /// Resolves when the other side has gone. What it says meanwhile is kept for later, but not much of it.
    pub(super) async fn gone(&mut self) {
        loop {
            if let Some(Heard::Closed(_) | Heard::Broken(_)) = self.early.back() {
                return;
            }
            if self.early.len() >= EARLY {
                // Whether it is still there is seen when something is said to it.
                return std::future::pending().await;
            }
            let heard = listen(&mut self.from).await;
            self.early.push_back(heard);
        }
    }

    /// Says something. What the other side says meanwhile is heard and kept: two ends that both talk before
    /// they listen would stop for good.
    pub(super) async fn say(&mut self, text: Bytes) -> Result<(), Gone> {
        let text = Utf8Bytes::try_from(text).map_err(|_| Gone)?;
        self.send(Message::Text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let Self {
            to,
            from,
            early,
            patience,
        } = self;
        let mut saying = pin!(timeout(*patience, to.send(message)));
        loop {
            let room = early.len() < EARLY
                && !matches!(early.back(), Some(Heard::Closed(_) | Heard::Broken(_)));
            tokio::select! {
                biased;
                said = &mut saying => return match said {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(_)) | Err(_) => Err(Gone),
                },
                heard = listen(from), if room => early.push_back(heard),
            }
        }
    }

    /// Closes. Whether the other side still takes it is its own affair.
    pub(super) async fn close(mut self, code: CloseCode, reason: &str) {
        let mut end = reason.len().min(LONGEST_REASON);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let frame = CloseFrame {
            code,
            reason: reason[..end].into(),
        };
        let farewell = async {
            // Where the other side closed first this fails, and reading on sends the answer to that.
            drop(self.to.send(Message::Close(Some(frame))).await);
            // Its own close: without it what was said last may be lost with the connection.
            while let Some(Ok(_)) = self.from.next().await {}
            // The library leaves its last frame where the connection keeps what is to leave together.
            if let Ok(socket) = self.to.reunite(self.from) {
                drop(socket.into_inner().shutdown().await);
            }
        };
        drop(timeout(FAREWELL, farewell).await);
    }
}

/// How long a closing other side is waited for.
const FAREWELL: Duration = Duration::from_secs(2);

async fn listen(from: &mut SplitStream<WebSocketStream<Stream>>) -> Heard {
    loop {
        return match from.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text.into()),
            Some(Ok(Message::Binary(_))) => Heard::Binary,
            Some(Ok(Message::Close(frame))) => Heard::Closed(frame),
            // Pings are answered by the library.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Err(error)) => Heard::Broken(code(&error)),
            None => Heard::Closed(None),
        };
    }
}

/// What is said to who breaks the protocol (RFC 6455 §7.4.1).
fn code(error: &Error) -> CloseCode {
    match error {
        Error::Capacity(_) => CloseCode::Size,
        Error::Protocol(_) => CloseCode::Protocol,
        Error::Utf8(_) => CloseCode::Invalid,
        _ => CloseCode::Abnormal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = 1 << 20;

    async fn pair(largest: usize) -> (Peer, Peer) {
        let (one, other) = tokio::io::duplex(1_024);
        let patience = Duration::from_secs(20);
        let (none, largest) = (Bytes::new(), largest as u64);
        let server = Peer::begin(Box::new(one), none.clone(), Role::Server, largest, patience);
        let client = Peer::begin(Box::new(other), none, Role::Client, largest, patience);
        tokio::join!(server, client)
    }

    fn text(length: usize) -> Bytes {
        vec![b'a'; length].into()
    }

    async fn heard(peer: &mut Peer) -> usize {
        match peer.hear().await {
            Heard::Text(text) => text.len(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn two_ends_that_both_talk_before_they_listen_do_not_stop() {
        let (mut one, mut other) = pair(2 * LARGE).await;
        let talk = async |peer: &mut Peer| {
            peer.say(text(LARGE)).await.unwrap();
            heard(peer).await
        };
        let heard = tokio::join!(talk(&mut one), talk(&mut other));
        assert_eq!(heard, (LARGE, LARGE));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_said_beyond_what_is_held_stays_with_who_says_it() {
        let (mut one, mut other) = pair(2 * LARGE).await;
        let talking = async {
            for _ in 0..EARLY {
                other.say(text(LARGE)).await.unwrap();
            }
            let more = tokio::time::timeout(Duration::from_millis(200), other.say(text(LARGE)));
            assert!(more.await.is_err(), "it was taken");
        };
        tokio::select! {
            () = talking => {}
            () = one.gone() => panic!("it is there"),
        }
        assert_eq!(one.early.len(), EARLY);
        assert_eq!(heard(&mut one).await, LARGE);
    }

    #[tokio::test]
    async fn a_message_too_large_and_an_end_are_told_apart() {
        let (mut one, mut other) = pair(100).await;
        other.say(text(100)).await.unwrap();
        assert_eq!(heard(&mut one).await, 100);
        drop(other.say(text(101)).await);
        let size = one.hear().await;
        assert!(matches!(size, Heard::Broken(CloseCode::Size)), "{size:?}");
        let (mut one, other) = pair(100).await;
        let (gone, ()) = tokio::join!(one.gone(), other.close(CloseCode::Away, "later"));
        let () = gone;
        match one.hear().await {
            Heard::Closed(Some(frame)) => assert_eq!(frame.code, CloseCode::Away),
            other => panic!("{other:?}"),
        }
    }
}
