//! A provider that misbehaves in every way that it can, beside one that is well.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tidegate_governance::record::{Attempt, Outcome};
use tidegate_harness::{Reply, Rig, RigOptions};
use tidegate_loadtest::standin::{Options, StandIn};
use tidegate_store::LoggedRequest;
use tidegate_types::MicroUsd;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::CHAT;
use crate::prompts;

const EVENTS: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":\
                      [{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n";

/// One way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// 429, 500 and 529.
    Busy,
    Broken,
    Overloaded,
    /// It takes the request and says nothing.
    Silent,
    /// It closes without a word.
    Closes,
    /// It closes in the middle of its header.
    HalfHeader,
    /// It says what is no HTTP.
    Nonsense,
    /// It ends its side of the connection at once, and reads on.
    HalfClosed,
    /// An answer shorter than it says.
    TooShort,
    /// A stream that begins, and ends, with an error.
    ErrorFirst,
    /// A stream that breaks off before it said anything.
    NoEvent,
    /// A stream that is cut.
    CutStream,
    /// A stream of what is no event.
    MalformedEvents,
}

impl Way {
    const ALL: [Self; 13] = [
        Self::Busy,
        Self::Broken,
        Self::Overloaded,
        Self::Silent,
        Self::Closes,
        Self::HalfHeader,
        Self::Nonsense,
        Self::HalfClosed,
        Self::ErrorFirst,
        Self::NoEvent,
        Self::TooShort,
        Self::CutStream,
        Self::MalformedEvents,
    ];

    /// Whether the client may be served by another provider: nothing of an answer was seen.
    const fn is_before_the_first_byte(self) -> bool {
        !matches!(
            self,
            Self::TooShort | Self::CutStream | Self::MalformedEvents
        )
    }

    async fn answer(self, mut peer: TcpStream) -> std::io::Result<()> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
        let status = |code: u16| {
            format!(
                "HTTP/1.1 {code} No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
            )
        };
        let text = match self {
            Self::Busy => status(429),
            Self::Broken => status(500),
            Self::Overloaded => status(529),
            Self::Silent => {
                let mut rest = [0; 64];
                while peer.read(&mut rest).await? > 0 {}
                return Ok(());
            }
            Self::Closes => return Ok(()),
            Self::HalfHeader => "HTTP/1.1 200 OK\r\ncontent-ty".to_owned(),
            Self::Nonsense => "220 mail.example.com ESMTP ready\r\n\r\n".to_owned(),
            Self::HalfClosed => {
                peer.shutdown().await?;
                let mut rest = [0; 64];
                while peer.read(&mut rest).await? > 0 {}
                return Ok(());
            }
            Self::ErrorFirst => {
                let body =
                    "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n";
                format!("{head}content-length: {}\r\n\r\n{body}", body.len())
            }
            Self::NoEvent => format!("{head}transfer-encoding: chunked\r\n\r\n"),
            Self::TooShort => format!("{head}content-length: 5000\r\n\r\n{EVENTS}"),
            Self::CutStream => {
                format!(
                    "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{EVENTS}\r\n",
                    EVENTS.len()
                )
            }
            Self::MalformedEvents => {
                let body = "data: {\"choices\": [}\n\n: \u{1}\ndata\ndata: [DONE\n\n";
                format!("{head}content-length: {}\r\n\r\n{body}", body.len())
            }
        };
        peer.write_all(text.as_bytes()).await?;
        peer.shutdown().await
    }
}

/// Serves one request a connection, each in the next way.
async fn misbehave(listener: TcpListener, served: Arc<AtomicUsize>) {
    while let Ok((mut peer, _)) = listener.accept().await {
        let served = Arc::clone(&served);
        tokio::spawn(async move {
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            while !request.ends_with(b"}") {
                match peer.read(&mut piece).await {
                    Ok(0) | Err(_) => return,
                    Ok(length) => request.extend_from_slice(&piece[..length]),
                }
            }
            let at = served.fetch_add(1, Ordering::SeqCst);
            // Whether the gateway took all of it is what the test looks at.
            drop(Way::ALL[at % Way::ALL.len()].answer(peer).await);
        });
    }
}

