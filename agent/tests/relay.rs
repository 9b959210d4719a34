//! Loader and relay as they really are, the relay as a process of its own (and as nobody, where the tests
//! run as root), on the redirector that needs no OS.

use std::{
    fs, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, process::Command, sync::Arc,
    time::Duration,
};

use anyhow::Context;
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};
use ring::signature::Ed25519KeyPair;
use tidegate_device_api::SignedPolicy;
use tidegate_edge::{
    config::Config,
    control::{self, ControlSocket},
    loader::{self, Account, Program, Relay},
    state::State,
};
use tidegate_redirect::{Flow, Health, Loopback, RedirectError, Redirector, Tables};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};

#[path = "sync/enrolled.rs"]
mod enrolled;

const BINARY: &str = env!("CARGO_BIN_EXE_tidegate-edge");

/// The fake, and whether it was told that somebody serves.
struct Backend {
    inner: Loopback,
    serving: watch::Sender<bool>,
}

impl Redirector for Backend {
    async fn accept(&self) -> Result<Flow, RedirectError> {
        self.inner.accept().await
    }

    fn bypass(&self, socket: &TcpSocket) -> Result<(), RedirectError> {
        self.inner.bypass(socket)
    }

    fn apply(&self, tables: &Tables) -> Result<(), RedirectError> {
        self.inner.apply(tables)
    }

    fn serving(&self, serving: bool) -> Result<(), RedirectError> {
        self.serving.send_replace(serving);
        Ok(())
    }

    fn health(&self) -> Health {
        self.inner.health()
    }
}

/// A machine with an enrolled device, whose gateway is not there.
struct Machine {
    dir: tempfile::TempDir,
    backend: Arc<Backend>,
    _socket: ControlSocket,
    stop: watch::Sender<bool>,
    loader: JoinHandle<anyhow::Result<()>>,
}

impl Machine {
    async fn start(enrolled: bool) -> anyhow::Result<(Self, TcpListener)> {
        let far = TcpListener::bind("127.0.0.1:0").await?;
        let backend = Arc::new(Backend {
            inner: Loopback::start(far.local_addr()?, None).await?,
            serving: watch::Sender::new(true),
        });
        let dir = tempfile::tempdir()?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711))?;
        let folder = dir.path().join("state");
        let state = State::open(&folder)?;
        if enrolled {
            enrol(&state)?;
        }
        let control = dir.path().join("control.sock");
        let text = format!(
            "[gateway]\nurl = \"http://127.0.0.1:9\"\n[agent]\nstate = \"{}\"\nsocket = \"{}\"\n",
            folder.display(),
            control.display()
        );
        let config = Config::parse(&text)?;
        let account = geteuid().is_root().then(|| Account::find("nobody"));
        let account = account.transpose()?;
        if let Some(account) = &account {
            account.hand_over(&folder)?;
        }
        let socket = ControlSocket::bind(&control)?;
        let program = Program::at(Path::new(BINARY));
        let relay = Relay::new(program, account, config, socket.listener()?);
        let (stop, stopped) = watch::channel(false);
        let loader = tokio::spawn(loader::run(relay, Arc::clone(&backend), stopped));
        let machine = Self {
            dir,
            backend,
            _socket: socket,
            stop,
            loader,
        };
        Ok((machine, far))
    }

    /// An app says something that is not TLS, which its destination hears by way of the relay.
    async fn speaks(&self, far: &TcpListener) -> anyhow::Result<()> {
        let mut app = TcpStream::connect(self.address()?).await?;
        app.write_all(b"good morning\n").await?;
        let (mut heard, _) = far.accept().await?;
        let mut text = [0; 13];
        heard.read_exact(&mut text).await?;
        assert_eq!(&text, b"good morning\n");
        heard.write_all(b"hello").await?;
        let mut answer = [0; 5];
        app.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"hello");
        Ok(())
    }

    /// How the relay is, once it says so: until then the question waits in the socket.
    async fn answers(&self) -> anyhow::Result<serde_json::Value> {
        let socket = self.dir.path().join("control.sock");
        let asking = async {
            loop {
                match control::ask(&socket).await {
                    Ok(view) if !view.is_null() => return view,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        Ok(tokio::time::timeout(Duration::from_secs(60), asking).await?)
    }

    fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.backend.inner.address()?)
    }

    async fn serving(&self, wanted: bool) -> anyhow::Result<()> {
        let mut serving = self.backend.serving.subscribe();
        let changed = serving.wait_for(|&now| now == wanted);
        tokio::time::timeout(Duration::from_secs(60), changed).await??;
        Ok(())
    }
}

/// What enrolment leaves, without a gateway.
fn enrol(state: &State) -> anyhow::Result<()> {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).map_err(|_| anyhow::anyhow!("key"))?;
    let document = br#"{"revision":3,"check_in_seconds":60,"hosts":[],"apps":[]}"#;
    let policy = SignedPolicy::new(document, key.sign(document).as_ref());
    enrolled::enrol(state, &key, &policy)
}

/// The relay, which is a child of this process.
fn relay() -> anyhow::Result<(i32, String)> {
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let read = |name: &str| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let status = read("status");
        let parent = format!("\nPPid:\t{}\n", std::process::id());
        if status.contains(&parent) && read("cmdline").ends_with("relay\0") {
            return Ok((pid, status));
        }
    }
    anyhow::bail!("there is no relay")
}

/// One test, since it looks for the children of this process.
#[tokio::test]
async fn the_relay_is_somebody_else_comes_back_and_goes_when_told() -> anyhow::Result<()> {
    // Not enrolled, and without a token: it waits for somebody to sign in, and serves nobody meanwhile.
    let (bare, _far) = Machine::start(false).await?;
    let view = bare.answers().await?;
    assert_eq!(view["state"], "signed_out", "{view}");
    assert!(!*bare.backend.serving.borrow());
    bare.stop.send_replace(true);
    bare.loader.await??;

    let (machine, far) = Machine::start(true).await?;
    machine.serving(true).await?;
    machine.speaks(&far).await?;
    let (first, status) = relay()?;
    if geteuid().is_root() {
        assert!(
            status.contains("\nUid:\t65534\t65534\t65534\t65534\n"),
            "{status}"
        );
        assert!(status.contains("\nGroups:\t \n"), "{status}");
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert!(
                status.contains(&format!("\n{set}:\t0000000000000000\n")),
                "{status}"
            );
        }
    }
    assert!(status.contains("\nNoNewPrivs:\t1\n"), "{status}");
    let view = control::ask(&machine.dir.path().join("control.sock")).await?;
    assert_eq!(view["device"], "device", "{view}");

    // Killed: nobody serves for a moment, then the next one does.
    kill(Pid::from_raw(first), Signal::SIGKILL)?;
    machine.serving(false).await?;
    machine.serving(true).await?;
    machine.speaks(&far).await?;
    let (second, _) = relay()?;
    assert_ne!(first, second);

    // Told to stop: it ends, and so does the loader.
    machine.stop.send_replace(true);
    machine.loader.await??;
    assert!(relay().is_err());
    assert!(!*machine.backend.serving.borrow());
    Ok(())
}

#[test]
fn by_hand_the_relay_says_what_it_is() -> anyhow::Result<()> {
    let done = Command::new(BINARY).arg("relay").output().context(BINARY)?;
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("started by `tidegate-edge run`"), "{said}");
    Ok(())
}
