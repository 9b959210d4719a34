//! Calls on connections of HTTP/1.1 to the gateway, against a gateway that is bytes: how they are framed, when
//! a connection is used again, and what is made of an answer that is none.

use http::{Request, StatusCode, Version};
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use crate::{
    body::{Written, whole, written},
    client::{App, connect},
    peer::{self, Peer},
    rig::{CLAUDE, Rig, Setup, timed},
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// What a gateway does with a call on its n-th connection.
#[derive(Clone, Copy)]
enum Does {
    Answers(&'static [u8]),
    /// And closes the connection.
    AnswersLast(&'static [u8]),
}

/// A gateway that answers by this table, a row for each connection, its last row for those beyond; and the
/// heads of calls.
async fn scripted(
    rows: &'static [Does],
) -> anyhow::Result<(Peer, mpsc::Receiver<(usize, String)>)> {
    let (note, noted) = mpsc::channel(16);
    let order = std::sync::atomic::AtomicUsize::new(0);
    let peer = peer::listen(move |stream| {
        let note = note.clone();
        let n = order.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { serve(stream, n, rows[n.min(rows.len() - 1)], note).await }
    })
    .await?;
    Ok((peer, noted))
}

async fn serve(mut stream: TcpStream, n: usize, does: Does, note: mpsc::Sender<(usize, String)>) {
    let mut read = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break read.drain(..end + 4).collect::<Vec<u8>>();
            }
            if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
                return;
            }
        };
        let head = String::from_utf8(head).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        note.send((n, head)).await.unwrap();
        while read.len() < length {
            if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
                return;
            }
        }
        read.drain(..length);
        let (Does::Answers(bytes) | Does::AnswersLast(bytes)) = does;
        stream.write_all(bytes).await.unwrap();
        if matches!(does, Does::AnswersLast(_)) {
            return;
        }
    }
}

fn post(body: Written) -> Request<Written> {
    Request::post(format!("https://{CLAUDE}/v1/x?y"))
        .header("content-length", "4")
        .body(body)
        .unwrap()
}

async fn app(rig: &Rig, version: &str) -> anyhow::Result<App> {
    App::connect(rig.address, rig.ca.client(&[version])?, CLAUDE).await
}

/// A call's status, and its body or nothing where that broke off.
async fn call(app: &mut App) -> anyhow::Result<(StatusCode, Option<String>)> {
    let response = app.send(post(whole("body"))).await?;
    let status = response.status();
    let body = response.into_body().collect().await.ok();
    let text = body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
    Ok((status, text))
}

fn answered(text: &str) -> (StatusCode, Option<String>) {
    (StatusCode::OK, Some(text.to_owned()))
}

#[tokio::test]
async fn calls_that_follow_each_other_share_a_connection_and_say_how_long_they_are()
-> anyhow::Result<()> {
    timed(async {
        for version in ["http/1.1", "h2"] {
            let (gateway, mut noted) = scripted(&[Does::Answers(OK)]).await?;
            let url = gateway.url() + "/base/";
            let rig = Rig::start(Setup::new(peer::nobody().await?, url)).await?;
            rig.rules
                .change(|document| document.fail = tidegate_policy::FailMode::Closed);
            for mut app in [app(&rig, version).await?, app(&rig, version).await?] {
                for _ in 0..2 {
                    assert_eq!(call(&mut app).await?, answered("ok"), "{version}");
                    let (connection, head) = noted.recv().await.unwrap();
                    assert_eq!(connection, 0, "{version}");
                    let mut lines = head.lines();
                    let first = lines.next().unwrap();
                    assert_eq!(first, "POST /base/edge/api.anthropic.com/v1/x?y HTTP/1.1");
                    let count =
                        |name: &str| lines.clone().filter(|line| line.starts_with(name)).count();
                    assert_eq!(count("content-length: "), 1, "{head}");
                    assert_eq!(count("host: "), 1, "{head}");
                    assert_eq!(count("transfer-encoding"), 0, "{head}");
                    assert!(head.contains(&format!("host: {}\r\n", gateway.address)));
                }
            }
        }
        Ok(())
    })
    .await
}

/// The app sees nothing of it.
#[tokio::test]
async fn a_connection_that_the_gateway_closes_is_followed_by_another() -> anyhow::Result<()> {
    const LAST: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    timed(async {
        // With a word and without one.
        for rows in [
            &[Does::Answers(LAST), Does::Answers(OK)],
            &[Does::AnswersLast(OK), Does::Answers(OK)],
        ] {
            let (gateway, mut noted) = scripted(rows).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            rig.rules
                .change(|document| document.fail = tidegate_policy::FailMode::Closed);
            let mut app = app(&rig, "http/1.1").await?;
            assert_eq!(call(&mut app).await?, answered("ok"));
            assert_eq!(noted.recv().await.unwrap().0, 0);
            for _ in 0..2 {
                assert_eq!(call(&mut app).await?, answered("ok"));
                assert_eq!(noted.recv().await.unwrap().0, 1);
            }
        }
        Ok(())
    })
    .await
}

