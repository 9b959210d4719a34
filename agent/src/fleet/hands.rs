//! The hands: the process that looks at the clients of this machine and changes their files. It is root,
//! and it takes nothing but policies that the gateway signed, by the key that root has pinned.
//!
//! The loader starts it, or the service manager does, with another sandbox than the loader's: it may write
//! where clients keep their settings, and has nothing to do with the kernel programs.

use std::path::PathBuf;

use anyhow::Context;
use tokio::{
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
};

use super::{
    PassDone,
    frame::{self, Kind},
    pass::{self, Passer},
    pin::Pin,
    stop::Stopper,
};

/// Serves the loader until it is gone.
///
/// # Errors
/// The socket fails, or what comes is no frame.
pub async fn serve(
    stream: UnixStream,
    rules: PathBuf,
    pin: &Pin,
    canary: bool,
) -> anyhow::Result<()> {
    let passer = Passer::new(rules, canary);
    let (from, to) = stream.into_split();
    let (policy, policies) = mpsc::channel(1);
    let hearing = hear(from, policy, passer.stopper().clone());
    let mut working = std::pin::pin!(work(to, policies, &passer, pin));
    tokio::select! {
        worked = &mut working => worked,
        heard = hearing => {
            // A pass that has begun ends as it should.
            working.await?;
            heard
        }
    }
}

/// Hears the loader, also while a pass is made: what starts meanwhile does not wait for it.
async fn hear(
    mut from: OwnedReadHalf,
    policies: mpsc::Sender<Vec<u8>>,
    stopper: Stopper,
) -> anyhow::Result<()> {
    while let Some((kind, text)) = frame::read(&mut from).await? {
        match kind {
            Kind::Policy => policies.send(text).await.context("the work has ended")?,
            Kind::Executed => {
                let all: Vec<_> = serde_json::from_slice(&text)?;
                all.into_iter().for_each(|one| stopper.executed(one));
            }
            Kind::Done | Kind::Changed | Kind::Refused | Kind::Watch => {
                anyhow::bail!("the loader says what only the hands say")
            }
        }
    }
    Ok(())
}

async fn work(
    mut to: OwnedWriteHalf,
    mut policies: mpsc::Receiver<Vec<u8>>,
    passer: &Passer,
    pin: &Pin,
) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            policy = policies.recv() => {
                let Some(policy) = policy else {
                    return Ok(());
                };
                let done = match policy.is_empty() {
                    true => {
                        watch(&mut to, passer.stopper().hold(None)).await?;
                        undo(passer, pin).await
                    }
                    false => enforce(&mut to, passer, pin, &policy).await?,
                };
                frame::write(&mut to, Kind::Done, &serde_json::to_vec(&done)?).await?;
            }
            () = passer.changed() => frame::write(&mut to, Kind::Changed, b"").await?,
            () = passer.stopper().changed() => frame::write(&mut to, Kind::Changed, b"").await?,
            (trial, said) = passer.tried() => {
                if passer.judge(trial, said).await {
                    frame::write(&mut to, Kind::Changed, b"").await?;
                }
            }
            refusal = passer.refused() => {
                tracing::info!(app = %refusal.app, uid = refusal.uid, "the start of a denied app was refused");
                frame::write(&mut to, Kind::Refused, &serde_json::to_vec(&refusal)?).await?;
            }
        }
    }
}

async fn watch(to: &mut OwnedWriteHalf, wanted: bool) -> std::io::Result<()> {
    frame::write(to, Kind::Watch, &[u8::from(wanted)]).await
}

async fn enforce(
    to: &mut OwnedWriteHalf,
    passer: &Passer,
    pin: &Pin,
    policy: &[u8],
) -> std::io::Result<PassDone> {
    let verifier = match pin.verifier() {
        Ok(verifier) => verifier,
        Err(error) => {
            let why = format!("no policy can be put in force: {error:#}");
            return Ok(pass::failed(&why));
        }
    };
    match pass::open(&verifier, policy) {
        Ok(document) => {
            // Before anybody looks: what starts after the look is told, what started before it is seen.
            watch(to, passer.stopper().hold(Some(&document))).await?;
            Ok(passer.enforce(document).await)
        }
        Err(why) => Ok(pass::failed(&format!(
            "the policy is not put in force: {why}"
        ))),
    }
}

/// The key goes last: until then what is left can be tried again.
async fn undo(passer: &Passer, pin: &Pin) -> PassDone {
    let mut done = passer.undo().await;
    if done.problems.is_empty()
        && let Err(error) = pin.forget()
    {
        let problem = format!("{}: {error}", pin.folder.display());
        done.problems.push(problem);
    }
    done
}
