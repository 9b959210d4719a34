//! A simulated fleet: thousands of devices that check in as agents do, the decisions that reach them, and
//! what may go wrong in between.

mod admin;
mod chaos;
mod device;
mod gateway;
mod report;
mod tally;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tokio::task::JoinSet;

pub use report::Report;

use self::{
    admin::Enrolled,
    device::{Common, Device, live},
    gateway::Gateway,
    tally::Tally,
};
use crate::admin::Admin;

/// Which gateway to check in with.
#[derive(Debug, Clone)]
pub enum At {
    /// One of the simulator's own, from this binary: it may be restarted.
    Own(PathBuf),
    /// One that runs: its control plane (plain HTTP on loopback), an administrator's token, and its
    /// process, if its CPU time and memory are to be told.
    Running {
        /// The control plane.
        address: SocketAddr,
        /// The token.
        token: String,
        /// The process.
        pid: Option<u32>,
    },
}

/// What to simulate, and for how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which gateway.
    pub at: At,
    /// How many devices.
    pub devices: usize,
    /// The time between a device's check-ins, where it does not wait for news.
    pub interval: Duration,
    /// For how long is measured.
    pub measured: Duration,
    /// Devices wait for news.
    pub long_poll: bool,
    /// Things go wrong.
    pub chaos: bool,
}

/// Between two decisions of the run.
const DECIDE: Duration = Duration::from_secs(15);

/// How long devices have to learn of the last decision.
const SETTLE: Duration = Duration::from_secs(60);

/// Devices that are copied in a run with chaos.
const COPIED: usize = 10;

/// Runs the plan. Progress goes through `progress`, one short line at a time.
///
/// # Errors
/// The gateway cannot be started or reached; devices cannot be enrolled.
pub async fn run(plan: &Plan, mut progress: impl FnMut(&str)) -> Result<Report> {
    ensure!(plan.devices > 0, "a fleet has devices");
    let (mut gateway, admin) = match &plan.at {
        At::Own(binary) => Gateway::start(binary).await?,
        At::Running {
            address,
            token,
            pid,
        } => {
            let admin = Admin {
                address: *address,
                token: token.clone(),
            };
            (Gateway::running(*address, *pid), admin)
        }
    };
    let began = Instant::now();
    let enrolled = admin.enrol(plan.devices).await?;
    progress(&format!(
        "{} devices enrolled in {:.1?}",
        plan.devices,
        began.elapsed()
    ));
    set_interval(&admin, plan.interval).await?;

    let quiet = Arc::new(AtomicBool::new(true));
    let address = if plan.chaos {
        chaos::proxy(gateway.address, Arc::clone(&quiet)).await?
    } else {
        gateway.address
    };
    let common = Arc::new(Common {
        address,
        interval: plan.interval,
        wait: if plan.long_poll { 60 } else { 0 },
        tally: Tally::new()?,
        measuring: AtomicBool::new(false),
        stopping: AtomicBool::new(false),
        clocks_set: AtomicU64::new(0),
    });
    let (mut tasks, revisions) = spawn(&common, &enrolled);
    // Everybody has its policy and told what is on it before anything is measured.
    tokio::time::sleep(plan.interval + Duration::from_secs(5)).await;
    progress("measuring");
    let mut run = Run {
        plan,
        gateway: &mut gateway,
        admin: &admin,
        common: &common,
        decided: HashMap::new(),
        used: Duration::ZERO,
        peak: 0,
    };
    let window = run.window(&quiet, &enrolled, &mut progress).await?;
    quiet.store(true, Ordering::Relaxed);
    let last = run.decide("denied").await?;
    let behind = settle(&revisions, last).await;
    common.stopping.store(true, Ordering::Relaxed);
    let (decided, used, peak) = (run.decided, run.used, run.peak);
    progress("looking at what the gateway knows");
    let report = Report::new(
        plan,
        &common.tally,
        &decided,
        report::Seen {
            window,
            used,
            peak,
            behind,
            quarantined: admin.count("quarantined=true").await?,
            requests: admin.pages("/edge/access-requests?limit=200").await?,
            known: admin.count("os=linux").await?,
        },
    )?;
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
    Ok(report)
}

