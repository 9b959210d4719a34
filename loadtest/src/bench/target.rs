//! What is measured: the stand-in directly, the bare proxy, the gateway with everything on but guardrails, and one
//! with them, each a child process of the benchmark.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use nix::sched::CpuSet;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Plan;
use super::client::Connection;
use super::process::{Process, free_address, place, processors};
use super::row::{MODEL, Request, Row, Text, head};
use crate::admin::Admin;

/// The credential that the stand-in is called with; it accepts any.
const PROVIDER_KEY: &str = "sk-bench-provider";

/// One way from the generator to the stand-in.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) address: SocketAddr,
    path: &'static str,
    secret: String,
    /// Lines added to the head of its requests.
    more: &'static str,
    model: &'static str,
    process: usize,
}

/// The targets and the processes behind them.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) list: Vec<Target>,
    processes: Vec<Process>,
    /// Those that there are, and one of them.
    processors: (CpuSet, CpuSet),
    // Last: the processes write into it until they are killed.
    _directory: TempDir,
}

impl Targets {
    pub(super) fn process(&self, target: &Target) -> &Process {
        &self.processes[target.process]
    }

    /// Has the gateways end by themselves.
    pub(super) async fn end(mut self) -> Result<()> {
        // The first two are the stand-in and the bare proxy, which have nothing to write.
        for gateway in self.processes.split_off(2) {
            gateway.end().await?;
        }
        Ok(())
    }

    /// Puts all of them, and this process, on one processor, or on all.
    pub(super) fn place(&self, alone: bool) -> Result<()> {
        let (all, one) = &self.processors;
        let on = if alone { one } else { all };
        let children = self.processes.iter().map(Process::id);
        let mut pids = children.chain([std::process::id()]);
        pids.try_for_each(|pid| place(pid, on))
    }
}

impl Target {
    /// Whether a row says anything of it: what guardrails cost is not seen by a translation, nor by an answer that
    /// is kept.
    pub(super) fn runs(&self, row: &Row) -> bool {
        let besides = [TRANSLATED, CACHED].contains(&self.name);
        !besides || row.text == Text::Sentence && row.connections == 1
    }

    pub(super) fn request(&self, row: &Row) -> Request {
        row.request(
            &self.address.to_string(),
            self.path,
            &self.secret,
            self.more,
            self.model,
        )
    }
}

/// Starts all of them.
pub(super) async fn start(plan: &Plan) -> Result<Targets> {
    let directory = tempfile::tempdir().context("cannot make a temporary directory")?;
    let dir = directory.path();
    let upstream = free_address()?;
    let mut command = Command::new(plan.binaries.join("tidegate-standin"));
    command.args(["--fixed", "--listen", &upstream.to_string()]);
    let standin =
        Process::start("the stand-in", command, upstream, &dir.join("standin.log")).await?;

    let bare = free_address()?;
    let mut command = Command::new(plan.binaries.join("tidegate-bare"));
    command.args([
        "--listen",
        &bare.to_string(),
        "--upstream",
        &upstream.to_string(),
    ]);
    command.args(["--threads", &plan.bare_threads.to_string()]);
    let proxy = Process::start("the bare proxy", command, bare, &dir.join("bare.log")).await?;

    let plain = |name, address, process| Target {
        name,
        address,
        path: "/v1/chat/completions",
        secret: PROVIDER_KEY.to_owned(),
        more: "",
        model: MODEL,
        process,
    };
    let mut list = vec![plain("direct", upstream, 0), plain("bare", bare, 1)];
    let mut processes = vec![standin, proxy];
    if let Some(binary) = &plan.gateway {
        for (name, guarded) in [("tidegate", false), (GUARDED, true)] {
            let dir = dir.join(name);
            fs::create_dir(&dir)?;
            let (address, secret, process) = gateway(plan, binary, upstream, &dir, guarded).await?;
            let target = |name, secret, path, model| Target {
                name,
                address,
                path,
                secret,
                more: "",
                model,
                process: processes.len(),
            };
            list.push(target(name, secret.clone(), PATH, MODEL));
            if !guarded {
                list.push(target(TRANSLATED, secret.clone(), UNIFIED, OTHER_MODEL));
                list.push(Target {
                    more: KEEP,
                    ..target(CACHED, secret, PATH, MODEL)
                });
            }
            processes.push(process);
        }
    }
    Ok(Targets {
        list,
        processes,
        processors: processors()?,
        _directory: directory,
    })
}

/// The gateway, called for a model of another dialect.
pub(super) const TRANSLATED: &str = "translated";
const UNIFIED: &str = "/v1/chat/completions";
const OTHER_MODEL: &str = "anthropic/claude-sonnet-4-5";
/// The gateway, called so that it keeps its answers and gives them again.
pub(super) const CACHED: &str = "cached";
const KEEP: &str = "x-tidegate-cache: on\r\n";
/// Where the gateway is called.
const PATH: &str = "/openai/v1/chat/completions";
/// The gateway with guardrails.
pub(super) const GUARDED: &str = "guarded";
/// Between two looks whether they are in force, and for how long that is waited for.
const LOOK: Duration = Duration::from_millis(50);
const IN_FORCE: Duration = Duration::from_secs(60);

