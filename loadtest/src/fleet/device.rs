//! A simulated device: it checks in as an agent does, applies what it is told, reports what came of it,
//! and tries again what broke with the same number and the same bytes.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::tally::Tally;
use crate::connection::Connection;

/// The longest pause after something broke.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long an answer may take that the device does not wait for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all devices have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) address: SocketAddr,
    pub(super) interval: Duration,
    /// Seconds that a check-in waits for news; 0: it does not.
    pub(super) wait: u32,
    pub(super) tally: Tally,
    /// Only then is counted.
    pub(super) measuring: AtomicBool,
    pub(super) stopping: AtomicBool,
    /// How often clocks were set: each device starts anew then, with a clock of its own.
    pub(super) clocks_set: AtomicU64,
}

/// What a device is, beside its key.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) number: usize,
    pub(super) key: String,
    pub(super) machine: String,
    /// The revision in force on it, for all to see.
    pub(super) revision: Arc<AtomicU64>,
}

/// An answer to a check-in.
#[derive(Debug, Deserialize)]
struct Told {
    policy: Option<Signed>,
    #[serde(default)]
    want_inventory: bool,
    #[serde(default)]
    scan: bool,
}

#[derive(Debug, Deserialize)]
struct Signed {
    document: String,
}

#[derive(Debug, Deserialize)]
struct Document {
    revision: u64,
}

/// Numbers that an agent writes down at once.
const BLOCK: u64 = 100;

/// How far clocks are set, in seconds: two days, an hour, a year.
const JUMPS: [i64; 6] = [172_800, -172_800, 3_600, -3_600, 31_536_000, -31_536_000];

/// What a device has in mind.
struct Mind {
    seq: u64,
    /// Up to where numbers are written down.
    kept: u64,
    /// Its clock, in seconds ahead of the right one, and how often it was set.
    ahead: i64,
    clocks_set: u64,
    revision: u64,
    inventory: Vec<u8>,
    hash: String,
    /// Effects and a request that were not said yet.
    effects: Option<Value>,
    request: Option<Value>,
}

impl Mind {
    fn new(device: &Device) -> Self {
        let inventory = inventory(device.number, 0);
        Self {
            seq: clock(0),
            kept: clock(0),
            ahead: 0,
            clocks_set: 0,
            revision: 0,
            hash: hash(&inventory),
            inventory,
            effects: None,
            // Few ask for something, once.
            request: device.number.is_multiple_of(100).then(|| {
                json!({
                    "id": format!("sim-{}", device.number), "kind": "app", "app": "cursor",
                    "reason": "simulated", "user": "sim",
                })
            }),
        }
    }

    /// The machine starts anew with another clock, as agents do: they go on after the numbers that they wrote down,
    /// or from the clock where that is ahead. The policy is on disk; what was found is found again.
    fn set_clock(&mut self, random: &mut fastrand::Rng) {
        self.ahead += JUMPS[random.usize(..JUMPS.len())];
        self.seq = self.kept.max(clock(self.ahead));
        self.kept = self.seq;
        if self.revision > 0 {
            self.effects = Some(effects(self.revision));
        }
    }

    fn count(&mut self) {
        self.seq += 1;
        if self.seq > self.kept {
            self.kept = self.seq + BLOCK - 1;
        }
    }

    fn body(&self, device: &Device, wait: u32) -> Value {
        let mut body = json!({
            "revision": self.revision, "wait_seconds": wait, "agent_version": "0.2.0",
            "effective": true, "seq": self.seq, "machine_id_hash": device.machine,
            "inventory": self.hash,
        });
        if let Some(effects) = &self.effects {
            body["effects"] = effects.clone();
        }
        if let Some(request) = &self.request {
            body["requests"] = json!([request]);
        }
        body
    }
}

/// Lives until the run stops.
pub(super) async fn live(common: Arc<Common>, device: Device) {
    let mut connection = Connection::new(common.address);
    let mut random = fastrand::Rng::with_seed(device.number as u64 + 1);
    let mut mind = Mind::new(&device);
    // Devices do not all start at once.
    tokio::time::sleep(common.interval.mul_f64(random.f64())).await;
    while !common.stopping.load(Ordering::Relaxed) {
        let clocks_set = common.clocks_set.load(Ordering::Relaxed);
        if clocks_set > mind.clocks_set {
            mind.clocks_set = clocks_set;
            mind.set_clock(&mut random);
            connection = connection.again();
            common.tally.count(|counts| counts.clocks_set += 1);
        }
        mind.count();
        // What is to be said goes at once; news are waited for with nothing left to say.
        let quiet = mind.effects.is_none() && mind.request.is_none() && mind.revision > 0;
        let wait = if quiet { common.wait } else { 0 };
        let body = mind.body(&device, wait).to_string();
        let due = Instant::now();
        let Some(told) =
            check_in(&common, &device, &mut connection, &mut random, &body, wait).await
        else {
            return;
        };
        mind.effects = None;
        if mind.request.take().is_some() {
            common.tally.count(|counts| counts.requests_made += 1);
        }
        // A gateway that lets nobody wait any more is not asked again at once.
        let waited = wait > 0 && (told.policy.is_some() || due.elapsed() > Duration::from_secs(1));
        let spoke = common.wait > 0 && wait == 0;
        let news = obey(&common, &device, &mut connection, &mut mind, told).await;
        let pause = if news || waited || spoke {
            // Jitter, so that a decision does not bring all of them back at once.
            Duration::from_millis(random.u64(..200))
        } else {
            let jitter = common.interval.mul_f64(0.9 + 0.2 * random.f64());
            jitter.saturating_sub(due.elapsed())
        };
        tokio::time::sleep(pause).await;
    }
}

