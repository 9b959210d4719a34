//! Questions and answers over a real socket.

use super::*;

/// A socket, somebody who answers on it, and what reaches the agent's mind.
struct Desk {
    socket: ControlSocket,
    _dir: tempfile::TempDir,
    received: mpsc::Receiver<Input>,
    serving: tokio::task::JoinHandle<()>,
}

impl Desk {
    fn open() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let socket = ControlSocket::bind(&dir.path().join("control.sock"))?;
        let view = View::removed("https://gateway.example".into(), "1".into());
        let view = Arc::new(ArcSwap::from_pointee(Some(view)));
        let (inputs, received) = mpsc::channel(1);
        let answering = Answering::on(socket.listener()?)?;
        Ok(Self {
            serving: tokio::spawn(answering.serve(view, inputs)),
            socket,
            _dir: dir,
            received,
        })
    }
}

impl Drop for Desk {
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
    let desk = Desk::open()?;
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
    let mut desk = Desk::open()?;
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
    let mut desk = Desk::open()?;
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
