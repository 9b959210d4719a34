//! Wires the parts: the redirector hands connections to the local proxy, the proxy asks the decider, and
//! the agent's mind (pure) says what to do next: check in, renew, apply.

mod act;
mod denied;
pub mod fleet;
mod inventory;
mod mind;

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::pki_types::CertificateDer;
use tidegate_agent_core::{Event, View};
use tidegate_device_api::Wanted;
use tidegate_mitm::{GatewayConfig, Leaf, LeafSlot, Parts, Roots, Server, Settings};
use tidegate_policy::Document;
use tidegate_redirect::Redirector;
use tidegate_trust::{Ca, Root, in_bundle};
use tidegate_types::Secret;
use tokio::{
    net::TcpSocket,
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use fleet::Fleet;

use crate::{
    config::Config,
    control::Answering,
    decider::{Force, PolicyDecider, Watcher},
    device_api::{self, DeviceApi, Exempt},
    enrol,
    signature::Verifier,
    state::{Identity, State},
    who::Who,
};

/// How often it is looked whether the organisation's CA is trusted, right after enrolment.
const TRUST_LOOK: Duration = Duration::from_millis(100);
/// Events that wait for the agent's mind.
const WAITING: usize = 1_024;

/// What the agent's mind takes in.
#[derive(Debug)]
pub enum Input {
    /// A process of a denied app: the kernel can refuse its next connections by itself.
    DeniedProcess(u32),
    /// A person asks for something.
    Asked(Asked),
    /// What the governed names resolve to.
    Resolved(Vec<std::net::IpAddr>),
    /// Something that the mind knows.
    Known(Event),
}

/// What a person asks for.
#[derive(Debug)]
pub struct Asked {
    /// What.
    pub wanted: Wanted,
    /// Why, in their words.
    pub reason: String,
    /// The OS user who asks, as the OS says.
    pub user: String,
    /// Hears whether it was taken, or why not.
    pub answer: oneshot::Sender<Result<(), String>>,
}

/// A redirector as what exempts the agent's own sockets.
struct Past<R>(Arc<R>);

impl<R: Redirector> Exempt for Past<R> {
    fn exempt(&self, socket: &TcpSocket) -> std::io::Result<()> {
        self.0.bypass(socket).map_err(std::io::Error::other)
    }
}

/// What the agent works with, whether it got that itself or was given it.
pub struct Surroundings<R> {
    /// What it is told to do.
    pub config: Config,
    /// Where it keeps what it knows; nobody else does meanwhile.
    pub state: State,
    /// Where connections come from.
    pub redirector: Arc<R>,
    /// Who knows openers.
    pub people: Arc<dyn Who>,
    /// Who reaches the homes of this machine.
    pub fleet: Arc<dyn Fleet>,
    /// Where it says how it is doing.
    pub control: Answering,
    /// How long open connections may go on once it was told to stop.
    pub drain: Duration,
}

/// Runs the agent until `stop` turns true.
///
/// # Errors
/// It cannot start, or the redirector is gone.
pub async fn run<R: Redirector>(
    surroundings: Surroundings<R>,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let Surroundings {
        config,
        state,
        redirector,
        people,
        fleet,
        control,
        drain,
    } = surroundings;
    if state.is_removed()? {
        return removed(&config, control, stop).await;
    }
    let authorities = config.authorities()?;
    let tls = device_api::roots(authorities.clone())?;
    let past: Arc<dyn Exempt> = Arc::new(Past(Arc::clone(&redirector)));
    let api = Arc::new(DeviceApi::new(&config.gateway.url, tls, past)?);
    let identity = tokio::select! {
        identity = identity(&config, &state, &api) => identity?,
        () = told(stop.clone()) => return Ok(()),
    };
    let device_key = state.device_key()?;
    let verifier = Verifier::new(&identity.policy_key)?;

    let force: Force = Arc::new(ArcSwap::from_pointee(Document::ungoverned()));
    let leaf = kept_leaf(&state)?;
    let (inputs, received) = mpsc::channel(WAITING);
    let relay_url = config
        .gateway
        .relay_url
        .clone()
        .unwrap_or_else(|| identity.relay_url.clone());
    let server = Server::new(Parts {
        redirector: Arc::clone(&redirector),
        decider: Arc::new(PolicyDecider::new(
            Arc::clone(&force),
            Arc::clone(&people),
            inputs.clone(),
        )),
        observer: Arc::new(Watcher::new(inputs.clone())),
        leaf: Arc::clone(&leaf),
        gateway: gateway(&relay_url, &device_key, authorities)?,
        roots: Roots::Native,
        settings: settings(&config, drain),
    })?;
    let view = Arc::new(ArcSwap::from_pointee(None));
    let mind = mind::Mind {
        act: act::Act {
            api,
            state,
            device_key,
            force,
            leaf,
            redirector: Arc::clone(&redirector),
            people,
            inputs: inputs.clone(),
            denied: denied::Denied::default(),
            fleet,
            checking_in: None,
            resolved: Vec::new(),
        },
        view: Arc::clone(&view),
        identity,
        gateway: config.gateway.url.clone(),
    };
    let mut serving = pin!(server.run(told(stop.clone())));
    tokio::select! {
        served = &mut serving => return served.context("the redirector is gone"),
        thought = mind.run(received, verifier) => return thought,
        () = control.serve(view, inputs) => return Ok(()),
        () = told(stop) => {}
    }
    // Another agent may be this device by now. Only the connections that are open go on.
    serving.await.context("the redirector is gone")
}

/// A device that was removed only says so, until somebody enrols it anew: where it began by itself with a
/// token that still lies there, whoever removed it would find it back at once.
async fn removed(
    config: &Config,
    control: Answering,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    tracing::warn!(
        "this device was removed, and governs nothing; `tidegate-edge login --token TOKEN` enrols it anew"
    );
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let view = View::removed(config.gateway.url.clone(), version);
    let view = Arc::new(ArcSwap::from_pointee(Some(view)));
    // Nobody takes what people ask for.
    let (inputs, _) = mpsc::channel(1);
    tokio::select! {
        () = control.serve(view, inputs) => {}
        () = told(stop) => {}
    }
    Ok(())
}

/// The leaf that the last run had.
fn kept_leaf(state: &State) -> anyhow::Result<Arc<LeafSlot>> {
    let slot = Arc::new(LeafSlot::default());
    if let Some(files) = state.leaf()? {
        slot.set(Leaf::from_pem(&files.certificate, files.key.expose())?);
    }
    Ok(slot)
}

fn settings(config: &Config, drain: Duration) -> Settings {
    Settings {
        connections: config.agent.connections,
        drain,
        installed: Some(tidegate_trust::CA_FILE.into()),
        ..Settings::default()
    }
}

/// Done when the agent is told to stop.
async fn told(mut stop: watch::Receiver<bool>) {
    // The sender is gone only when the process ends anyhow.
    let _gone = stop.wait_for(|&stop| stop).await;
}

/// The data plane, and whose certificates it may have.
fn gateway(
    url: &str,
    device_key: &Secret<String>,
    authorities: Option<Vec<CertificateDer<'static>>>,
) -> anyhow::Result<GatewayConfig> {
    Ok(GatewayConfig {
        url: url.parse().context("gateway.relay_url")?,
        device_key: device_key.clone(),
        roots: match authorities {
            None => Roots::Native,
            Some(authorities) => Roots::only(authorities)?,
        },
    })
}

/// Who this device is: as kept, or by the configured token.
///
/// A fresh one waits for the organisation's CA to be trusted: until then nothing is governed, where apps
/// would refuse what the agent presents.
async fn identity(config: &Config, state: &State, api: &DeviceApi) -> anyhow::Result<Identity> {
    if let Some(identity) = state.identity()? {
        return Ok(identity);
    }
    let token = config.enrolment_token()?.context(
        "this device is not enrolled: run `tidegate-edge login --token TOKEN`, or set \
         gateway.enrolment_token",
    )?;
    let identity = enrol::enrol(api, state, token).await?;
    tracing::info!(device = identity.device_id, "enrolled");
    let patience = Duration::from_secs(config.agent.await_trust.into());
    if let Some(pem) = state.ca()?.filter(|_| !patience.is_zero()) {
        let ca = Ca::from_pem(&pem)?;
        let here = async {
            while !in_bundle(&Root::system(), &ca) {
                tokio::time::sleep(TRUST_LOOK).await;
            }
        };
        if timeout(patience, here).await.is_err() {
            tracing::warn!(
                "this machine does not trust the organisation's CA yet: apps will refuse it"
            );
        }
    }
    Ok(identity)
}
