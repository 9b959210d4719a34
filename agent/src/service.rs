//! Wires the parts: the redirector hands connections to the local proxy, the proxy asks the decider, and
//! the agent's mind (pure) says what to do next: check in, renew, apply.

mod act;
mod denied;
pub mod fleet;
mod inventory;
mod mind;
mod waiting;

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Context;
use arc_swap::ArcSwap;
use rustls::pki_types::CertificateDer;
use tidegate_agent_core::Event;
use tidegate_device_api::Wanted;
use tidegate_mitm::{GatewayConfig, Leaf, LeafSlot, Parts, Roots, Server, Settings};
use tidegate_policy::Document;
use tidegate_redirect::Redirector;
use tidegate_types::Secret;
use tokio::{
    net::TcpSocket,
    sync::{mpsc, oneshot, watch},
};

use fleet::Fleet;

use crate::{
    config::Config,
    control::Answering,
    decider::{Force, PolicyDecider, Watcher},
    device_api::{self, DeviceApi, Exempt},
    sign_in::Desk,
    signature::Verifier,
    state::State,
    who::Who,
};

/// How long whoever enrolled this device has to read the answer.
const HEARD: Duration = Duration::from_millis(500);
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
    let authorities = config.authorities()?;
    let tls = device_api::roots(authorities.clone())?;
    let past: Arc<dyn Exempt> = Arc::new(Past(Arc::clone(&redirector)));
    let api = Arc::new(DeviceApi::new(&config.gateway.url, tls, past)?);
    let place = waiting::Place {
        config: &config,
        state: &state,
        api: &api,
        control: &control,
    };
    let identity = tokio::select! {
        identity = place.identity() => identity?,
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
    let key = Some(device_key.clone());
    let desk = Desk::new(Arc::clone(&api), state.clone(), inputs.clone(), key);
    let anew = desk.waiter();
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
        () = control.serve(view, inputs, Arc::new(desk)) => return Ok(()),
        why = begins_again(anew) => return Err(why),
        () = told(stop) => {}
    }
    // Another agent may be this device by now. Only the connections that are open go on.
    serving.await.context("the redirector is gone")
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

/// Done when a device that was removed is enrolled anew: another agent begins, as the device that this is
/// then. Who signed in hears of it first.
async fn begins_again(enrolled: watch::Receiver<bool>) -> anyhow::Error {
    told(enrolled).await;
    tokio::time::sleep(HEARD).await;
    anyhow::anyhow!("this device was removed, and is enrolled anew: the agent begins again")
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