/// Says it until it is answered; nothing when the run stops or the device is refused.
async fn check_in(
    common: &Common,
    device: &Device,
    connection: &mut Connection,
    random: &mut fastrand::Rng,
    body: &str,
    wait: u32,
) -> Option<Told> {
    let mut tries = 0;
    loop {
        let (sent, received) = (connection.sent, connection.received);
        let began = Instant::now();
        let patience = PATIENCE + Duration::from_secs(wait.into());
        let call = connection.call("POST", "/device/v1/check-in", &device.key, body.as_bytes());
        let answer = tokio::time::timeout(patience, call).await;
        let took = began.elapsed();
        let measuring = common.measuring.load(Ordering::Relaxed);
        let told = match &answer {
            Ok(Ok(answer)) if answer.status == 200 => serde_json::from_slice(&answer.body).ok(),
            _ => None,
        };
        let bytes = (connection.sent - sent) + (connection.received - received);
        let stop = common.tally.count(|counts| match &answer {
            Ok(Ok(_)) if told.is_some() && measuring => {
                let news = told
                    .as_ref()
                    .is_some_and(|told: &Told| told.policy.is_some());
                counts.answered((wait == 0).then_some(took), bytes, news);
                false
            }
            Ok(Ok(_)) if told.is_some() => false,
            Ok(Ok(answer)) if (400..500).contains(&answer.status) && answer.status != 429 => {
                *counts.refused.entry(answer.status).or_default() += 1;
                true
            }
            Ok(Ok(_)) => {
                counts.failed += 1;
                false
            }
            Ok(Err(_)) | Err(_) => {
                counts.broken += 1;
                false
            }
        });
        if told.is_some() {
            return told;
        }
        if !matches!(&answer, Ok(Ok(_))) {
            *connection = connection.again();
        }
        if stop || common.stopping.load(Ordering::Relaxed) {
            return None;
        }
        let asked = answer
            .ok()
            .and_then(Result::ok)
            .and_then(|answer| answer.retry_after);
        let most = Duration::from_millis(100 << tries).min(LONGEST_PAUSE);
        tries = (tries + 1).min(10);
        tokio::time::sleep(
            asked.unwrap_or_default().min(LONGEST_PAUSE) + most.mul_f64(random.f64()),
        )
        .await;
    }
}

/// Does what it was told; whether there is something to say at once.
async fn obey(
    common: &Common,
    device: &Device,
    connection: &mut Connection,
    mind: &mut Mind,
    told: Told,
) -> bool {
    if let Some(revision) = told.policy.and_then(|signed| revision(&signed)) {
        let now = Instant::now();
        let first = mind.revision == 0;
        if revision < mind.revision {
            common.tally.count(|counts| counts.older += 1);
        } else {
            mind.revision = revision;
            device.revision.store(revision, Ordering::Relaxed);
            common.tally.count(|counts| counts.delivered(revision, now));
            if !first {
                mind.effects = Some(effects(revision));
            }
        }
    }
    if told.scan {
        mind.inventory = inventory(device.number, 1);
        mind.hash = hash(&mind.inventory);
    }
    if told.want_inventory {
        let call = connection.call("POST", "/device/v1/inventory", &device.key, &mind.inventory);
        match call.await {
            Ok(_) => common.tally.count(|counts| counts.uploads += 1),
            Err(_) => *connection = connection.again(),
        }
    }
    mind.effects.is_some() || told.scan
}

/// Seconds since 1970 by a clock that is so many seconds ahead.
fn clock(ahead: i64) -> u64 {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    now.saturating_add_signed(ahead)
}

fn revision(signed: &Signed) -> Option<u64> {
    let document = STANDARD.decode(&signed.document).ok()?;
    let document: Document = serde_json::from_slice(&document).ok()?;
    Some(document.revision)
}

/// One of twenty inventories: devices of a fleet are alike.
fn inventory(number: usize, seq: u64) -> Vec<u8> {
    let server = |name: &str, of: usize| {
        json!({
            "user": "sim", "client": "claude-code", "scope": "user",
            "config_path": "~/.claude.json", "name": name,
            "identity": format!("npm:@sim/server-{of}"), "version": "1.0",
            "arguments": hash(name.as_bytes()), "launch": hash(name.as_bytes()),
            "transport": "stdio", "command": "npx", "args": ["-y", "x"], "enabled": true,
        })
    };
    let kind = number % 20;
    let servers: Vec<Value> = (0..10)
        .map(|n| server(&format!("s{n}"), kind * 3 + n))
        .collect();
    let apps: Vec<Value> = ["claude-code", "codex", "cursor"]
        .iter()
        .map(|app| {
            json!({
                "app": app, "name": app, "kind": "cli", "version": format!("1.{kind}"),
                "path": "~/bin", "source": "npm",
            })
        })
        .collect();
    let generation = seq.min(1);
    json!({
        "apps": apps, "mcp_servers": servers, "coverage": [], "generation": generation,
    })
    .to_string()
    .into_bytes()
}

fn effects(revision: u64) -> Value {
    json!({
        "revision": revision,
        "effects": [{
            "item": { "kind": "app", "app": "cursor" }, "decision": "denied",
            "state": "verified", "means": ["socket"],
        }],
    })
}

fn hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