/// What no other prompt says, and a rule of its own refuses: so it is seen that rules are in force.
const PROBE: &str = "tidegate-bench-probe";

/// What the answer of a refused call is to the client.
const REFUSED: &str = "status 400";

/// Has every default rule for secrets and personal data watch both directions, and waits until they do. The probe is
/// taken away then: what is measured is those rules.
async fn guard(admin: &Admin, data: SocketAddr, secret: &str) -> Result<()> {
    let rules = json!({ "kind": "rules", "groups": ["secrets", "personal"] });
    let probe = json!({ "kind": "terms", "words": [PROBE] });
    let mut made = Vec::new();
    for (name, detect, action) in [("all rules", rules, "redact"), ("probe", probe, "block")] {
        let definition = json!({ "detect": detect, "action": { "do": action } });
        let new = json!({ "name": name, "enabled": true, "definition": definition });
        made.push(admin.call("POST", "/guardrails", &new).await?);
    }
    probed(data, secret, true).await?;
    let probe = made.pop().unwrap_or_default();
    let id = probe["id"].as_str().context("no guardrail was made")?;
    admin
        .call("DELETE", &format!("/guardrails/{id}"), &Value::Null)
        .await?;
    probed(data, secret, false).await
}

/// Waits until the probe is refused, or no more.
async fn probed(data: SocketAddr, secret: &str, refused: bool) -> Result<()> {
    let message = json!({ "role": "user", "content": PROBE });
    let body = json!({ "model": MODEL, "messages": [message] }).to_string();
    let request = head(&data.to_string(), PATH, secret, "", body.len()) + &body;
    let since = Instant::now();
    loop {
        let mut connection = Connection::open(data).await?;
        let is_refused = match connection.exchange(request.as_bytes(), |_| {}).await {
            Err(error) if error.to_string() == REFUSED => true,
            outcome => outcome.context("the probe").map(|_| false)?,
        };
        if is_refused == refused {
            return Ok(());
        }
        ensure!(since.elapsed() < IN_FORCE, "guardrails do not follow");
        tokio::time::sleep(LOOK).await;
    }
}

/// Configures and starts the gateway: a key with a budget and every limit, all of them far
/// away, so that each is checked on every request and none is reached.
async fn gateway(
    plan: &Plan,
    binary: &Path,
    upstream: SocketAddr,
    dir: &Path,
    guarded: bool,
) -> Result<(SocketAddr, String, Process)> {
    let (data, control) = (free_address()?, free_address()?);
    let file = dir.join("tidegate.toml");
    let mut config = format!(
        "[listen]\ndata = \"{data}\"\ncontrol = \"{control}\"\n\n\
         [store]\nurl = \"sqlite:{}\"\n\n\
         [[providers]]\nname = \"openai\"\ndialect = \"openai\"\n\
         base_url = \"http://{upstream}\"\napi_key = \"env:BENCH_PROVIDER_KEY\"\n\n\
         [[providers]]\nname = \"anthropic\"\ndialect = \"anthropic\"\n\
         base_url = \"http://{upstream}\"\napi_key = \"env:BENCH_PROVIDER_KEY\"\n\n\
         [cache]\ncalls = \"asked\"\n\n",
        dir.join("tidegate.db").display()
    );
    if let Some(extra) = &plan.extra_config {
        config += &fs::read_to_string(extra)
            .with_context(|| format!("cannot read {}", extra.display()))?;
    }
    if !config.contains("[telemetry]") {
        // Nothing is exported but what a caller has traced; the stand-in is a collector that takes nothing.
        config += &format!("[telemetry]\notlp = \"http://{upstream}\"\notlp_sample = 0.0\n");
    }
    fs::write(&file, config)?;
    let command = |words: &[&str]| {
        let mut command = Command::new(binary);
        command.args(words).arg("--config").arg(&file);
        command
            .env("BENCH_PROVIDER_KEY", PROVIDER_KEY)
            .current_dir(dir);
        command
    };
    let mut create = command(&["key", "create"]);
    create.args([
        "--name",
        "bench",
        "--budget-usd",
        "1000000",
        "--budget-window",
        "1mo",
    ]);
    create.args([
        "--rpm",
        "100000000",
        "--tpm",
        "1000000000000",
        "--concurrency",
        "100000",
    ]);
    let output = create
        .output()
        .with_context(|| format!("cannot run {}", binary.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`tidegate key create` failed: {said}"
    );
    let stdout = String::from_utf8(output.stdout).context("the key is not text")?;
    let secret = stdout
        .lines()
        .next_back()
        .unwrap_or_default()
        .trim()
        .to_owned();
    ensure!(
        !secret.is_empty(),
        "`tidegate key create` printed no secret"
    );
    let once = Admin::create(|words| Ok(command(words)))?;
    let process = Process::start(
        "the gateway",
        command(&["serve"]),
        data,
        &dir.join("tidegate.log"),
    )
    .await?;
    if guarded {
        guard(&Admin::sign_in(control, &once).await?, data, &secret).await?;
    }
    Ok((data, secret, process))
}
