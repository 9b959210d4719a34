//! Questions and answers over a real socket.

use super::*;
use crate::{
    device_api::{self, DeviceApi, NothingRedirected},
    state::State,
};

/// A socket, somebody who answers on it, and what reaches the agent's mind.
struct Place {
    socket: ControlSocket,
    _dir: tempfile::TempDir,
    received: mpsc::Receiver<Input>,
    serving: tokio::task::JoinHandle<()>,
}

impl Place {
    fn open() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let socket = ControlSocket::bind(&dir.path().join("control.sock"))?;
        let view = View::removed("https://gateway.example".into(), "1".into());
        let view = Arc::new(ArcSwap::from_pointee(Some(view)));
        let (inputs, received) = mpsc::channel(1);
        let answering = Answering::on(socket.listener()?)?;
        // Of a device that is not enrolled, whose gateway is not there.
        let api = DeviceApi::new(
            "http://127.0.0.1:9",
            device_api::roots(Some(Vec::new()))?,
            Arc::new(NothingRedirected),
        )?;
        let state = State::open(&dir.path().join("state"))?;
        let desk = Arc::new(Desk::new(Arc::new(api), state, inputs.clone(), None));
        Ok(Self {
            serving: tokio::spawn(async move { answering.serve(view, inputs, desk).await }),
            socket,
            _dir: dir,
            received,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn wanted(reason: &str) -> Request {
    Request {
        wanted: Wanted::Support {
            name: "Some App".into(),
        },
        reason: reason.into(),
    }
}

#[tokio::test]
async fn how_it_is_is_said_to_who_asks_and_to_who_only_listens() -> anyhow::Result<()> {
    let desk = Place::open()?;
    let view = ask(&desk.socket.path).await?;
    assert_eq!(view["state"], "removed");
    let mut silent = UnixStream::connect(&desk.socket.path).await?;
    let mut text = String::new();
    silent.read_to_string(&mut text).await?;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text)?, view);
    Ok(())
}

#[tokio::test]
async fn a_request_reaches_the_mind_with_the_name_that_the_os_says() -> anyhow::Result<()> {
    let mut desk = Place::open()?;
    let path = desk.socket.path.clone();
    let asking = tokio::spawn(async move { request(&path, wanted("for work")).await });
    let Some(Input::Asked(asked)) = desk.received.recv().await else {
        panic!("no request");
    };
    assert_eq!(asked.reason, "for work");
    assert_eq!(asked.user, user(nix::unistd::geteuid()).await);
    assert_eq!(asked.wanted, wanted("").wanted);
    asked.answer.send(Err("too much".into())).unwrap();
    let error = asking.await?.unwrap_err().to_string();
    assert_eq!(error, "this was not taken: too much");
    Ok(())
}

#[tokio::test]
async fn nonsense_and_floods_hold_nobody_up() -> anyhow::Result<()> {
    let mut desk = Place::open()?;
    for text in [
        b"nonsense".to_vec(),
        br#"{"ask":{"kind":"support"}}"#.to_vec(),
        vec![b'{'; 100_000],
    ] {
        let mut stream = UnixStream::connect(&desk.socket.path).await?;
        // It may hang up before all is said.
        let _sent = stream.write_all(&text).await;
        let _end = stream.shutdown().await;
        let mut answer = Vec::new();
        let _read = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty());
    }
    assert_eq!(ask(&desk.socket.path).await?["state"], "removed");
    // The mind's queue is full.
    let full = Input::DeniedProcess(1);
    let (inputs, _kept) = mpsc::channel(1);
    inputs.try_send(full)?;
    assert!(forward(wanted("x"), "ann".into(), &inputs).await.is_err());
    assert!(desk.received.try_recv().is_err());
    Ok(())
}

#[tokio::test]
async fn who_signs_in_is_told_why_not_and_holds_nobody_up() -> anyhow::Result<()> {
    let desk = Place::open()?;
    let path = &desk.socket.path;
    let redeem = Step::Redeem {
        code: "tg-sign-in-x".into(),
        verifier: "v".into(),
    };
    let reason = |stepped| match stepped {
        Stepped::Refused { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    let said = reason(sign_in(path, redeem).await?);
    assert!(said.contains("the gateway cannot be reached"), "{said}");
    let said = reason(sign_in(path, Step::Out {}).await?);
    assert!(said.contains("nobody is signed in"), "{said}");
    // A poll goes on when the network failed, slower.
    let device_code = "tg-sign-in-x".to_owned();
    let polled = sign_in(path, Step::Poll { device_code }).await?;
    assert!(
        matches!(polled, Stepped::Pending { slower: 5 }),
        "{polled:?}"
    );
    assert_eq!(ask(path).await?["state"], "removed");
    Ok(())
}

#[tokio::test]
async fn news_are_asked_for() -> anyhow::Result<()> {
    let mut desk = Place::open()?;
    sync(&desk.socket.path).await?;
    let heard = desk.received.recv().await;
    assert!(
        matches!(heard, Some(Input::Known(Event::Sync))),
        "{heard:?}"
    );
    Ok(())
}