/// One call, that met the bad provider in this way, or not at all.
fn judge(met: Option<Way>, reply: &Reply, row: &LoggedRequest, attempts: &[Attempt]) {
    let Some(way) = met else {
        // It rested for the millisecond of its cooldown.
        assert_eq!(
            (reply.status.as_u16(), attempts.len()),
            (200, 1),
            "{attempts:?}"
        );
        return;
    };
    if way.is_before_the_first_byte() {
        assert_eq!(
            (reply.status.as_u16(), attempts.len()),
            (200, 2),
            "{way:?}: {attempts:?}"
        );
        assert!(reply.text().contains("[DONE]"), "{way:?}");
        assert_eq!(row.outcome, Outcome::Completed, "{way:?}");
        assert!(
            row.cost.micros() > 0
                && row
                    .provider
                    .as_ref()
                    .is_some_and(|name| name.as_str() == "well"),
            "{row:?}"
        );
    } else {
        assert_eq!(
            (reply.status.as_u16(), attempts.len()),
            (200, 1),
            "{way:?}: {attempts:?}"
        );
        assert!(!reply.text().contains("[DONE]"), "{way:?}");
        if way != Way::MalformedEvents {
            assert_eq!(row.outcome, Outcome::UpstreamBroken, "{way:?}");
            assert!(
                reply.text().contains("\"error\""),
                "{way:?}: {}",
                reply.text()
            );
        }
    }
}

#[tokio::test]
async fn whatever_a_provider_does_clients_are_served_or_told_and_the_books_agree()
-> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let served = Arc::new(AtomicUsize::new(0));
    tokio::spawn(misbehave(listener, Arc::clone(&served)));
    let well = StandIn::start("127.0.0.1:0", Options::default()).await?;
    // The breaker would spare the bad one, and this test: it is out of the way.
    let config = format!(
        "[[providers]]\nname = \"bad\"\ndialect = \"openai\"\nbase_url = \"http://{address}\"\nmodels = [\"x\"]\n\
         [[providers]]\nname = \"well\"\ndialect = \"openai\"\nbase_url = \"{}\"\nmodels = [\"y\"]\n\
         [[models]]\nname = \"both\"\n[[models.targets]]\nmodel = \"bad/gpt-4o\"\n\
         [[models.targets]]\nmodel = \"well/gpt-4o\"\n\
         [routing]\nbreaker_failures = 1000\ncooldown = \"1ms\"\n\
         [timeouts]\nfirst_byte = \"300ms\"\nidle = \"300ms\"\n",
        well.url()
    );
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("chaos").await?;
    let budget = rig.budget(&key, MicroUsd::from_micros(10_000_000)).await?;
    let rounds = 4 * Way::ALL.len();
    for _ in 0..rounds {
        let way = Way::ALL[served.load(Ordering::SeqCst) % Way::ALL.len()];
        let before = served.load(Ordering::SeqCst);
        let began = Instant::now();
        let body = prompts::chat_with("both", "hello", true);
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{way:?} held a client"
        );
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        let attempts = rig.store.attempts(row.id).await?;
        let met = (served.load(Ordering::SeqCst) != before).then_some(way);
        judge(met, &reply, &row, &attempts);
    }
    assert!(served.load(Ordering::SeqCst) >= 2 * Way::ALL.len());
    let rows = rig.rows(&key).await?;
    assert_eq!(rows.len(), rounds);
    let logged: i64 = rows.iter().map(|row| row.cost.micros()).sum();
    let status = rig.store.budget_status(&[budget]).await?;
    assert_eq!(
        status[0].spent.micros(),
        logged,
        "the ledger is the sum of the log"
    );
    Ok(())
}
