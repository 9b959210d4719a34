//! The loader: the only process of the agent with privileges. It owns the redirector, starts the relay,
//! serves it, and starts another when it is gone; meanwhile the policy's fail mode holds.

mod account;
mod office;
mod program;

use std::{
    fs::File,
    os::fd::OwnedFd,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tidegate_redirect::Redirector;
use tidegate_split::{Ended, Link, serve};
use tokio::{sync::watch, time::timeout};

pub use account::Account;
use office::Office;
pub use program::Program;

use crate::{
    config::Config,
    fleet::{client::Client, executions},
    relay::Instructions,
};

/// How long a relay that was told to stop is waited for. One that has nothing to finish is gone by then;
/// another goes on by itself with the connections that it has, so that an upgrade cuts no stream.
const STOP: Duration = Duration::from_secs(1);
/// How long a relay that has hung up may take to end.
const END: Duration = Duration::from_secs(3);
/// The first and the longest wait before another relay is started.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(30);
/// A relay that lived so long did not fail for what made the one before it fail.
const WELL: Duration = Duration::from_secs(60);

/// How a relay is started, and what it is given.
pub struct Relay {
    program: Program,
    account: Option<Account>,
    config: Config,
    control: OwnedFd,
}

impl Relay {
    /// As a user; none is as whoever runs this, for tests.
    #[must_use]
    pub const fn new(
        program: Program,
        account: Option<Account>,
        config: Config,
        control: OwnedFd,
    ) -> Self {
        Self {
            program,
            account,
            config,
            control,
        }
    }

    /// What the next one is given, read anew: files may have been replaced.
    fn given(&self) -> anyhow::Result<(Vec<u8>, Vec<OwnedFd>)> {
        let mut files = vec![self.control.try_clone()?];
        if let Some(path) = &self.config.gateway.ca {
            let file = File::open(path)
                .with_context(|| format!("gateway.ca: {} cannot be read", path.display()))?;
            files.push(file.into());
        }
        let enrolled = self.config.agent.state.join("device.json").exists();
        let instructions = Instructions {
            config: self.config.clone(),
            token: match enrolled {
                true => None,
                false => self.config.enrolment_token()?,
            },
        };
        Ok((serde_json::to_vec(&instructions)?, files))
    }

    fn user(&self) -> u32 {
        let own = || nix::unistd::geteuid().as_raw();
        self.account
            .as_ref()
            .map_or_else(own, |account| account.uid)
    }
}

/// Runs relays until `stop` turns true.
///
/// # Errors
/// The first one did not come up, or the redirector is gone.
pub async fn run<R: Redirector>(
    relay: Relay,
    redirector: Arc<R>,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let agent = &relay.config.agent;
    let hands = Client::new(
        relay.program.path().to_owned(),
        agent.rules(),
        agent.state.clone(),
        agent.canary,
    );
    let hands = Arc::new(hands);
    let office = Arc::new(Office::open(Arc::clone(&hands)));
    executions::follow(Arc::clone(&redirector), hands, office.processes());
    redirector.serving(false)?;
    let (mut came_up, mut wait) = (false, FIRST);
    loop {
        let began = Instant::now();
        let one = one(&relay, &redirector, &office, stop.clone()).await?;
        if *stop.borrow() {
            return Ok(());
        }
        came_up |= one.was_ready;
        match one.ended {
            Ended::Redirector(error) => return Err(error).context("the redirector is gone"),
            why if !came_up => bail!("the relay did not come up: {why} ({})", one.status),
            why => {
                tracing::error!(reason = %why, status = one.status, ?wait, "the relay ended; another is started");
            }
        }
        if began.elapsed() > WELL {
            wait = FIRST;
        }
        tokio::select! {
            () = idle(&*redirector, wait) => {}
            _ = stop.wait_for(|&stop| stop) => return Ok(()),
        }
        wait = (wait * 2).min(LONGEST);
    }
}

/// How a relay went.
struct One {
    ended: Ended,
    was_ready: bool,
    status: String,
}

async fn one<R: Redirector>(
    relay: &Relay,
    redirector: &Arc<R>,
    office: &Arc<Office>,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<One> {
    let given = relay.given()?;
    let (link, theirs) = Link::pair()?;
    let started = relay.program.start(relay.account.as_ref(), theirs);
    let mut child =
        started.with_context(|| format!("the relay cannot be started as user {}", relay.user()))?;
    tracing::info!(
        pid = child.id(),
        user = relay.user(),
        "the relay is started"
    );
    let told = || {
        let mut stop = stop.clone();
        async move {
            // The sender is gone only when the process ends anyhow.
            let _gone = stop.wait_for(|&stop| stop).await;
        }
    };
    let late = async {
        told().await;
        tokio::time::sleep(STOP).await;
    };
    let parts = (redirector, office);
    let served = tokio::select! {
        served = serve(&link, relay.user(), given, parts, told()) => served,
        () = late => {
            tracing::info!(pid = child.id(), "the relay finishes what it has, and ends by itself");
            return Ok(One {
                ended: Ended::Gone,
                was_ready: true,
                status: "finishing".into(),
            });
        }
    };
    drop(link);
    let patience = match served.ended {
        Ended::Gone => END,
        _ => Duration::ZERO,
    };
    let status = match timeout(patience, child.wait()).await {
        Ok(status) => status?,
        Err(_) => {
            child.start_kill().context("ending the relay")?;
            child.wait().await?
        }
    };
    Ok(One {
        ended: served.ended,
        was_ready: served.was_ready,
        status: status.to_string(),
    })
}

/// Waits. Connections that are on their way already wait too where that is short, and are closed where it
/// is not: apps try again, and then the fail mode holds.
async fn idle<R: Redirector>(redirector: &R, wait: Duration) {
    if wait < Duration::from_secs(1) {
        return tokio::time::sleep(wait).await;
    }
    let turn_away = async {
        while let Ok(flow) = redirector.accept().await {
            drop(flow);
        }
    };
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        // The redirector is gone, as the next relay's turn will say.
        () = turn_away => {}
    }
}
