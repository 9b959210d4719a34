//! The real binary: commands, exit codes, signals, and `kill -9` in the middle of the work.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
};

use anyhow::{Context, bail};
use tidegate_loadtest::standin::{Options, StandIn};
use tidegate_store::{RequestFilter, Store, StoreConfig};
use tidegate_types::{Clock, NodeId, SystemClock};

fn tidegate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(tidegate(arguments).output()?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A configuration with one provider at the stand-in.
fn configure(dir: &Path, standin: &StandIn) -> anyhow::Result<PathBuf> {
    std::fs::write(dir.join("key"), "upstream-secret")?;
    let file = dir.join("tidegate.toml");
    let config = format!(
        "[listen]\ndata = \"127.0.0.1:0\"\ncontrol = \"127.0.0.1:0\"\n[store]\nurl = \
         \"sqlite:t.db\"\n[[providers]]\nname = \"openai\"\ndialect = \"openai\"\nbase_url = \
         \"{}\"\napi_key = \"file:key\"\n",
        standin.url()
    );
    std::fs::write(&file, config)?;
    Ok(file)
}

/// A gateway process; killed when dropped.
struct Process {
    child: Child,
    data: SocketAddr,
}

impl Process {
    fn start(config: &Path) -> anyhow::Result<Self> {
        let config = config.display().to_string();
        let mut child = tidegate(&["serve", "--config", &config])
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().context("no stderr")?;
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            let line: serde_json::Value = serde_json::from_str(&line).context(line)?;
            let data = line.get("data").or_else(|| line.pointer("/fields/data"));
            if let Some(data) = data.and_then(serde_json::Value::as_str) {
                return Ok(Self {
                    data: data.parse()?,
                    child,
                });
            }
        }
        bail!("the gateway did not start")
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([name, &pid]).status()?;
        anyhow::ensure!(status.success(), "kill {name}");
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, as the test wanted it to.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn key(config: &Path) -> anyhow::Result<String> {
    let config = config.display().to_string();
    let created = run(&[
        "key",
        "create",
        "--config",
        &config,
        "--name",
        "first",
        "--budget-usd",
        "5",
        "--budget-window",
        "1d",
        "--rpm",
        "100000",
    ])?;
    anyhow::ensure!(created.status.success(), "{}", text(&created.stderr));
    let out = text(&created.stdout);
    Ok(out.lines().last().context("no output")?.to_owned())
}

async fn store(dir: &Path) -> anyhow::Result<Store> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let node = NodeId::generate(clock.now());
    let url = format!("sqlite:{}", dir.join("t.db").display());
    Ok(Store::open(StoreConfig::new(url), clock, node).await?)
}

#[test]
fn bad_usage_and_bad_configuration_exit_with_64() -> anyhow::Result<()> {
    assert_eq!(run(&["serve"])?.status.code(), Some(64));
    assert_eq!(run(&["frobnicate"])?.status.code(), Some(64));
    assert_eq!(run(&["--help"])?.status.code(), Some(0));
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("bad.toml");
    std::fs::write(
        &file,
        "[listen]\ndata = \"nowhere\"\ncontrl = \"127.0.0.1:1\"\n[[providers]]\nname = \
         \"Open AI\"\ndialect = \"klingon\"\nbase_url = \"https://api.openai.com/v1\"\napi_key = \
         \"sk-live-0123456789\"\n[timeouts]\nidle = \"soon\"\n",
    )?;
    let checked = run(&["check", "--config", &file.display().to_string()])?;
    assert_eq!(checked.status.code(), Some(64));
    let report = text(&checked.stderr);
    for key in [
        "listen.data",
        "listen.contrl",
        "did you mean `control`",
        "store.url",
        "providers[0].name",
        "providers[0].dialect",
        "providers[0].base_url",
        "providers[0].api_key",
        "timeouts.idle",
    ] {
        assert!(report.contains(key), "{key} is missing in:\n{report}");
    }
    assert!(
        !report.contains("sk-live"),
        "a key must not be repeated:\n{report}"
    );
    Ok(())
}

#[test]
fn the_example_configuration_is_valid() -> anyhow::Result<()> {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../config.example.toml");
    let checked = tidegate(&["check", "--config", example])
        .env("OPENAI_API_KEY", "sk-test")
        .output()?;
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_term_signal_drains_and_the_log_is_complete() -> anyhow::Result<()> {
    let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let dir = tempfile::tempdir()?;
    let config = configure(dir.path(), &standin)?;
    let secret = key(&config)?;
    let mut process = Process::start(&config)?;
    let client = tidegate_harness::Client::http1(&format!("http://{}", process.data));
    let body =
        r#"{"model":"gpt-4o-mini","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    for _ in 0..20 {
        let reply = client
            .post("/openai/v1/chat/completions", &secret, body)
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    process.signal("-TERM")?;
    assert!(process.child.wait()?.success());
    let rows = store(dir.path())
        .await?
        .requests(RequestFilter::default(), None, 100)
        .await?;
    assert_eq!(rows.items.len(), 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_the_ledger_is_the_sum_of_the_log_and_no_answer_is_missing()
-> anyhow::Result<()> {
    let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let dir = tempfile::tempdir()?;
    let config = configure(dir.path(), &standin)?;
    let secret = key(&config)?;
    let process = Process::start(&config)?;
    let client = tidegate_harness::Client::http1(&format!("http://{}", process.data));
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let (client, secret) = (client.clone(), secret.clone());
            tokio::spawn(async move {
                let body = r#"{"model":"gpt-4o-mini","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
                let mut answered = Vec::new();
                // Ends with the first call that the kill breaks off.
                while let Ok(reply) =
                    client.post("/openai/v1/chat/completions", &secret, body).await
                {
                    if reply.text().ends_with("data: [DONE]\n\n") {
                        answered.push(reply.header("x-tidegate-request-id").to_owned());
                    }
                }
                answered
            })
        })
        .collect();
    tidegate_harness::eventually("calls are under way", || standin.stats().requests > 300).await?;
    process.signal("-KILL")?;
    let mut answered = Vec::new();
    for worker in workers {
        answered.extend(worker.await?);
    }
    assert!(answered.len() > 100, "{}", answered.len());
    drop(process);
    let mut process = Process::start(&config)?;
    process.signal("-TERM")?;
    assert!(process.child.wait()?.success());
    let store = store(dir.path()).await?;
    for id in &answered {
        store
            .request(id.parse()?)
            .await
            .with_context(|| format!("{id} was answered"))?;
    }
    let (mut sum, mut cursor) = (0, None);
    loop {
        let page = store
            .requests(RequestFilter::default(), cursor, 500)
            .await?;
        sum += page.items.iter().map(|row| row.cost.micros()).sum::<i64>();
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let budget = store.governed().await?.budgets[0].id;
    let status = store.budget_status(&[budget]).await?.remove(0);
    assert_eq!(
        status.spent.micros(),
        sum,
        "the ledger is the sum of the log"
    );
    assert_eq!(status.leased.micros(), 0, "no hold is left");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_has_the_configuration_read_again_and_ends_nothing() -> anyhow::Result<()> {
    let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let dir = tempfile::tempdir()?;
    let config = configure(dir.path(), &standin)?;
    let secret = key(&config)?;
    let mut process = Process::start(&config)?;
    let client = tidegate_harness::Client::http1(&format!("http://{}", process.data));
    let body =
        r#"{"model":"gpt-4o-mini","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    let path = "/openai/v1/chat/completions";
    assert_eq!(client.post(path, &secret, body).await?.status, 200);
    let small = std::fs::read_to_string(&config)? + "[limits]\nbody_max = \"16\"\n";
    std::fs::write(&config, small)?;
    process.signal("-HUP")?;
    let mut last = client.post(path, &secret, body).await?.status;
    for _ in 0..10_000 {
        if last == 413 {
            break;
        }
        last = client.post(path, &secret, body).await?.status;
    }
    assert_eq!(last, 413);
    process.signal("-TERM")?;
    assert!(process.child.wait()?.success());
    Ok(())
}

/// Takes one request after the other and answers each with nothing; what each held, its path among it.
fn collector() -> anyhow::Result<(SocketAddr, std::sync::mpsc::Receiver<Vec<u8>>)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let (address, (sender, taken)) = (listener.local_addr()?, std::sync::mpsc::channel());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), sender) = (stream, sender.clone()) else {
                return;
            };
            std::thread::spawn(move || {
                let mut got = Vec::new();
                let mut piece = [0; 65_536];
                while let Ok(read @ 1..) = stream.read(&mut piece) {
                    got.extend_from_slice(&piece[..read]);
                    let Some(length) = length(&got) else { continue };
                    if got.len() >= length {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        let sent = sender.send(got.drain(..length).collect());
                        if sent.is_err() || stream.write_all(answer).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    Ok((address, taken))
}

/// How long a request is, once its head is there.
fn length(got: &[u8]) -> Option<usize> {
    let head = got.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&got[..head]).to_ascii_lowercase();
    let said = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    Some(head + said?.trim().parse::<usize>().ok()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_goes_to_a_collector_with_the_ids_of_its_calls_and_without_prompts()
-> anyhow::Result<()> {
    let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let (address, taken) = collector()?;
    let dir = tempfile::tempdir()?;
    let config = configure(dir.path(), &standin)?;
    let secret = key(&config)?;
    // Nobody is at this provider, so the call has something to log.
    let more = format!(
        "[[providers]]\nname = \"gone\"\ndialect = \"openai\"\nmodels = [\"gone-*\"]\nbase_url = \
         \"http://127.0.0.1:9\"\n[budgets]\nunpriced = \"flag\"\n[telemetry]\nlevel = \"debug\"\notlp = \
         \"http://{address}\"\notlp_signals = [\"logs\"]\n"
    );
    std::fs::write(&config, std::fs::read_to_string(&config)? + &more)?;
    let mut process = Process::start(&config)?;
    let client = tidegate_harness::Client::http1(&format!("http://{}", process.data));
    let body = r#"{"model":"gone-1","max_tokens":9,"messages":[{"role":"user","content":"a very private question"}]}"#;
    let bearer = format!("Bearer {secret}");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let caller = format!("00-{trace}-00f067aa0ba902b7-01");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("traceparent", caller.as_str()),
    ];
    let path = "/openai/v1/chat/completions";
    let reply = client
        .send(http::Method::POST, path, &headers, body)
        .await?;
    assert_eq!(reply.status, 502, "{}", reply.text());
    process.signal("-TERM")?;
    assert!(process.child.wait()?.success());
    let all: Vec<u8> = taken.try_iter().flatten().collect();
    let holds = |bytes: &[u8]| all.windows(bytes.len()).any(|part| part == bytes);
    assert!(holds(b"POST /v1/logs HTTP/1.1"), "{}", text(&all));
    assert!(
        holds(b"serving") && holds(b"no connection"),
        "{}",
        text(&all)
    );
    let id: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&trace[2 * at..2 * at + 2], 16))
        .collect::<Result<_, _>>()?;
    assert!(holds(&id), "the call's trace");
    assert!(!holds(b"private") && !holds(secret.as_bytes()));
    Ok(())
}