/// The part of a run that is measured.
struct Run<'a> {
    plan: &'a Plan,
    gateway: &'a mut Gateway,
    admin: &'a Admin,
    common: &'a Arc<Common>,
    /// When which revision was decided.
    decided: HashMap<u64, Instant>,
    /// CPU time of the gateway, over its restarts.
    used: Duration,
    /// The most memory it had, in bytes.
    peak: u64,
}

impl Run<'_> {
    async fn window(
        &mut self,
        quiet: &AtomicBool,
        enrolled: &[Enrolled],
        progress: &mut impl FnMut(&str),
    ) -> Result<Duration> {
        let mut before = self.gateway.cpu()?.unwrap_or_default();
        self.common.measuring.store(true, Ordering::Relaxed);
        quiet.store(!self.plan.chaos, Ordering::Relaxed);
        let began = Instant::now();
        let (mut denied, mut copied, mut killed) = (false, false, false);
        while began.elapsed() < self.plan.measured {
            let left = self.plan.measured.saturating_sub(began.elapsed());
            tokio::time::sleep(DECIDE.min(left)).await;
            self.peak = self.peak.max(self.gateway.memory()?.unwrap_or_default());
            denied = !denied;
            self.decide(if denied { "denied" } else { "approved" })
                .await?;
            if !self.plan.chaos {
                continue;
            }
            progress("all clocks are set, forward or back, and devices start anew");
            self.common.clocks_set.fetch_add(1, Ordering::Relaxed);
            if !killed && self.gateway.is_own() && began.elapsed() > self.plan.measured / 3 {
                killed = true;
                progress("killing the gateway, and starting it again");
                self.used += self.gateway.restart().await?.saturating_sub(before);
                before = Duration::ZERO;
            }
            if !copied && began.elapsed() > self.plan.measured / 2 {
                copied = true;
                progress("copies of devices check in");
                let victims = &enrolled[..COPIED.min(enrolled.len())];
                chaos::copies(self.common, self.gateway.address, victims).await;
            }
        }
        self.common.measuring.store(false, Ordering::Relaxed);
        let now = self.gateway.cpu()?.unwrap_or_default();
        self.used += now.saturating_sub(before);
        Ok(began.elapsed())
    }

    async fn decide(&mut self, decision: &str) -> Result<u64> {
        let at = Instant::now();
        let revision = self.admin.decide(decision).await.context("a decision")?;
        self.decided.entry(revision).or_insert(at);
        Ok(revision)
    }
}

fn spawn(common: &Arc<Common>, enrolled: &[Enrolled]) -> (JoinSet<()>, Vec<Arc<AtomicU64>>) {
    let (mut tasks, mut revisions) = (JoinSet::new(), Vec::with_capacity(enrolled.len()));
    for (number, device) in enrolled.iter().enumerate() {
        let revision = Arc::new(AtomicU64::new(0));
        let device = Device {
            number,
            key: device.key.clone(),
            machine: device.machine.clone(),
            revision: Arc::clone(&revision),
        };
        tasks.spawn(live(Arc::clone(common), device));
        revisions.push(revision);
    }
    (tasks, revisions)
}

/// Waits until every device has the last decision; how many never got it.
async fn settle(revisions: &[Arc<AtomicU64>], last: u64) -> usize {
    let behind = || {
        let old = |revision: &&Arc<AtomicU64>| revision.load(Ordering::Relaxed) < last;
        revisions.iter().filter(old).count()
    };
    let began = Instant::now();
    while behind() > 0 && began.elapsed() < SETTLE {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    behind()
}

/// Devices obey what the gateway says about the interval.
async fn set_interval(admin: &Admin, interval: Duration) -> Result<()> {
    let mut settings = admin
        .call("GET", "/edge/settings", &serde_json::Value::Null)
        .await?;
    settings["check_in_seconds"] = interval.as_secs().clamp(5, 86_400).into();
    admin.call("PUT", "/edge/settings", &settings).await?;
    Ok(())
}