/// What comes behind an answer is nobody's: it must not be taken for the next call's.
#[tokio::test]
async fn what_comes_behind_an_answer_ends_the_connection() -> anyhow::Result<()> {
    const TWO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\
        HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret";
    timed(async {
        let (gateway, mut noted) = scripted(&[Does::Answers(TWO), Does::Answers(OK)]).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        rig.rules
            .change(|document| document.fail = tidegate_policy::FailMode::Closed);
        let mut app = app(&rig, "http/1.1").await?;
        for connection in [0, 1, 1] {
            assert_eq!(call(&mut app).await?, answered("ok"));
            assert_eq!(noted.recv().await.unwrap().0, connection);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error_and_its_connection_goes() -> anyhow::Result<()> {
    const LONG: &[u8] = &[b'x'; 200 * 1024];
    const NONE: [&[Does]; 7] = [
        &[Does::AnswersLast(b""), Does::Answers(OK)],
        &[
            Does::AnswersLast(b"HTTP/1.1 200 OK\r\ncontent-le"),
            Does::Answers(OK),
        ],
        &[
            Does::Answers(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
            Does::Answers(OK),
        ],
        &[
            Does::Answers(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"),
            Does::Answers(OK),
        ],
        &[
            Does::Answers(
                b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            ),
            Does::Answers(OK),
        ],
        &[
            Does::Answers(
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            ),
            Does::Answers(OK),
        ],
        &[Does::Answers(LONG), Does::Answers(OK)],
    ];
    timed(async {
        for rows in NONE {
            for version in ["http/1.1", "h2"] {
                let (gateway, mut noted) = scripted(rows).await?;
                let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
                rig.rules
                    .change(|document| document.fail = tidegate_policy::FailMode::Closed);
                let mut app = app(&rig, version).await?;
                let (status, text) = call(&mut app).await?;
                assert_eq!(status, StatusCode::BAD_GATEWAY, "{text:?}");
                assert!(text.unwrap().contains("broke off"));
                assert_eq!(noted.recv().await.unwrap().0, 0);
                assert_eq!(call(&mut app).await?, answered("ok"));
                assert_eq!(
                    noted.recv().await.unwrap().0,
                    1,
                    "sent once more, elsewhere"
                );
                assert_eq!(rig.counters.totals().broken, 1);
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_answer_that_ends_early_ends_as_broken() -> anyhow::Result<()> {
    const CUT: [&[Does]; 3] = [
        &[
            Does::AnswersLast(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
            Does::Answers(OK),
        ],
        &[
            Does::AnswersLast(
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            ),
            Does::Answers(OK),
        ],
        &[
            Does::Answers(
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
            ),
            Does::Answers(OK),
        ],
    ];
    timed(async {
        for rows in CUT {
            for version in ["http/1.1", "h2"] {
                let (gateway, mut noted) = scripted(rows).await?;
                let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
                rig.rules
                    .change(|document| document.fail = tidegate_policy::FailMode::Closed);
                let mut first = app(&rig, version).await?;
                // The head may be lost with the rest: either way it is no answer.
                let broken = call(&mut first).await.is_ok_and(|(_, body)| body.is_some());
                assert!(!broken, "an end would be a lie");
                assert_eq!(noted.recv().await.unwrap().0, 0);
                let mut second = app(&rig, version).await?;
                assert_eq!(call(&mut second).await?, answered("ok"));
                assert_eq!(noted.recv().await.unwrap().0, 1);
            }
        }
        Ok(())
    })
    .await
}

fn chunked(pieces: &[String]) -> Vec<u8> {
    let mut answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for piece in pieces {
        answer += &format!("{:x}\r\n{piece}\r\n", piece.len());
    }
    (answer + "0\r\n\r\n").into()
}

#[tokio::test]
async fn short_pieces_that_are_there_go_together_as_one() -> anyhow::Result<()> {
    timed(async {
        let events = ["data: a\n\n", "data: b\n\n", "data: c\n\n"].map(str::to_owned);
        let answer = Vec::leak(chunked(&events));
        let (gateway, _noted) = scripted(Vec::leak(vec![Does::Answers(answer)])).await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        rig.rules
            .change(|document| document.fail = tidegate_policy::FailMode::Closed);
        let mut app = connect(rig.address, rig.ca.client(&["http/1.1"])?, CLAUDE).await?;
        let head = format!("GET / HTTP/1.1\r\nhost: {CLAUDE}\r\nconnection: close\r\n\r\n");
        app.write_all(head.as_bytes()).await?;
        let mut answer = String::new();
        app.read_to_string(&mut answer).await?;
        let whole = format!("\r\n\r\n1B\r\n{}\r\n0\r\n\r\n", events.concat());
        assert!(answer.ends_with(&whole), "{answer}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn pieces_of_every_length_arrive_in_order() -> anyhow::Result<()> {
    const LENGTHS: [&[usize]; 7] = [
        &[1, 2, 3],
        &[1, 5000],
        &[1, 5000, 2, 3],
        &[4095; 12],
        &[4096; 12],
        &[1, 70_000, 1, 1, 4096, 4095, 1],
        &[],
    ];
    timed(async {
        for lengths in LENGTHS {
            let letters = ('a'..='z').cycle().zip(lengths);
            let pieces: Vec<String> = letters
                .map(|(letter, length)| letter.to_string().repeat(*length))
                .collect();
            let answer = Vec::leak(chunked(&pieces));
            let (gateway, mut noted) = scripted(Vec::leak(vec![Does::Answers(answer)])).await?;
            let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
            rig.rules
                .change(|document| document.fail = tidegate_policy::FailMode::Closed);
            for version in ["http/1.1", "h2"] {
                let mut app = app(&rig, version).await?;
                for _ in 0..2 {
                    let got = call(&mut app).await?;
                    assert!(got == answered(&pieces.concat()), "{lengths:?}");
                    assert_eq!(noted.recv().await.unwrap().0, 0, "it is used again");
                }
            }
        }
        Ok(())
    })
    .await
}

/// A gateway that has read enough answers before the call is over; what is left of the call goes nowhere.
#[tokio::test]
async fn an_early_answer_arrives_and_its_connection_goes() -> anyhow::Result<()> {
    const EARLY: &[u8] = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig";
    timed(async {
        let (note, mut noted) = mpsc::channel(4);
        let gateway = peer::listen(move |mut stream| {
            let note = note.clone();
            async move {
                let mut read = Vec::new();
                while !read.ends_with(b"some") {
                    assert!(stream.read_buf(&mut read).await.unwrap() > 0);
                }
                stream.write_all(EARLY).await.unwrap();
                // The end of the connection, and nothing before it.
                let rest = stream.read_buf(&mut read).await;
                note.send(rest.unwrap_or(0)).await.unwrap();
            }
        })
        .await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        rig.rules
            .change(|document| document.fail = tidegate_policy::FailMode::Closed);
        let mut app = app(&rig, "h2").await?;
        let (writer, body) = written();
        let request = Request::post(format!("https://{CLAUDE}/"))
            .header("content-length", "1000")
            .body(body)?;
        let sent = tokio::spawn(async move { app.send(request).await });
        writer.data("some").await?;
        let response = sent.await??;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(response.into_body().collect().await?.to_bytes(), "big");
        assert_eq!(noted.recv().await, Some(0));
        Ok(())
    })
    .await
}

/// What does not say how long it is, and what has trailers or wants them, goes over HTTP/2.
#[tokio::test]
async fn the_version_follows_the_call() -> anyhow::Result<()> {
    timed(async {
        let gateway = peer::gateway(|request| async move {
            let version = request.version();
            request.into_body().collect().await.unwrap();
            http::Response::new(whole(format!("over {version:?}")))
        })
        .await?;
        let rig = Rig::start(Setup::new(peer::nobody().await?, gateway.url())).await?;
        let one = format!("over {:?}", Version::HTTP_11);
        let two = format!("over {:?}", Version::HTTP_2);
        for (more, body, version) in [
            ("content-length: 1\r\n", "x", &one),
            ("", "", &one),
            ("content-length: 1\r\nte: trailers\r\n", "x", &two),
            ("content-length: 1\r\ntrailer: x-sum\r\n", "x", &two),
            (
                "transfer-encoding: chunked\r\n",
                "1\r\nx\r\n0\r\n\r\n",
                &two,
            ),
        ] {
            let mut app = connect(rig.address, rig.ca.client(&["http/1.1"])?, CLAUDE).await?;
            let head =
                format!("POST / HTTP/1.1\r\nhost: {CLAUDE}\r\nconnection: close\r\n{more}\r\n");
            app.write_all((head + body).as_bytes()).await?;
            let mut answer = String::new();
            app.read_to_string(&mut answer).await?;
            assert!(answer.contains(version), "{more}: {answer}");
        }
        Ok(())
    })
    .await
}
