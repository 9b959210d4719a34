//! The listener as browsers and attackers meet it.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

use super::*;

const STATE: &str = "state-of-this-test";

struct Waiting {
    port: u16,
    brought: JoinHandle<anyhow::Result<Brought>>,
}

impl Waiting {
    async fn open() -> anyhow::Result<Self> {
        let loopback = Loopback::open().await?;
        Ok(Self {
            port: loopback.port(),
            brought: tokio::spawn(loopback.answer(STATE.into())),
        })
    }

    /// Sends a request as it is; the status and everything that was said.
    async fn send(&self, request: &str) -> anyhow::Result<(u16, String)> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        let status = text.split(' ').nth(1).context("no status")?.parse()?;
        Ok((status, text))
    }

    async fn get(&self, target: &str, host: &str) -> anyhow::Result<(u16, String)> {
        self.send(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .await
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn target(query: &str) -> String {
    format!("{LOOPBACK_PATH}?{query}")
}

#[tokio::test]
async fn one_answer_is_taken_and_the_page_says_nothing() -> anyhow::Result<()> {
    let waiting = Waiting::open().await?;
    let right = target(&format!("code=tg-sign-in-x&state={STATE}"));
    let (status, text) = waiting.get(&right, &waiting.host()).await?;
    assert_eq!(status, 200);
    let text = text.to_ascii_lowercase();
    for part in [
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'",
        "cache-control: no-store",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(
        !text.contains("tg-sign-in-x") && !text.contains(STATE),
        "{text}"
    );
    assert_eq!(
        waiting.brought.await??,
        Brought::Code("tg-sign-in-x".into())
    );
    // It is gone with its answer.
    assert!(
        TcpStream::connect((Ipv4Addr::LOCALHOST, waiting.port))
            .await
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn nothing_else_changes_anything() -> anyhow::Result<()> {
    let waiting = Waiting::open().await?;
    let host = waiting.host();
    let right = target(&format!("code=c&state={STATE}"));
    for name in [
        "localhost".to_owned(),
        format!("localhost:{}", waiting.port),
        format!("evil.example:{}", waiting.port),
        format!("127.0.0.1.evil.example:{}", waiting.port),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("[::1]:{}", waiting.port),
    ] {
        assert_eq!(waiting.get(&right, &name).await?.0, 421, "{name}");
    }
    for (query, status) in [
        ("code=c&state=other".to_owned(), 403),
        ("code=c".to_owned(), 403),
        (format!("state={STATE}"), 403),
        (format!("code=c&state={STATE}&state={STATE}"), 403),
        (format!("code=c&error=x&state={STATE}"), 403),
        (format!("code=c&more=1&state={STATE}"), 403),
        (format!("code=%3Cscript%3E&state={STATE}"), 403),
        (format!("code={}&state={STATE}", "x".repeat(200)), 403),
    ] {
        assert_eq!(
            waiting.get(&target(&query), &host).await?.0,
            status,
            "{query}"
        );
    }
    assert_eq!(waiting.get("/", &host).await?.0, 404);
    let absolute = format!("http://evil.example{right}");
    assert_eq!(waiting.get(&absolute, &host).await?.0, 421);
    let twice = format!("GET {right} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n");
    assert!(matches!(waiting.send(&twice).await?.0, 400 | 421));
    let post = format!("POST {right} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(waiting.send(&post).await?.0, 405);
    assert!(!waiting.brought.is_finished());

    let denied = target(&format!("error=access_denied&state={STATE}"));
    assert_eq!(waiting.get(&denied, &host).await?.0, 200);
    let brought = waiting.brought.await??;
    assert_eq!(brought, Brought::Error("access_denied".into()));
    Ok(())
}

#[tokio::test]
async fn a_second_answer_is_refused() -> anyhow::Result<()> {
    let (taker, _kept) = oneshot::channel();
    let awaited = Awaited {
        host: "127.0.0.1:4000".into(),
        state: STATE.into(),
        taker: Mutex::new(Some(taker)),
        taken: Mutex::new(None),
    };
    let hit = |code: &str| {
        let uri = target(&format!("code={code}&state={STATE}"));
        let request = Request::get(uri).header("host", "127.0.0.1:4000");
        request.body(())
    };
    assert_eq!(awaited.hear(&hit("first")?).await.status(), StatusCode::OK);
    let second = awaited.hear(&hit("second")?).await;
    assert_eq!(second.status(), StatusCode::GONE);
    let (_, brought) = awaited.taken.lock().await.take().context("taken")?;
    assert_eq!(brought, Brought::Code("first".into()));
    Ok(())
}
